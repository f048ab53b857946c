// A connection to an HTTP/1.1 server, with or without TLS, for one request after the other.
//
//   auto connection = HttpConnection::open(access, limits, stop);
//   auto response = (*connection)->send({.method = "GET", .target = "/version"}, limits, stop);
//
// Calls wait, but never longer than their limits, and end soon when `stop` is requested. Certificates are verified against the access'
// authority and the server's name or address; files are read anew for each connection.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/cluster/access.h"
#include "engine/value/error.h"

namespace plimsoll::cluster {

struct HttpLimits {
  std::chrono::milliseconds connect{10'000};  // resolving, connecting, TLS handshake; all of them
  std::chrono::milliseconds exchange{60'000}; // from the request's first byte to the response's header
  std::chrono::milliseconds silence{60'000};  // between two pieces of a body
  size_t body = 64UL << 20;                   // of a body that is kept; pieces that go elsewhere are not counted
};

struct ClientRequest {
  std::string_view method = "GET";
  std::string target;  // path and query, below the access' prefix
  std::string_view content_type = {};
  std::string body = {};
};

struct ClientResponse {
  int status = 0;
  std::string body;
  std::chrono::seconds retry_after{0};  // of 429 and 503; 0: not told
};

class HttpConnection {
 public:
  // Takes the pieces of a body with status 200 as they come; false ends the exchange.
  using Sink = std::function<bool(std::string_view piece)>;

  // kInputOutput: what the system or TLS says, with the place it was about.
  static Result<std::unique_ptr<HttpConnection>> open(const ClusterAccess& access, const HttpLimits& limits, std::stop_token stop);
  virtual ~HttpConnection() = default;

  // kLimit when time or size is over, kInputOutput when the connection broke.
  virtual Result<ClientResponse> send(const ClientRequest& request, const HttpLimits& limits, std::stop_token stop, const Sink& sink = {}) = 0;
  // Whether another request may be sent.
  virtual bool reusable() const = 0;
  // Whether the server had sent anything of the last response. If not, a request may be tried again elsewhere.
  virtual bool answered() const = 0;
};

}  // namespace plimsoll::cluster
