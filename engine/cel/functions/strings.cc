// Strings: tests, search, cutting and joining. Positions count code points.
#include <algorithm>

#include "engine/cel/functions.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Byte offset of code point number `position`, which is at most the length.
size_t offset_of(std::string_view text, size_t position) {
  size_t offset = 0;
  for (; position > 0; --position) offset += utf8::decode(text.substr(offset)).size;
  return offset;
}

// A string of its own whenever Go converts to runes and back: invalid bytes become U+FFFD.
Value from_runes(Frame& frame, std::string_view text) {
  if (utf8::is_valid(text)) return Value::string(text);
  std::string out;
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    utf8::append(out, rune.code);
    text.remove_prefix(rune.size);
  }
  return frame.string(out);
}

Value out_of_range(Frame& frame, int64_t index) { return frame.error("index out of range: " + std::to_string(index)); }

template <bool (*kTest)(std::string_view, std::string_view)>
Value test(Frame&, const Value* arguments, size_t) {
  if (!arguments[0].is_string() || !arguments[1].is_string()) return no_such_overload();
  return Value::boolean(kTest(arguments[0].as_string(), arguments[1].as_string()));
}
bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
bool starts_with(std::string_view text, std::string_view part) { return text.starts_with(part); }
bool ends_with(std::string_view text, std::string_view part) { return text.ends_with(part); }

Value char_at(Frame& frame, const Value* arguments, size_t) {
  const std::string_view text = arguments[0].as_string();
  const int64_t index = arguments[1].as_int();
  const auto length = static_cast<int64_t>(utf8::length(text));
  if (index < 0 || index > length) return out_of_range(frame, index);
  if (index == length) return Value::string({});
  const std::string_view rest = text.substr(offset_of(text, static_cast<size_t>(index)));
  return from_runes(frame, rest.substr(0, utf8::decode(rest).size));
}

Value index_of(Frame& frame, const Value* arguments, size_t count) {
  const std::string_view text = arguments[0].as_string(), part = arguments[1].as_string();
  const int64_t offset = count > 2 ? arguments[2].as_int() : 0;
  if (part.empty()) return Value::integer(offset);
  if (offset < 0) return out_of_range(frame, offset);
  if (offset >= static_cast<int64_t>(utf8::length(text))) return Value::integer(-1);
  const size_t start = offset_of(text, static_cast<size_t>(offset));
  const size_t found = text.find(part, start);
  if (found == std::string_view::npos) return Value::integer(-1);
  return Value::integer(offset + static_cast<int64_t>(utf8::length(text.substr(start, found - start))));
}

Value last_index_of(Frame& frame, const Value* arguments, size_t count) {
  const std::string_view text = arguments[0].as_string(), part = arguments[1].as_string();
  const auto length = static_cast<int64_t>(utf8::length(text));
  if (count == 2 && part.empty()) return Value::integer(length);
  if (count == 2 && text.size() < part.size()) return Value::integer(-1);
  const int64_t offset = count > 2 ? arguments[2].as_int() : length - 1;
  if (part.empty()) return Value::integer(offset);
  if (offset < 0) return out_of_range(frame, offset);
  if (offset >= length) return Value::integer(-1);
  const size_t found = text.rfind(part, offset_of(text, static_cast<size_t>(offset)));
  if (found == std::string_view::npos) return Value::integer(-1);
  return Value::integer(static_cast<int64_t>(utf8::length(text.substr(0, found))));
}

template <char kFirst, char kLast>
Value change_case(Frame& frame, const Value* arguments, size_t) {
  const std::string_view text = arguments[0].as_string();
  if (!frame.reserve(text.size())) return frame.stop_error();
  char* out = frame.arena().allocate_array<char>(text.size());
  std::transform(text.begin(), text.end(), out, [](char c) { return c >= kFirst && c <= kLast ? static_cast<char>(c ^ 0x20) : c; });
  return from_runes(frame, {out, text.size()});
}

// Go's strings.Replace: an empty pattern matches before each code point and at the end; negative limits mean all.
Value replace(Frame& frame, const Value* arguments, size_t count) {
  const std::string_view text = arguments[0].as_string(), from = arguments[1].as_string(), to = arguments[2].as_string();
  const int64_t limit = count > 3 ? arguments[3].as_int() : -1;
  if (from == to || limit == 0) return arguments[0];
  size_t matches = 0;
  if (from.empty()) {
    matches = utf8::length(text) + 1;
  } else {
    for (size_t pos = text.find(from); pos != std::string_view::npos; pos = text.find(from, pos + from.size())) ++matches;
  }
  if (matches == 0) return arguments[0];
  if (limit >= 0) matches = std::min(matches, static_cast<size_t>(limit));
  const size_t size = text.size() - matches * from.size() + matches * to.size();
  if (size > UINT32_MAX || !frame.reserve(size)) return frame.stop("operation cancelled: memory limit exceeded");
  char* out = frame.arena().allocate_array<char>(size);
  char* end = out;
  size_t pos = 0;
  for (size_t i = 0; i < matches; ++i) {
    size_t next = pos;
    if (!from.empty()) {
      next = text.find(from, pos);
    } else if (i > 0) {
      next += utf8::decode(text.substr(pos)).size;
    }
    end = std::copy(text.begin() + pos, text.begin() + next, end);
    end = std::copy(to.begin(), to.end(), end);
    pos = next + from.size();
  }
  std::copy(text.begin() + pos, text.end(), end);
  return Value::string({out, size});
}

