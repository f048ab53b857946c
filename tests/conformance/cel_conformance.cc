// CEL expressions against recorded answers: k8s_*.json (the API server's environment: values, types, costs, compile errors,
// evaluation errors) and spec_*.json (cel-spec's own cases, in the extended environment).
//
// A VALUE of the recording and a value of ours are compared by one text form: maps sorted by key, numbers by value.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/cel/cel.h"
#include "engine/cel/runtime/formats.h"
#include "engine/cel/runtime/numbers.h"
#include "engine/cel/runtime/values.h"
#include "engine/policy/environment.h"
#include "engine/value/base64.h"
#include "tests/conformance/runner.h"

namespace plimsoll::conformance {
namespace {

using cel::Type;
using cel::TypeKind;

std::string text_of_list(std::vector<std::string> items, bool any_order) {
  if (any_order) std::sort(items.begin(), items.end());
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string text_of_map(std::vector<std::string> entries) {
  std::sort(entries.begin(), entries.end());
  return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

// NaN has one text, whatever its sign.
std::string text_of_double(double value) { return std::isnan(value) ? "double(nan)" : fmt::format("double({})", value); }

std::string quoted(std::string_view text) {
  std::string result;
  json::append_quoted(result, text);
  return result;
}

std::string text_of_patch(std::string_view op, std::string_view path, std::string_view from, std::string_view value) {
  return fmt::format("JSONPatch(op {}, path {}, from {}, value {})", op, path, from, value.empty() ? "absent" : value);
}

// A VALUE of the recording.
std::string recorded_text(const Value& recorded, bool any_order) {
  const Map::Entry& entry = *recorded.as_map()->begin();
  const std::string_view kind = entry.key.as_string();
  const Value& value = entry.value;
  if (kind == "null") return "null";
  if (kind == "bool") return value.as_bool() ? "true" : "false";
  if (kind == "int") return std::string(value.as_string());
  if (kind == "uint") return fmt::format("{}u", value.as_string());
  if (kind == "double") return text_of_double(*cel::parse_double(value.as_string()));
  if (kind == "string") return quoted(value.as_string());
  if (kind == "list") {
    std::vector<std::string> items;
    for (const Value& item : value.items()) items.push_back(recorded_text(item, any_order));
    return text_of_list(std::move(items), any_order);
  }
  if (kind == "map") {
    std::vector<std::string> entries;
    for (const Value& pair : value.items()) {
      entries.push_back(recorded_text(pair.items()[0], any_order) + ": " + recorded_text(pair.items()[1], any_order));
    }
    return text_of_map(std::move(entries));
  }
  if (kind == "optional") return fmt::format("optional({})", value.is_null() ? "" : recorded_text(value, any_order));
  if (kind == "duration") return fmt::format("duration({})", cel::format_duration(*cel::parse_duration(value.as_string())));
  if (kind == "timestamp") return fmt::format("timestamp({})", cel::format_time(*cel::parse_time(value.as_string())));
  if (kind == "object") {
    const Value* plain = value.find("value");
    return fmt::format("{}({})", value["type"].as_string(),
                       plain != nullptr ? recorded_text(*plain, any_order) : "error: " + std::string(value["error"].string_or()));
  }
  if (kind == "jsonpatch") {
    const Value* patch_value = value.find("value");
    return text_of_patch(value["op"].string_or(), value["path"].string_or(), value["from"].string_or(),
                         patch_value != nullptr ? recorded_text(*patch_value, any_order) : "");
  }
  return fmt::format("{}({})", kind, value.string_or());  // bytes, type, quantity, ip, cidr, url, semver, format
}

// A result of ours.
std::string result_text(const Value& value, bool any_order) {
  switch (value.kind()) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Kind::kInt:
      return fmt::format("{}", value.as_int());
    case Kind::kUint:
      return fmt::format("{}u", value.as_uint());
    case Kind::kDouble:
      return text_of_double(value.as_double());
    case Kind::kString:
      return quoted(value.as_string());
    case Kind::kBytes:
      return fmt::format("bytes({})", base64::encode(value.as_bytes()));
    case Kind::kList: {
      std::vector<std::string> items;
      for (const Value& item : value.items()) items.push_back(result_text(item, any_order));
      return text_of_list(std::move(items), any_order);
    }
    case Kind::kMap: {
      std::vector<std::string> entries;
      for (const Map::Entry& entry : *value.as_map()) {
        entries.push_back(result_text(entry.key, any_order) + ": " + result_text(entry.value, any_order));
      }
      return text_of_map(std::move(entries));
    }
    case Kind::kExtension:
      break;
  }
  if (const auto* type = value.as<cel::TypeValue>()) return fmt::format("type({})", type->name);
  if (const auto* optional = value.as<cel::Optional>()) {
    return fmt::format("optional({})", optional->has_value ? result_text(optional->value, any_order) : "");
  }
  if (const auto* duration = value.as<cel::DurationValue>()) {
    return fmt::format("duration({})", cel::format_duration(duration->nanoseconds));
  }
  if (const auto* timestamp = value.as<cel::TimestampValue>()) {
    cel::Time utc = timestamp->time;
    utc.offset = 0;
    return fmt::format("timestamp({})", cel::format_time(utc));
  }
  if (const auto* quantity = value.as<cel::QuantityValue>()) return fmt::format("quantity({})", quantity->quantity.to_string());
  if (const auto* ip = value.as<cel::IpValue>()) return fmt::format("ip({})", ip->address.to_string());
  if (const auto* cidr = value.as<cel::CidrValue>()) return fmt::format("cidr({})", cidr->prefix.to_string());
  if (const auto* url = value.as<cel::UrlValue>()) return fmt::format("url({})", url->url.to_string());
  if (const auto* semver = value.as<cel::SemverValue>()) return fmt::format("semver({})", semver->version.to_string());
  if (const auto* format = value.as<cel::FormatValue>()) return fmt::format("format({})", format->format->name);
  if (const auto* patch = value.as<cel::JsonPatchValue>()) {
    return text_of_patch(patch->op, patch->path, patch->from, patch->has_value ? result_text(patch->value, any_order) : "");
  }
  if (const auto* object = value.as<cel::ObjectValue>()) {
    Arena arena;
    const Value plain = cel::object_to_plain(arena, *object);
    return fmt::format("{}({})", object->type_name,
                       cel::is_error(plain) ? "error: " + cel::error_message(plain) : result_text(plain, any_order));
  }
  return std::string(value.as_extension()->type->name);
}

// A VALUE of the recording as an expression sees it.
Value bind(Arena& arena, const Value& recorded) {
  const Map::Entry& entry = *recorded.as_map()->begin();
  const std::string_view kind = entry.key.as_string();
  const Value& value = entry.value;
  if (kind == "bool" || kind == "string") return value;
  if (kind == "int") return Value::integer(*cel::parse_int(value.as_string()));
  if (kind == "uint") return Value::uinteger(*cel::parse_uint(value.as_string()));
  if (kind == "double") return Value::real(*cel::parse_double(value.as_string()));
  if (kind == "bytes") return Value::bytes(arena.copy(base64::decode(value.as_string()).value_or("")));
  if (kind == "duration") return cel::make_duration(arena, *cel::parse_duration(value.as_string()));
  if (kind == "timestamp") return cel::make_timestamp(arena, *cel::parse_time(value.as_string()));
  if (kind == "type") return cel::make_type(arena, value.as_string());
  if (kind == "optional") return value.is_null() ? cel::no_value() : cel::make_optional(arena, bind(arena, value));
  if (kind == "list") {
    List* list = List::create(arena, value.size());
    for (const Value& item : value.items()) list->push_back(arena, bind(arena, item));
    return Value::list(list);
  }
  if (kind == "map") {
    Map* map = Map::create(arena, value.size());
    for (const Value& pair : value.items()) map->set(arena, bind(arena, pair.items()[0]), bind(arena, pair.items()[1]));
    return Value::map(map);
  }
  return {};
}

// Values by name. Without a default, a name that is not bound is an error.
class Bindings : public cel::Activation {
 public:
  Bindings(const cel::Environment& environment, const Value& bindings, bool null_by_default)
      : environment_(environment), bindings_(bindings), null_by_default_(null_by_default) {}

  cel::Outcome variable(size_t variable) override {
    const std::string& name = environment_.options().variables[variable].name;
    if (const Value* recorded = bindings_.find(name)) return cel::Outcome(bind(arena_, *recorded));
    if (null_by_default_) return cel::Outcome(Value());
    return cel::Outcome(cel::EvaluationError{.message = "no such attribute(s): " + name});
  }

 private:
  const cel::Environment& environment_;
  const Value& bindings_;
  bool null_by_default_;
  Arena arena_;
};

std::string describe(const cel::CompileError& error) {
  std::string text = fmt::format("{} error: {}", error.planning ? "planning" : "compile", error.text);
  if (error.planning) return fmt::format("{}\n  type: {}", text, error.type.to_string());
  for (const cel::CompileIssue& issue : error.issues) {
    text += fmt::format("\n  {}:{}: {}", issue.line, issue.column, issue.message);
  }
  return text;
}

// What the API server does with an expression: the text of everything that is recorded.
class KubernetesCases {
 public:
  KubernetesCases() {
    const Type dyn = Type::dyn();
    cel::EnvironmentOptions options;
    options.variables = {{"object", dyn}, {"oldObject", dyn}, {"request", dyn}, {"params", dyn}, {"namespaceObject", dyn}, {"variables", dyn}};
    add("", options);
    cel::EnvironmentOptions mutation = options;
    mutation.mutation = true;
    add("mutation", mutation);
    options.variables[2].type = Type::object("kubernetes.AdmissionRequest");
    options.variables[4].type = Type::object("kubernetes.Namespace");
    options.objects = policy::admission_types();
    add("typed", options);
  }

  void run(const Value& test, Tally& tally) const {
    tally.check(test["name"].string_or(), expected(test), actual(test));
  }

 private:
  void add(std::string_view name, const cel::EnvironmentOptions& options) {
    environments_.emplace(name, *cel::Environment::create(options));
  }

  static std::string expected(const Value& test) {
    if (const Value* error = test.find("compile_error")) {
      cel::CompileError recorded;
      recorded.text = error->as_string();
      recorded.planning = test["program_error"].bool_or(false);
      if (recorded.planning) return fmt::format("planning error: {}\n  type: {}", recorded.text, test["type"].as_string());
      for (const Value& issue : test["issues"].items()) {
        recorded.issues.push_back({.line = static_cast<int32_t>(issue["line"].as_int()),
                                   .column = static_cast<int32_t>(issue["column"].as_int()),
                                   .message = std::string(issue["message"].as_string())});
      }
      return describe(recorded);
    }
    const std::string cost = test.find("cost") != nullptr ? std::to_string(test["cost"].as_int()) : "";
    const Value* value = test.find("value");
    const std::string result = value != nullptr ? recorded_text(*value, test["any_order"].bool_or(false))
                                                : "error: " + std::string(test["error"].as_string());
    return fmt::format("{}\n  type: {}\n  cost: {}", result, test["type"].string_or(), cost);
  }

  std::string actual(const Value& test) const {
    const auto environment = environments_.find(test["env"].string_or());
    if (environment == environments_.end()) return "no such environment";
    const auto program = environment->second->compile(test["expr"].as_string());
    if (!program) return describe(program.error());
    Arena arena;
    cel::Budget budget;
    Bindings bindings(*environment->second, test["bindings"], true);
    const cel::Outcome outcome = (*program)->evaluate(bindings, arena, budget);
    const std::string result =
        outcome.ok() ? result_text(outcome.value(), test["any_order"].bool_or(false)) : "error: " + outcome.error().message;
    const std::string type = test.find("type") != nullptr ? (*program)->type().to_string() : "";
    const std::string cost = test.find("cost") != nullptr ? std::to_string(budget.last) : "";
    return fmt::format("{}\n  type: {}\n  cost: {}", result, type, cost);
  }

  std::map<std::string, std::shared_ptr<const cel::Environment>, std::less<>> environments_;
};

// A type as cel-go prints it: "map(string, list(int))".
Type parse_type(std::string_view text) {
  static constexpr std::pair<std::string_view, TypeKind> kSimple[] = {
      {"null_type", TypeKind::kNull},   {"bool", TypeKind::kBool},
      {"int", TypeKind::kInt},          {"uint", TypeKind::kUint},
      {"double", TypeKind::kDouble},    {"string", TypeKind::kString},
      {"bytes", TypeKind::kBytes},      {"google.protobuf.Duration", TypeKind::kDuration},
      {"google.protobuf.Timestamp", TypeKind::kTimestamp}, {"any", TypeKind::kAny},
      {"dyn", TypeKind::kDyn}};
  for (const auto& [name, kind] : kSimple) {
    if (text == name) return Type::simple(kind);
  }
  const size_t open = text.find('(');
  if (open == std::string_view::npos) return Type::object(std::string(text));
  const std::string_view name = text.substr(0, open);
  const std::string_view inner = text.substr(open + 1, text.size() - open - 2);
  std::vector<Type> parameters;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= inner.size(); ++i) {
    if (i == inner.size() || (inner[i] == ',' && depth == 0)) {
      parameters.push_back(parse_type(inner.substr(start, i - start)));
      start = i + 2;
    } else {
      depth += inner[i] == '(' ? 1 : inner[i] == ')' ? -1 : 0;
    }
  }
  if (name == "list") return Type::list(parameters[0]);
  if (name == "map") return Type::map(parameters[0], parameters[1]);
  if (name == "type") return Type::type_of(parameters[0]);
  if (name == "wrapper") return Type::wrapper(parameters[0]);
  if (name == "optional_type") return Type::optional(parameters[0]);
  return Type::opaque(std::string(name), std::move(parameters));
}

class SpecificationCases {
 public:
  void run(const Value& test, Tally& tally) {
    for (const auto& [flag, reason] : kLeftOut) {
      if (test[flag].bool_or(false)) {
        ++left_out_[reason];
        return;
      }
    }
    const std::string name =
        fmt::format("{}/{}/{}", test["suite"].string_or(), test["section"].string_or(), test["name"].string_or());
    tally.check(name, expected(test), actual(test));
  }

