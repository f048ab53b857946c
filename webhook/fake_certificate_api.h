// What certificates need of an API server, for tests: one Secret and the two webhook configurations, with versions as the real one has.
//
//   FakeCertificateApi fake;
//   fake.add_configuration("ValidatingWebhookConfiguration", {"a.example.com"});
//   cluster::Client client(fake.access());
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/fake_server.h"
#include "engine/value/base64.h"
#include "engine/value/json.h"
#include "engine/value/json_patch.h"

namespace plimsoll::webhook {

class FakeCertificateApi {
 public:
  using Request = cluster::FakeServer::Request;
  struct Refusal {
    int status;
    std::string message;
  };

  FakeCertificateApi() : server_([this](const Request& request, cluster::FakeServer::Peer& peer) { serve(request, peer); }) {}

  cluster::ClusterAccess access() const { return server_.access(); }

  // Asked before each request; what it yields is the answer. It may call the functions below.
  std::function<std::optional<Refusal>(const Request&)> refuse;

  // As JSON; empty: there is none.
  std::string secret() { return object(kSecret); }
  void put_secret(const std::string& data, const std::string& annotations = "{}") {
    put(kSecret, fmt::format(R"({{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{{"name":"tls","labels":{{"team":"a"}},"annotations":{}}},"data":{}}})", annotations, data));
  }
  void remove_secret() {
    const std::lock_guard lock(mutex_);
    objects_.erase(kSecret);
  }
  // Text of a field, decoded.
  std::string secret_field(std::string_view name) {
    Arena arena;
    const std::string text = secret();
    const auto root = json::read(arena, text);
    return root ? base64::decode((*root)["data"][name].string_or()).value_or("") : "";
  }

  void add_configuration(const std::string& kind, const std::vector<std::string>& webhooks) {
    std::string items;
    for (const std::string& name : webhooks) {
      items += fmt::format(R"({}{{"name":"{}","failurePolicy":"Fail","clientConfig":{{"service":{{"name":"a","namespace":"b"}}}}}})", items.empty() ? "" : ",", name);
    }
    put(path_of(kind), fmt::format(R"({{"kind":"{}","metadata":{{"name":"plimsoll"}},"webhooks":[{}]}})", kind, items));
  }
  std::string configuration(const std::string& kind) { return object(path_of(kind)); }
  // Of each webhook, decoded.
  std::vector<std::string> bundles(const std::string& kind) {
    Arena arena;
    const std::string text = configuration(kind);
    const auto root = json::read(arena, text);
    std::vector<std::string> found;
    if (!root) return found;
    for (const Value& webhook : (*root)["webhooks"].items()) found.push_back(base64::decode(webhook["clientConfig"]["caBundle"].string_or()).value_or("?"));
    return found;
  }
  void patch_configuration(const std::string& kind, const std::string& operations) { patch_json(path_of(kind), operations); }

  // Requests so far: "PATCH /api/v1/...".
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  static constexpr const char* kSecret = "/api/v1/namespaces/space/secrets/tls";

  static std::string path_of(const std::string& kind) {
    const char* plural = kind == "ValidatingWebhookConfiguration" ? "validatingwebhookconfigurations" : "mutatingwebhookconfigurations";
    return fmt::format("/apis/admissionregistration.k8s.io/v1/{}/plimsoll", plural);
  }

  std::string object(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(path);
    return found == objects_.end() ? "" : found->second;
  }
  void put(const std::string& path, const std::string& text) {
    Arena arena;
    const auto root = json::read(arena, text);
    store(path, *root, arena);
  }
  // With the next version.
  void store(const std::string& path, const Value& root, Arena& arena) {
    const std::lock_guard lock(mutex_);
    root["metadata"].as_map()->set(arena, "resourceVersion", Value::string(arena.copy(std::to_string(++version_))));
    objects_[path] = json::write(root);
  }

  void serve(const Request& request, cluster::FakeServer::Peer& peer) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request.method + " " + request.target);
    }
    const auto status = [&](int code, std::string_view message) {
      std::string quoted;
      json::append_quoted(quoted, message);
      peer.answer(code, fmt::format(R"({{"kind":"Status","message":{},"code":{}}})", quoted, code));
    };
    if (refuse) {
      if (const auto refusal = refuse(request)) return status(refusal->status, refusal->message);
    }
    const std::lock_guard one_at_a_time(writing_);
    const std::string present = object(request.method == "POST" ? kSecret : request.target);
    if (request.method == "POST") {
      if (!present.empty()) return status(409, "secrets \"tls\" already exists");
      put(kSecret, request.body);
      return peer.answer(201, secret());
    }
    if (present.empty()) return status(404, "not found");
    if (request.method == "PATCH") {
      const bool merge = request.header.find("merge-patch") != std::string::npos;
      const int code = merge ? merge_patch(request.target, request.body) : patch_json(request.target, request.body);
      if (code != 200) return status(code, "the object has been modified");
    }
    peer.answer(200, object(request.target));
  }

  int patch_json(const std::string& path, const std::string& body) {
    Arena arena;
    const std::string text = object(path);
    const auto root = json::read(arena, text), operations = json::read(arena, body);
    std::vector<JsonPatchOperation> patch;
    for (const Value& operation : operations->items()) {
      patch.push_back({operation["op"].string_or(), operation["path"].string_or(), {}, operation["value"]});
    }
    const auto outcome = apply_json_patch(*root, patch, arena);
    if (!outcome || outcome->test_failed) return 422;
    store(path, outcome->document, arena);
    return 200;
  }

  // RFC 7386, as deep as it is needed.
  static void merge(const Value& from, Map* to, Arena& arena) {
    for (const auto& entry : *from.as_map()) {
      const Value* present = to->find(entry.key.string_or());
      if (entry.value.is_null()) {
        to->erase(entry.key.string_or());
      } else if (entry.value.is_map()) {
        Map* inner = present != nullptr && present->is_map() ? present->as_map() : Map::create(arena);
        merge(entry.value, inner, arena);
        to->set(arena, entry.key.string_or(), Value::map(inner));
      } else {
        to->set(arena, entry.key.string_or(), entry.value);
      }
    }
  }
  int merge_patch(const std::string& path, const std::string& body) {
    Arena arena;
    const std::string text = object(path);
    const auto root = json::read(arena, text), patch = json::read(arena, body);
    const std::string_view version = (*patch)["metadata"]["resourceVersion"].string_or();
    if (!version.empty() && version != (*root)["metadata"]["resourceVersion"].string_or()) return 409;
    merge(*patch, root->as_map(), arena);
    store(path, *root, arena);
    return 200;
  }

  std::mutex mutex_, writing_;
  std::map<std::string, std::string> objects_;
  std::vector<std::string> requests_;
  uint64_t version_ = 0;
  cluster::FakeServer server_;  // last, for its threads use the rest
};

}  // namespace plimsoll::webhook
