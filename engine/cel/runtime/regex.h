// Regular expressions as Go's regexp package has them, on RE2, which shares its syntax and its leftmost-first matching.
//
//   auto pattern = Regex::compile("^a+$");
//   pattern->matches("aaa");
//   Regex::compile("(").error();   // "error parsing regexp: missing closing ): `(`"
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace plimsoll::cel {

// Immutable; many threads may match with one. What is plainly valid is compiled by the first match: a policy has patterns for objects that
// never come, and a program of hundreds of steps takes longer to make than a policy to judge an object.
class Regex {
 public:
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  // The error is Go's message.
  static std::expected<Regex, std::string> compile(std::string_view pattern);

  bool matches(std::string_view text) const;
  // The first match, empty if none.
  std::string_view find(std::string_view text) const;
  // Up to `limit` matches, all if negative.
  std::vector<std::string_view> find_all(std::string_view text, int64_t limit) const;

  int group_count() const;
  // Matches from `start` on: the whole match and its groups; a group that took no part has a null data(). False if none.
  bool match_at(std::string_view text, size_t start, std::vector<std::string_view>& groups) const;
  // All matches with their groups, as Go's FindAllStringSubmatch walks them.
  std::vector<std::vector<std::string_view>> find_all_groups(std::string_view text) const;

 private:
  struct Lazy;
  explicit Regex(std::unique_ptr<Lazy> lazy);
  const re2::RE2& re() const;

  std::unique_ptr<Lazy> lazy_;
};

}  // namespace plimsoll::cel
