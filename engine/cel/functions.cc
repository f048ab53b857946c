#include "engine/cel/functions.h"

#include <algorithm>

#include "engine/cel/declare.h"

namespace plimsoll::cel {

namespace {

// The argument types of a signature: "string.(int, list(A)) -> bool".
class SignatureReader {
 public:
  SignatureReader(std::string_view text, Arena& arena) : rest_(text), arena_(arena) {}

  std::vector<const Guard*> read() {
    std::vector<const Guard*> guards;
    if (!rest_.starts_with('(')) {
      guards.push_back(read_type());
      skip(".");
    }
    skip("(");
    while (!rest_.starts_with(')')) {
      guards.push_back(read_type());
      skip(", ");
    }
    return guards;
  }

 private:
  void skip(std::string_view text) {
    if (rest_.starts_with(text)) rest_.remove_prefix(text.size());
  }

  const Guard* read_type() {
    size_t end = 0;
    // Dots belong to names like kubernetes.URL, but not the one before the arguments.
    while (end < rest_.size() && rest_[end] != '(' && rest_[end] != ')' && rest_[end] != ',' && !(rest_[end] == '.' && rest_.substr(end).starts_with(".("))) ++end;
    const std::string_view name = rest_.substr(0, end);
    rest_.remove_prefix(end);
    std::vector<const Guard*> parameters;
    if (rest_.starts_with('(')) {
      skip("(");
      while (!rest_.starts_with(')')) {
        parameters.push_back(read_type());
        skip(", ");
      }
      skip(")");
    }
    return arena_.make<Guard>(guard_for(name, parameters));
  }

  static Guard guard_for(std::string_view name, const std::vector<const Guard*>& parameters) {
    struct Simple {
      std::string_view name;
      Guard::Kind kind;
    };
    constexpr Simple kSimple[] = {{"dyn", Guard::Kind::kAny},       {"null", Guard::Kind::kNull},     {"bool", Guard::Kind::kBool},
                                  {"int", Guard::Kind::kInt},       {"uint", Guard::Kind::kUint},     {"double", Guard::Kind::kDouble},
                                  {"string", Guard::Kind::kString}, {"bytes", Guard::Kind::kBytes}};
    Guard guard;
    if (name == "list") {
      guard.kind = Guard::Kind::kList;
      guard.element = parameters[0];
    } else if (name == "map") {
      guard.kind = Guard::Kind::kMap;
      guard.key = parameters[0];
      guard.value = parameters[1];
    } else if (name.size() == 1) {
      guard.kind = Guard::Kind::kAny;  // a type parameter
    } else {
      guard.kind = Guard::Kind::kNamed;
      guard.name = name == "timestamp" ? TimestampValue::kType.name : name == "duration" ? DurationValue::kType.name : name;
      for (const Simple& simple : kSimple) {
        if (simple.name == name) guard.kind = simple.kind;
      }
    }
    return guard;
  }

  std::string_view rest_;
  Arena& arena_;
};

}  // namespace

bool Guard::admits(const Value& argument) const {
  switch (kind) {
    case Kind::kAny: return true;
    case Kind::kNull: return argument.is_null();
    case Kind::kBool: return argument.is_bool();
    case Kind::kInt: return argument.is_int();
    case Kind::kUint: return argument.is_uint();
    case Kind::kDouble: return argument.is_double();
    case Kind::kString: return argument.is_string();
    case Kind::kBytes: return argument.is_bytes();
    case Kind::kList: return argument.is_list() && (argument.size() == 0 || element->admits(argument.items()[0]));
    case Kind::kMap: {
      if (!argument.is_map()) return false;
      const Map& map = *argument.as_map();
      return map.empty() || (key->admits(map.begin()->key) && value->admits(map.begin()->value));
    }
    case Kind::kNamed: return argument.is_extension() && type_name(argument) == name;
  }
  return false;
}

bool Implementation::admits(const Value* arguments, size_t count) const {
  if (count != guards.size()) return false;
  if (binding->unguarded) return true;
  for (size_t i = 0; i < count; ++i) {
    if (!guards[i]->admits(arguments[i])) return false;
  }
  return true;
}

FunctionTable::FunctionTable(const EnvironmentOptions& options) : library_(options.library) {
  std::unordered_map<std::string_view, const Binding*> bindings;
  const bool extended = options.library == Library::kExtended;
  for (const std::span<const Binding> table :
       {functions::operators(), functions::conversions(), functions::times(), functions::strings(),
        extended ? functions::string_format_extended() : functions::string_format(), functions::regex(), functions::lists(), functions::sets(),
        functions::maps(), functions::optionals(), functions::urls(), functions::addresses(), functions::quantities(), functions::semvers(),
        functions::formats(), functions::authorizers(), functions::math(), functions::encoders(), functions::resources(),
        functions::network_policies(), functions::certificates(), functions::java_options(), functions::secrets(), functions::documents()}) {
    for (const Binding& binding : table) bindings.emplace(binding.id, &binding);
  }
  for (const LibraryTable& table : library_tables()) {
    if (!offers(table, options)) continue;
    for (const Signature& signature : table.signatures) {
      FunctionEntry& entry = functions_[signature.function];
      entry.name = signature.function;
      if (const auto singleton = bindings.find(signature.function); singleton != bindings.end() && signature.id != signature.function) {
        entry.singleton = singleton->second;
        continue;
      }
      const auto binding = bindings.find(signature.id);
      if (binding == bindings.end()) continue;  // evaluated by nodes of its own
      // An id that is also the function's name ("matches", "type") is bound for all overloads.
      if (signature.id == signature.function && !signature.function.starts_with("format.")) entry.singleton = binding->second;
      Implementation& implementation = entry.overloads.emplace_back();
      implementation.id = signature.id;
      implementation.binding = binding->second;
      implementation.guards = SignatureReader(signature.type, arena_).read();
    }
  }
}

const FunctionEntry* FunctionTable::find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

std::shared_ptr<const FunctionTable> make_function_table(const EnvironmentOptions& options) {
  return std::make_shared<const FunctionTable>(options);
}

Value no_such_overload(Frame& frame, std::string_view function, const Value* arguments, size_t count) {
  std::string message = "no such overload: ";
  message += function;
  message += '(';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) message += ", ";
    message += type_name(arguments[i]);
  }
  return frame.error(message + ")");
}

}  // namespace plimsoll::cel
