#include "engine/report/format.h"

#include <algorithm>

namespace plimsoll::report {

namespace {

constexpr Format kFormats[] = {
    {"text", "for people: messages with source lines, like a compiler's", write_text},
    {"json", "for programs: documented and versioned", write_json},
    {"sarif", "SARIF 2.1.0, for GitHub code scanning and editors", write_sarif},
    {"junit", "JUnit XML, for CI servers", write_junit},
    {"github", "annotations of a GitHub Actions workflow", write_github},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& f) { return f.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace plimsoll::report
