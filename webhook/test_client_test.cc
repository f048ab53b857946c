#include "webhook/test_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>

namespace plimsoll::webhook {

struct TestClient::State {
  int fd = -1;
  std::unique_ptr<SSL_CTX, decltype([](SSL_CTX* context) { SSL_CTX_free(context); })> context;
  std::unique_ptr<SSL, decltype([](SSL* ssl) { SSL_free(ssl); })> ssl;
  bool connected = false;
  std::string buffer;

  ~State() {
    ssl.reset();
    if (fd >= 0) ::close(fd);
  }

  // Bytes read; 0: the end, -1: nothing in time.
  ssize_t receive(char* data, size_t size, int seconds) {
    if (!ssl || SSL_pending(ssl.get()) == 0) {
      pollfd wait{fd, POLLIN, 0};
      if (::poll(&wait, 1, seconds * 1000) <= 0) return -1;
    }
    const ssize_t count = ssl ? SSL_read(ssl.get(), data, static_cast<int>(size)) : ::recv(fd, data, size, 0);
    ERR_clear_error();
    return std::max<ssize_t>(count, 0);
  }
};

TestClient::TestClient(unsigned port, Tls tls, const std::string& authority, std::string_view protocols)
    : state_(std::make_unique<State>()) {
  State& own = *state_;
  // OpenSSL writes without MSG_NOSIGNAL, and servers under test end connections.
  std::signal(SIGPIPE, SIG_IGN);
  own.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(own.fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return;
  if (tls == Tls::kOff) {
    own.connected = true;
    return;
  }
  own.context.reset(SSL_CTX_new(TLS_client_method()));
  if (!authority.empty()) {
    BIO* bio = BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(own.context.get()), certificate);
    X509_free(certificate);
    BIO_free(bio);
    SSL_CTX_set_verify(own.context.get(), SSL_VERIFY_PEER, nullptr);
  }
  own.ssl.reset(SSL_new(own.context.get()));
  if (!authority.empty()) SSL_set1_host(own.ssl.get(), "localhost");
  if (!protocols.empty()) {
    SSL_set_alpn_protos(own.ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }
  timeval limit{5, 0};
  ::setsockopt(own.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  SSL_set_fd(own.ssl.get(), own.fd);
  own.connected = SSL_connect(own.ssl.get()) == 1;
  ERR_clear_error();
}

TestClient::~TestClient() = default;

bool TestClient::connected() const { return state_->connected; }

bool TestClient::send(std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = state_->ssl ? SSL_write(state_->ssl.get(), data.data(), static_cast<int>(data.size()))
                                      : ::send(state_->fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    data.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

TestAnswer TestClient::read(int seconds) {
  TestAnswer answer;
  std::string& buffer = state_->buffer;
  size_t end = std::string::npos, length = 0;
  while (true) {
    if (end == std::string::npos) {
      end = buffer.find("\r\n\r\n");
      if (end != std::string::npos) {
        answer.headers = buffer.substr(0, end + 2);
        const size_t at = answer.headers.find("Content-Length: ");
        if (at != std::string::npos) length = std::stoul(answer.headers.substr(at + 16));
      }
    }
    if (end != std::string::npos && buffer.size() >= end + 4 + length) break;
    char chunk[16384];
    const ssize_t count = state_->receive(chunk, sizeof(chunk), seconds);
    if (count <= 0) return {};
    buffer.append(chunk, static_cast<size_t>(count));
  }
  answer.status = std::stoi(answer.headers.substr(9, 3));
  answer.body = buffer.substr(end + 4, length);
  buffer.erase(0, end + 4 + length);
  return answer;
}

std::string TestClient::receive(int seconds) {
  char chunk[16384];
  const ssize_t count = state_->receive(chunk, sizeof(chunk), seconds);
  return {chunk, static_cast<size_t>(std::max<ssize_t>(count, 0))};
}

bool TestClient::ended(int seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < until) {
    char chunk[4096];
    if (state_->receive(chunk, sizeof(chunk), 1) == 0) return true;
  }
  return false;
}

std::string TestClient::version() const { return SSL_get_version(state_->ssl.get()); }

std::string TestClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(state_->ssl.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string post(std::string_view target, std::string_view body, std::string_view headers) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\n{}Content-Length: {}\r\n\r\n{}", target, headers,
                     body.size(), body);
}

std::string get(std::string_view target) { return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target); }

}  // namespace plimsoll::webhook
