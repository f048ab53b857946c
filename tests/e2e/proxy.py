#!/usr/bin/env python3
"""proxy.py PORT TARGET-PORT CUT   Carries TCP connections on loopback from one port to another. While the file CUT exists, those that
are open end and new ones are closed at once."""
import os
import selectors
import socket
import sys

port, target, cut = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
listener = socket.create_server(("127.0.0.1", port))
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
peers = {}


def end(one):
    for each in (one, peers.pop(one, None)):
        if each is not None:
            peers.pop(each, None)
            selector.unregister(each)
            each.close()


while True:
    ready = selector.select(timeout=0.1)
    broken = os.path.exists(cut)
    if broken:
        for one in list(peers):
            if one in peers:
                end(one)
    for key, _ in ready:
        one = key.fileobj
        if one is listener:
            client, _ = listener.accept()
            try:
                if broken:
                    raise ConnectionError
                server = socket.create_connection(("127.0.0.1", target))
            except OSError:
                client.close()
                continue
            peers[client], peers[server] = server, client
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
        elif one in peers:
            try:
                data = one.recv(1 << 16)
                if data:
                    peers[one].sendall(data)
            except OSError:
                data = b""
            if not data:
                end(one)
