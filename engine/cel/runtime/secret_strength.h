// How hard a secret is to guess, as far as its characters tell.
//
//   entropy("0123456789abcdef");   // 8.0: a run
//   is_weak_secret("Admin123");    // true
#pragma once

#include <string_view>

namespace plimsoll::cel {

// Estimated bits: Shannon's entropy of the frequency of its characters, times the number of characters that are not foreseeable. Foreseeable
// are those that go on as the two before them did, in the alphabet, in hexadecimal digits or on a keyboard (abcdef, 4321, aaaa, qwerty),
// and all repetitions of a text that is one piece said several times. Frequency within a short text understates: 16 random letters and
// digits come to about 60 bits. Words of a language are not known; that a text has many bits does not make it good.
double entropy(std::string_view secret);

inline constexpr double kWeakSecretBits = 40;

// Nothing but blanks, a password that software ships with (whatever its case, and digits or signs behind it), or below kWeakSecretBits.
bool is_weak_secret(std::string_view secret);

}  // namespace plimsoll::cel
