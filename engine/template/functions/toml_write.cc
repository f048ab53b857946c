#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/template/functions/date_objects.h"
#include "engine/template/functions/toml.h"
#include "engine/template/go_format.h"
#include "engine/template/go_object.h"
#include "engine/template/go_value.h"

namespace plimsoll::tmpl {
namespace {

constexpr int kMaxDepth = 1'000;

bool is_bare_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void append_toml_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7F) {
          out += "\\u00";
          out += kHex[byte >> 4];
          out += kHex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

enum class Shape : uint8_t { kNil, kScalar, kArray, kTable, kTables };

struct Entry {
  std::string_view key;
  Value value;
};

class Writer {
 public:
  Result<std::string> run(const Value& root) {
    PLIMSOLL_RETURN_IF_ERROR(write(root, 0));
    return std::move(out_);
  }

 private:
  static std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::kEvaluation, std::move(message)); }
  static Result<void> check_depth(int depth) {
    if (depth > kMaxDepth) return refuse("toml: value is nested too deeply");
    return {};
  }

  // Times and versions are scalars; other structs are tables.
  static bool is_struct_table(const Value& value) {
    const GoObject* object = as_object(value);
    return object != nullptr && object->go_type().to_json == nullptr && object->fields != nullptr;
  }

  // A list of tables only is an array of tables; nothing in a list may be nil.
  Result<Shape> shape_of(const Value& value, int depth) const {
    PLIMSOLL_RETURN_IF_ERROR(check_depth(depth));
    if (value.is_null()) return Shape::kNil;
    if (value.is_map() || is_struct_table(value)) return Shape::kTable;
    if (!value.is_list()) return value.is_bytes() ? Shape::kArray : Shape::kScalar;
    bool tables = value.size() != 0;
    for (const Value& item : value.items()) {
      PLIMSOLL_ASSIGN_OR_RETURN(const Shape shape, shape_of(item, depth + 1));
      if (shape == Shape::kNil) return refuse("toml: cannot encode array with nil element");
      tables = tables && shape == Shape::kTable;
    }
    return tables ? Shape::kTables : Shape::kArray;
  }

