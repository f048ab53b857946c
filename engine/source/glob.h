// Ignore patterns as .gitignore has them: for .plimsollignore files, `--exclude` and `exclude` of the configuration.
//
//   IgnoreList list("/repo", ".plimsollignore");
//   list.add("charts/*/templates/");
//   list.match("/repo/charts/web/templates", true);   // the pattern's text
//   list.match("/repo/deploy/web.yaml", false);       // nullopt
//
// `*` and `?` do not match '/', `**` matches any number of folders, `[a-z]` and `[!a-z]` are classes, `\` quotes. A pattern with
// a '/' at its start or within is anchored at the list's folder, any other matches at every depth; a '/' at the end means folders
// only; `!` takes back what an earlier pattern excluded (but not below a folder that is excluded).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::source {

// Does `path` match `pattern` wholly? Both are split at '/' by the rules above. Runs in time proportional to
// |pattern| * |path|, whatever the pattern.
bool glob_match(std::string_view pattern, std::string_view path);

class IgnoreList {
 public:
  // `folder`: absolute and normal, without '/' at the end (except the root itself). `origin`: what to call the list in messages.
  IgnoreList(std::string folder, std::string origin) : folder_(std::move(folder)), origin_(std::move(origin)) {}

  // One pattern; blank lines and comments (#) are nothing.
  void add(std::string_view line);
  // The lines of an ignore file.
  void add_lines(std::string_view text);
  bool empty() const { return patterns_.empty(); }
  const std::string& origin() const { return origin_; }

  enum class Verdict { kNone, kIgnored, kKept };
  struct Match {
    Verdict verdict = Verdict::kNone;
    std::string_view pattern;  // as it was written; lives as long as the list
  };
  // What the last pattern that matches says about `path` (absolute and normal) itself; folders above it are the caller's to ask.
  Match match(std::string_view path, bool is_directory) const;

 private:
  struct Pattern {
    std::string text;  // as written
    std::string glob;
    bool negated = false;
    bool directories_only = false;
  };
  std::string folder_;
  std::string origin_;
  std::vector<Pattern> patterns_;
};

}  // namespace plimsoll::source
