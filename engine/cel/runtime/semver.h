// Semantic versions as Kubernetes' CEL reads them (github.com/blang/semver): strictly, or normalized first.
//
//   auto version = Semver::parse("1.2.3-rc.1+build");
//   Semver::parse(*normalize_semver("v1.2"));          // 1.2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace plimsoll::cel {

struct Semver {
  uint64_t major = 0, minor = 0, patch = 0;
  std::string_view prerelease, build;  // dotted identifiers, views into the parsed text

  // The error is Go's message.
  static std::expected<Semver, std::string> parse(std::string_view text);
  std::string to_string() const;
  // Precedence of semver.org: -1, 0, 1; build metadata does not count.
  int compare(const Semver& other) const;
};

// Drops a leading "v" and zeros, and adds what is missing of minor and patch.
std::expected<std::string, std::string> normalize_semver(std::string_view text);

}  // namespace plimsoll::cel
