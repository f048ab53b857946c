// Patterns of .Files.Glob, as github.com/gobwas/glob reads them with '/' as separator: * and ? stop at slashes, ** does not,
// [abc], [!abc], [a-z], {one,two*}, backslash escapes.
#pragma once

#include <memory>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::tmpl {

class Glob {
 public:
  // Errors: kSyntax for ranges that are none; an open brace at the end counts as closed.
  static Result<Glob> compile(std::string_view pattern);
  Glob(Glob&&) noexcept;
  Glob& operator=(Glob&&) noexcept;
  ~Glob();

  bool matches(std::string_view path) const;

 private:
  struct Compiled;
  explicit Glob(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace plimsoll::tmpl
