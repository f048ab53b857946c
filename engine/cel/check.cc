#include "engine/cel/check.h"

#include <fmt/format.h>

#include <string>

#include "engine/cel/unify.h"

namespace plimsoll::cel {
namespace {

const Term* optional_content(const Term* term, bool& optional) {
  optional = term->kind == TypeKind::kOptional;
  return optional ? term->parameters[0] : term;
}

class Checker {
 public:
  Checker(Ast& ast, const Declarations& declarations, Issues& issues)
      : ast_(ast), declarations_(declarations), issues_(issues), unifier_(arena_), terms_(ast.nodes.size()) {
    ast_.references.assign(ast.nodes.size(), {});
  }

  void run() {
    if (!declarations_.options().check) return resolve(ast_.root);
    check(ast_.root);
    ast_.types.resize(terms_.size());
    for (size_t i = 0; i < terms_.size(); ++i) {
      if (terms_[i] != nullptr) ast_.types[i] = to_type(unifier_.substitute(terms_[i], true));
    }
  }

 private:
  // A variable of a comprehension. Inner ones come last.
  struct Local {
    std::string_view name;
    const Term* type = nullptr;
    Reference::Kind kind = Reference::Kind::kIterVar;
    uint32_t comprehension = 0;
  };

  // What a name was found to mean.
  struct Meaning {
    const Term* type = nullptr;
    Reference reference;
    std::string_view name;        // fully qualified
    const Identifier* identifier = nullptr;  // nullptr: a local
    int64_t constant = 0;
  };

  void check(NodeId id);
  void check_identifier(NodeId id);
  void check_select(NodeId id);
  void check_optional_select(NodeId id);
  const Term* check_field(NodeId id, NodeId operand, std::string_view field, bool optional);
  void check_call(NodeId id);
  void check_list(NodeId id);
  void check_map(NodeId id);
  void check_message(NodeId id);
  void check_comprehension(NodeId id);
  void resolve_overload(NodeId id, const FunctionDeclaration& function);
  const Term* join(const Term* previous, const Term* current);
  const Term* unwrap_entry(NodeId value, bool optional);
  void expect(NodeId id, const Term* type);
  const Term* field_type(uint32_t offset, std::string_view message, std::string_view field, uint32_t& index);

  // Without types: see check.h.
  void resolve(NodeId id);
  void resolve_call(NodeId id);

  bool find_name(std::string_view name, Meaning& meaning);
  const FunctionDeclaration* find_function(std::string_view name);
  // "a.b.c" if the node is a chain of plain selections from an identifier, else "".
  std::string qualified_name(NodeId id) const;
  void become_name(NodeId id, const Meaning& meaning);
  void report(uint32_t offset, std::string message) { issues_.report(offset, std::move(message)); }
  void mismatch(NodeId at, const Term* expected, const Term* actual) {
    report(ast_.nodes[at].offset, fmt::format("expected type '{}' but found '{}'", describe(expected), describe(actual)));
  }
  void undeclared(uint32_t offset, std::string_view name) {
    report(offset, fmt::format("undeclared reference to '{}' (in container '{}')", name, declarations_.options().container));
  }
  void set_type(NodeId id, const Term* type) { terms_[id] = type; }

