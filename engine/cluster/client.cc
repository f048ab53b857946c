#include "engine/cluster/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "engine/cluster/backoff.h"
#include "engine/policy/kinds.h"
#include "engine/value/json.h"

namespace plimsoll::cluster {
namespace {

constexpr size_t kMaxIdle = 4;
constexpr std::string_view kJson = "application/json";

// Percent-encodes all but RFC 3986's unreserved characters.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// What the server says of a request that it refused.
ApiError refusal(const ClientResponse& response, std::string_view what) {
  Arena arena;
  std::string message, reason;
  if (const auto status = json::read(arena, response.body); status && (*status)["kind"].string_or() == "Status") {
    message = (*status)["message"].string_or();
    reason = (*status)["reason"].string_or();
  }
  if (message.empty()) message = "the server gives no reason";
  const ErrorCode code = response.status == 404 ? ErrorCode::kNotFound : response.status >= 500 || response.status == 429 ? ErrorCode::kInputOutput : ErrorCode::kInvalid;
  Error error(code, fmt::format("{}: {} {}", what, response.status, message));
  const std::string_view remedy = response.status == 401   ? "the credentials are not valid, or no longer"
                                  : response.status == 403 ? "a ClusterRole must allow it"
                                                           : "";
  if (!remedy.empty()) return ApiError(std::move(error).with_remedy(std::string(remedy)), response.status, std::move(reason));
  return ApiError(std::move(error), response.status, std::move(reason));
}

// Waits, unless `stop` is requested: false then.
bool pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

std::string describe(const ClientRequest& request) {
  return fmt::format("{} {}", request.method, std::string_view(request.target).substr(0, request.target.find('?')));
}

}  // namespace

std::string Resource::api_version() const { return group.empty() ? version : group + "/" + version; }

std::string Resource::path(std::string_view namespace_name, std::string_view name) const {
  std::string out = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
  if (namespaced && !namespace_name.empty()) out += "/namespaces/" + escape(namespace_name);
  out += "/" + plural;
  if (!name.empty()) out += "/" + escape(name);
  return out;
}

struct Client::Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<HttpConnection>> idle;

  std::unique_ptr<HttpConnection> take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return nullptr;
    auto connection = std::move(idle.back());
    idle.pop_back();
    return connection;
  }
  void give(std::unique_ptr<HttpConnection> connection) {
    const std::lock_guard lock(mutex);
    if (connection->reusable() && idle.size() < kMaxIdle) idle.push_back(std::move(connection));
  }
};

Client::Client(ClusterAccess access, ClientOptions options)
    : access_(std::move(access)), options_(std::move(options)), pool_(std::make_unique<Pool>()) {}
Client::~Client() = default;

ApiResult<ClientResponse> Client::send_once(const ClientRequest& request, const HttpLimits& limits, std::stop_token stop, const HttpConnection::Sink& sink) {
  // A connection that was idle may have been closed by the server meanwhile: then once more, on a new one. What must not be done twice
  // begins with a new one.
  if (auto connection = request.method == "POST" ? nullptr : pool_->take()) {
    auto response = connection->send(request, limits, stop, sink);
    const bool answered = connection->answered();
    if (response) {
      pool_->give(std::move(connection));
      return *std::move(response);
    }
    if (answered || response.error().code() == ErrorCode::kLimit || stop.stop_requested()) {
      return std::unexpected(ApiError(std::move(response).error()));
    }
  }
  auto connection = HttpConnection::open(access_, limits, stop);
  if (!connection) return std::unexpected(ApiError(std::move(connection).error()));
  auto response = (*connection)->send(request, limits, stop, sink);
  if (!response) return std::unexpected(ApiError(std::move(response).error()));
  pool_->give(*std::move(connection));
  return *std::move(response);
}

