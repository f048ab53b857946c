// Base64 and base32 with the errors of Go's decoders, and hexadecimal text.
#pragma once

#include <string>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::tmpl {

// The error is Go's CorruptInputError: illegal base64 data at input byte 4.
Result<std::string> decode_base64(std::string_view text);
std::string encode_base32(std::string_view data);
Result<std::string> decode_base32(std::string_view text);
std::string to_hex(std::string_view bytes);

}  // namespace plimsoll::tmpl
