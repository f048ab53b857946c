#include "engine/cluster/watch_events.h"

#include <fmt/format.h>

#include <utility>

#include "engine/value/json.h"

namespace plimsoll::cluster {
namespace {

constexpr std::pair<std::string_view, WatchEvent::Type> kTypes[] = {
    {"ADDED", WatchEvent::Type::kAdded},       {"MODIFIED", WatchEvent::Type::kModified}, {"DELETED", WatchEvent::Type::kDeleted},
    {"BOOKMARK", WatchEvent::Type::kBookmark}, {"ERROR", WatchEvent::Type::kError},
};

}  // namespace

Result<void> WatchEvents::feed(std::string_view piece, const std::function<Result<void>(const WatchEvent&)>& use) {
  while (!piece.empty()) {
    const size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    if (part.size() > kMaxLine - line_.size()) {
      return fail(ErrorCode::kLimit, fmt::format("an event of the watch is larger than {} MiB", kMaxLine >> 20));
    }
    if (end == std::string_view::npos) {
      line_ += part;
      return {};
    }
    piece.remove_prefix(end + 1);
    if (line_.empty()) {
      PLIMSOLL_RETURN_IF_ERROR(read(part, use));
      continue;
    }
    std::string line = std::exchange(line_, {});
    line += part;
    PLIMSOLL_RETURN_IF_ERROR(read(line, use));
    line.clear();
    if (line.capacity() < (1UL << 20)) line_ = std::move(line);
  }
  return {};
}

Result<void> WatchEvents::read(std::string_view line, const std::function<Result<void>(const WatchEvent&)>& use) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  arena_.reset();
  auto value = json::read(arena_, line);
  if (!value) return std::unexpected(std::move(value).error().with_context("an event of the watch"));
  const std::string_view name = (*value)["type"].string_or();
  const Value object = (*value)["object"];
  for (const auto& [text, type] : kTypes) {
    if (name != text) continue;
    if (!object.is_map()) return fail(ErrorCode::kSyntax, fmt::format("an event {} of the watch has no object", text));
    return use({.type = type, .object = object});
  }
  return std::unexpected(Error(ErrorCode::kSyntax, "an event of the watch has a type that is not known").with_fragment(name));
}

}  // namespace plimsoll::cluster
