// Reads the stream of a watch: one JSON object a line, {"type": "ADDED", "object": {...}}.
//
//   WatchEvents events;
//   Result<void> read = events.feed(piece, [&](const WatchEvent& event) { ... return Result<void>(); });
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::cluster {

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError };
  Type type;
  Value object;  // of kError a Status; lives until the callback returns
};

class WatchEvents {
 public:
  // etcd takes 1.5 MiB an object, JSON may be several times that.
  static constexpr size_t kMaxLine = 16UL << 20;

  // Calls `use` for each event that is complete by now. kSyntax for what is no event, kLimit beyond kMaxLine; an Error of `use` ends it.
  Result<void> feed(std::string_view piece, const std::function<Result<void>(const WatchEvent&)>& use);
  // Whether the stream stopped amid an event.
  bool partial() const { return !line_.empty(); }

 private:
  Result<void> read(std::string_view line, const std::function<Result<void>(const WatchEvent&)>& use);

  std::string line_;  // what came of the next one
  Arena arena_;
};

}  // namespace plimsoll::cluster
