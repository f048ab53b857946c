// A client of the Kubernetes API: get, list, watch, create, update, patch, delete, for any resource.
//
//   Client client(*read_kubeconfig(path));
//   ApiResult<Resource> pods = client.discover("v1", "Pod");
//   ApiResult<Answer> pod = client.get(*pods, "shop", "web-0");
//   if (!pod && pod.error().status == 404) ...
//
// Thread-safe; idle connections are kept for the next request. Overload (429, and 503 with Retry-After) is waited out a few times.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cluster/http.h"
#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::cluster {

// An Error that may be the server's answer: its message is that of the Status then.
class ApiError : public Error {
 public:
  explicit ApiError(Error error, int code = 0, std::string why = {})
      : Error(std::move(error)), status(code), reason(std::move(why)) {}

  int status;          // HTTP; 0: there was no answer
  std::string reason;  // of the Status: NotFound, AlreadyExists, Conflict, Expired, ...
};
template <typename T>
using ApiResult = std::expected<T, ApiError>;

// What the server calls a kind.
struct Resource {
  std::string group, version, kind;
  std::string plural;
  bool namespaced = true;

  std::string api_version() const;
  // "/apis/apps/v1/namespaces/shop/deployments/web"; empty namespace: of all; empty name: the collection. Names are escaped.
  std::string path(std::string_view namespace_name = {}, std::string_view name = {}) const;
};

// An object and the memory it lives in.
struct Answer {
  Arena arena;
  Value root;
};

enum class PatchType { kMerge, kJson };

struct ClientOptions {
  HttpLimits limits = {};
  size_t page_size = 500;       // of lists
  int attempts = 4;             // at what the server was too busy for
};

class Client {
 public:
  explicit Client(ClusterAccess access, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const ClusterAccess& access() const { return access_; }

  // kNotFound with status 404 if the server does not serve that kind.
  ApiResult<Resource> discover(std::string_view api_version, std::string_view kind, std::stop_token stop = {});
  // The version of a group (not the core group) that the server prefers.
  ApiResult<std::string> preferred_version(std::string_view group, std::stop_token stop = {});
  ApiResult<Answer> get(const Resource& resource, std::string_view namespace_name, std::string_view name, std::stop_token stop = {});
  // Bodies are JSON.
  ApiResult<Answer> create(const Resource& resource, std::string_view namespace_name, std::string body, std::stop_token stop = {});
  // With metadata.resourceVersion in the body, status 409 if the object is another by now.
  ApiResult<Answer> update(const Resource& resource, std::string_view namespace_name, std::string_view name, std::string body,
                           std::stop_token stop = {});
  ApiResult<Answer> patch(const Resource& resource, std::string_view namespace_name, std::string_view name, PatchType type, std::string body,
                          std::stop_token stop = {});
  ApiResult<void> remove(const Resource& resource, std::string_view namespace_name, std::string_view name);

  // Calls `use` for each object, page by page; an object lives until `use` returns. Yields the list's resourceVersion. Items of a list
  // may lack apiVersion and kind. Pages get smaller where one is beyond the limit of a body. An Error of `use` ends the list.
  ApiResult<std::string> list(const Resource& resource, std::string_view namespace_name, const std::function<Result<void>(const Value& object)>& use,
                              std::stop_token stop = {});
  // Pieces of the watch's stream (watch_events.h reads them) until the server ends it after `duration`, `use` returns false, or `stop`.
  ApiResult<void> watch(const Resource& resource, std::string_view namespace_name, std::string_view resource_version, std::chrono::seconds duration,
                        const std::function<bool(std::string_view piece)>& use, std::stop_token stop = {});

 private:
  struct Pool;
  ApiResult<ClientResponse> send(const ClientRequest& request, std::stop_token stop);
  ApiResult<ClientResponse> send_once(const ClientRequest& request, const HttpLimits& limits, std::stop_token stop, const HttpConnection::Sink& sink);
  ApiResult<Answer> exchange(const ClientRequest& request, std::stop_token stop);

  ClusterAccess access_;
  ClientOptions options_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace plimsoll::cluster
