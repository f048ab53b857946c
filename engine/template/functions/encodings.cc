// Encodings of bytes as text, and checksums.
#include <openssl/evp.h>

#include <array>
#include <algorithm>

#include "engine/template/functions/encodings.h"
#include "engine/template/functions/families.h"
#include "engine/value/base64.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

constexpr std::string_view kBase32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int base32_value(char c) {
  const size_t found = kBase32Alphabet.find(c);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// The bytes of `count` values of `bits` bits each; what is left over is dropped.
template <size_t N>
void append_packed(std::string& out, const std::array<int, N>& values, size_t count, int bits) {
  uint64_t pool = 0;
  int held = 0;
  for (size_t i = 0; i < count; ++i) {
    pool = pool << bits | static_cast<uint64_t>(values[i]);
    held += bits;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(pool >> held);
  }
}

std::unexpected<Error> corrupt(std::string_view encoding, size_t offset) {
  return go_error("illegal " + std::string(encoding) + " data at input byte " + std::to_string(offset));
}

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view kName = "base64";
  const auto is_break = [](char c) { return c == '\n' || c == '\r'; };
  std::string out;
  out.reserve(text.size() / 4 * 3);
  size_t at = 0;
  const auto skip_breaks = [&] {
    while (at < text.size() && is_break(text[at])) ++at;
  };
  while (true) {
    std::array<int, 4> quantum{};
    size_t have = 0;
    for (; have < 4; ++at) {
      if (at == text.size()) {
        if (have == 0) return out;
        return corrupt(kName, at - have);
      }
      const char c = text[at];
      if (is_break(c)) continue;
      const int value = base64_value(c);
      if (value >= 0) {
        quantum[have++] = value;
        continue;
      }
      if (c != '=' || have < 2) return corrupt(kName, at);
      ++at;
      skip_breaks();
      if (have == 2) {
        // A second padding character must follow.
        if (at == text.size()) return corrupt(kName, at);
        if (text[at] != '=') return corrupt(kName, at - 1);
        ++at;
        skip_breaks();
      }
      if (at < text.size()) return corrupt(kName, at);
      append_packed(out, quantum, have, 6);
      return out;
    }
    append_packed(out, quantum, 4, 6);
  }
}

std::string encode_base32(std::string_view data) {
  std::string out;
  for (size_t i = 0; i < data.size(); i += 5) {
    uint64_t pool = 0;
    const size_t taken = std::min<size_t>(5, data.size() - i);
    for (size_t j = 0; j < 5; ++j) pool = pool << 8 | (j < taken ? static_cast<unsigned char>(data[i + j]) : 0U);
    const size_t letters = (taken * 8 + 4) / 5;
    for (size_t j = 0; j < 8; ++j) out += j < letters ? kBase32Alphabet[pool >> (35 - 5 * j) & 31] : '=';
  }
  return out;
}

Result<std::string> decode_base32(std::string_view text) {
  constexpr std::string_view kName = "base32";
  std::string stripped;
  for (const char c : text) {
    if (c != '\n' && c != '\r') stripped += c;
  }
  const std::string_view whole = stripped;
  std::string out;
  for (size_t at = 0; at < whole.size();) {
    std::array<int, 8> quantum{};
    for (size_t have = 0; have < 8; ++have) {
      if (at == whole.size()) return corrupt(kName, at - have);
      const char c = whole[at++];
      const std::string_view rest = whole.substr(at);
      if (c == '=' && have >= 2 && rest.size() < 8) {
        if (rest.size() + have < 7) return corrupt(kName, whole.size());
        for (size_t k = 0; k < 7 - have; ++k) {
          if (k < rest.size() && rest[k] != '=') return corrupt(kName, at + k - 1);
        }
        // No whole number of bytes ends here.
        if (have == 3 || have == 6) return corrupt(kName, at - 1);
        append_packed(out, quantum, have, 5);
        return out;
      }
      quantum[have] = base32_value(c);
      if (quantum[have] < 0) return corrupt(kName, at - 1);
    }
    append_packed(out, quantum, 8, 5);
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

namespace {

Result<Value> b64enc(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 2 * args[0].size()));
  return context.text(base64::encode(args[0].as_string()));
}

// The text of the error is the result of sprig's decoders.
template <Result<std::string> (*kDecode)(std::string_view)>
Result<Value> decode(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, args[0].size()));
  const Result<std::string> decoded = kDecode(args[0].as_string());
  return context.text(decoded ? *decoded : decoded.error().message());
}

Result<Value> b32enc(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 2 * args[0].size()));
  return context.text(encode_base32(args[0].as_string()));
}

template <const EVP_MD* (*kAlgorithm)()>
Result<Value> checksum(CallContext& context, Args args) {
  const std::string_view text = args[0].as_string();
  PLIMSOLL_RETURN_IF_ERROR(charge(context, text.size() / 256));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, kAlgorithm(), nullptr);
  return context.text(to_hex({reinterpret_cast<const char*>(digest.data()), size}));
}

Result<Value> adler32sum(CallContext& context, Args args) {
  constexpr uint32_t kModulus = 65'521;
  uint32_t a = 1;
  uint32_t b = 0;
  for (const char c : args[0].as_string()) {
    a = (a + static_cast<unsigned char>(c)) % kModulus;
    b = (b + a) % kModulus;
  }
  return context.text(std::to_string(b << 16 | a));
}

constexpr Function kFunctions[] = {
    {"b64enc", "(string) string", "In base64: b64enc \"hello\" == \"aGVsbG8=\".", b64enc},
    {"b64dec", "(string) string", "Out of base64; the text of the error if it is none.", decode<decode_base64>},
    {"b32enc", "(string) string", "In base32: b32enc \"a\" == \"ME======\".", b32enc},
    {"b32dec", "(string) string", "Out of base32; the text of the error if it is none.", decode<decode_base32>},
    {"sha1sum", "(string) string", "SHA-1 in hexadecimal.", checksum<EVP_sha1>},
    {"sha256sum", "(string) string", "SHA-256 in hexadecimal.", checksum<EVP_sha256>},
    {"sha512sum", "(string) string", "SHA-512 in hexadecimal.", checksum<EVP_sha512>},
    {"adler32sum", "(string) string", "Adler-32 checksum, in decimal.", adler32sum},
};

}  // namespace

FunctionFamily encoding_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
