// The little language of Helm's --set flags.
//
//   Map* values = Map::create(arena);
//   apply_set_flag(arena, *values, "image.tag=1.2,ports[0]=80", SetFlag::kTyped);
//   // {image: {tag: "1.2"}, ports: [80]}
//
// Source of the behaviour: helm.sh/helm/v3/pkg/strvals.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::chart {

enum class SetFlag : uint8_t {
  kTyped,    // --set: true, false, null and decimal integers are recognised
  kString,   // --set-string: every value is a string
  kJson,     // --set-json: values are JSON
  kFile,     // --set-file: values are names of files whose contents are taken
  kLiteral,  // --set-literal: one key, the rest of the text is the string
};

// Reads the file that a --set-file value names.
using FileReader = std::function<Result<std::string>(std::string_view path)>;

// Applies one flag's text to `values`. Errors are strvals' own messages, without the flag's name. What was set before the error stays.
Result<void> apply_set_flag(Arena& arena, Map& values, std::string_view text, SetFlag flag,
                            const FileReader& read_file = {});

}  // namespace plimsoll::chart
