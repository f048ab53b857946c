#include "engine/report/xml.h"

#include "engine/value/utf8.h"

namespace plimsoll::report {

std::string xml_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    switch (rune.code) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\r': out += "&#13;"; break;
      case '\t': out += "&#9;"; break;
      default: {
        const bool allowed = rune.code >= 0x20 && rune.code != 0xFFFE && rune.code != 0xFFFF;
        utf8::append(out, allowed ? rune.code : utf8::kReplacement);
      }
    }
    text.remove_prefix(rune.size);
  }
  return out;
}

}  // namespace plimsoll::report
