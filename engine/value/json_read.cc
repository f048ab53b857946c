#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>

#include "engine/value/json.h"
#include "engine/value/utf8.h"

namespace plimsoll::json {

namespace {

namespace dom = simdjson::dom;

// What becomes of the text that the parser has unescaped into a buffer of its own.
enum class Text { kCopied, kBorrowed };

// A bit for a key: keys of one map seldom share it, so that most need not be compared with those before.
uint64_t key_bit(std::string_view key) {
  if (key.empty()) return 1;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(key[i]); };
  return uint64_t{1} << ((key.size() * 31 + byte(key.size() - 1) * 7U + byte(key.size() / 2) * 13U) & 63U);
}

// Recursion is bounded by kMaxDepth, which the parser enforces.
template <Text kText>
Value convert(Arena& arena, const dom::element& element) {
  const auto text = [&](std::string_view own) { return kText == Text::kBorrowed ? own : arena.copy(own); };
  switch (element.type()) {
    case dom::element_type::ARRAY: {
      const dom::array array = element.get_array().value_unsafe();
      List* list = List::create(arena, array.size());
      for (const dom::element item : array) list->push_back(arena, convert<kText>(arena, item));
      return Value::list(list);
    }
    case dom::element_type::OBJECT: {
      const dom::object object = element.get_object().value_unsafe();
      Map* map = Map::create(arena, object.size());
      uint64_t seen = 0;
      for (const auto [key, item] : object) {
        const uint64_t bit = key_bit(key);
        const Value name = Value::string(text(key));
        const Value value = convert<kText>(arena, item);
        if ((seen & bit) != 0) {
          map->set(arena, name, value);
        } else {
          map->append(arena, name, value);
        }
        seen |= bit;
      }
      return Value::map(map);
    }
    case dom::element_type::INT64:
      return Value::integer(element.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return Value::uinteger(element.get_uint64().value_unsafe());
    case dom::element_type::DOUBLE:
      return Value::real(element.get_double().value_unsafe());
    case dom::element_type::STRING:
      return Value::string(text(element.get_string().value_unsafe()));
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

// Of the quote that ends the string which begins at `begin`; beyond the text if nothing does.
size_t end_of_string(std::string_view text, size_t begin) {
  size_t i = begin + 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\') ++i;
  }
  return i;
}

// simdjson refuses integers beyond 64 bits, which JSON allows and Go prints for large floats: they get an exponent
// here, so that they read as doubles. Nothing if there is none.
std::optional<std::string> widen_integers(std::string_view text) {
  std::string out;
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      i = end_of_string(text, i);
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

// Buffers for texts beyond this are not kept for the next one; they take some 14 bytes for each of the text.
constexpr size_t kKeepBuffers = 1UL << 20;

template <Text kText>
Result<Value> read_with(dom::parser& parser, Arena& arena, std::string_view text) {
  if (text.empty()) text = "";  // simdjson copies from its pointer, which may be null
  // The buffers grow by powers of two, for simdjson makes new ones whenever their size changes.
  if (parser.capacity() > kKeepBuffers) parser = dom::parser();
  if (parser.capacity() < text.size() || parser.capacity() == 0) {
    const size_t capacity = std::bit_ceil(std::max<size_t>(text.size(), 64));
    if (const auto code = parser.allocate(std::min(capacity, simdjson::SIMDJSON_MAXSIZE_BYTES), kMaxDepth)) {
      return std::unexpected(explain(code, text));
    }
  }
  dom::element root;
  auto code = parser.parse(text.data(), text.size(), true).get(root);
  if (code == simdjson::NUMBER_ERROR) {
    if (const auto widened = widen_integers(text))
      code = parser.parse(widened->data(), widened->size(), true).get(root);
  }
  if (code) return std::unexpected(explain(code, text));
  return convert<kText>(arena, root);
}

}  // namespace

Result<Value> read(Arena& arena, std::string_view text) {
  // One parser a thread: its buffers are reused by the next call.
  thread_local dom::parser parser;
  auto value = read_with<Text::kCopied>(parser, arena, text);
  if (parser.capacity() > kKeepBuffers) parser = dom::parser();
  return value;
}

bool has_more_values(std::string_view text, size_t limit) {
  if (text.size() <= limit) return false;
  size_t count = 1;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"': i = end_of_string(text, i); break;
      case ',':
      case ':':
      case '[':
      case '{':
        if (++count > limit) return true;
        break;
      default: break;
    }
  }
  return false;
}

struct Reader::Buffers {
  dom::parser parser;
};

Reader::Reader() : buffers_(std::make_unique<Buffers>()) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<Value> Reader::read(Arena& arena, std::string_view text) {
  return read_with<Text::kBorrowed>(buffers_->parser, arena, text);
}

}  // namespace plimsoll::json
