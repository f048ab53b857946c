#include "engine/policy/asked_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "engine/cel/ast.h"
#include "engine/cel/declare.h"
#include "engine/policy/compile.h"

namespace plimsoll::policy {
namespace {

using cel::Ast;
using cel::Comprehension;
using cel::Macro;
using cel::Node;
using cel::NodeId;
using cel::NodeKind;
using cel::Reference;

// A node of one of the policy's expressions.
struct Spot {
  const Ast* ast;
  NodeId id;

  const Node& node() const { return ast->node(id); }
  const Reference& reference() const { return ast->reference(id); }
  Spot at(NodeId other) const { return {ast, other}; }
  bool is_call(std::string_view name) const { return node().kind == NodeKind::kCall && node().name == name; }
};
using Spots = std::vector<Spot>;
using Texts = std::vector<std::string>;

// Tells what expressions may come to, as far as that shows without running them.
class Foresight {
 public:
  explicit Foresight(const CompiledPolicy& policy) : policy_(policy) {}

  // The texts that the value of a node is one of; nothing if there may be others.
  std::optional<Texts> texts(Spot spot) {
    Spots values;
    Texts result;
    if (!add_values(spot, values)) return std::nullopt;
    for (const Spot& value : values) {
      if (value.is_call("_+_")) {
        const auto arguments = value.ast->arguments(value.node());
        const auto left = deeper() ? texts(value.at(arguments[0])) : std::nullopt;
        const auto right = left ? texts(value.at(arguments[1])) : std::nullopt;
        --depth_;
        if (!right) return std::nullopt;
        for (const std::string& a : *left) {
          for (const std::string& b : *right) result.push_back(a + b);
          if (result.size() > kMaxTexts || (!result.empty() && result.back().size() > kMaxText)) return std::nullopt;
        }
      } else if (value.node().kind == NodeKind::kLiteral && value.node().literal.is_string()) {
        result.emplace_back(value.node().literal.as_string());
      } else {
        return std::nullopt;
      }
      if (result.size() > kMaxTexts) return std::nullopt;
    }
    return result;
  }

 private:
  static constexpr size_t kMaxTexts = 256;
  static constexpr size_t kMaxText = 512;  // of a sum: bytes
  static constexpr int kMaxDepth = 100;
  static constexpr int kMaxSteps = 10'000;

  bool deeper() { return ++depth_ <= kMaxDepth && ++steps_ <= kMaxSteps; }

  // Adds literals, lists, maps and sums that the value of a node is one of. False if there may be others.
  bool add_values(Spot spot, Spots& out) {
    const bool known = deeper() && add_values_of(spot, out);
    --depth_;
    return known;
  }

  bool add_values_of(Spot spot, Spots& out) {
    const Node& node = spot.node();
    switch (node.kind) {
      case NodeKind::kLiteral:
      case NodeKind::kList:
      case NodeKind::kMap: out.push_back(spot); return true;
      case NodeKind::kIdentifier: return add_values_of_local(spot, out);
      case NodeKind::kSelect: return !node.test_only && add_values_of_field(spot, out);
      case NodeKind::kCall: return add_values_of_call(spot, out);
      case NodeKind::kComprehension: {
        const Comprehension& comprehension = spot.ast->comprehension_of(node);
        if (comprehension.macro == Macro::kBind) return add_values(spot.at(comprehension.result), out);
        return comprehension.macro == Macro::kFilter && add_values(spot.at(comprehension.range), out);
      }
      default: return false;
    }
  }

  bool add_values_of_local(Spot spot, Spots& out) {
    const Reference& reference = spot.reference();
    using enum Reference::Kind;
    if (reference.kind != kIterVar && reference.kind != kIterVar2 && reference.kind != kAccuVar) return false;
    const Comprehension& comprehension = spot.ast->comprehensions[reference.index];
    if (reference.kind == kAccuVar) return comprehension.macro == Macro::kBind && add_values(spot.at(comprehension.init), out);
    const bool second = reference.kind == kIterVar2;
    return add_elements(spot.at(comprehension.range), second, !second && comprehension.iter_var2.empty(), out);
  }

  // What a macro walks over: keys or values of maps; elements of lists, if those are asked for.
  bool add_elements(Spot range, bool values_of_maps, bool alone, Spots& out) {
    Spots ranges;
    if (!add_values(range, ranges)) return false;
    for (const Spot& one : ranges) {
      const Node& node = one.node();
      if (one.is_call("_+_")) {
        for (const NodeId argument : one.ast->arguments(node)) {
          const bool known = deeper() && add_elements(one.at(argument), values_of_maps, alone, out);
          --depth_;
          if (!known) return false;
        }
      } else if (node.kind == NodeKind::kList && (values_of_maps || alone)) {
        for (const NodeId element : one.ast->arguments(node)) {
          if (!add_values(one.at(element), out)) return false;
        }
      } else if (node.kind == NodeKind::kMap) {
        for (const cel::Entry& entry : one.ast->entries_of(node)) {
          if (!add_values(one.at(values_of_maps ? entry.value : entry.key), out)) return false;
        }
      } else {
        return false;
      }
    }
    return true;
  }

  bool add_values_of_field(Spot spot, Spots& out) {
    const Reference& reference = spot.reference();
    if (reference.kind == Reference::Kind::kLazyField) {
      const cel::Program* program = policy_.variables()[reference.field].program.get();
      return program != nullptr && add_values({&program->tree(), program->tree().root}, out);
    }
    return add_values_at(spot.at(spot.node().operand), spot.node().name, out);
  }

