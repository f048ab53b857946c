#include "engine/template/host.h"

#include <openssl/rand.h>

#include <chrono>

namespace plimsoll::tmpl {

Result<Value> Host::lookup(Arena& arena, std::string_view, std::string_view, std::string_view, std::string_view) {
  return Value::map(Map::create(arena));
}

std::string Host::resolve(std::string_view) { return {}; }

void SystemHost::random_bytes(std::span<uint8_t> bytes) {
  if (!seeded_) {
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    return;
  }
  // SplitMix64: repeatable, not for secrets.
  for (size_t i = 0; i < bytes.size(); i += 8) {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    for (size_t j = i; j < bytes.size() && j < i + 8; ++j) {
      bytes[j] = static_cast<uint8_t>(z);
      z >>= 8;
    }
  }
}

int64_t SystemHost::now() {
  constexpr int64_t kYear2000 = 946'684'800'000'000'000;
  if (seeded_) return kYear2000;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace plimsoll::tmpl