// Go's strings.SplitN.
Value split(Frame& frame, const Value* arguments, size_t count) {
  std::string_view text = arguments[0].as_string();
  const std::string_view separator = arguments[1].as_string();
  const int64_t limit = count > 2 ? arguments[2].as_int() : -1;
  List* list = List::create(frame.arena());
  if (limit == 0) return Value::list(list);
  if (!frame.reserve(separator.empty() ? text.size() * sizeof(Value) : text.size() / separator.size() * sizeof(Value))) return frame.stop_error();
  while (limit < 0 || static_cast<int64_t>(list->size()) + 1 < limit) {
    if (separator.empty()) {
      if (text.empty()) return Value::list(list);
      const size_t size = utf8::decode(text).size;
      if (size == text.size()) break;
      list->push_back(frame.arena(), from_runes(frame, text.substr(0, size)));
      text.remove_prefix(size);
      continue;
    }
    const size_t pos = text.find(separator);
    if (pos == std::string_view::npos) break;
    list->push_back(frame.arena(), Value::string(text.substr(0, pos)));
    text.remove_prefix(pos + separator.size());
  }
  if (!separator.empty() || !text.empty()) list->push_back(frame.arena(), Value::string(text));
  return Value::list(list);
}

Value join(Frame& frame, const Value* arguments, size_t count) {
  const List& list = *arguments[0].as_list();
  const std::string_view separator = count > 1 ? arguments[1].as_string() : std::string_view();
  size_t size = list.empty() ? 0 : (list.size() - 1) * separator.size();
  for (const Value& item : list) {
    if (!item.is_string()) return frame.error("join: invalid input: " + go_text(item));
    size += item.size();
  }
  if (size > UINT32_MAX || !frame.reserve(size)) return frame.stop("operation cancelled: memory limit exceeded");
  char* out = frame.arena().allocate_array<char>(size);
  char* end = out;
  for (const Value& item : list) {
    if (&item != list.begin()) end = std::copy(separator.begin(), separator.end(), end);
    end = std::copy(item.as_string().begin(), item.as_string().end(), end);
  }
  return Value::string({out, size});
}

Value substring(Frame& frame, const Value* arguments, size_t count) {
  const std::string_view text = arguments[0].as_string();
  const int64_t start = arguments[1].as_int();
  const auto length = static_cast<int64_t>(utf8::length(text));
  const int64_t end = count > 2 ? arguments[2].as_int() : length;
  if (count > 2 && start > end) {
    return frame.error("invalid substring range. start: " + std::to_string(start) + ", end: " + std::to_string(end));
  }
  if (start < 0 || start > length) return out_of_range(frame, start);
  if (end < 0 || end > length) return out_of_range(frame, end);
  const size_t first = offset_of(text, static_cast<size_t>(start));
  const std::string_view rest = text.substr(first);
  return from_runes(frame, rest.substr(0, count > 2 ? offset_of(rest, static_cast<size_t>(end - start)) : rest.size()));
}

bool is_space(char32_t code) {
  if (code < 0x80) return code == ' ' || (code >= '\t' && code <= '\r');
  return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

Value trim(Frame&, const Value* arguments, size_t) {
  std::string_view text = arguments[0].as_string();
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (!is_space(rune.code)) break;
    text.remove_prefix(rune.size);
  }
  while (!text.empty()) {
    const size_t last = utf8::floor_boundary(text, text.size() - 1);
    if (!is_space(utf8::decode(text.substr(last)).code)) break;
    text = text.substr(0, last);
  }
  return Value::string(text);
}

Value quote(Frame& frame, const Value* arguments, size_t) {
  std::string out = "\"";
  for (std::string_view text = arguments[0].as_string(); !text.empty();) {
    const utf8::Rune rune = utf8::decode(text);
    text.remove_prefix(rune.size);
    switch (rune.code) {
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\v': out += "\\v"; break;
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      default: utf8::append(out, rune.code);
    }
  }
  return frame.string(out + '"');
}

Value reverse(Frame& frame, const Value* arguments, size_t) {
  std::string out;
  std::string_view text = arguments[0].as_string();
  if (is_ascii(text)) {
    out.assign(text.rbegin(), text.rend());
    return frame.string(out);
  }
  std::vector<char32_t> runes;
  for (; !text.empty(); text.remove_prefix(utf8::decode(text).size)) runes.push_back(utf8::decode(text).code);
  for (auto rune = runes.rbegin(); rune != runes.rend(); ++rune) utf8::append(out, *rune);
  return frame.string(out);
}

constexpr Binding kBindings[] = {
    {.id = "contains_string", .function = test<contains>, .unguarded = true},
    {.id = "starts_with_string", .function = test<starts_with>, .unguarded = true},
    {.id = "ends_with_string", .function = test<ends_with>, .unguarded = true},
    {"string_char_at_int", char_at},
    {"string_index_of_string", index_of},
    {"string_index_of_string_int", index_of},
    {"string_last_index_of_string", last_index_of},
    {"string_last_index_of_string_int", last_index_of},
    {"string_lower_ascii", change_case<'A', 'Z'>},
    {"string_upper_ascii", change_case<'a', 'z'>},
    {"string_replace_string_string", replace},
    {"string_replace_string_string_int", replace},
    {"string_split_string", split},
    {"string_split_string_int", split},
    {"list_join", join},
    {"list_join_string", join},
    {"string_substring_int", substring},
    {"string_substring_int_int", substring},
    {"string_trim", trim},
    {"strings_quote", quote},
    {"string_reverse", reverse},
};

}  // namespace

std::span<const Binding> functions::strings() { return kBindings; }

}  // namespace plimsoll::cel
