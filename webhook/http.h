// Requests and answers as the server hands them to its handlers; nothing here knows of sockets.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::webhook {

struct HttpRequest {
  std::string_view method = {};  // "POST"
  std::string_view path = {};    // without the query
  std::string_view query = {};   // without '?'
  std::string_view content_type = {};
  std::string_view body = {};
  // When the last byte had arrived.
  std::chrono::steady_clock::time_point received = {};
};

struct HttpResponse {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string_view, std::string>> headers = {};  // further ones: {"Allow", "POST"}
};

// One for each thread of a server.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual HttpResponse handle(const HttpRequest& request) = 0;
  // What to say to a request that the server itself refuses: 400, 408, 413, 431, 503, ...
  virtual HttpResponse refuse(int status, std::string_view why) = 0;
};

}  // namespace plimsoll::webhook
