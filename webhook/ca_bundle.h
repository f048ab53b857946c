// Keeps caBundle of the webhook configurations: tells API servers which authority to trust.
//
//   CaBundle bundle(client, "plimsoll");
//   CaBundle::Seen seen = bundle.look(stop);                    // before the bundle is decided on
//   CaBundle::State state = bundle.publish(seen, pem, stop);
//
// Of the ValidatingWebhookConfiguration and the MutatingWebhookConfiguration of that name, webhooks[*].clientConfig.caBundle is set and
// nothing else, and only if the object is still as it was seen: whoever was late to learn of a bundle cannot undo a newer one.
#pragma once

#include <array>
#include <expected>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cluster/client.h"
#include "engine/value/error.h"

namespace plimsoll::webhook {

class CaBundle {
 public:
  static constexpr size_t kKinds = 2;
  struct Configuration {
    bool exists = false;
    std::string version;
    std::vector<std::string> names, bundles;  // of its webhooks; bundles decoded
  };
  using Seen = std::array<Result<Configuration>, kKinds>;

  struct State {
    bool confirmed = true;  // all that exist had the bundle when they were seen
    bool changed = false;   // somebody else changed one since it was seen: look again
    std::vector<std::string> missing;  // "MutatingWebhookConfiguration plimsoll"
    std::vector<std::string> patched;
    std::optional<Error> error;  // the first; the other configuration is published to nevertheless
  };

  // `client` outlives it.
  CaBundle(cluster::Client& client, std::string name) : client_(client), name_(std::move(name)) {}

  Seen look(std::stop_token stop);
  State publish(const Seen& seen, const std::string& pem, std::stop_token stop);

 private:
  cluster::Client& client_;
  std::string name_;
};

}  // namespace plimsoll::webhook
