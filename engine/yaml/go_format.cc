#include "engine/yaml/go_format.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "engine/value/go_quote.h"

namespace plimsoll::yaml {

namespace {

using BareKeys = std::unordered_set<const char*>;

void append_syntax(std::string& out, const Value& value, const BareKeys* bare, bool nested) {
  switch (value.kind()) {
    case Kind::kNull:
      out += nested ? "interface {}(nil)" : "<nil>";
      break;
    case Kind::kBool:
      out += value.as_bool() ? "true" : "false";
      break;
    case Kind::kInt:
      out += std::to_string(value.as_int());
      break;
    case Kind::kUint:
      out += fmt::format("{:#x}", value.as_uint());
      break;
    case Kind::kDouble:
      out += go_float(value.as_double(), 64);
      break;
    case Kind::kString:
      if (bare != nullptr && bare->contains(value.as_string().data())) {
        out += value.as_string();
      } else {
        go::append_quoted(out, value.as_string());
      }
      break;
    case Kind::kList: {
      out += "[]interface {}{";
      bool first = true;
      for (const Value& item : *value.as_list()) {
        if (!std::exchange(first, false)) out += ", ";
        append_syntax(out, item, bare, true);
      }
      out += '}';
      break;
    }
    case Kind::kMap: {
      out += "map[interface {}]interface {}{";
      bool first = true;
      Arena scratch;
      for (const Map::Entry* entry : value.as_map()->sorted(scratch)) {
        if (!std::exchange(first, false)) out += ", ";
        append_syntax(out, entry->key, bare, true);
        out += ':';
        append_syntax(out, entry->value, bare, true);
      }
      out += '}';
      break;
    }
    default:
      break;
  }
}

}  // namespace

std::string go_syntax(const Value& value, const BareKeys* bare) {
  std::string out;
  append_syntax(out, value, bare, false);
  return out;
}

std::string go_float(double value, int bits) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[40];
  char* end =
      bits == 32
          ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value), std::chars_format::scientific).ptr
          : std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  // 'g' with the shortest digits: exponent form below 1e-4 and from 1e+06.
  const size_t mark = text.find('e');
  if (mark == std::string_view::npos) return std::string(text);
  int exponent = 0;
  const size_t digits_at = mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(text.data() + digits_at, text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 6) return std::string(text);
  end = bits == 32
            ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value), std::chars_format::fixed).ptr
            : std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr;
  return {buffer, end};
}

std::string yaml_float(double value, int bits) {
  std::string text = go_float(value, bits);
  if (text == "+Inf") return ".inf";
  if (text == "-Inf") return "-.inf";
  if (text == "NaN") return ".nan";
  return text;
}

std::string first_unsupported_number(const Value& root) {
  if (root.is_double() && !std::isfinite(root.as_double())) return go_float(root.as_double(), 64);
  if (root.is_list()) {
    for (const Value& item : *root.as_list()) {
      if (std::string found = first_unsupported_number(item); !found.empty()) return found;
    }
  } else if (root.is_map()) {
    Arena scratch;
    for (const Map::Entry* entry : root.as_map()->sorted(scratch)) {
      if (std::string found = first_unsupported_number(entry->value); !found.empty()) return found;
    }
  }
  return {};
}

}  // namespace plimsoll::yaml
