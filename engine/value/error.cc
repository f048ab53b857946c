#include "engine/value/error.h"

#include "engine/value/utf8.h"

namespace plimsoll {

std::string Location::to_string() const {
  std::string text = file;
  if (line != 0) {
    if (!text.empty()) text += ':';
    text += std::to_string(line);
    if (column != 0) text += ':' + std::to_string(column);
  }
  return text;
}

Error&& Error::with_fragment(std::string_view fragment) && {
  constexpr size_t kMaxFragment = 80;
  fragment_ = fragment.substr(0, utf8::floor_boundary(fragment, kMaxFragment));
  return std::move(*this);
}

Error&& Error::with_context(std::string_view context) && {
  message_ = std::string(context) + ": " + message_;
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string text = location_.to_string();
  if (!text.empty()) text += ": ";
  text += message_;
  if (!fragment_.empty()) text += " (near \"" + fragment_ + "\")";
  if (!remedy_.empty()) text += "; " + remedy_;
  return text;
}

}  // namespace plimsoll
