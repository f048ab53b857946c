#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/value/json.h"
#include "engine/value/utf8.h"

namespace plimsoll::json {

namespace {

namespace dom = simdjson::dom;

// Recursion is bounded by kMaxDepth, which the parser enforces.
Value convert(Arena& arena, const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::ARRAY: {
      const dom::array array = element.get_array().value_unsafe();
      List* list = List::create(arena, array.size());
      for (const dom::element item : array) list->push_back(arena, convert(arena, item));
      return Value::list(list);
    }
    case dom::element_type::OBJECT: {
      const dom::object object = element.get_object().value_unsafe();
      Map* map = Map::create(arena, object.size());
      for (const auto [key, item] : object) map->set(arena, arena.copy(key), convert(arena, item));
      return Value::map(map);
    }
    case dom::element_type::INT64:
      return Value::integer(element.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return Value::uinteger(element.get_uint64().value_unsafe());
    case dom::element_type::DOUBLE:
      return Value::real(element.get_double().value_unsafe());
    case dom::element_type::STRING:
      return Value::string(arena.copy(element.get_string().value_unsafe()));
    case dom::element_type::BOOL:
      return Value::boolean(element.get_bool().value_unsafe());
    case dom::element_type::NULL_VALUE:
      break;
  }
  return Value::null();
}

Error explain(simdjson::error_code code, std::string_view text) {
  switch (code) {
    case simdjson::EMPTY:
      return Error(ErrorCode::kSyntax, "empty text where JSON was expected");
    case simdjson::CAPACITY:
      return Error(ErrorCode::kLimit, "JSON text of more than 4 GiB");
    case simdjson::DEPTH_ERROR:
      return Error(ErrorCode::kLimit, "JSON nested deeper than " + std::to_string(kMaxDepth) + " levels");
    case simdjson::UTF8_ERROR: {
      const size_t offset = utf8::find_invalid(text);
      uint32_t line = 1;
      size_t start = 0;
      for (size_t i = 0; i < offset && i < text.size(); ++i) {
        if (text[i] == '\n') {
          ++line;
          start = i + 1;
        }
      }
      const auto column = static_cast<uint32_t>(utf8::length(text.substr(start, offset - start)) + 1);
      return Error(ErrorCode::kSyntax, "JSON text is not valid UTF-8").at(line, column);
    }
    default:
      return Error(ErrorCode::kSyntax, std::string("invalid JSON: ") + simdjson::error_message(code));
  }
}

// simdjson refuses integers beyond 64 bits, which JSON allows and Go prints for large floats: they get an exponent
// here, so that they read as doubles. Nothing if there is none.
std::optional<std::string> widen_integers(std::string_view text) {
  std::string out;
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      continue;
    }
    if (text[i] != '-' && (text[i] < '0' || text[i] > '9')) continue;
    const size_t end = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size());
    const std::string_view number = text.substr(i, end - i);
    const auto overflows = [&](auto value) {
      const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      return error == std::errc::result_out_of_range && stop == number.data() + number.size();
    };
    if (number[0] == '-' ? overflows(int64_t{}) : overflows(uint64_t{})) {
      out += text.substr(copied, end - copied);
      out += "e0";
      copied = end;
    }
    i = end - 1;
  }
  if (copied == 0) return std::nullopt;
  out += text.substr(copied);
  return out;
}

}  // namespace

Result<Value> read(Arena& arena, std::string_view text) {
  if (text.empty()) text = "";  // simdjson copies from its pointer, which may be null
  // One parser a thread: its buffers are reused by the next call.
  thread_local dom::parser parser;
  if (const auto code = parser.allocate(std::max<size_t>(text.size(), 64), kMaxDepth)) {
    return std::unexpected(explain(code, text));
  }
  dom::element root;
  auto code = parser.parse(text.data(), text.size(), true).get(root);
  if (code == simdjson::NUMBER_ERROR) {
    if (const auto widened = widen_integers(text))
      code = parser.parse(widened->data(), widened->size(), true).get(root);
  }
  if (code) return std::unexpected(explain(code, text));
  Value value = convert(arena, root);
  constexpr size_t kKeepBuffers = 16UL << 20;
  if (text.size() > kKeepBuffers) parser = dom::parser();
  return value;
}

}  // namespace plimsoll::json
