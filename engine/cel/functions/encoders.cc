// base64.encode() and base64.decode(): cel-go's extension.
#include "engine/cel/functions.h"
#include "engine/value/base64.h"

namespace plimsoll::cel {

namespace {

Value encode(Frame& frame, const Value* arguments, size_t) { return frame.string(base64::encode(arguments[0].as_bytes())); }

Value decode(Frame& frame, const Value* arguments, size_t) {
  std::optional<std::string> data = base64::decode(arguments[0].as_string());
  if (!data) data = base64::decode(arguments[0].as_string(), base64::Alphabet::kStandard, false);
  if (!data) return frame.error("illegal base64 data");
  return Value::bytes(frame.arena().copy(*data));
}

constexpr Binding kBindings[] = {
    {"base64_encode_bytes", encode},
    {"base64_decode_string", decode},
};

}  // namespace

std::span<const Binding> functions::encoders() { return kBindings; }

}  // namespace plimsoll::cel