  Ast& ast_;
  const Declarations& declarations_;
  Issues& issues_;
  Arena arena_;
  Unifier unifier_;
  std::vector<const Term*> terms_;
  std::vector<Local> locals_;
  Identifier storage_;
};

// Tries `use` with every full name that `name` may stand for in the container, innermost first, until one succeeds.
template <typename Use>
bool any_candidate(std::string_view container, std::string_view name, Use use) {
  if (name.starts_with('.')) return use(name.substr(1));
  while (!container.empty()) {
    if (use(fmt::format("{}.{}", container, name))) return true;
    const size_t dot = container.rfind('.');
    container = dot == std::string_view::npos ? std::string_view() : container.substr(0, dot);
  }
  return use(name);
}

bool Checker::find_name(std::string_view name, Meaning& meaning) {
  // Kubernetes' cel-go finds locals by names with a leading dot, too, and prefers qualified names to fields of locals; newer versions
  // do neither.
  const bool newer = declarations_.options().library == Library::kExtended;
  const std::string_view plain = !newer && name.starts_with('.') ? name.substr(1) : name;
  for (size_t i = locals_.size(); i-- > 0;) {
    const Local& local = locals_[i];
    if (local.name != plain) continue;
    meaning = {.type = local.type, .reference = {.kind = local.kind, .index = local.comprehension}, .name = local.name};
    return true;
  }
  // A local hides what a qualified name would mean: in `y.z` with a local `y`, z is its field.
  const std::string_view first = name.substr(0, name.find('.'));
  if (newer && first.size() < name.size() && !first.empty()) {
    for (const Local& local : locals_) {
      if (local.name == first) return false;
    }
  }
  return any_candidate(declarations_.options().container, name, [&](std::string_view candidate) {
    const Identifier* identifier = declarations_.find_identifier(candidate, storage_, arena_);
    if (identifier == nullptr) return false;
    meaning = {.type = identifier->type, .reference = {}, .name = ast_.arena.copy(candidate), .identifier = identifier};
    meaning.constant = identifier->constant;
    switch (identifier->kind) {
      case Identifier::Kind::kVariable:
        meaning.reference = {.kind = Reference::Kind::kVariable, .index = identifier->index};
        break;
      case Identifier::Kind::kType: meaning.reference = {.kind = Reference::Kind::kType}; break;
      case Identifier::Kind::kConstant: break;
    }
    return true;
  });
}

const FunctionDeclaration* Checker::find_function(std::string_view name) {
  const FunctionDeclaration* function = nullptr;
  any_candidate(declarations_.options().container, name, [&](std::string_view candidate) {
    function = declarations_.find_function(candidate);
    return function != nullptr;
  });
  return function;
}

std::string Checker::qualified_name(NodeId id) const {
  size_t size = 0;
  NodeId root = id;
  for (; ast_.nodes[root].kind == NodeKind::kSelect; root = ast_.nodes[root].operand) {
    if (ast_.nodes[root].test_only) return {};
    size += ast_.nodes[root].name.size() + 1;
  }
  if (ast_.nodes[root].kind != NodeKind::kIdentifier) return {};
  size += ast_.nodes[root].name.size();
  std::string name(size, '.');
  for (; id != root; id = ast_.nodes[id].operand) {
    const std::string_view part = ast_.nodes[id].name;
    size -= part.size();
    name.replace(size, part.size(), part);
    --size;
  }
  name.replace(0, ast_.nodes[root].name.size(), ast_.nodes[root].name);
  return name;
}

void Checker::become_name(NodeId id, const Meaning& meaning) {
  Node& node = ast_.nodes[id];
  if (meaning.identifier != nullptr && meaning.identifier->kind == Identifier::Kind::kConstant) {
    node = Node{.kind = NodeKind::kLiteral, .offset = node.offset, .literal = Value::integer(meaning.constant)};
  } else {
    node = Node{.kind = NodeKind::kIdentifier, .offset = node.offset, .name = meaning.name};
  }
  ast_.references[id] = meaning.reference;
  set_type(id, meaning.type);
}

void Checker::check(NodeId id) {
  switch (ast_.nodes[id].kind) {
    case NodeKind::kInvalid: set_type(id, simple_term(TypeKind::kError)); break;
    case NodeKind::kLiteral: {
      TypeKind kind = TypeKind::kNull;
      switch (ast_.nodes[id].literal.kind()) {
        case Kind::kBool: kind = TypeKind::kBool; break;
        case Kind::kInt: kind = TypeKind::kInt; break;
        case Kind::kUint: kind = TypeKind::kUint; break;
        case Kind::kDouble: kind = TypeKind::kDouble; break;
        case Kind::kString: kind = TypeKind::kString; break;
        case Kind::kBytes: kind = TypeKind::kBytes; break;
        default: break;
      }
      set_type(id, simple_term(kind));
      break;
    }
    case NodeKind::kIdentifier: check_identifier(id); break;
    case NodeKind::kSelect: check_select(id); break;
    case NodeKind::kCall: check_call(id); break;
    case NodeKind::kList: check_list(id); break;
    case NodeKind::kMap: check_map(id); break;
    case NodeKind::kMessage: check_message(id); break;
    case NodeKind::kComprehension: check_comprehension(id); break;
  }
}

void Checker::check_identifier(NodeId id) {
  Meaning meaning;
  if (find_name(ast_.nodes[id].name, meaning)) return become_name(id, meaning);
  set_type(id, simple_term(TypeKind::kError));
  undeclared(ast_.nodes[id].offset, ast_.nodes[id].name);
}

void Checker::check_select(NodeId id) {
  if (const std::string name = qualified_name(id); !name.empty()) {
    Meaning meaning;
    if (find_name(name, meaning)) return become_name(id, meaning);
  }
  const Node node = ast_.nodes[id];
  const Term* type = check_field(id, node.operand, node.name, false);
  set_type(id, node.test_only ? simple_term(TypeKind::kBool) : unifier_.substitute(type, false));
}

void Checker::check_optional_select(NodeId id) {
  const auto arguments = ast_.arguments(ast_.nodes[id]);
  const NodeId operand = arguments[0];
  const Node& field = ast_.nodes[arguments[1]];
  const Term* type = check_field(id, operand, field.literal.as_string(), true);
  set_type(arguments[1], simple_term(TypeKind::kString));
  set_type(id, unifier_.substitute(type, false));
  Reference& reference = ast_.references[id];
  reference.kind = Reference::Kind::kFunction;
  reference.first = static_cast<uint32_t>(ast_.overloads.size());
  reference.count = 1;
  ast_.overloads.push_back(declarations_.find_function("_?._")->overloads[0].signature);
}

const Term* Checker::check_field(NodeId id, NodeId operand, std::string_view field, bool optional) {
  check(operand);
  bool was_optional = false;
  const Term* target = optional_content(unifier_.substitute(terms_[operand], false), was_optional);
  const Term* result = simple_term(TypeKind::kDyn);
  switch (target->kind) {
    case TypeKind::kMap: result = target->parameters[1]; break;
    case TypeKind::kObject: {
      uint32_t index = 0;
      result = field_type(ast_.nodes[id].offset, target->name, field, index);
      const Reference& owner = ast_.references[operand];
      if (!optional && owner.kind == Reference::Kind::kVariable && declarations_.is_lazy(owner.index)) {
        ast_.references[id] = {.kind = Reference::Kind::kLazyField, .index = owner.index, .field = index};
      }
      break;
    }
    case TypeKind::kParameter:
      // Whatever it turns out to be, it is dynamic from here on.
      unifier_.assignable(simple_term(TypeKind::kDyn), target);
      break;
    default:
      // Kubernetes declares its own types as messages, of which nothing is known; of ours the fields are.
      if (target->kind == TypeKind::kOpaque && (target->name.starts_with("kubernetes.") || target->name.starts_with("plimsoll."))) {
        uint32_t index = 0;
        result = field_type(ast_.nodes[id].offset, target->name, field, index);
      } else if (!is_dyn(target) && !is_error(target)) {
        report(ast_.nodes[id].offset, fmt::format("type '{}' does not support field selection", describe(target)));
      }
  }
  return was_optional || optional ? optional_term(arena_, result) : result;
}

const Term* Checker::field_type(uint32_t offset, std::string_view message, std::string_view name, uint32_t& index) {
  if (!declarations_.is_message(message)) {
    report(offset, fmt::format("unexpected failed resolution of '{}'", message));
    return simple_term(TypeKind::kError);
  }
  Field field;
  if (!declarations_.find_field(message, name, field)) {
    report(offset, fmt::format("undefined field '{}'", name));
    return simple_term(TypeKind::kError);
  }
  index = field.index;
  return field.type != nullptr ? field.type : simple_term(TypeKind::kError);
}

void Checker::check_call(NodeId id) {
  if (ast_.nodes[id].name == "_?._" && ast_.nodes[id].operand == kNoNode && ast_.nodes[id].count == 2 &&
      ast_.nodes[ast_.arguments(ast_.nodes[id])[1]].literal.is_string()) {
    return check_optional_select(id);
  }
  for (uint32_t i = 0; i < ast_.nodes[id].count; ++i) check(ast_.children[ast_.nodes[id].first + i]);
  const Node node = ast_.nodes[id];
  const FunctionDeclaration* function = nullptr;
  if (node.operand != kNoNode) {
    // a.b.c(): either c is called on a.b, or a.b.c is the function's name.
    if (const std::string prefix = qualified_name(node.operand); !prefix.empty()) {
      function = find_function(prefix + "." + std::string(node.name));
    }
    if (function != nullptr) {
      ast_.nodes[id].operand = kNoNode;
    } else {
      check(node.operand);
    }
  }
  if (function == nullptr) function = find_function(node.name);
  if (function == nullptr) {
    set_type(id, simple_term(TypeKind::kError));
    return undeclared(node.offset, node.name);
  }
  if (ast_.nodes[id].operand == kNoNode) ast_.nodes[id].name = function->overloads[0].signature->function;
  resolve_overload(id, *function);
}

void Checker::resolve_overload(NodeId id, const FunctionDeclaration& function) {
  const Node& node = ast_.nodes[id];
  const bool member = node.operand != kNoNode;
  std::vector<const Term*> arguments;
  arguments.reserve(node.count + 1);
  if (member) arguments.push_back(terms_[node.operand]);
  for (const NodeId argument : ast_.arguments(node)) arguments.push_back(terms_[argument]);

  Reference reference{.kind = Reference::Kind::kFunction, .first = static_cast<uint32_t>(ast_.overloads.size())};
  const Term* result = nullptr;
  if (!member && (function.name == "_&&_" || function.name == "_||_")) {
    result = simple_term(TypeKind::kBool);
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (unifier_.assignable(arguments[i], simple_term(TypeKind::kBool))) continue;
      mismatch(ast_.arguments(node)[i], simple_term(TypeKind::kBool), arguments[i]);
      result = simple_term(TypeKind::kError);
    }
    set_type(id, result);
    ast_.overloads.push_back(function.overloads[0].signature);
    reference.count = 1;
    ast_.references[id] = reference;
    return;
  }
  std::vector<const Term*> parameters;
  for (const Overload& overload : function.overloads) {
    if (overload.member != member) continue;
    const uint32_t base = unifier_.reserve(overload.type_variables);
    if (overload.arguments.size() != arguments.size()) continue;
    std::span<const Term* const> wanted = overload.arguments;
    if (overload.type_variables > 0) {
      parameters.clear();
      for (const Term* parameter : overload.arguments) parameters.push_back(unifier_.instantiate(parameter, base));
      wanted = parameters;
    }
    if (!unifier_.assignable(arguments, wanted)) continue;
    ast_.overloads.push_back(overload.signature);
    ++reference.count;
    // The first overload that fits decides the type, unless another one disagrees.
    const Term* type = unifier_.substitute(unifier_.instantiate(overload.result, base), false);
    if (result == nullptr) {
      result = type;
    } else if (!is_dyn(result) && !same_term(type, result)) {
      result = simple_term(TypeKind::kDyn);
    }
  }
  if (result != nullptr) {
    ast_.references[id] = reference;
    return set_type(id, result);
  }
  set_type(id, simple_term(TypeKind::kError));
  std::string applied;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string type = describe(unifier_.substitute(arguments[i], true));
    if (i == 0 && member) {
      applied = type + ".(";
      continue;
    }
    if (applied.empty()) applied = "(";
    if (!applied.ends_with('(') || (i > 0 && !(member && i == 1))) applied += ", ";
    applied += type;
  }
  if (applied.empty()) applied = "(";
  report(node.offset, fmt::format("found no matching overload for '{}' applied to '{})'", function.name, applied));
}

