#include "engine/policy/param_type.h"

#include <fmt/format.h>

#include <vector>

#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

constexpr size_t kMaxDepth = 4;  // deeper than that nobody reads a type in a line

std::string describe(const Value& schema, size_t depth);

std::string describe_range(const Value& schema, std::string name) {
  const Value least = schema["minimum"], most = schema["maximum"];
  if (least.is_number() && most.is_number()) {
    return fmt::format("{} from {} to {}", name, json::write(least), json::write(most));
  }
  if (least.is_number()) return fmt::format("{} of at least {}", name, json::write(least));
  if (most.is_number()) return fmt::format("{} of at most {}", name, json::write(most));
  return name;
}

std::string describe_object(const Value& schema, size_t depth) {
  if (const Value values = schema["additionalProperties"]; values.is_map()) {
    return "map of " + describe(values, depth);
  }
  const Value properties = schema["properties"];
  if (!properties.is_map()) return "map";
  std::string fields;
  for (const Map::Entry& field : *properties.as_map()) {
    fields += fmt::format("{}{}: {}", fields.empty() ? "" : ", ", field.key.string_or(), describe(field.value, depth));
  }
  return "{" + fields + "}";
}

std::string describe_named(std::string_view type, const Value& schema, size_t depth) {
  if (type == "string") {
    if (const std::string_view format = schema["format"].string_or(); !format.empty()) return std::string(format);
    if (const std::string_view pattern = schema["pattern"].string_or(); !pattern.empty()) {
      return fmt::format("string like {}", pattern);
    }
    return schema["minLength"].int_or(0) > 0 ? "string that is not empty" : "string";
  }
  if (type == "integer" || type == "number") return describe_range(schema, std::string(type));
  if (type == "array") return schema["items"].is_map() ? "list of " + describe(schema["items"], depth) : "list";
  if (type == "object") return describe_object(schema, depth);
  return std::string(type);
}

// "a, b or c".
std::string join_or(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return out;
}

std::string describe(const Value& schema, size_t depth) {
  if (depth == kMaxDepth) return "...";
  std::vector<std::string> words;
  for (const Value& item : schema["enum"].items()) {
    words.push_back(item.is_string() && item.size() > 0 ? std::string(item.as_string()) : json::write(item));
  }
  if (words.empty()) {
    const Value type = schema["type"];
    if (type.is_string()) words.push_back(describe_named(type.as_string(), schema, depth + 1));
    for (const Value& name : type.items()) words.push_back(describe_named(name.string_or(), schema, depth + 1));
  }
  return words.empty() ? "anything" : join_or(words);
}

}  // namespace

std::string describe_type(const Value& schema) { return describe(schema, 0); }

Value subschema_at(const Value& schema, const Path& path) {
  Value current = schema;
  for (const Path::Step& step : path.steps()) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      const Value* property = current["properties"].find(*key);
      current = property != nullptr ? *property : current["additionalProperties"];
    } else {
      current = current["items"];
    }
    if (!current.is_map()) return Value::null();
  }
  return current;
}

bool takes_only_text(const Value& schema) {
  const Value choices = schema["enum"];
  for (const Value& item : choices.items()) {
    if (!item.is_string()) return false;
  }
  return schema["type"].string_or() == "string" || (schema["type"].is_null() && choices.size() > 0);
}

}  // namespace plimsoll::policy
