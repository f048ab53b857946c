// Text as Go's standard library treats it, for messages that must be the API server's to the letter.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace plimsoll::policy {

// strings.TrimSpace: Unicode white space at both ends.
std::string_view trim_space(std::string_view text);
// ["a","b"] as encoding/json writes a list of strings.
std::string json_list(std::span<const std::string> items);

}  // namespace plimsoll::policy
