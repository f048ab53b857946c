#include "engine/chart/ignore.h"

#include "engine/chart/glob.h"

namespace plimsoll::chart {

namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

Result<IgnoreRules> IgnoreRules::parse(std::string_view text) {
  IgnoreRules rules;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  uint32_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    if (auto added = rules.add(text.substr(0, end)); !added) {
      return std::unexpected(std::move(added.error()).at(number, 1).with_fragment(trim(text.substr(0, end))));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  PLIMSOLL_RETURN_IF_ERROR(rules.add("templates/.?*"));
  return rules;
}

Result<void> IgnoreRules::add(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.starts_with('#')) return {};
  if (line.find("**") != std::string_view::npos) {
    return fail(ErrorCode::kSyntax, "double-star (**) syntax is not supported");
  }
  if (!path_match(line, "abc")) return fail(ErrorCode::kSyntax, "syntax error in pattern");
  Rule rule;
  if (line.starts_with('!')) {
    rule.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.directories_only = true;
    line.remove_suffix(1);
  }
  rule.whole_path = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  rule.pattern = line;
  rules_.push_back(std::move(rule));
  return {};
}

bool IgnoreRules::ignores(std::string_view path, bool is_directory) const {
  if (path.empty() || path == "." || path == "./") return false;
  const std::string_view base = path.substr(path.rfind('/') + 1);
  for (const Rule& rule : rules_) {
    const auto matches = [&] { return path_match(rule.pattern, rule.whole_path ? path : base).value_or(false); };
    if (rule.negated) {
      if ((rule.directories_only && !is_directory) || !matches()) return true;
      continue;
    }
    if (rule.directories_only && !is_directory) continue;
    if (matches()) return true;
  }
  return false;
}

}  // namespace plimsoll::chart
