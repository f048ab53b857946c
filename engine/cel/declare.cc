#include "engine/cel/declare.h"

#include "engine/cel/runtime/certificate.h"

#include <fmt/format.h>

#include <array>

namespace plimsoll::cel {
namespace {

struct NamedKind {
  std::string_view name;
  TypeKind kind;
};

// As they are written in signatures, and as names in expressions.
constexpr NamedKind kSimpleTypes[] = {
    {"bool", TypeKind::kBool},       {"bytes", TypeKind::kBytes},         {"double", TypeKind::kDouble},
    {"int", TypeKind::kInt},         {"null_type", TypeKind::kNull},      {"string", TypeKind::kString},
    {"uint", TypeKind::kUint},       {"dyn", TypeKind::kDyn},             {"duration", TypeKind::kDuration},
    {"timestamp", TypeKind::kTimestamp},
};

constexpr NamedKind kWrappers[] = {
    {"google.protobuf.BoolValue", TypeKind::kBool},     {"google.protobuf.BytesValue", TypeKind::kBytes},
    {"google.protobuf.DoubleValue", TypeKind::kDouble}, {"google.protobuf.FloatValue", TypeKind::kDouble},
    {"google.protobuf.Int32Value", TypeKind::kInt},     {"google.protobuf.Int64Value", TypeKind::kInt},
    {"google.protobuf.StringValue", TypeKind::kString}, {"google.protobuf.UInt32Value", TypeKind::kUint},
    {"google.protobuf.UInt64Value", TypeKind::kUint},
};

// Reads the types of a signature: name, or name(type, ...). The tables are ours, so anything goes that this reads.
class SignatureReader {
 public:
  SignatureReader(Arena& arena, std::string_view text) : arena_(arena), text_(text) {}

  Overload read() {
    Overload overload;
    std::vector<const Term*> arguments;
    if (text_[0] != '(') {
      overload.member = true;
      arguments.push_back(type());
      expect('.');
    }
    expect('(');
    while (text_[at_] != ')') {
      arguments.push_back(type());
      if (text_[at_] == ',') at_ += 2;
    }
    at_ += std::string_view(") -> ").size();
    overload.result = type();
    overload.arguments = arena_.copy(std::span<const Term* const>(arguments));
    overload.type_variables = static_cast<uint32_t>(variables_.size());
    return overload;
  }

 private:
  void expect(char c) {
    if (text_[at_] == c) ++at_;
  }

  static bool ends_name(char c) { return c == '(' || c == ')' || c == ',' || c == '-' || c == ' '; }

  const Term* type() {
    const size_t begin = at_;
    while (at_ < text_.size() && !ends_name(text_[at_]) && !(text_[at_] == '.' && text_[at_ + 1] == '(')) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    std::vector<const Term*> parameters;
    // "list(A)", but not the "()" of "string.()".
    if (at_ < text_.size() && text_[at_] == '(') {
      ++at_;
      while (text_[at_] != ')') {
        parameters.push_back(type());
        if (text_[at_] == ',') at_ += 2;
      }
      ++at_;
    }
    return term(name, parameters);
  }

  const Term* term(std::string_view name, std::span<const Term* const> parameters) {
    if (name == "list") return make_term(arena_, TypeKind::kList, {}, parameters);
    if (name == "map") return make_term(arena_, TypeKind::kMap, {}, parameters);
    if (name == "type") return make_term(arena_, TypeKind::kType, {}, parameters);
    if (name == "optional_type") return make_term(arena_, TypeKind::kOptional, name, parameters);
    for (const NamedKind& simple : kSimpleTypes) {
      if (simple.name == name) return simple_term(simple.kind);
    }
    if (name.size() > 1) return make_term(arena_, TypeKind::kOpaque, name, parameters);
    size_t variable = variables_.find(name[0]);
    if (variable == std::string::npos) {
      variable = variables_.size();
      variables_ += name[0];
    }
    return variable_term(arena_, static_cast<uint32_t>(variable));
  }

