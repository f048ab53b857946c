#include <algorithm>
#include <array>
#include <optional>

#include "engine/value/semver.h"

namespace plimsoll::semver {
namespace {

using Comparison = Constraint::Comparison;
using Operator = Comparison::Operator;

constexpr size_t kMaxLength = 512;
constexpr size_t kMaxAlternatives = 32;

struct OperatorName {
  std::string_view text;
  Operator op;
};
// Longer names first.
constexpr std::array kOperators = {
    OperatorName{"!=", Operator::kNotEqual},     OperatorName{">=", Operator::kGreaterEqual},
    OperatorName{"=>", Operator::kGreaterEqual}, OperatorName{"<=", Operator::kLessEqual},
    OperatorName{"=<", Operator::kLessEqual},    OperatorName{"~>", Operator::kTilde},
    OperatorName{"=", Operator::kTildeOrEqual},  OperatorName{">", Operator::kGreater},
    OperatorName{"<", Operator::kLess},          OperatorName{"~", Operator::kTilde},
    OperatorName{"^", Operator::kCaret},
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }
// The original's character class also takes '|', which only a lone bar can make use of.
bool is_number_part(char c) { return (c >= '0' && c <= '9') || c == '|' || c == 'x' || c == 'X' || c == '*'; }
bool is_identifier(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool is_wildcard(std::string_view part) { return part == "x" || part == "X" || part == "*"; }

template <typename Predicate>
std::string_view take_while(std::string_view& text, Predicate predicate) {
  const auto end = std::find_if_not(text.begin(), text.end(), predicate);
  const std::string_view taken = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

std::unexpected<Error> improper(std::string_view text) {
  return fail(ErrorCode::kSyntax, std::string(kImproperConstraint) + std::string(text));
}

// A version as constraints write it, wildcards and missing parts included.
struct Pattern {
  std::string_view text;
  std::string_view parts[3];    // empty if missing
  std::string_view prerelease;  // with its '-'
};

// Dotted identifiers behind `mark`, if they are there: nothing is taken otherwise.
std::string_view take_suffix(std::string_view& text, char mark) {
  if (!text.starts_with(mark)) return {};
  std::string_view rest = text.substr(1);
  if (take_while(rest, is_identifier).empty()) return {};
  while (rest.starts_with('.')) {
    std::string_view following = rest.substr(1);
    if (take_while(following, is_identifier).empty()) break;
    rest = following;
  }
  const std::string_view taken = text.substr(0, text.size() - rest.size());
  text = rest;
  return taken;
}

std::optional<Pattern> take_pattern(std::string_view& text) {
  std::string_view rest = text;
  if (rest.starts_with('v')) rest.remove_prefix(1);
  Pattern pattern;
  pattern.parts[0] = take_while(rest, is_number_part);
  if (pattern.parts[0].empty()) return std::nullopt;
  for (size_t i = 1; i < 3 && rest.starts_with('.'); ++i) {
    std::string_view following = rest.substr(1);
    pattern.parts[i] = take_while(following, is_number_part);
    if (pattern.parts[i].empty()) break;
    rest = following;
  }
  pattern.prerelease = take_suffix(rest, '-');
  take_suffix(rest, '+');
  pattern.text = text.substr(0, text.size() - rest.size());
  text = rest;
  return pattern;
}

// "1.2 - 1.4" means ">= 1.2, <= 1.4".
std::string rewrite_ranges(std::string_view text) {
  std::string out;
  size_t copied = 0;
  for (size_t i = 0; i < text.size();) {
    std::string_view rest = text.substr(i);
    take_while(rest, is_space);
    const std::optional<Pattern> low = take_pattern(rest);
    bool dash = low && !take_while(rest, is_space).empty() && rest.starts_with('-');
    if (dash) rest.remove_prefix(1);
    dash = dash && !take_while(rest, is_space).empty();
    const std::optional<Pattern> high = dash ? take_pattern(rest) : std::nullopt;
    if (!high) {
      ++i;
      continue;
    }
    take_while(rest, is_space);
    out += text.substr(copied, i - copied);
    out.append(">= ").append(low->text).append(", <= ").append(high->text).append(" ");
    i = copied = text.size() - rest.size();
  }
  return out + std::string(text.substr(copied));
}

Result<Comparison> make_comparison(Operator op, const Pattern& pattern) {
  Comparison comparison;
  comparison.op = op;
  std::string version;
  const auto missing = [&](size_t i) { return pattern.parts[i].empty() || is_wildcard(pattern.parts[i]); };
  if (missing(0)) {
    comparison.open = true;
    version = "0.0.0";
  } else if (missing(1)) {
    comparison.open = comparison.minor_open = true;
    version = std::string(pattern.parts[0]) + ".0.0";
  } else if (missing(2)) {
    comparison.open = comparison.patch_open = true;
    version = std::string(pattern.parts[0]) + '.' + std::string(pattern.parts[1]) + ".0";
  }
  Result<Version> parsed = parse_version(comparison.open ? version + std::string(pattern.prerelease) : std::string(pattern.text));
  if (!parsed) return fail(ErrorCode::kSyntax, "constraint parser error");
  comparison.version = *std::move(parsed);
  return comparison;
}

bool same_prerelease(const Version& a, const Version& b) {
  Version plain_a;
  Version plain_b;
  plain_a.prerelease = a.prerelease;
  plain_b.prerelease = b.prerelease;
  return compare_versions(plain_a, plain_b) == 0;
}

bool not_equal(const Version& v, const Comparison& c) {
  if (!c.open) return compare_versions(v, c.version) != 0;
  if (c.version.major != v.major) return true;
  if (c.minor_open) return false;
  if (c.version.minor != v.minor) return true;
  if (c.patch_open) {
    const bool prereleases = !v.prerelease.empty() || !c.version.prerelease.empty();
    return prereleases && !same_prerelease(v, c.version);
  }
  return c.version.patch != v.patch || compare_versions(v, c.version) != 0;
}

bool greater(const Version& v, const Comparison& c) {
  if (!c.open) return compare_versions(v, c.version) > 0;
  if (v.major != c.version.major) return v.major > c.version.major;
  if (c.minor_open) return false;
  if (c.patch_open) return v.minor > c.version.minor;
  return compare_versions(v, c.version) > 0;
}

bool less_equal(const Version& v, const Comparison& c) {
  if (!c.open) return compare_versions(v, c.version) <= 0;
  if (v.major != c.version.major) return v.major < c.version.major;
  return v.minor <= c.version.minor || c.minor_open;
}

bool tilde(const Version& v, const Comparison& c) {
  if (compare_versions(v, c.version) < 0) return false;
  const Version& base = c.version;
  const bool anything = base.major == 0 && base.minor == 0 && base.patch == 0 && !c.minor_open && !c.patch_open;
  if (anything) return true;
  return v.major == base.major && (v.minor == base.minor || c.minor_open);
}

bool caret(const Version& v, const Comparison& c) {
  if (compare_versions(v, c.version) < 0) return false;
  const Version& base = c.version;
  if (base.major > 0 || c.minor_open) return v.major == base.major;
  if (v.major > 0) return false;
  // Below 1.0.0 the leftmost number that is not zero must stay.
  if (base.minor > 0 || c.patch_open) return v.minor == base.minor;
  return v.minor == 0 && v.patch == base.patch;
}

bool holds(const Version& v, const Comparison& c) {
  switch (c.op) {
    case Operator::kTildeOrEqual: return c.open ? tilde(v, c) : compare_versions(v, c.version) == 0;
    case Operator::kNotEqual: return not_equal(v, c);
    case Operator::kGreater: return greater(v, c);
    case Operator::kLess: return compare_versions(v, c.version) < 0;
    case Operator::kGreaterEqual: return compare_versions(v, c.version) >= 0;
    case Operator::kLessEqual: return less_equal(v, c);
    case Operator::kTilde: return tilde(v, c);
    case Operator::kCaret: return caret(v, c);
  }
  return false;
}

}  // namespace

Result<Constraint> Constraint::parse(std::string_view text) {
  if (text.size() > kMaxLength) return fail(ErrorCode::kSyntax, "constraint string is too long (max 512 bytes)");
  const std::string rewritten = rewrite_ranges(text);
  std::vector<std::string_view> pieces;
  for (std::string_view rest = rewritten;;) {
    const size_t bars = rest.find("||");
    pieces.push_back(rest.substr(0, bars));
    if (bars == std::string_view::npos) break;
    rest.remove_prefix(bars + 2);
  }
  if (pieces.size() > kMaxAlternatives) return fail(ErrorCode::kSyntax, "too many constraint groups (max 32)");

  Constraint constraint;
  for (const std::string_view piece : pieces) {
    // The whole piece is read before a wrong version in it is reported.
    std::vector<std::pair<Operator, Pattern>> read;
    std::string_view rest = piece;
    take_while(rest, is_space);
    while (true) {
      Operator op = Operator::kTildeOrEqual;
      for (const OperatorName& name : kOperators) {
        if (!rest.starts_with(name.text)) continue;
        op = name.op;
        rest.remove_prefix(name.text.size());
        break;
      }
      take_while(rest, is_space);
      const std::optional<Pattern> pattern = take_pattern(rest);
      if (!pattern) return improper(piece);
      read.emplace_back(op, *pattern);
      bool separated = !take_while(rest, is_space).empty();
      if (rest.empty()) break;
      if (rest.starts_with(',')) {
        rest.remove_prefix(1);
        take_while(rest, is_space);
        separated = true;
      }
      if (!separated) return improper(piece);
    }
    Alternative alternative;
    for (const auto& [op, pattern] : read) {
      PLIMSOLL_ASSIGN_OR_RETURN(Comparison comparison, make_comparison(op, pattern));
      alternative.mentions_prerelease |= !comparison.version.prerelease.empty();
      alternative.comparisons.push_back(std::move(comparison));
    }
    constraint.alternatives_.push_back(std::move(alternative));
  }
  return constraint;
}

bool Constraint::check(const Version& version) const {
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](const Alternative& alternative) {
    if (!version.prerelease.empty() && !alternative.mentions_prerelease) return false;
    return std::all_of(alternative.comparisons.begin(), alternative.comparisons.end(),
                       [&](const Comparison& comparison) { return holds(version, comparison); });
  });
}

}  // namespace plimsoll::semver
