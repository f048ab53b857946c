// Whole values as text and back: YAML, JSON, TOML. Helm's functions of these families never fail: writers give "" (toToml the text of
// the error) and readers a value that holds the text.
#include "engine/template/functions/families.h"
#include "engine/template/functions/go_json.h"
#include "engine/template/functions/toml.h"
#include "engine/template/go_value.h"
#include "engine/yaml/document.h"
#include "engine/yaml/writer.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

// The text in the arena, charged to the budget by its size.
Result<Value> give(CallContext& context, std::string_view text) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, text.size()));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, text.size() / 16));
  return context.text(text);
}

template <Result<std::string> (*kWrite)(const Value&), NilLists kNils>
Result<Value> to_yaml(CallContext& context, Args args) {
  const Result<PlainValue> plain = to_plain(context.arena, args[0], kNils);
  if (!plain) return Value::string("");
  const Result<std::string> written = kWrite(plain->value);
  if (!written) return Value::string("");
  std::string_view text = *written;
  if (text.ends_with('\n')) text.remove_suffix(1);
  return give(context, text);
}

Value empty_map(CallContext& context) { return Value::map(Map::create(context.arena)); }

Value error_map(CallContext& context, std::string_view message) {
  Map* map = Map::create(context.arena);
  map->set(context.arena, "Error", context.text(message));
  return Value::map(map);
}

Value error_list(CallContext& context, std::string_view message) {
  List* list = List::create(context.arena);
  list->push_back(context.arena, context.text(message));
  return Value::list(list);
}

std::string wrong_target(const Value& value, std::string_view target) {
  return "json: cannot unmarshal " + std::string(json_type_name(value)) + " into Go value of type " +
         std::string(target);
}

constexpr std::string_view kMapType = "map[string]interface {}";
constexpr std::string_view kListType = "[]interface {}";

// JSON, through which YAML goes on its way to a template, knows float64 only. Changes the numbers in place: the tree is fresh. Its
// depth is what the reader admits.
void make_numbers_float(Value& value) {
  if (value.is_int()) {
    value = Value::real(static_cast<double>(value.as_int()));
  } else if (value.is_uint()) {
    value = Value::real(static_cast<double>(value.as_uint()));
  } else if (value.is_list()) {
    for (Value& item : value.as_list()->items()) make_numbers_float(item);
  } else if (value.is_map()) {
    for (Map::Entry& entry : *value.as_map()) make_numbers_float(entry.value);
  }
}

struct YamlResult {
  Value value;
  std::string error;
};
YamlResult read_yaml(CallContext& context, std::string_view text) {
  Result<Value> read = yaml::read_go(context.arena, text);
  if (!read) return {Value::null(), "error converting YAML to JSON: " + read.error().message()};
  make_numbers_float(*read);
  return {*read, ""};
}

constexpr std::string_view kDecoding = "error unmarshaling JSON: while decoding JSON: ";

Result<Value> from_yaml(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[0].size() / 16));
  const YamlResult read = read_yaml(context, args[0].as_string());
  if (!read.error.empty()) return error_map(context, read.error);
  if (read.value.is_map()) return read.value;
  if (read.value.is_null()) return empty_map(context);
  return error_map(context, std::string(kDecoding) + wrong_target(read.value, kMapType));
}

Result<Value> from_yaml_array(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[0].size() / 16));
  const YamlResult read = read_yaml(context, args[0].as_string());
  if (!read.error.empty()) return error_list(context, read.error);
  if (read.value.is_list()) return read.value;
  if (read.value.is_null()) return Value::list(List::create(context.arena));
  return error_list(context, std::string(kDecoding) + wrong_target(read.value, kListType));
}

constexpr json::WriteOptions kCompact{.indent = 0, .sort_keys = true, .escape_html = true};
constexpr json::WriteOptions kPretty{.indent = 2, .sort_keys = true, .escape_html = true};
constexpr json::WriteOptions kRaw{.indent = 0, .sort_keys = true, .escape_html = false};

template <const json::WriteOptions& kOptions>
Result<Value> must_to_json(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, marshal_json(context.arena, args[0], kOptions));
  return give(context, text);
}

template <const json::WriteOptions& kOptions>
Result<Value> to_json(CallContext& context, Args args) {
  const Result<std::string> text = marshal_json(context.arena, args[0], kOptions);
  return text ? give(context, *text) : Value::string("");
}