  // Of maps what they have under `key`, or under any if that is not known; of lists all elements.
  bool add_values_at(Spot container, std::optional<std::string_view> key, Spots& out) {
    Spots containers;
    if (!add_values(container, containers)) return false;
    for (const Spot& one : containers) {
      const Node& node = one.node();
      if (node.kind == NodeKind::kMap) {
        for (const cel::Entry& entry : one.ast->entries_of(node)) {
          const Node& name = one.ast->node(entry.key);
          const bool other = key && name.kind == NodeKind::kLiteral && name.literal.string_or() != *key;
          if (!other && !add_values(one.at(entry.value), out)) return false;
        }
      } else if (node.kind == NodeKind::kList && !key) {
        for (const NodeId element : one.ast->arguments(node)) {
          if (!add_values(one.at(element), out)) return false;
        }
      } else {
        return false;
      }
    }
    return true;
  }

  bool add_values_of_call(Spot spot, Spots& out) {
    const Node& node = spot.node();
    const auto arguments = spot.ast->arguments(node);
    if (node.name == "_+_") {
      out.push_back(spot);
      return true;
    }
    if (node.name == "_?_:_") return add_values(spot.at(arguments[1]), out) && add_values(spot.at(arguments[2]), out);
    if (node.name == "dyn" || (node.name == "string" && node.operand == cel::kNoNode)) return add_values(spot.at(arguments[0]), out);
    if (node.name != "_[_]") return false;
    const Node& key = spot.ast->node(arguments[1]);
    const bool told = key.kind == NodeKind::kLiteral && key.literal.is_string();
    return add_values_at(spot.at(arguments[0]), told ? std::optional(key.literal.as_string()) : std::nullopt, out);
  }

  const CompiledPolicy& policy_;
  int depth_ = 0, steps_ = 0;
};

bool asks_resources(const Ast& ast, NodeId id) {
  if (ast.node(id).kind != NodeKind::kCall || ast.reference(id).kind != Reference::Kind::kFunction) return false;
  return std::ranges::any_of(ast.overloads_of(id), [](const cel::Signature* overload) { return overload->id.starts_with("resources_"); });
}

void add_from(const CompiledPolicy& policy, const CompiledExpression& expression, const std::string& field, AskedKinds& asked) {
  if (expression.program == nullptr) return;
  const Ast& ast = expression.program->tree();
  for (NodeId id = 0; id < ast.nodes.size(); ++id) {
    if (!asks_resources(ast, id)) continue;
    const Node& call = ast.node(id);
    const auto arguments = ast.arguments(call);
    const auto versions = Foresight(policy).texts({&ast, arguments[0]});
    const auto kinds = Foresight(policy).texts({&ast, arguments[1]});
    if (!versions || !kinds) {
      asked.computed.push_back({Path::parse(field), std::string(call.name)});
      continue;
    }
    for (const std::string& version : *versions) {
      for (const std::string& kind : *kinds) asked.kinds.push_back({version, kind});
    }
  }
}

}  // namespace

void add_asked_kinds(const CompiledPolicy& policy, AskedKinds& asked) {
  const Policy& source = policy.policy();
  if (source.param_kind && source.param_kind->kind != "PackParams") {
    asked.kinds.push_back({source.param_kind->api_version, source.param_kind->kind});
  }
  if (!source.extended) return;
  const size_t computed_before = asked.computed.size();
  for (size_t i = 0; i < source.variables.size(); ++i) {
    const auto name = std::ranges::find(policy.variable_names(), source.variables[i].name);
    const auto field = static_cast<size_t>(name - policy.variable_names().begin());
    add_from(policy, policy.variables()[field], fmt::format("spec.variables[{}].expression", i), asked);
  }
  const auto add_all = [&](const std::vector<CompiledExpression>& expressions, std::string_view group, std::string_view field) {
    for (size_t i = 0; i < expressions.size(); ++i) add_from(policy, expressions[i], fmt::format("spec.{}[{}].{}", group, i, field), asked);
  };
  add_all(policy.match_conditions(), "matchConditions", "expression");
  add_all(policy.validations(), "validations", "expression");
  add_all(policy.messages(), "validations", "messageExpression");
  add_all(policy.audit_annotations(), "auditAnnotations", "valueExpression");
  const auto declared = declared_kinds(source.metadata);
  if (!declared || declared->empty()) return;
  asked.kinds.insert(asked.kinds.end(), declared->begin(), declared->end());
  asked.computed.resize(computed_before);
}

Result<std::vector<AskedKind>> declared_kinds(const Metadata& metadata) {
  constexpr std::string_view kBetween = " ,\t\r\n";
  std::vector<AskedKind> kinds;
  std::string_view rest = metadata.annotation(kResourcesAnnotation);
  while (true) {
    const size_t begin = rest.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) return kinds;
    rest.remove_prefix(begin);
    const std::string_view word = rest.substr(0, rest.find_first_of(kBetween));
    rest.remove_prefix(word.size());
    const size_t slash = word.rfind('/');
    const std::string_view version = word.substr(0, slash == std::string_view::npos ? 0 : slash);
    const std::string_view kind = slash == std::string_view::npos ? std::string_view() : word.substr(slash + 1);
    const bool well_formed = !version.empty() && version.front() != '/' && version.back() != '/' && std::ranges::count(version, '/') <= 1 &&
                             !kind.empty() && std::ranges::all_of(kind, [](unsigned char c) { return std::isalnum(c) != 0; });
    if (!well_formed) {
      return std::unexpected(Error(ErrorCode::kInvalid, fmt::format("annotation {} must list kinds such as v1/Secret or apps/v1/Deployment", kResourcesAnnotation))
                                 .with_fragment(word));
    }
    kinds.push_back({std::string(version), std::string(kind)});
  }
}

}  // namespace plimsoll::policy