// The type of elements of both types. Kubernetes objects to mixed literals too, but afterwards: see validate.h.
const Term* Checker::join(const Term* previous, const Term* current) {
  if (previous == nullptr) return current;
  if (unifier_.assignable(previous, current)) return most_general(previous, current);
  return simple_term(TypeKind::kDyn);
}

// The type that an element, entry or field contributes: of an optional one, what is inside.
const Term* Checker::unwrap_entry(NodeId value, bool optional) {
  const Term* type = terms_[value];
  if (!optional) return type;
  bool is_optional = false;
  type = optional_content(type, is_optional);
  if (!is_optional && !is_dyn(type)) mismatch(value, optional_term(arena_, type), type);
  return type;
}

void Checker::check_list(NodeId id) {
  const Term* item_type = nullptr;
  for (uint32_t i = 0; i < ast_.nodes[id].count; ++i) {
    const NodeId item = ast_.children[ast_.nodes[id].first + i];
    check(item);
    item_type = join(item_type, unwrap_entry(item, ast_.is_optional(ast_.nodes[id], i)));
  }
  if (item_type == nullptr) item_type = unifier_.fresh_variable();
  set_type(id, list_term(arena_, item_type));
}

void Checker::check_map(NodeId id) {
  const Term* key_type = nullptr;
  const Term* value_type = nullptr;
  for (uint32_t i = 0; i < ast_.nodes[id].count; ++i) {
    const Entry entry = ast_.entries[ast_.nodes[id].first + i];
    check(entry.key);
    key_type = join(key_type, terms_[entry.key]);
    check(entry.value);
    value_type = join(value_type, unwrap_entry(entry.value, entry.optional));
  }
  if (key_type == nullptr) {
    key_type = unifier_.fresh_variable();
    value_type = unifier_.fresh_variable();
  }
  set_type(id, map_term(arena_, key_type, value_type));
}

