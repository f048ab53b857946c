// Text that is safe and aligned on a terminal. Messages and source lines come from files of strangers: control characters and
// those that reorder text are shown by name, so that a report cannot be forged from within what it reports on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plimsoll::report {

enum class Color { kNone, kBold, kError, kWarning, kInfo, kNote, kMarker, kDim };

// Writes `text` in `color` if colours are on.
class Painter {
 public:
  explicit Painter(bool enabled) : enabled_(enabled) {}
  std::string operator()(Color color, std::string_view text) const;

 private:
  bool enabled_;
};

// Columns that a code point takes: 0 for combining marks, 2 for wide ones.
size_t display_width(char32_t code);
size_t display_width(std::string_view text);
// Appends `text` with control characters as <U+001B>; a tab becomes one blank. Line ends stay if `keep_lines`.
void append_visible(std::string& out, std::string_view text, bool keep_lines = false);
std::string visible(std::string_view text);
// Breaks at blanks so that lines stay within `width` columns where they can; lines after the first start with `indent`.
std::string wrap(std::string_view text, size_t width, std::string_view indent);

}  // namespace plimsoll::report
