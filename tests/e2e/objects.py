#!/usr/bin/env python3
"""objects.py API TOKEN create NAMESPACE COUNT   creates ConfigMaps c-00000, c-00001, ... of some 500 bytes
   objects.py API TOKEN count KIND               prints how many objects of a kind of v1 there are"""
import sys
import threading

from api import Api

url, token, what = sys.argv[1:4]
if what == "count":
    api = Api(url, token)
    answer = api.call("GET", f"/api/v1/{api.resource('v1', sys.argv[4]).plural}?limit=1").body
    print(len(answer["items"]) + answer["metadata"].get("remainingItemCount", 0))
    sys.exit()

namespace, count = sys.argv[4], int(sys.argv[5])
THREADS = 8
failed = []


def create(first):
    api = Api(url, token)
    for number in range(first, count, THREADS):
        try:
            answer = api.call("POST", f"/api/v1/namespaces/{namespace}/configmaps", {
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c-{number:05}", "labels": {"number": str(number)}},
                "data": {f"key{i}": f"a value of object {number}" for i in range(10)}})
        except OSError as error:
            failed.append(error)
            return
        if answer.status != 201:
            failed.append(answer.body.get("message"))


threads = [threading.Thread(target=create, args=(first,)) for first in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if failed:
    sys.exit(f"not all of {count} objects were created: {failed[0]}")
