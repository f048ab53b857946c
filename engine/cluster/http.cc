// The only file of the engine that includes Boost.Beast and Asio: they take long to compile.
#include "engine/cluster/http.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <optional>
#include <utility>

namespace plimsoll::cluster {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using PlainStream = tcp::socket;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr size_t kPiece = 32 * 1024;
constexpr uint32_t kMaxHeader = 64 * 1024;
constexpr std::chrono::seconds kLongestRetryAfter{60};

std::string_view trim_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

// OpenSSL's last word, with the queue left empty.
std::string tls_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

// Certificates and key of a text, and whatever else it has.
Result<std::shared_ptr<asio::ssl::context>> make_context(const ClusterAccess& access) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX* raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_verify(raw, access.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const auto refused = [](const TextSource& source, std::string_view what) {
    return std::unexpected(Error(ErrorCode::kInvalid, fmt::format("the {} cannot be used: {}", what, tls_error())).in_file(source.file));
  };
  if (access.authority.given()) {
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string pem, access.authority.read());
    error_code error;
    context->add_certificate_authority(asio::buffer(pem), error);
    if (error) return refused(access.authority, "certificate authority");
  } else if (access.verify) {
    SSL_CTX_set_default_verify_paths(raw);
  }
  if (access.client_certificate.given()) {
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string certificate, access.client_certificate.read());
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string key, access.client_key.read());
    error_code error;
    context->use_certificate_chain(asio::buffer(certificate), error);
    if (error) return refused(access.client_certificate, "client certificate");
    context->use_private_key(asio::buffer(key), asio::ssl::context::pem, error);
    if (error) return refused(access.client_key, "client key");
  }
  ERR_clear_error();
  return context;
}

// Tells OpenSSL whose certificate is expected.
bool expect_name(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1) return true;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size()) == 1 && SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

template <typename Stream>
class Connection final : public HttpConnection {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  explicit Connection(const ClusterAccess& access)
    requires(!kTls)
      : access_(access), stream_(io_) {}
  Connection(const ClusterAccess& access, std::shared_ptr<asio::ssl::context> context)
    requires kTls
      : access_(access), context_(std::move(context)), stream_(io_, *context_) {}

  Result<void> connect(const HttpLimits& limits, const std::stop_token& stop) {
    const Clock::time_point deadline = Clock::now() + limits.connect;
    const Stopper stopper(*this, stop);
    tcp::resolver resolver(io_);
    tcp::resolver::results_type found;
    PLIMSOLL_RETURN_IF_ERROR(run(deadline, "cannot resolve", [&](auto done) {
      resolver.async_resolve(access_.host, access_.port, [&, done](const error_code& error, tcp::resolver::results_type results) {
        found = std::move(results);
        done(error, 0);
      });
    }));
    PLIMSOLL_RETURN_IF_ERROR(run(deadline, "cannot connect", [&](auto done) {
      asio::async_connect(socket(), found, [done](const error_code& error, const tcp::endpoint&) { done(error, 0); });
    }));
    keep_alive();
    if constexpr (kTls) {
      const std::string& name = access_.server_name.empty() ? access_.host : access_.server_name;
      if (access_.verify && !expect_name(stream_.native_handle(), name)) return std::unexpected(broken("cannot expect that name", tls_error()));
      PLIMSOLL_RETURN_IF_ERROR(run(deadline, "TLS handshake failed", [&](auto done) {
        stream_.async_handshake(asio::ssl::stream_base::client, [done](const error_code& error) { done(error, 0); });
      }));
    }
    return {};
  }

  Result<ClientResponse> send(const ClientRequest& request, const HttpLimits& limits, std::stop_token stop, const Sink& sink) override {
    reusable_ = false;
    answered_ = false;
    const Stopper stopper(*this, stop);
    http::request<http::string_body> message{http::string_to_verb({request.method.data(), request.method.size()}), access_.path_prefix + request.target, 11};
    const bool v6 = access_.host.find(':') != std::string::npos;
    message.set(http::field::host, fmt::format("{}{}{}:{}", v6 ? "[" : "", access_.host, v6 ? "]" : "", access_.port));
    message.set(http::field::user_agent, "plimsoll");
    message.set(http::field::accept, "application/json");
    if (access_.token.given()) {
      PLIMSOLL_ASSIGN_OR_RETURN(const std::string token, access_.token.read());
      message.set(http::field::authorization, "Bearer " + std::string(trim_line_end(token)));
    }
    if (!request.content_type.empty()) message.set(http::field::content_type, {request.content_type.data(), request.content_type.size()});
    message.body() = request.body;
    message.prepare_payload();

    const Clock::time_point deadline = Clock::now() + limits.exchange;
    PLIMSOLL_RETURN_IF_ERROR(run(deadline, "cannot send", [&](auto done) { http::async_write(stream_, message, done); }));
    http::response_parser<http::buffer_body> parser;
    parser.header_limit(kMaxHeader);
    parser.body_limit(boost::none);
    PLIMSOLL_RETURN_IF_ERROR(run(deadline, "no answer", [&](auto done) { http::async_read_header(stream_, buffer_, parser, done); }));
    answered_ = true;
    ClientResponse response;
    response.status = parser.get().result_int();
    response.retry_after = retry_after(parser.get()[http::field::retry_after]);
    return read_body(parser, limits, response.status == 200 ? sink : Sink(), std::move(response));
  }