  void print_left_out() const {
    for (const auto& [reason, count] : left_out_) std::cout << "left out: " << count << " " << reason << "\n";
  }

 private:
  static constexpr std::pair<std::string_view, std::string_view> kLeftOut[] = {
      {"needs_protobuf", "that need protobuf messages"},
      {"needs_function_decl", "that need declared functions"},
      {"test_only_macros", "that use cel-go's test macros"},
      {"cel_go_disagrees", "where cel-go disagrees with the specification"},
  };

  // The values of the enums that the cases know as their protobuf files declare them: constants of type int.
  static constexpr std::pair<std::string_view, int64_t> kEnumValues[] = {
      {"cel.expr.conformance.proto2.GlobalEnum.GOO", 0}, {"cel.expr.conformance.proto2.GlobalEnum.GAR", 1},
      {"cel.expr.conformance.proto2.GlobalEnum.GAZ", 2}, {"cel.expr.conformance.proto3.GlobalEnum.GOO", 0},
      {"cel.expr.conformance.proto3.GlobalEnum.GAR", 1}, {"cel.expr.conformance.proto3.GlobalEnum.GAZ", 2}};

  static void declare_enums(cel::EnvironmentOptions& options) {
    for (const auto& [name, value] : kEnumValues) options.variables.push_back({std::string(name), Type::simple(TypeKind::kInt)});
  }