  Arena& arena_;
  std::string_view text_;
  size_t at_ = 0;
  std::string variables_;  // letters of the type parameters, by number
};

bool is_dynamic_object(std::string_view name) { return name == "Object" || name.starts_with("Object."); }

}  // namespace

void Declarations::add_type(std::string_view name, const Term* type) {
  identifiers_.try_emplace(name, Identifier{.kind = Identifier::Kind::kType, .type = type_term(arena_, type)});
}

void Declarations::add_message(std::string_view name,
                               std::initializer_list<std::pair<std::string_view, const Term*>> fields) {
  auto& message = messages_[name];
  for (const auto& [field, type] : fields) message.try_emplace(field, Field{type, static_cast<uint32_t>(message.size())});
}

FunctionDeclarations::FunctionDeclarations(const EnvironmentOptions& options) {
  for (const LibraryTable& table : library_tables()) {
    if (!offers(table, options)) continue;
    for (const Signature& signature : table.signatures) {
      FunctionDeclaration& function = functions_.try_emplace(signature.function).first->second;
      function.name = signature.function;
      Overload overload = SignatureReader(arena_, signature.type).read();
      overload.signature = &signature;
      function.overloads.push_back(overload);
    }
  }
}

const FunctionDeclaration* FunctionDeclarations::find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

// The types of the language, and the protobuf messages that CEL knows without being told.
void Declarations::add_builtin_types() {
  const Term* dyn = simple_term(TypeKind::kDyn);
  const Term* integer = simple_term(TypeKind::kInt);
  const Term* text = simple_term(TypeKind::kString);
  for (const NamedKind& simple : kSimpleTypes) {
    if (simple.kind == TypeKind::kDyn || simple.kind == TypeKind::kDuration || simple.kind == TypeKind::kTimestamp) continue;
    add_type(simple.name, simple_term(simple.kind));
  }
  add_type("list", list_term(arena_, dyn));
  add_type("map", map_term(arena_, dyn, dyn));
  add_type("type", simple_term(TypeKind::kType));
  add_type("optional_type", make_term(arena_, TypeKind::kOpaque, "optional_type", {}));
  add_type("net.IP", make_term(arena_, TypeKind::kOpaque, "net.IP", {}));
  add_type("net.CIDR", make_term(arena_, TypeKind::kOpaque, "net.CIDR", {}));

  add_type("google.protobuf.Duration", simple_term(TypeKind::kDuration));
  add_type("google.protobuf.Timestamp", simple_term(TypeKind::kTimestamp));
  add_message("google.protobuf.Duration", {{"seconds", integer}, {"nanos", integer}});
  add_message("google.protobuf.Timestamp", {{"seconds", integer}, {"nanos", integer}});
  for (const NamedKind& wrapper : kWrappers) {
    add_type(wrapper.name, wrapper_term(wrapper.kind));
    add_message(wrapper.name, {{"value", simple_term(wrapper.kind)}});
  }
  add_type("google.protobuf.Any", simple_term(TypeKind::kAny));
  add_message("google.protobuf.Any", {{"type_url", text}, {"value", simple_term(TypeKind::kBytes)}});
  const Term* structure = map_term(arena_, text, dyn);
  const Term* values = list_term(arena_, dyn);
  add_type("google.protobuf.Struct", structure);
  add_message("google.protobuf.Struct", {{"fields", structure}});
  add_type("google.protobuf.ListValue", values);
  add_message("google.protobuf.ListValue", {{"values", values}});
  add_type("google.protobuf.Value", dyn);
  add_message("google.protobuf.Value", {{"null_value", integer},
                                        {"number_value", simple_term(TypeKind::kDouble)},
                                        {"string_value", text},
                                        {"bool_value", simple_term(TypeKind::kBool)},
                                        {"struct_value", structure},
                                        {"list_value", values}});
  add_type("google.protobuf.Empty", make_term(arena_, TypeKind::kObject, "google.protobuf.Empty", {}));
  add_message("google.protobuf.Empty", {});
  identifiers_.try_emplace("google.protobuf.NullValue.NULL_VALUE",
                           Identifier{.kind = Identifier::Kind::kConstant, .type = integer});
  if (options_->deployment) {
    const Term* time = simple_term(TypeKind::kTimestamp);
    const Term* texts = list_term(arena_, text);
    const Term* truth = simple_term(TypeKind::kBool);
    add_message(CertificateValue::kType.name, {{"subject", text},
                                               {"issuer", text},
                                               {"serialNumber", text},
                                               {"notBefore", time},
                                               {"notAfter", time},
                                               {"dnsNames", texts},
                                               {"ipAddresses", texts},
                                               {"isCA", truth},
                                               {"selfSigned", truth},
                                               {"keyAlgorithm", text},
                                               {"keyBits", integer},
                                               {"sha256", text}});
  }
  if (options_->mutation) {
    add_type("JSONPatch", make_term(arena_, TypeKind::kObject, "JSONPatch", {}));
    add_message("JSONPatch", {{"op", text}, {"path", text}, {"from", text}, {"value", dyn}});
  }
}

Result<void> Declarations::add_objects(std::span<const ObjectDeclaration> objects) {
  for (const ObjectDeclaration& object : objects) {
    const std::string_view name = arena_.copy(object.name);
    if (is_message(name) && !(options_->mutation && is_dynamic_object(name))) {
      return fail(ErrorCode::kInvalid, fmt::format("object type '{}' is declared twice", name));
    }
    auto& message = messages_[name];
    for (size_t i = 0; i < object.fields.size(); ++i) {
      const FieldDeclaration& field = object.fields[i];
      message.try_emplace(arena_.copy(field.name), Field{to_term(arena_, field.type), static_cast<uint32_t>(i)});
    }
    add_type(name, make_term(arena_, TypeKind::kObject, name, {}));
  }
  return {};
}

Result<std::shared_ptr<const Declarations>> Declarations::create(EnvironmentOptions options, std::shared_ptr<const FunctionDeclarations> functions) {
  const std::shared_ptr<Declarations> declarations(
      new Declarations(std::make_shared<const EnvironmentOptions>(std::move(options)), std::move(functions)));
  Declarations& self = *declarations;
  for (size_t i = 0; i < self.options_->variables.size(); ++i) {
    const VariableDeclaration& variable = self.options_->variables[i];
    const Identifier identifier{.kind = Identifier::Kind::kVariable,
                                .index = static_cast<uint32_t>(i),
                                .type = to_term(self.arena_, variable.type)};
    if (!self.identifiers_.try_emplace(variable.name, identifier).second) {
      return fail(ErrorCode::kInvalid, fmt::format("variable '{}' is declared twice", variable.name));
    }
  }
  PLIMSOLL_RETURN_IF_ERROR(self.add_objects(self.options_->objects));
  self.add_builtin_types();
  return declarations;
}

Result<std::shared_ptr<const Declarations>> Declarations::extend(std::shared_ptr<const Declarations> base,
                                                                 std::span<const ObjectDeclaration> objects) {
  const std::shared_ptr<Declarations> declarations(new Declarations(base->options_, base->functions_));
  declarations->base_ = std::move(base);
  PLIMSOLL_RETURN_IF_ERROR(declarations->add_objects(objects));
  return declarations;
}

const Identifier* Declarations::find_identifier(std::string_view name, Identifier& storage, Arena& arena) const {
  const auto found = identifiers_.find(name);
  if (found != identifiers_.end()) return &found->second;
  if (base_ != nullptr) return base_->find_identifier(name, storage, arena);
  if (!options_->mutation || !is_dynamic_object(name)) return nullptr;
  storage = Identifier{.kind = Identifier::Kind::kType,
                       .type = type_term(arena, make_term(arena, TypeKind::kObject, arena.copy(name), {}))};
  return &storage;
}

bool Declarations::is_message(std::string_view message) const {
  return (options_->mutation && is_dynamic_object(message)) || messages_.contains(message) || (base_ != nullptr && base_->is_message(message));
}

bool Declarations::find_field(std::string_view message, std::string_view field, Field& result) const {
  if (options_->mutation) {
    if (is_dynamic_object(message)) return result = {simple_term(TypeKind::kDyn), 0}, true;
    if (message == "JSONPatch") result = {};
  }
  const auto fields = messages_.find(message);
  if (fields == messages_.end()) return base_ != nullptr && base_->find_field(message, field, result);
  const auto found = fields->second.find(field);
  if (found == fields->second.end()) return options_->mutation && message == "JSONPatch";
  result = found->second;
  return true;
}

}  // namespace plimsoll::cel
