// The two pattern languages that charts meet.
//
//   path_match("templates/*.yaml", "templates/a.yaml");        // true: '*' stops at '/'
//   FileGlob("conf/**.{json,yaml}").matches("conf/a/b.json");  // true: '**' does not
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace re2 {
class RE2;
}

namespace plimsoll::chart {

// Go's path/filepath.Match: *, ?, [a-z], [^a-z], \x. nullopt if the pattern is malformed.
std::optional<bool> path_match(std::string_view pattern, std::string_view name);

// The patterns of `.Files.Glob` (github.com/gobwas/glob with separator '/'): *, **, ?, [abc], [!a-c], {a,b}, \x.
// A malformed pattern matches everything: so does Helm's fallback.
class FileGlob {
 public:
  explicit FileGlob(std::string_view pattern);
  ~FileGlob();

  bool matches(std::string_view name) const;

 private:
  std::unique_ptr<const re2::RE2> regex_;  // nullptr: everything matches
};

}  // namespace plimsoll::chart
