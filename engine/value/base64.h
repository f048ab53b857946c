// Standard base64 (RFC 4648, padded), as Go's encoding/base64.StdEncoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::base64 {

enum class Alphabet { kStandard, kUrl };

std::string encode(std::string_view data, Alphabet alphabet = Alphabet::kStandard, bool padding = true);
// Ignores \r and \n, as Go does; nullopt if anything else is wrong. `padding`: whether '=' must be there.
std::optional<std::string> decode(std::string_view text, Alphabet alphabet = Alphabet::kStandard, bool padding = true);

}  // namespace plimsoll::base64
