// Text within XML 1.0: reserved characters as entities; what XML cannot hold at all (most control characters, invalid UTF-8)
// becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::report {

std::string xml_escape(std::string_view text);

}  // namespace plimsoll::report
