// The little language of --set and its kin. The first byte chooses the flag.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/chart/set_flags.h"
#include "engine/value/arena.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  if (size == 0) return 0;
  const auto flag = static_cast<chart::SetFlag>(data[0] % 5);
  Arena arena;
  Map* values = Map::create(arena);
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  // Twice: the second time it meets what it set.
  for (int i = 0; i < 2; ++i) {
    (void)chart::apply_set_flag(arena, *values, text, flag, [](std::string_view) { return Result<std::string>("text"); });
  }
  return 0;
}