  // Bound variables, and those values.
  class Variables : public Bindings {
   public:
    Variables(const cel::Environment& environment, const Value& bindings)
        : Bindings(environment, bindings, false), first_enum_(environment.options().variables.size() - std::size(kEnumValues)) {}
    cel::Outcome variable(size_t variable) override {
      if (variable < first_enum_) return Bindings::variable(variable);
      return cel::Outcome(Value::integer(kEnumValues[variable - first_enum_].second));
    }

   private:
    size_t first_enum_;
  };

  static std::string_view expected_type(const Value& test) {
    return test[test.find("type") != nullptr ? "type" : "cel_go_type"].string_or();
  }

  static std::string expected(const Value& test) {
    const std::string_view type = expected_type(test);
    if (test["check_only"].bool_or(false)) return fmt::format("type: {}", type);
    if (test.find("error") != nullptr) return "error";
    return fmt::format("{}\n  type: {}", recorded_text(test["value"], false), type);
  }

  static std::string actual(const Value& test) {
    cel::EnvironmentOptions options;
    options.library = cel::Library::kExtended;
    options.container = test["container"].string_or();
    options.check = !test["disable_check"].bool_or(false);
    options.macros = !test["disable_macros"].bool_or(false);
    for (const Value& variable : test["type_env"].items()) {
      options.variables.push_back({std::string(variable["name"].as_string()), parse_type(variable["type"].as_string())});
    }
    declare_enums(options);
    const auto environment = cel::Environment::create(options);
    if (!environment) return "no environment: " + environment.error().to_string();
    const bool error_expected = test.find("error") != nullptr;
    const auto program = (*environment)->compile(test["expr"].as_string());
    if (!program) return error_expected ? "error" : describe(program.error());
    const std::string type = expected_type(test).empty() ? "" : (*program)->type().to_string();
    if (test["check_only"].bool_or(false)) return fmt::format("type: {}", type);
    Arena arena;
    cel::Budget budget;
    Variables bindings(**environment, test["bindings"]);
    const cel::Outcome outcome = (*program)->evaluate(bindings, arena, budget);
    if (!outcome.ok()) return error_expected ? "error" : "error: " + outcome.error().message;
    return fmt::format("{}\n  type: {}", result_text(outcome.value(), false), type);
  }

  std::map<std::string_view, size_t> left_out_;
};

}  // namespace
}  // namespace plimsoll::conformance

int main(int argc, char** argv) {
  using namespace plimsoll;
  using namespace plimsoll::conformance;
  Tally tally;
  const KubernetesCases kubernetes;
  SpecificationCases specification;
  for (const std::string& file : case_files(path_argument(argc, argv, "conformance_cel"), "")) {
    const std::string name = std::filesystem::path(file).filename().string();
    if (name.starts_with("k8s_")) {
      for_each_case(file, [&](const Value& test) { kubernetes.run(test, tally); });
    } else if (name.starts_with("spec_")) {
      for_each_case(file, [&](const Value& test) { specification.run(test, tally); });
    }
  }
  specification.print_left_out();
  return tally.finish();
}
