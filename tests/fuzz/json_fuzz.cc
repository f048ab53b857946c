// JSON: what is read can be written and read again, to the same text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/value/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  Arena arena;
  const auto value = json::read(arena, {reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const std::string once = json::write(*value, {.sort_keys = true});
  const auto again = json::read(arena, once);
  if (!again || json::write(*again, {.sort_keys = true}) != once) __builtin_trap();
  return 0;
}