ApiResult<ClientResponse> Client::send(const ClientRequest& request, std::stop_token stop) {
  Backoff backoff(std::chrono::milliseconds(200), std::chrono::milliseconds(10'000));
  for (int attempt = 1;; ++attempt) {
    auto response = send_once(request, options_.limits, stop, {});
    if (!response) return response;
    if (response->status < 300) return response;
    const bool busy = response->status == 429 || (response->status == 503 && response->retry_after.count() > 0);
    if (!busy || attempt >= options_.attempts) return std::unexpected(refusal(*response, describe(request)));
    const auto wait = std::max<std::chrono::milliseconds>(response->retry_after, backoff.next());
    if (!pause(wait, stop)) return std::unexpected(refusal(*response, describe(request)));
  }
}

ApiResult<Answer> Client::exchange(const ClientRequest& request, std::stop_token stop) {
  auto response = send(request, std::move(stop));
  if (!response) return std::unexpected(std::move(response).error());
  Answer answer;
  auto root = json::read(answer.arena, response->body);
  if (!root) return std::unexpected(ApiError(std::move(root).error().with_context(describe(request))));
  answer.root = *root;
  return answer;
}

ApiResult<std::string> Client::preferred_version(std::string_view group, std::stop_token stop) {
  auto found = exchange({.target = fmt::format("/apis/{}", group)}, std::move(stop));
  if (!found) return std::unexpected(std::move(found).error());
  return std::string(found->root["preferredVersion"]["version"].string_or());
}

ApiResult<Resource> Client::discover(std::string_view api_version, std::string_view kind, std::stop_token stop) {
  const policy::GroupVersion version = policy::split_api_version(api_version);
  const std::string path = version.group.empty() ? fmt::format("/api/{}", version.version) : fmt::format("/apis/{}/{}", version.group, version.version);
  auto found = exchange({.target = path}, std::move(stop));
  if (!found) return std::unexpected(std::move(found).error());
  for (const Value& resource : found->root["resources"].items()) {
    const std::string_view name = resource["name"].string_or();
    if (resource["kind"].string_or() != kind || name.empty() || name.find('/') != std::string_view::npos) continue;
    return Resource{.group = std::string(version.group),
                    .version = std::string(version.version),
                    .kind = std::string(kind),
                    .plural = std::string(name),
                    .namespaced = resource["namespaced"].bool_or(true)};
  }
  return std::unexpected(ApiError(Error(ErrorCode::kNotFound, fmt::format("the server has no kind {} in {}", kind, api_version)), 404, "NotFound"));
}

ApiResult<Answer> Client::get(const Resource& resource, std::string_view namespace_name, std::string_view name, std::stop_token stop) {
  return exchange({.target = resource.path(namespace_name, name)}, std::move(stop));
}

ApiResult<Answer> Client::create(const Resource& resource, std::string_view namespace_name, std::string body, std::stop_token stop) {
  return exchange({.method = "POST", .target = resource.path(namespace_name), .content_type = kJson, .body = std::move(body)}, std::move(stop));
}

ApiResult<Answer> Client::update(const Resource& resource, std::string_view namespace_name, std::string_view name, std::string body, std::stop_token stop) {
  return exchange({.method = "PUT", .target = resource.path(namespace_name, name), .content_type = kJson, .body = std::move(body)}, std::move(stop));
}

ApiResult<Answer> Client::patch(const Resource& resource, std::string_view namespace_name, std::string_view name, PatchType type, std::string body, std::stop_token stop) {
  return exchange({.method = "PATCH",
                   .target = resource.path(namespace_name, name),
                   .content_type = type == PatchType::kMerge ? "application/merge-patch+json" : "application/json-patch+json",
                   .body = std::move(body)},
                  std::move(stop));
}

ApiResult<void> Client::remove(const Resource& resource, std::string_view namespace_name, std::string_view name) {
  auto response = send({.method = "DELETE", .target = resource.path(namespace_name, name)}, {});
  if (!response) return std::unexpected(std::move(response).error());
  return {};
}

ApiResult<std::string> Client::list(const Resource& resource, std::string_view namespace_name, const std::function<Result<void>(const Value& object)>& use,
                                    std::stop_token stop) {
  size_t page_size = options_.page_size;
  std::string next;
  while (true) {
    const std::string target = fmt::format("{}?limit={}{}{}", resource.path(namespace_name), page_size, next.empty() ? "" : "&continue=", escape(next));
    auto page = exchange({.target = target}, stop);
    if (!page && page.error().code() == ErrorCode::kLimit && page_size > 1) {
      page_size = std::max<size_t>(1, page_size / 8);
      continue;
    }
    if (!page) return std::unexpected(std::move(page).error());
    if (!page->root["items"].is_list() && !page->root["items"].is_null()) {
      return std::unexpected(ApiError(Error(ErrorCode::kSyntax, fmt::format("GET {}: the answer is no list", resource.path(namespace_name)))));
    }
    for (const Value& object : page->root["items"].items()) {
      if (auto used = use(object); !used) return std::unexpected(ApiError(std::move(used).error()));
    }
    const Value metadata = page->root["metadata"];
    std::string token(metadata["continue"].string_or());
    if (token.empty()) return std::string(metadata["resourceVersion"].string_or());
    if (token == next) return std::unexpected(ApiError(Error(ErrorCode::kSyntax, fmt::format("GET {}: the list has no end", resource.path(namespace_name)))));
    next = std::move(token);
  }
}

ApiResult<void> Client::watch(const Resource& resource, std::string_view namespace_name, std::string_view resource_version, std::chrono::seconds duration,
                              const std::function<bool(std::string_view piece)>& use, std::stop_token stop) {
  const ClientRequest request{.target = fmt::format("{}?watch=true&allowWatchBookmarks=true&resourceVersion={}&timeoutSeconds={}",
                                                    resource.path(namespace_name), escape(resource_version), duration.count())};
  HttpLimits limits = options_.limits;
  // A quiet kind sends nothing at all; the server ends the watch itself, and TCP notices when it is gone.
  limits.silence = duration + std::chrono::seconds(30);
  auto response = send_once(request, limits, std::move(stop), use);
  if (!response) return std::unexpected(std::move(response).error());
  if (response->status >= 300) return std::unexpected(refusal(*response, "WATCH " + resource.path(namespace_name)));
  return {};
}

}  // namespace plimsoll::cluster
