// Go's regexp package on RE2. Both are the same language by the same author; what differs is put right here: (?<name>...),
// repeated names, \C, error texts, and how empty matches, replacements and splits are counted.
//
//   RegexCache cache;
//   Result<const Regex*> words = cache.compile("(\\w)(\\w*)");
//   (*words)->replace_all("go up", "$1.", false);   // "g. u."
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/value/error.h"

namespace re2 {
class RE2;
}

namespace plimsoll::tmpl {

class Regex {
 public:
  // As regexp.Compile; the error is Go's text: error parsing regexp: missing closing ]: `[`.
  static Result<std::unique_ptr<Regex>> compile(std::string_view pattern);
  ~Regex();

  bool matches(std::string_view text) const;
  // The leftmost match; an empty view of data() == nullptr if there is none.
  std::string_view find(std::string_view text) const;
  // All matches that do not overlap, at most `limit` of them unless it is negative.
  std::vector<std::string_view> find_all(std::string_view text, int64_t limit) const;
  // regexp.ReplaceAllString; with `literal` dollar signs mean nothing. An error of code kLimit if the result would grow beyond
  // `limit` bytes.
  Result<std::string> replace_all(std::string_view text, std::string_view replacement, bool literal,
                                  size_t limit = SIZE_MAX) const;
  // regexp.Split; `limit` 0 gives nothing.
  std::vector<std::string_view> split(std::string_view text, int64_t limit) const;

 private:
  Regex();
  bool match_at(std::string_view text, size_t start, std::vector<std::pair<int64_t, int64_t>>& groups) const;
  void expand(std::string& out, std::string_view replacement, std::string_view text,
              const std::vector<std::pair<int64_t, int64_t>>& groups) const;

  std::unique_ptr<re2::RE2> re2_;
  bool empty_pattern_ = false;
  std::vector<std::pair<std::string, size_t>> names_;  // name and number of each named group, in order
};

struct RegexCache {
  // The compiled pattern, which lives as long as the cache.
  Result<const Regex*> compile(std::string_view pattern);

 private:
  std::unordered_map<std::string, std::unique_ptr<Regex>> compiled_;
};

// regexp.QuoteMeta.
std::string quote_regex(std::string_view text);

}  // namespace plimsoll::tmpl