// The message whose fields a well-known type is constructed from.
std::string_view well_known_name(const Term* type) {
  switch (type->kind) {
    case TypeKind::kAny: return "google.protobuf.Any";
    case TypeKind::kTimestamp: return "google.protobuf.Timestamp";
    case TypeKind::kDuration: return "google.protobuf.Duration";
    case TypeKind::kDyn: return "google.protobuf.Value";
    case TypeKind::kList: return "google.protobuf.ListValue";
    case TypeKind::kMap: return "google.protobuf.Struct";
    default: break;
  }
  if (!type->nullable) return {};
  switch (type->kind) {
    case TypeKind::kBool: return "google.protobuf.BoolValue";
    case TypeKind::kBytes: return "google.protobuf.BytesValue";
    case TypeKind::kDouble: return "google.protobuf.DoubleValue";
    case TypeKind::kInt: return "google.protobuf.Int64Value";
    case TypeKind::kString: return "google.protobuf.StringValue";
    default: return "google.protobuf.UInt64Value";
  }
}

void Checker::check_message(NodeId id) {
  const Node node = ast_.nodes[id];
  Meaning meaning;
  if (!find_name(node.name, meaning)) {
    set_type(id, simple_term(TypeKind::kError));
    return undeclared(node.offset, node.name);
  }
  ast_.nodes[id].name = meaning.name;
  const Term* type = simple_term(TypeKind::kError);
  std::string_view message = meaning.name;
  if (meaning.type->kind != TypeKind::kType) {
    if (!is_error(meaning.type)) report(node.offset, fmt::format("'{}' is not a type", describe(meaning.type)));
  } else if (!meaning.type->parameters.empty()) {
    type = meaning.type->parameters[0];
    if (type->kind == TypeKind::kObject) {
      message = type->name;
    } else if (const std::string_view name = well_known_name(type); !name.empty() && meaning.name.starts_with("google.")) {
      message = name;
    } else {
      report(node.offset, fmt::format("'{}' is not a message type", meaning.name));
      type = simple_term(TypeKind::kError);
    }
  }
  set_type(id, type);
  for (uint32_t i = 0; i < node.count; ++i) {
    const Entry entry = ast_.entries[node.first + i];
    check(entry.value);
    Field field;
    const Term* wanted = simple_term(TypeKind::kError);
    if (!declarations_.is_message(message)) {
      report(entry.offset, fmt::format("unexpected failed resolution of '{}'", message));
    } else if (declarations_.find_field(message, entry.field, field)) {
      wanted = field.type;
    } else {
      report(entry.offset, fmt::format("undefined field '{}'", entry.field));
    }
    const Term* actual = unwrap_entry(entry.value, entry.optional);
    if (wanted == nullptr ? is_dyn(actual) : unifier_.assignable(wanted, actual)) continue;
    report(entry.offset, fmt::format("expected type of field '{}' is '{}' but provided type is '{}'", entry.field,
                                     wanted == nullptr ? "" : describe(wanted), describe(actual)));
  }
}

