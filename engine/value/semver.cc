#include "engine/value/semver.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace plimsoll::semver {
namespace {

constexpr size_t kMaxVersionLength = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }
bool is_numeric(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

std::unexpected<Error> invalid(std::string message) { return fail(ErrorCode::kSyntax, std::move(message)); }

// Calls `visit` with each piece between dots until it returns false.
template <typename Visit>
bool each_part(std::string_view text, Visit visit) {
  while (true) {
    const size_t dot = text.find('.');
    if (!visit(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool valid_identifiers(std::string_view text) {
  return each_part(text, [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), is_identifier);
  });
}

bool has_leading_zero(std::string_view prerelease) {
  return !each_part(prerelease, [](std::string_view part) {
    return !(part.size() > 1 && part[0] == '0' && is_numeric(part));
  });
}

Result<uint64_t> parse_segment(std::string_view digits) {
  uint64_t number = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (status == std::errc::result_out_of_range) {
    return invalid("error parsing version segment: strconv.ParseUint: parsing \"" + std::string(digits) +
                   "\": value out of range");
  }
  return number;
}

// What the digits of a prerelease part are worth; nullopt for words and for numbers beyond 64 bits.
std::optional<uint64_t> numeric_part(std::string_view text) {
  uint64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int compare_part(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (a.empty()) return -1;
  if (b.empty()) return 1;
  const auto number_a = numeric_part(a);
  const auto number_b = numeric_part(b);
  if (!number_a && !number_b) return a > b ? 1 : -1;
  if (!number_b) return -1;  // numbers come before words
  if (!number_a) return 1;
  return *number_a > *number_b ? 1 : -1;
}

std::string_view take_part(std::string_view& text) {
  const size_t dot = text.find('.');
  const std::string_view part = text.substr(0, dot);
  text = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  return part;
}

int compare_prereleases(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    if (const int order = compare_part(take_part(a), take_part(b)); order != 0) return order;
  }
  return 0;
}

// A changed version spells itself anew, but for the leading v.
Version respelled(Version version, std::string_view original) {
  version.original = original.starts_with('v') ? "v" : "";
  version.original += version.to_string();
  return version;
}

}  // namespace

std::string Version::to_string() const {
  std::string text = std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
  if (!prerelease.empty()) text += '-' + prerelease;
  if (!metadata.empty()) text += '+' + metadata;
  return text;
}

Result<Version> parse_version(std::string_view text) {
  if (text.size() > kMaxVersionLength) return invalid("version string is too long (max 256 bytes)");
  constexpr std::string_view kInvalid = "invalid semantic version";
  std::string_view rest = text;
  if (rest.starts_with('v')) rest.remove_prefix(1);

  Version version;
  version.original = text;
  uint64_t* const numbers[] = {&version.major, &version.minor, &version.patch};
  std::string_view segments[3];
  for (size_t i = 0; i < 3; ++i) {
    if (i > 0) {
      if (!rest.starts_with('.')) break;
      rest.remove_prefix(1);
    }
    const size_t size = std::min<size_t>(std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin(), rest.size());
    if (size == 0) return invalid(std::string(kInvalid));
    segments[i] = rest.substr(0, size);
    rest.remove_prefix(size);
  }
  std::string_view prerelease;
  std::string_view metadata;
  if (rest.starts_with('-')) {
    const size_t plus = rest.find('+');
    prerelease = rest.substr(1, plus == std::string_view::npos ? plus : plus - 1);
    rest = plus == std::string_view::npos ? std::string_view() : rest.substr(plus);
    if (!valid_identifiers(prerelease)) return invalid(std::string(kInvalid));
  }
  if (rest.starts_with('+')) {
    metadata = rest.substr(1);
    rest = {};
    if (!valid_identifiers(metadata)) return invalid(std::string(kInvalid));
  }
  if (!rest.empty()) return invalid(std::string(kInvalid));

  for (size_t i = 0; i < 3; ++i) {
    if (segments[i].empty()) break;
    PLIMSOLL_ASSIGN_OR_RETURN(*numbers[i], parse_segment(segments[i]));
  }
  if (!prerelease.empty() && has_leading_zero(prerelease)) return invalid("version segment starts with 0");
  version.prerelease = prerelease;
  version.metadata = metadata;
  return version;
}

int compare_versions(const Version& a, const Version& b) {
  if (a.major != b.major) return a.major < b.major ? -1 : 1;
  if (a.minor != b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch != b.patch) return a.patch < b.patch ? -1 : 1;
  if (a.prerelease.empty() || b.prerelease.empty()) {
    return static_cast<int>(a.prerelease.empty()) - static_cast<int>(b.prerelease.empty());
  }
  return compare_prereleases(a.prerelease, b.prerelease);
}

Result<Version> increment_patch(const Version& version) {
  Version next = version;
  next.metadata.clear();
  next.prerelease.clear();
  // The release after 1.2.3-rc.1 is 1.2.3.
  if (version.prerelease.empty()) {
    if (version.patch == std::numeric_limits<uint64_t>::max()) {
      return fail(ErrorCode::kEvaluation, "patch version increment would overflow uint64");
    }
    ++next.patch;
  }
  return respelled(std::move(next), version.original);
}

Result<Version> increment_minor(const Version& version) {
  if (version.minor == std::numeric_limits<uint64_t>::max()) {
    return fail(ErrorCode::kEvaluation, "minor version increment would overflow uint64");
  }
  Version next;
  next.major = version.major;
  next.minor = version.minor + 1;
  return respelled(std::move(next), version.original);
}

Result<Version> increment_major(const Version& version) {
  if (version.major == std::numeric_limits<uint64_t>::max()) {
    return fail(ErrorCode::kEvaluation, "major version increment would overflow uint64");
  }
  Version next;
  next.major = version.major + 1;
  return respelled(std::move(next), version.original);
}

Result<Version> with_prerelease(const Version& version, std::string_view prerelease) {
  if (!prerelease.empty()) {
    // Part by part, for the first wrong one decides the message.
    const char* problem = nullptr;
    each_part(prerelease, [&](std::string_view part) {
      if (part.empty() || !std::all_of(part.begin(), part.end(), is_identifier)) {
        problem = "invalid prerelease string";
      } else if (part.size() > 1 && part[0] == '0' && is_numeric(part)) {
        problem = "version segment starts with 0";
      }
      return problem == nullptr;
    });
    if (problem != nullptr) return invalid(problem);
  }
  Version next = version;
  next.prerelease = prerelease;
  return respelled(std::move(next), version.original);
}

Result<Version> with_metadata(const Version& version, std::string_view metadata) {
  if (!metadata.empty() && !valid_identifiers(metadata)) return invalid("invalid metadata string");
  Version next = version;
  next.metadata = metadata;
  return respelled(std::move(next), version.original);
}

}  // namespace plimsoll::semver