Result<Value> must_from_json(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[0].size() / 16));
  std::string range_error;
  PLIMSOLL_ASSIGN_OR_RETURN(const Value value, unmarshal_json(context.arena, args[0].as_string(), &range_error));
  if (!range_error.empty()) return go_error(std::move(range_error));
  return value;
}

Result<Value> from_json(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[0].size() / 16));
  std::string range_error;
  const Result<Value> read = unmarshal_json(context.arena, args[0].as_string(), &range_error);
  if (!read) return error_map(context, read.error().message());
  if (read->is_null() && range_error.empty()) return typed_nil(GoType::kMap);
  if (!read->is_map()) {
    return error_map(context, wrong_target(range_error.empty() ? *read : Value::real(0), kMapType));
  }
  if (!range_error.empty()) read->as_map()->set(context.arena, "Error", context.text(range_error));
  return *read;
}

Result<Value> from_json_array(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[0].size() / 16));
  std::string range_error;
  const Result<Value> read = unmarshal_json(context.arena, args[0].as_string(), &range_error);
  if (!read) return error_list(context, read.error().message());
  if (read->is_null() && range_error.empty()) return typed_nil(GoType::kAnys);
  if (!read->is_list()) {
    return error_list(context, wrong_target(range_error.empty() ? *read : Value::real(0), kListType));
  }
  if (!range_error.empty()) return error_list(context, range_error);
  return *read;
}

Result<Value> to_toml(CallContext& context, Args args) {
  if (args[0].is_null() && args[0].flavour() == 0) {
    return go_error("reflect: call of reflect.Value.Type on zero Value");
  }
  const Result<std::string> text = write_toml(args[0]);
  return give(context, text ? *text : text.error().message());
}

Result<Value> from_toml(CallContext& context, Args args) {
  PLIMSOLL_RETURN_IF_ERROR(charge(context, args[0].size() / 16));
  const TomlDocument document = read_toml(context.arena, args[0].as_string());
  return document.error.empty() ? Value::map(document.root) : error_map(context, document.error);
}

constexpr Function kFunctions[] = {
    {"toYaml", "(interface {}) string", "As YAML: toYaml (dict \"a\" 1) == \"a: 1\".", to_yaml<yaml::write, NilLists::kNull>, Trace::kYaml},
    {"toYamlPretty", "(interface {}) string", "As YAML with lists indented.", to_yaml<yaml::write_pretty, NilLists::kEmpty>, Trace::kYaml},
    {"fromYaml", "(string) map[string]interface {}", "The dictionary that YAML means; {Error: ...} if it is none.", from_yaml},
    {"fromYamlArray", "(string) []interface {}", "The list that YAML means; the error as its item if it is none.", from_yaml_array},
    {"toJson", "(interface {}) string", "As JSON: toJson (list 1 \"a\") == \"[1,\\\"a\\\"]\".", to_json<kCompact>, Trace::kYaml},
    {"toPrettyJson", "(interface {}) string", "As JSON on many lines.", to_json<kPretty>, Trace::kYaml},
    {"toRawJson", "(interface {}) string", "As JSON, with <, > and & as they are.", must_to_json<kRaw>, Trace::kYaml},
    {"mustToJson", "(interface {}) (string, error)", "As toJson, with an error for what JSON cannot hold.", must_to_json<kCompact>, Trace::kYaml},
    {"mustToPrettyJson", "(interface {}) (string, error)", "As toPrettyJson, with an error for what JSON cannot hold.", must_to_json<kPretty>, Trace::kYaml},
    {"mustToRawJson", "(interface {}) (string, error)", "As toRawJson, with an error for what JSON cannot hold.", must_to_json<kRaw>, Trace::kYaml},
    {"fromJson", "(string) map[string]interface {}", "The dictionary that JSON means; {Error: ...} if it is none.", from_json},
    {"fromJsonArray", "(string) []interface {}", "The list that JSON means; the error as its item if it is none.", from_json_array},
    {"mustFromJson", "(string) (interface {}, error)", "The value that JSON means.", must_from_json},
    {"toToml", "(interface {}) string", "As TOML; the text of the error if that cannot be.", to_toml, Trace::kYaml},
    {"fromToml", "(string) map[string]interface {}", "The dictionary that TOML means; {Error: ...} if it is none.", from_toml},
};

}  // namespace

FunctionFamily format_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