void Checker::expect(NodeId id, const Term* type) {
  if (!unifier_.assignable(type, terms_[id])) mismatch(id, type, terms_[id]);
}

void Checker::check_comprehension(NodeId id) {
  const uint32_t number = ast_.nodes[id].first;
  const Comprehension loop = ast_.comprehensions[number];
  check(loop.range);
  check(loop.init);
  const Term* range = unifier_.substitute(terms_[loop.range], false);
  const Term* accumulator = terms_[loop.init];
  const bool two = !loop.iter_var2.empty();
  const Term* first = simple_term(TypeKind::kDyn);
  const Term* second = simple_term(TypeKind::kDyn);
  switch (range->kind) {
    case TypeKind::kList:
      first = range->parameters[0];
      if (two) {
        second = first;
        first = simple_term(TypeKind::kInt);
      }
      break;
    case TypeKind::kMap:
      first = range->parameters[0];
      second = range->parameters[1];
      break;
    case TypeKind::kDyn:
    case TypeKind::kError:
    case TypeKind::kParameter: unifier_.assignable(simple_term(TypeKind::kDyn), range); break;
    default:
      report(ast_.nodes[loop.range].offset,
             fmt::format("expression of type '{}' cannot be range of a comprehension (must be list, map, or dynamic)",
                         describe(range)));
      first = second = simple_term(TypeKind::kError);
  }
  const size_t mark = locals_.size();
  locals_.push_back({loop.accu_var, accumulator, Reference::Kind::kAccuVar, number});
  locals_.push_back({loop.iter_var, first, Reference::Kind::kIterVar, number});
  if (two) locals_.push_back({loop.iter_var2, second, Reference::Kind::kIterVar2, number});
  check(loop.condition);
  expect(loop.condition, simple_term(TypeKind::kBool));
  check(loop.step);
  expect(loop.step, accumulator);
  locals_.resize(mark + 1);
  check(loop.result);
  locals_.resize(mark);
  set_type(id, unifier_.substitute(terms_[loop.result], false));
}