  static std::vector<Entry> entries_of(const Value& table) {
    std::vector<Entry> entries;
    if (table.is_map()) {
      for (const Map::Entry& entry : *table.as_map()) entries.push_back({entry.key.string_or(), entry.value});
      std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
      return entries;
    }
    const GoObject& object = *as_object(table);
    const GoObjectType& type = object.go_type();
    const auto fields = type.fields.empty() && type.pointee != nullptr ? type.pointee->fields : type.fields;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].embedded && is_struct_table(object.fields[i])) {
        for (const Entry& inner : entries_of(object.fields[i])) entries.push_back(inner);
      } else {
        entries.push_back({fields[i].name, object.fields[i]});
      }
    }
    return entries;
  }

  void newline() {
    if (!out_.empty()) out_ += '\n';
  }
  void indent() {
    if (path_.size() > 1) out_.append(2 * (path_.size() - 1), ' ');
  }
  void write_path() {
    for (size_t i = 0; i < path_.size(); ++i) {
      if (i > 0) out_ += '.';
      out_ += toml_key(path_[i]);
    }
  }

  // A value at the current path.
  Result<void> write(const Value& value, int depth) {
    PLIMSOLL_ASSIGN_OR_RETURN(const Shape shape, shape_of(value, depth));
    switch (shape) {
      case Shape::kNil:
        // Only a nil list at the top gets here, and is an empty one.
        if (path_.empty() && kind_of(value) == GoKind::kSlice) out_ += "[]";
        return {};
      case Shape::kTables: return write_tables(value, depth);
      case Shape::kTable:
        if (path_.size() == 1) newline();
        if (!path_.empty()) {
          indent();
          out_ += '[';
          write_path();
          out_ += ']';
          newline();
        }
        return write_entries(value, depth, false);
      default: break;
    }
    if (path_.empty()) return write_element(value, depth);
    indent();
    out_ += toml_key(path_.back()) + " = ";
    PLIMSOLL_RETURN_IF_ERROR(write_element(value, depth));
    newline();
    return {};
  }

  Result<void> write_tables(const Value& list, int depth) {
    if (path_.empty()) return refuse("toml: top-level values must be Go maps or structs");
    for (const Value& table : list.items()) {
      newline();
      indent();
      out_ += "[[";
      write_path();
      out_ += "]]";
      newline();
      PLIMSOLL_RETURN_IF_ERROR(write_entries(table, depth + 1, false));
    }
    return {};
  }

  // First what fits on a line, then the tables.
  Result<void> write_entries(const Value& table, int depth, bool on_one_line) {
    PLIMSOLL_RETURN_IF_ERROR(check_depth(depth));
    std::vector<Entry> direct;
    std::vector<Entry> tables;
    for (const Entry& entry : entries_of(table)) {
      PLIMSOLL_ASSIGN_OR_RETURN(const Shape shape, shape_of(entry.value, depth + 1));
      (shape == Shape::kTable || shape == Shape::kTables ? tables : direct).push_back(entry);
    }
    PLIMSOLL_RETURN_IF_ERROR(write_group(direct, depth, on_one_line, !tables.empty()));
    return write_group(tables, depth, on_one_line, false);
  }

  Result<void> write_group(const std::vector<Entry>& entries, int depth, bool on_one_line, bool more_follows) {
    for (const Entry& entry : entries) {
      if (entry.value.is_null()) continue;
      if (on_one_line) {
        out_ += toml_key(entry.key) + " = ";
        PLIMSOLL_RETURN_IF_ERROR(write_element(entry.value, depth + 1));
        if (more_follows || &entry != &entries.back()) out_ += ", ";
      } else {
        path_.push_back(entry.key);
        PLIMSOLL_RETURN_IF_ERROR(write(entry.value, depth + 1));
        path_.pop_back();
      }
    }
    return {};
  }

  // A value on one line.
  Result<void> write_element(const Value& value, int depth) {
    PLIMSOLL_RETURN_IF_ERROR(check_depth(depth));
    if (const auto* time = value.as<TimeObject>()) {
      write_time(time->time);
      return {};
    }
    if (value.is_map() || is_struct_table(value)) {
      out_ += '{';
      PLIMSOLL_RETURN_IF_ERROR(write_entries(value, depth, true));
      out_ += '}';
      return {};
    }
    if (value.is_list()) {
      out_ += '[';
      for (const Value& item : value.items()) {
        if (&item != value.items().data()) out_ += ", ";
        PLIMSOLL_RETURN_IF_ERROR(write_element(item, depth + 1));
      }
      out_ += ']';
      return {};
    }
    if (value.is_bytes()) {
      out_ += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out_ += ", ";
        out_ += std::to_string(static_cast<unsigned char>(value.as_bytes()[i]));
      }
      out_ += ']';
      return {};
    }
    if (value.is_double()) {
      write_float(value.as_double());
    } else if (value.is_string() || value.is_extension() || go_type(value) == GoType::kDuration) {
      append_toml_string(out_, value.is_string() ? std::string(value.as_string()) : to_text(value));
    } else if (value.is_int()) {
      out_ += std::to_string(value.as_int());
    } else {
      append_value(out_, value);
    }
    return {};
  }

  void write_float(double number) {
    if (std::isnan(number)) {
      out_ += std::signbit(number) ? "-nan" : "nan";
    } else if (std::isinf(number)) {
      out_ += number < 0 ? "-inf" : "inf";
    } else {
      std::string digits;
      append_float_v(digits, number);
      out_ += digits;
      if (digits.find_first_of("e.") == std::string::npos) out_ += ".0";
    }
  }

  // Times that read_toml() found without a zone are written without one.
  void write_time(const GoTime& time) {
    const std::string_view zone = time.zone;
    const std::string_view layout = zone == "datetime-local" ? "2006-01-02T15:04:05.999999999"
                                    : zone == "date-local"   ? "2006-01-02"
                                    : zone == "time-local"   ? "15:04:05.999999999"
                                                             : "2006-01-02T15:04:05.999999999Z07:00";
    out_ += format_time(time, layout);
  }

  std::string out_;
  std::vector<std::string_view> path_;
};

}  // namespace

std::string toml_key(std::string_view key) {
  if (!key.empty() && std::all_of(key.begin(), key.end(), is_bare_key)) return std::string(key);
  std::string out;
  append_toml_string(out, key);
  return out;
}

Result<std::string> write_toml(const Value& value) { return Writer().run(value); }

}  // namespace plimsoll::tmpl
