// Passwords and symmetric encryption as sprig has them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/template/host.h"
#include "engine/value/error.h"

namespace plimsoll::tmpl {

// "$2a$10$...": bcrypt of cost 10 with a salt from the host. The error is Go's: bcrypt: password length exceeds 72 bytes.
Result<std::string> hash_bcrypt(Host& host, std::string_view password);

// The Master Password algorithm (scrypt and HMAC-SHA-256): `type` is maximum, long, medium, short, basic or pin.
std::string derive_password(uint32_t counter, std::string_view type, std::string_view password, std::string_view user,
                            std::string_view site);

// AES-256-CBC with the first 32 bytes of the password as key; base64 of the random first block and the text.
Result<std::string> encrypt_aes(Host& host, std::string_view password, std::string_view text);
Result<std::string> decrypt_aes(std::string_view password, std::string_view encrypted);

}  // namespace plimsoll::tmpl
