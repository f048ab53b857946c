#include "engine/cel/runtime/semver.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/cel/runtime/numbers.h"
#include "engine/value/go_quote.h"

namespace plimsoll::cel {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }
bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }
bool has_leading_zeros(std::string_view text) { return text.size() > 1 && text[0] == '0'; }

std::expected<uint64_t, std::string> parse_number(std::string_view text) {
  if (const std::optional<uint64_t> value = parse_uint(text)) return *value;
  return std::unexpected("strconv.ParseUint: parsing " + go::quoted(text) + (text.empty() ? ": invalid syntax" : ": value out of range"));
}

std::expected<uint64_t, std::string> parse_part(std::string_view text, std::string_view upper, std::string_view lower) {
  if (!all_digits(text)) return std::unexpected("Invalid character(s) found in " + std::string(lower) + " number " + go::quoted(text));
  if (has_leading_zeros(text)) return std::unexpected(std::string(upper) + " number must not contain leading zeroes " + go::quoted(text));
  return parse_number(text);
}

// The next dotted identifier; false at the end.
bool next_identifier(std::string_view& rest, bool& more, std::string_view& identifier) {
  if (!more) return false;
  const size_t dot = rest.find('.');
  identifier = rest.substr(0, dot);
  more = dot != std::string_view::npos;
  rest = more ? rest.substr(dot + 1) : std::string_view();
  return true;
}

int compare_identifiers(std::string_view a, std::string_view b) {
  const bool number_a = all_digits(a), number_b = all_digits(b);
  if (number_a != number_b) return number_a ? -1 : 1;
  if (number_a && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

std::expected<Semver, std::string> Semver::parse(std::string_view text) {
  if (text.empty()) return std::unexpected("Version string empty");
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return std::unexpected("No Major.Minor.Patch elements found");
  Semver version;
  const auto major = parse_part(text.substr(0, first), "Major", "major");
  if (!major) return std::unexpected(major.error());
  const auto minor = parse_part(text.substr(first + 1, second - first - 1), "Minor", "minor");
  if (!minor) return std::unexpected(minor.error());
  std::string_view patch = text.substr(second + 1);
  bool has_build = false, has_prerelease = false;
  if (const size_t plus = patch.find('+'); plus != std::string_view::npos) {
    has_build = true;
    version.build = patch.substr(plus + 1);
    patch = patch.substr(0, plus);
  }
  if (const size_t dash = patch.find('-'); dash != std::string_view::npos) {
    has_prerelease = true;
    version.prerelease = patch.substr(dash + 1);
    patch = patch.substr(0, dash);
  }
  const auto patch_number = parse_part(patch, "Patch", "patch");
  if (!patch_number) return std::unexpected(patch_number.error());
  std::string_view identifier;
  for (std::string_view rest = version.prerelease; next_identifier(rest, has_prerelease, identifier);) {
    if (identifier.empty()) return std::unexpected("Prerelease is empty");
    if (all_digits(identifier)) {
      if (has_leading_zeros(identifier)) {
        return std::unexpected("Numeric PreRelease version must not contain leading zeroes " + go::quoted(identifier));
      }
      if (const auto number = parse_number(identifier); !number) return std::unexpected(number.error());
    } else if (!std::all_of(identifier.begin(), identifier.end(), is_identifier)) {
      return std::unexpected("Invalid character(s) found in prerelease " + go::quoted(identifier));
    }
  }
  for (std::string_view rest = version.build; next_identifier(rest, has_build, identifier);) {
    if (identifier.empty()) return std::unexpected("Build meta data is empty");
    if (!std::all_of(identifier.begin(), identifier.end(), is_identifier)) {
      return std::unexpected("Invalid character(s) found in build meta data " + go::quoted(identifier));
    }
  }
  version.major = *major;
  version.minor = *minor;
  version.patch = *patch_number;
  return version;
}

std::string Semver::to_string() const {
  std::string out = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  if (!prerelease.empty()) out.append("-").append(prerelease);
  if (!build.empty()) out.append("+").append(build);
  return out;
}

int Semver::compare(const Semver& other) const {
  if (major != other.major) return major < other.major ? -1 : 1;
  if (minor != other.minor) return minor < other.minor ? -1 : 1;
  if (patch != other.patch) return patch < other.patch ? -1 : 1;
  if (prerelease.empty() || other.prerelease.empty()) {
    return static_cast<int>(prerelease.empty()) - static_cast<int>(other.prerelease.empty());
  }
  bool more_a = true, more_b = true;
  std::string_view rest_a = prerelease, rest_b = other.prerelease, a, b;
  for (;;) {
    const bool has_a = next_identifier(rest_a, more_a, a);
    const bool has_b = next_identifier(rest_b, more_b, b);
    if (!has_a || !has_b) return static_cast<int>(has_a) - static_cast<int>(has_b);
    if (const int order = compare_identifiers(a, b); order != 0) return order;
  }
}

std::expected<std::string, std::string> normalize_semver(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  std::vector<std::string> parts;
  for (int i = 0; i < 2; ++i) {
    const size_t dot = text.find('.');
    if (dot == std::string_view::npos) break;
    parts.emplace_back(text.substr(0, dot));
    text.remove_prefix(dot + 1);
  }
  parts.emplace_back(text);
  for (std::string& part : parts) {
    if (part.size() < 2) continue;
    part.erase(0, std::min(part.find_first_not_of('0'), part.size()));
    if (part.empty() || !is_digit(part[0])) part.insert(part.begin(), '0');
  }
  if (parts.size() < 3 && parts.back().find_first_of("+-") != std::string::npos) {
    return std::unexpected("short version cannot contain PreRelease/Build meta data");
  }
  parts.resize(3, "0");
  return parts[0] + "." + parts[1] + "." + parts[2];
}

}  // namespace plimsoll::cel