  bool reusable() const override { return reusable_; }
  bool answered() const override { return answered_; }

 private:
  // Ends what is under way when a stop is requested, from whatever thread.
  class Stopper {
   public:
    Stopper(Connection& connection, const std::stop_token& stop)
        : callback_(stop, [&connection] {
            connection.stopped_.store(true);
            asio::post(connection.io_, [&connection] { connection.close(); });
          }) {}

   private:
    std::stop_callback<std::function<void()>> callback_;
  };

  tcp::socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  void close() {
    error_code ignored;
    socket().close(ignored);
  }

  // A server that vanished without a word is noticed within a minute.
  void keep_alive() {
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    socket().set_option(asio::socket_base::keep_alive(true), ignored);
    const int handle = socket().native_handle();
    for (const auto& [option, value] : {std::pair(TCP_KEEPIDLE, 30), std::pair(TCP_KEEPINTVL, 10), std::pair(TCP_KEEPCNT, 3)}) {
      ::setsockopt(handle, IPPROTO_TCP, option, &value, sizeof value);
    }
  }

  Error broken(std::string_view what, std::string_view why, ErrorCode code = ErrorCode::kInputOutput) const {
    return Error(code, fmt::format("{}: {}: {}", access_.url(), what, why));
  }

  // Starts an operation and waits for its end; nothing is under way afterwards.
  template <typename Start>
  Result<void> run(Clock::time_point deadline, std::string_view what, const Start& start) {
    if (stopped_.load()) return std::unexpected(broken(what, "stopped"));
    std::optional<error_code> outcome;
    start([&outcome](const error_code& error, size_t) { outcome = error; });
    io_.restart();
    while (!outcome && Clock::now() < deadline && io_.run_one_until(deadline) != 0) {
    }
    const bool late = !outcome;
    if (late) close();
    while (!outcome && io_.run_one() != 0) {
    }
    if (stopped_.load()) return std::unexpected(broken(what, "stopped"));
    if (late || !outcome) return std::unexpected(broken(what, "not in time", ErrorCode::kLimit));
    if (!*outcome) return {};
    return std::unexpected(failure(what, *outcome));
  }

  Error failure(std::string_view what, const error_code& error) {
    if constexpr (kTls) {
      const long verdict = SSL_get_verify_result(stream_.native_handle());
      if (verdict != X509_V_OK && access_.verify && error.category() == asio::error::get_ssl_category()) {
        ERR_clear_error();
        return broken(what, X509_verify_cert_error_string(verdict))
            .with_remedy("the server's certificate must be signed by the certificate authority given, for the name that it is called by");
      }
    }
    ERR_clear_error();
    if (error == http::error::end_of_stream || error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
      return broken(what, "the server closed the connection");
    }
    return broken(what, error.message());
  }

  static std::chrono::seconds retry_after(boost::core::string_view text) {
    int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(0), kLongestRetryAfter);
  }

  Result<ClientResponse> read_body(http::response_parser<http::buffer_body>& parser, const HttpLimits& limits, const Sink& sink, ClientResponse response) {
    char piece[kPiece];
    while (!parser.is_done()) {
      auto& body = parser.get().body();
      body.data = piece;
      body.size = sizeof piece;
      const Result<void> read = run(Clock::now() + limits.silence, "the answer broke off", [&](auto done) {
        http::async_read_some(stream_, buffer_, parser, [done](error_code error, size_t count) {
          done(error == http::error::need_buffer ? error_code() : error, count);
        });
      });
      const std::string_view got(piece, sizeof piece - body.size);
      if (sink) {
        // What came before the end counts.
        if (!got.empty() && !sink(got)) return response;
      } else {
        if (got.size() > limits.body - std::min(limits.body, response.body.size())) {
          return std::unexpected(broken("the answer is too large", fmt::format("more than {} MiB", limits.body >> 20), ErrorCode::kLimit));
        }
        response.body += got;
      }
      if (!read) return std::unexpected(read.error());
    }
    reusable_ = parser.keep_alive() && !stopped_.load();
    return response;
  }

  const ClusterAccess access_;
  asio::io_context io_{1};
  std::shared_ptr<asio::ssl::context> context_;  // before the stream, which uses it
  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::atomic<bool> stopped_ = false;
  bool reusable_ = false, answered_ = false;
};

}  // namespace

Result<std::unique_ptr<HttpConnection>> HttpConnection::open(const ClusterAccess& access, const HttpLimits& limits, std::stop_token stop) {
  if (!access.tls) {
    auto connection = std::make_unique<Connection<PlainStream>>(access);
    PLIMSOLL_RETURN_IF_ERROR(connection->connect(limits, stop));
    return connection;
  }
  PLIMSOLL_ASSIGN_OR_RETURN(auto context, make_context(access));
  auto connection = std::make_unique<Connection<TlsStream>>(access, std::move(context));
  PLIMSOLL_RETURN_IF_ERROR(connection->connect(limits, stop));
  return connection;
}

}  // namespace plimsoll::cluster
