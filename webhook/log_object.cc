#include "webhook/log_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>

#include "engine/cluster/compact.h"
#include "engine/value/json.h"

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxBytes = 256UL << 10;
// Of authentication.k8s.io: they hold tokens.
constexpr std::array<std::string_view, 2> kTokenKinds = {"TokenReview", "TokenRequest"};

}  // namespace

std::string loggable_object(const policy::Request& request) {
  const Value object = request.object.is_map() ? request.object : request.old_object;
  if (!object.is_map()) return {};
  const std::string_view own = object["kind"].string_or();
  const auto is = [&](std::string_view kind) { return own == kind || request.kind.kind == kind; };
  if (std::ranges::any_of(kTokenKinds, is)) return R"({"omitted":"it may hold a token"})";
  std::atomic<size_t> bytes = 0;
  cluster::Compactor masked("v1", is("Secret") ? "Secret" : request.kind.kind, cluster::SecretValues::kNone, bytes);
  std::string text = json::write(masked.store(object)->root);
  if (text.size() > kMaxBytes) return fmt::format(R"({{"omitted":"it has {} bytes"}})", text.size());
  return text;
}

}  // namespace plimsoll::webhook