void Checker::resolve(NodeId id) {
  const Node node = ast_.nodes[id];
  switch (node.kind) {
    case NodeKind::kInvalid:
    case NodeKind::kLiteral: break;
    case NodeKind::kIdentifier: {
      Meaning meaning;
      if (find_name(node.name, meaning)) become_name(id, meaning);
      break;
    }
    case NodeKind::kSelect: {
      Meaning meaning;
      if (const std::string name = qualified_name(id); !name.empty() && find_name(name, meaning)) {
        become_name(id, meaning);
      } else {
        resolve(node.operand);
      }
      break;
    }
    case NodeKind::kCall: resolve_call(id); break;
    case NodeKind::kList:
      for (uint32_t i = 0; i < node.count; ++i) resolve(ast_.children[node.first + i]);
      break;
    case NodeKind::kMap:
    case NodeKind::kMessage: {
      for (uint32_t i = 0; i < node.count; ++i) {
        const Entry entry = ast_.entries[node.first + i];
        if (entry.key != kNoNode) resolve(entry.key);
        resolve(entry.value);
      }
      Meaning meaning;
      if (node.kind == NodeKind::kMessage && find_name(node.name, meaning)) ast_.nodes[id].name = meaning.name;
      break;
    }
    case NodeKind::kComprehension: {
      const Comprehension loop = ast_.comprehensions[node.first];
      resolve(loop.range);
      resolve(loop.init);
      const size_t mark = locals_.size();
      const Term* dyn = simple_term(TypeKind::kDyn);
      locals_.push_back({loop.accu_var, dyn, Reference::Kind::kAccuVar, node.first});
      locals_.push_back({loop.iter_var, dyn, Reference::Kind::kIterVar, node.first});
      if (!loop.iter_var2.empty()) locals_.push_back({loop.iter_var2, dyn, Reference::Kind::kIterVar2, node.first});
      resolve(loop.condition);
      resolve(loop.step);
      locals_.resize(mark + 1);
      resolve(loop.result);
      locals_.resize(mark);
      break;
    }
  }
}

void Checker::resolve_call(NodeId id) {
  const Node node = ast_.nodes[id];
  for (uint32_t i = 0; i < node.count; ++i) resolve(ast_.children[node.first + i]);
  const FunctionDeclaration* function = nullptr;
  if (node.operand != kNoNode) {
    if (const std::string prefix = qualified_name(node.operand); !prefix.empty()) {
      function = find_function(prefix + "." + std::string(node.name));
    }
    if (function != nullptr) {
      ast_.nodes[id].operand = kNoNode;
    } else {
      resolve(node.operand);
    }
  }
  if (function == nullptr) function = find_function(node.name);
  if (function == nullptr) return;
  ast_.nodes[id].name = function->overloads[0].signature->function;
  ast_.references[id].kind = Reference::Kind::kFunction;
}

}  // namespace

bool check(Ast& ast, const Declarations& declarations, Issues& issues) {
  Checker(ast, declarations, issues).run();
  return issues.empty();
}

}  // namespace plimsoll::cel
