// The stream of a watch, in pieces as the network cuts them: read or refused, the same whatever the cuts, and kept as objects.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cluster/compact.h"
#include "engine/cluster/watch_events.h"
#include "engine/value/json.h"

namespace {

std::string read_in_pieces(std::string_view text, size_t piece) {
  using namespace plimsoll;
  cluster::WatchEvents events;
  std::atomic<size_t> count = 0;
  cluster::Compactor compactor("v1", "Secret", cluster::SecretValues::kCertificates, count);
  std::string seen;
  for (size_t i = 0; i < text.size(); i += piece) {
    const auto read = events.feed(text.substr(i, piece), [&](const cluster::WatchEvent& event) -> Result<void> {
      seen += std::to_string(static_cast<int>(event.type)) + json::write(compactor.store(event.object)->root);
      return {};
    });
    if (!read) return seen + read.error().to_string();
  }
  if (count != 0) __builtin_trap();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string whole = read_in_pieces(text, size + 1);
  if (read_in_pieces(text, 7) != whole) __builtin_trap();
  return 0;
}
