// An HTTP server for tests, on loopback, that does as its script says, right or wrong.
//
//   FakeServer server([](const FakeServer::Request& request, FakeServer::Peer& peer) {
//     if (request.target == "/api/v1") return peer.answer(200, "{...}");
//     peer.begin_stream();
//     peer.chunk(event);
//   });
//   ClusterAccess access = server.access();
//
// With a TLS context, it speaks TLS; Request::client is then the common name of the client's certificate.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/cluster/access.h"

namespace plimsoll::cluster {

class FakeServer {
 public:
  struct Request {
    std::string method, target, header, body;
    std::string client = {};
  };
  class Peer {
   public:
    Peer(int handle, SSL* tls, const std::atomic<bool>& ending) : handle_(handle), tls_(tls), ending_(ending) {}

    void answer(int status, const std::string& body, const std::string& headers = {}) {
      raw("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
    }
    void begin_stream() { raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"); }
    // False if the client has gone.
    bool chunk(const std::string& text) {
      char size[20];
      *std::to_chars(size, size + sizeof size - 1, text.size(), 16).ptr = '\0';
      return raw(std::string(size) + "\r\n" + text + "\r\n");
    }
    void end_stream() { raw("0\r\n\r\n"); }
    void close() { closed_ = true; }
    bool closed() const { return closed_; }
    bool ending() const { return ending_.load(); }
    bool raw(const std::string& text) {
      size_t sent = 0;
      while (sent < text.size() && !closed_) {
        const char* rest = text.data() + sent;
        const size_t left = text.size() - sent;
        const ssize_t count = tls_ != nullptr ? SSL_write(tls_, rest, static_cast<int>(left)) : ::send(handle_, rest, left, MSG_NOSIGNAL);
        if (count <= 0) closed_ = true;
        sent += count > 0 ? static_cast<size_t>(count) : 0;
      }
      return !closed_;
    }
    // Whether the client has closed its side.
    bool gone() const {
      char byte;
      return ::recv(handle_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }

   private:
    int handle_;
    SSL* tls_;
    const std::atomic<bool>& ending_;
    bool closed_ = false;
  };
  using Script = std::function<void(const Request&, Peer&)>;

  explicit FakeServer(Script script, std::shared_ptr<SSL_CTX> tls = nullptr)
      : script_(std::move(script)), tls_(std::move(tls)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~FakeServer() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int handle : handles_) ::shutdown(handle, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
    for (const int handle : handles_) ::close(handle);
  }

  ClusterAccess access() const {
    ClusterAccess access;
    access.tls = tls_ != nullptr;
    access.host = "127.0.0.1";
    access.port = std::to_string(port_);
    return access;
  }
  size_t connections() const { return connections_; }
  // As if the server had been restarted.
  void drop_connections() {
    const std::lock_guard lock(mutex_);
    for (const int handle : handles_) ::shutdown(handle, SHUT_RDWR);
  }

 private:
  void accept() {
    while (true) {
      const int handle = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (ending_) return;
      if (handle < 0) continue;
      ++connections_;
      const std::lock_guard lock(mutex_);
      handles_.push_back(handle);
      threads_.emplace_back([this, handle] { serve(handle); });
    }
  }
  void serve(int handle) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(tls_ ? SSL_new(tls_.get()) : nullptr, SSL_free);
    std::string client;
    if (tls) {
      SSL_set_fd(tls.get(), handle);
      if (SSL_accept(tls.get()) != 1) return static_cast<void>(::shutdown(handle, SHUT_RDWR));
      if (X509* certificate = SSL_get0_peer_certificate(tls.get())) {
        char name[100] = {};
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
        client = name;
      }
    }
    Peer peer(handle, tls.get(), ending_);
    std::string input;
    char piece[8192];
    while (!peer.closed()) {
      const size_t end = input.find("\r\n\r\n");
      size_t length = 0;
      if (const size_t field = input.find("Content-Length: "); end != std::string::npos && field < end) {
        std::from_chars(input.data() + field + 16, input.data() + end, length);
      }
      if (end == std::string::npos || input.size() < end + 4 + length) {
        const ssize_t count = tls ? SSL_read(tls.get(), piece, sizeof piece) : ::recv(handle, piece, sizeof piece, 0);
        if (count <= 0) return;
        input.append(piece, static_cast<size_t>(count));
        continue;
      }
      Request request;
      request.client = client;
      request.header = input.substr(0, end);
      request.body = input.substr(end + 4, length);
      input.erase(0, end + 4 + length);
      const size_t blank = request.header.find(' ');
      request.method = request.header.substr(0, blank);
      request.target = request.header.substr(blank + 1, request.header.find(' ', blank + 1) - blank - 1);
      script_(request, peer);
    }
    ::shutdown(handle, SHUT_RDWR);
  }

  Script script_;
  std::shared_ptr<SSL_CTX> tls_;
  int listener_;
  uint16_t port_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<size_t> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> handles_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace plimsoll::cluster
