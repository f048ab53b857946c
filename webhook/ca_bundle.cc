#include "webhook/ca_bundle.h"

#include <fmt/format.h>

#include <utility>

#include "engine/value/base64.h"
#include "engine/value/json.h"

namespace plimsoll::webhook {
namespace {

struct WebhookKind {
  std::string_view kind, plural;
};
constexpr WebhookKind kWebhookKinds[CaBundle::kKinds] = {
    {"ValidatingWebhookConfiguration", "validatingwebhookconfigurations"},
    {"MutatingWebhookConfiguration", "mutatingwebhookconfigurations"},
};

cluster::Resource resource_of(const WebhookKind& kind) {
  return {.group = "admissionregistration.k8s.io", .version = "v1", .kind = std::string(kind.kind), .plural = std::string(kind.plural), .namespaced = false};
}

using json::quoted;

// Sets the bundle where it is another one, if the object is the one that was seen. Empty: there is nothing to do.
std::string json_patch(const CaBundle::Configuration& configuration, const std::string& pem) {
  std::string operations;
  const std::string bundle = quoted(base64::encode(pem));
  for (size_t i = 0; i < configuration.bundles.size(); ++i) {
    if (configuration.bundles[i] == pem) continue;
    operations += fmt::format(R"(,{{"op":"test","path":"/webhooks/{0}/name","value":{1}}},{{"op":"add","path":"/webhooks/{0}/clientConfig/caBundle","value":{2}}})", i,
                              quoted(configuration.names[i]), bundle);
  }
  if (operations.empty()) return {};
  return fmt::format(R"([{{"op":"test","path":"/metadata/resourceVersion","value":{}}}{}])", quoted(configuration.version), operations);
}

std::unexpected<Error> failure(const cluster::ApiError& error, const std::string& what, std::string_view verb) {
  Error own(error.code(), fmt::format("{}: {}", what, error.message()));
  if (error.status == 403) return std::unexpected(std::move(own).with_remedy(fmt::format("a ClusterRole must allow the account to {} it", verb)));
  return std::unexpected(std::move(own).with_remedy(error.remedy()));
}

}  // namespace

CaBundle::Seen CaBundle::look(std::stop_token stop) {
  Seen seen;
  for (size_t i = 0; i < kKinds; ++i) {
    const auto found = client_.get(resource_of(kWebhookKinds[i]), {}, name_, stop);
    Configuration configuration;
    if (!found) {
      if (found.error().status == 404) {
        seen[i] = configuration;
      } else {
        seen[i] = failure(found.error(), fmt::format("{} {}", kWebhookKinds[i].kind, name_), "get");
      }
      continue;
    }
    configuration.exists = true;
    configuration.version = found->root["metadata"]["resourceVersion"].string_or();
    for (const Value& webhook : found->root["webhooks"].items()) {
      configuration.names.emplace_back(webhook["name"].string_or());
      configuration.bundles.push_back(base64::decode(webhook["clientConfig"]["caBundle"].string_or()).value_or(""));
    }
    seen[i] = std::move(configuration);
  }
  return seen;
}

CaBundle::State CaBundle::publish(const Seen& seen, const std::string& pem, std::stop_token stop) {
  State state;
  const auto note = [&](const Error& error) {
    state.confirmed = false;
    if (!state.error) state.error = error;
  };
  for (size_t i = 0; i < kKinds; ++i) {
    const std::string what = fmt::format("{} {}", kWebhookKinds[i].kind, name_);
    if (!seen[i]) {
      note(seen[i].error());
      continue;
    }
    if (!seen[i]->exists) {
      state.missing.push_back(what);
      continue;
    }
    const std::string body = json_patch(*seen[i], pem);
    if (body.empty()) continue;
    state.confirmed = false;
    const auto patched = client_.patch(resource_of(kWebhookKinds[i]), {}, name_, cluster::PatchType::kJson, body, stop);
    if (patched) {
      state.patched.push_back(what);
    } else {
      // A test of the patch failed, or the object was changed while it was applied.
      if (patched.error().status == 422 || patched.error().status == 409) state.changed = true;
      note(failure(patched.error(), what, "patch").error());
    }
  }
  return state;
}

}  // namespace plimsoll::webhook
