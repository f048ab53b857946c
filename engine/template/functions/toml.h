// TOML as BurntSushi/toml, which helm uses, writes and reads it.
//
//   write_toml(map);                     // a = 1\n\n[b]\n  c = "x"\n
//   read_toml(arena, "a = 1\n[b]\nc = 2");
#pragma once

#include <string>
#include <string_view>

#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

// Keys sorted, scalars before tables, tables indented by their depth. Errors have the library's words: "toml: cannot encode array
// with nil element".
Result<std::string> write_toml(const Value& value);

struct TomlDocument {
  Map* root = nullptr;
  std::string error;  // "toml: line 1: ..."; empty if all went well. What was read before it stays in `root`.
};
// Whole numbers become int64, tables maps, arrays of tables []map[string]interface {}, dates time.Time.
TomlDocument read_toml(Arena& arena, std::string_view text);

// A key as it stands in TOML: bare if it can be, else in quotes.
std::string toml_key(std::string_view key);

}  // namespace plimsoll::tmpl
