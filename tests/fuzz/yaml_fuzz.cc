// YAML and JSON text in all dialects: places of what was read, and what is written from it.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/value/json.h"
#include "engine/yaml/document.h"
#include "engine/yaml/writer.h"

namespace {

using namespace plimsoll;

// Asks for the place of every node, which must be within the text.
void locate_all(const yaml::Document& document, size_t size) {
  std::vector<Value> pending = {document.root()};
  size_t budget = 10000;  // aliases make trees larger than their text
  const auto check = [&](const yaml::Place& place) {
    if (!place.value.known() || place.value.offset > place.value.end_offset || place.value.end_offset > size + 4) __builtin_trap();
  };
  while (!pending.empty() && budget-- > 0) {
    const Value value = pending.back();
    pending.pop_back();
    if (value.is_list()) {
      for (size_t i = 0; i < value.size(); ++i) {
        check(document.child(*value.as_list(), i));
        pending.push_back(value.items()[i]);
      }
    } else if (value.is_map()) {
      size_t i = 0;
      for (const Map::Entry& entry : *value.as_map()) {
        check(document.child(*value.as_map(), i++));
        pending.push_back(entry.value);
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  for (const yaml::Dialect dialect : {yaml::Dialect::kGo, yaml::Dialect::kGoStrict, yaml::Dialect::kStrict}) {
    const auto documents =
        yaml::read_stream(text, {.file = "fuzz.yaml", .dialect = dialect, .max_alias_expansion = 100'000});
    if (!documents) continue;
    for (const yaml::Document& document : *documents) {
      if (!utf16) locate_all(document, size);
      (void)json::write(document.root());
    }
  }
  Arena arena;
  if (const auto value = yaml::read_go(arena, text, {.max_alias_expansion = 100'000})) {
    const auto written = yaml::write(*value);
    (void)yaml::write_pretty(*value);
    // What is written can be read.
    if (written && !yaml::read_go(arena, *written)) __builtin_trap();
  }
  return 0;
}
