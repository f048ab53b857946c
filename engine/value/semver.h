// Semantic versions and constraints as Masterminds/semver v3 reads and compares them, lenient forms ("v1.2") included.
//
//   Result<Version> version = parse_version("v1.34.0-rc.1");
//   Result<Constraint> wanted = Constraint::parse(">=1.20.0-0 <1.40.0 || ~2.1");
//   wanted->check(*version);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::semver {

struct Version {
  uint64_t major = 0;
  uint64_t minor = 0;
  uint64_t patch = 0;
  std::string prerelease;  // "rc.1"
  std::string metadata;    // "build.5"
  std::string original;    // as it was written

  // "1.2.3-rc.1+build.5": normalised, without a leading v.
  std::string to_string() const;
};

// What the message begins with where a constraint cannot be read; the alternative at fault follows (which Go quotes).
inline constexpr std::string_view kImproperConstraint = "improper constraint: ";

// As semver.NewVersion; errors in its words ("invalid semantic version").
Result<Version> parse_version(std::string_view text);

// -1, 0 or 1 by precedence; metadata does not count.
int compare_versions(const Version& a, const Version& b);

// The next version; `original` keeps a leading v. An error if the number would overflow.
Result<Version> increment_patch(const Version& version);
Result<Version> increment_minor(const Version& version);
Result<Version> increment_major(const Version& version);
Result<Version> with_prerelease(const Version& version, std::string_view prerelease);
Result<Version> with_metadata(const Version& version, std::string_view metadata);

// Alternatives ("||") of comparisons that must all hold (blank or comma). Immutable once parsed.
class Constraint {
 public:
  // As semver.NewConstraint.
  static Result<Constraint> parse(std::string_view text);

  // As Constraints.Check: a prerelease only satisfies alternatives that mention a prerelease themselves.
  bool check(const Version& version) const;

  struct Comparison {
    enum class Operator : uint8_t { kTildeOrEqual, kNotEqual, kGreater, kLess, kGreaterEqual, kLessEqual, kTilde, kCaret };
    Operator op = Operator::kTildeOrEqual;
    Version version;
    bool minor_open = false;  // "1.x", "1": any minor version
    bool patch_open = false;  // "1.2.x", "1.2"
    bool open = false;        // any of them, or "*"
  };

 private:
  struct Alternative {
    std::vector<Comparison> comparisons;
    bool mentions_prerelease = false;
  };
  std::vector<Alternative> alternatives_;
};

}  // namespace plimsoll::semver
