// What a syntax error means and what to do about it, for people: kStrict's errors.
#pragma once

#include <string_view>

#include "engine/value/error.h"
#include "engine/yaml/source_text.h"

namespace plimsoll::yaml {

// An error as libyaml describes it, with offsets into the source.
struct SyntaxProblem {
  std::string_view problem = {};
  std::string_view context = {};
  uint32_t at = 0;
  uint32_t context_at = 0;  // where the construct began that could not be finished
};
Error explain_syntax(const SyntaxProblem& problem, const SourceText& source, std::string_view file);

// Text that is no YAML at all: a NUL byte, other control characters, invalid UTF-8 at byte `at`.
Error explain_forbidden_byte(size_t at, const SourceText& source, std::string_view file);

}  // namespace plimsoll::yaml
