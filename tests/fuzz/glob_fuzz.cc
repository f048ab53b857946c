// Patterns of paths in all their dialects. The first line is the pattern, the rest the path; for ignore files all lines are patterns.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/chart/glob.h"
#include "engine/chart/ignore.h"
#include "engine/source/glob.h"
#include "engine/template/glob.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view pattern = text.substr(0, end);
  const std::string_view path = text.substr(std::min(end + 1, text.size()));
  (void)source::glob_match(pattern, path);
  (void)chart::path_match(pattern, path);
  (void)chart::FileGlob(pattern).matches(path);
  if (const auto glob = tmpl::Glob::compile(pattern)) (void)glob->matches(path);
  source::IgnoreList list("/srv", "fuzz");
  list.add_lines(text);
  (void)list.match("/srv/" + std::string(path), false);
  (void)list.match("/srv/" + std::string(path), true);
  if (const auto rules = chart::IgnoreRules::parse(text)) (void)rules->ignores(path, false);
  return 0;
}
