// What is different at every render, unless the render is seeded.
#include <algorithm>

#include "engine/template/functions/families.h"
#include "engine/template/functions/random.h"
#include "engine/value/base64.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

#define PLIMSOLL_DIGITS "0123456789"
#define PLIMSOLL_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
constexpr std::string_view kDigits = PLIMSOLL_DIGITS;
constexpr std::string_view kLetters = PLIMSOLL_LETTERS;
constexpr std::string_view kAlphanumeric = PLIMSOLL_DIGITS PLIMSOLL_LETTERS;
constexpr std::string_view kAscii = " !\"#$%&'()*+,-./" PLIMSOLL_DIGITS ":;<=>?@[\\]^_`{|}~" PLIMSOLL_LETTERS;
#undef PLIMSOLL_DIGITS
#undef PLIMSOLL_LETTERS

template <const std::string_view& kAlphabet>
Result<Value> random_text(CallContext& context, Args args) {
  const int64_t count = args[0].as_int();
  if (count <= 0) return Value::string("");
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, static_cast<size_t>(count)));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, static_cast<uint64_t>(count)));
  return context.text(Random(context.host).text(kAlphabet, static_cast<size_t>(count)));
}

Result<Value> rand_bytes(CallContext& context, Args args) {
  const int64_t count = args[0].as_int();
  if (count < 0) return go_error("runtime error: makeslice: len out of range");
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, 3 * static_cast<size_t>(count)));
  std::string bytes(static_cast<size_t>(count), '\0');
  context.host.random_bytes({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
  return context.text(base64::encode(bytes));
}

Result<Value> rand_int(CallContext& context, Args args) {
  const uint64_t low = static_cast<uint64_t>(args[0].as_int());
  const auto range = static_cast<int64_t>(static_cast<uint64_t>(args[1].as_int()) - low);
  if (range <= 0) return go_error("invalid argument to Intn");
  return go_int(static_cast<int64_t>(low + Random(context.host).below(static_cast<uint64_t>(range))));
}

Result<Value> uuidv4(CallContext& context, Args) {
  std::array<uint8_t, 16> bytes{};
  context.host.random_bytes(bytes);
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return context.text(text);
}

Result<Value> shuffle(CallContext& context, Args args) {
  std::string_view rest = args[0].as_string();
  PLIMSOLL_RETURN_IF_ERROR(charge(context, rest.size()));
  std::u32string runes;
  while (!rest.empty()) {
    const utf8::Rune rune = utf8::decode(rest);
    runes += rune.code;
    rest.remove_prefix(rune.size);
  }
  Random random(context.host);
  for (size_t i = runes.size(); i > 1; --i) std::swap(runes[i - 1], runes[random.below(i)]);
  std::string out;
  for (const char32_t rune : runes) utf8::append(out, rune);
  return context.text(out);
}

constexpr Function kFunctions[] = {
    {"randAlphaNum", "(int) string", "Random letters and digits.", random_text<kAlphanumeric>, Trace::kNone},
    {"randAlpha", "(int) string", "Random letters.", random_text<kLetters>, Trace::kNone},
    {"randNumeric", "(int) string", "Random digits.", random_text<kDigits>, Trace::kNone},
    {"randAscii", "(int) string", "Random printable ASCII characters.", random_text<kAscii>, Trace::kNone},
    {"randBytes", "(int) (string, error)", "So many random bytes, in base64.", rand_bytes, Trace::kNone},
    {"randInt", "(int, int) int", "A random number from the first up to, not including, the second.", rand_int, Trace::kNone},
    {"uuidv4", "() string", "A random UUID.", uuidv4, Trace::kNone},
    {"shuffle", "(string) string", "The characters in random order.", shuffle},
};

}  // namespace

FunctionFamily random_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
