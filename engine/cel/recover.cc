#include "engine/cel/recover.h"

#include <array>
#include <string>

#include "engine/cel/parse.h"
#include "engine/cel/parse_tree.h"

namespace plimsoll::cel {
namespace {

std::string_view operator_function(TokenKind kind) {
  switch (kind) {
    case TokenKind::kLess: return "_<_";
    case TokenKind::kLessEqual: return "_<=_";
    case TokenKind::kGreater: return "_>_";
    case TokenKind::kGreaterEqual: return "_>=_";
    case TokenKind::kEqual: return "_==_";
    case TokenKind::kNotEqual: return "_!=_";
    case TokenKind::kIn: return "@in";
    case TokenKind::kStar: return "_*_";
    case TokenKind::kSlash: return "_/_";
    case TokenKind::kPercent: return "_%_";
    case TokenKind::kPlus: return "_+_";
    case TokenKind::kMinus: return "_-_";
    default: return {};
  }
}

// Makes nodes of a parse tree, whole or not. Where parts are missing it makes do: an issue has been reported already.
class TreeReader {
 public:
  TreeReader(TreeBuilder& builder, Issues& issues) : builder_(builder), issues_(issues) {}

  NodeId read(const Context* context) {
    context = unnest(context);
    if (context == nullptr || too_deep_) return incomplete();
    const bool counted = context->rule == Rule::kExpr || context->rule == Rule::kRelation || context->rule == Rule::kCalc ||
                         context->label == Label::kSelect || context->label == Label::kMemberCall ||
                         context->label == Label::kIndex;
    if (!counted) return read_kind(*context);
    if (++depth_ > kMaxNesting) {
      too_deep_ = true;
      issues_.report(kNowhere, "max recursion depth exceeded");
      issues_.close();
      return builder_.invalid(kNowhere);
    }
    const NodeId node = read_kind(*context);
    --depth_;
    return node;
  }

 private:
  using Part = Context::Part;

  // The first rule below `context` that is more than a step to the next rule.
  static const Context* unnest(const Context* context) {
    while (context != nullptr) {
      switch (context->rule) {
        case Rule::kStart: break;
        case Rule::kExpr:
        case Rule::kConditionalOr:
        case Rule::kConditionalAnd:
        case Rule::kRelation:
        case Rule::kCalc:
          if (context->find(Slot::kOperator) != nullptr) return context;
          break;
        default:
          if (context->label != Label::kMemberExpr && context->label != Label::kPrimaryExpr &&
              context->label != Label::kNested && context->label != Label::kConstantLiteral) {
            return context;
          }
      }
      context = context->child(Slot::kOperand);
    }
    return nullptr;
  }

  NodeId incomplete() {
    if (issues_.empty()) return builder_.report(kNowhere, "unknown parse element encountered: <<nil>>");
    return builder_.invalid(kNowhere);
  }

  static uint32_t offset_of(const Part* part) { return part == nullptr ? kNowhere : part->token.offset; }

  NodeId read_kind(const Context& context) {
    switch (context.rule) {
      case Rule::kExpr: {
        const NodeId condition = read(context.child(Slot::kOperand));
        const NodeId yes = read(context.child(Slot::kSecond));
        const NodeId no = read(context.child(Slot::kThird));
        return builder_.call(offset_of(context.find(Slot::kOperator)), "_?_:_", std::array{condition, yes, no});
      }
      case Rule::kConditionalOr: return read_chain(context, "_||_", "unexpected character, wanted '||'");
      case Rule::kConditionalAnd: return read_chain(context, "_&&_", "unexpected character, wanted '&&'");
      case Rule::kRelation:
      case Rule::kCalc: {
        const Part* op = context.find(Slot::kOperator);
        const std::string_view function = operator_function(op->token.kind);
        if (function.empty() || op->missing) return builder_.report(context.start, "operator not found");
        const NodeId left = read(context.child(Slot::kOperand));
        const NodeId right = read(context.child(Slot::kSecond));
        return builder_.call(op->token.offset, function, std::array{left, right});
      }
      case Rule::kUnary: return read_unary(context);
      case Rule::kMember: return read_member(context);
      case Rule::kPrimary: return read_primary(context);
      case Rule::kLiteral: return read_literal(context);
      default: return incomplete();
    }
  }

  NodeId read_chain(const Context& context, std::string_view function, std::string_view complaint) {
    std::vector<NodeId> terms = {read(context.child(Slot::kOperand))};
    std::vector<uint32_t> offsets;
    const auto operands = context.all(Slot::kSecond);
    const auto operators = context.all(Slot::kOperator);
    for (size_t i = 0; i < operators.size(); ++i) {
      if (i >= operands.size()) return builder_.report(context.start, std::string(complaint));
      terms.push_back(read(operands[i].child));
      offsets.push_back(operators[i].token.offset);
    }
    return builder_.logical(function, terms, offsets);
  }

  NodeId read_unary(const Context& context) {
    if (context.label == Label::kNone) return builder_.literal(context.start, Value::string("<<error>>"));
    const auto operators = context.all(Slot::kOperator);
    const NodeId operand = read(context.child(Slot::kOperand));
    if (operators.size() % 2 == 0) return operand;
    return builder_.call(operators[0].token.offset, context.label == Label::kLogicalNot ? "!_" : "-_", std::array{operand});
  }

  NodeId read_member(const Context& context) {
    const NodeId operand = read(context.child(Slot::kOperand));
    const Part* op = context.find(Slot::kOperator);
    const Part* name = context.find(Slot::kName);
    switch (context.label) {
      case Label::kSelect: {
        if (name == nullptr || op == nullptr) return builder_.invalid(context.start);
        const Context& identifier = *name->child;
        const std::string_view field = read_field(identifier);
        if (context.find(Slot::kOptional) == nullptr) return builder_.select(op->token.offset, operand, field);
        const NodeId literal = builder_.literal(identifier.start, Value::string(field));
        return builder_.call(op->token.offset, "_?._", std::array{operand, literal});
      }
      case Label::kMemberCall: {
        if (name == nullptr) return builder_.invalid(context.start);
        const std::vector<NodeId> arguments = read_expressions(context.child(Slot::kArguments));
        return builder_.call_or_macro(offset_of(op), operand, text(*name), arguments);
      }
      case Label::kIndex: {
        if (op == nullptr) return builder_.invalid(context.start);
        const NodeId index = read(context.child(Slot::kSecond));
        const bool is_optional = context.find(Slot::kOptional) != nullptr;
        return builder_.call(op->token.offset, is_optional ? "_[?_]" : "_[_]", std::array{operand, index});
      }
      default: return incomplete();
    }
  }

  NodeId read_primary(const Context& context) {
    const Part* op = context.find(Slot::kOperator);
    const Part* name = context.find(Slot::kName);
    const Context* inner = context.child(Slot::kArguments);
    switch (context.label) {
      case Label::kIdent:
      case Label::kGlobalCall: {
        if (name == nullptr) return builder_.invalid(context.start);
        std::string_view word = text(*name);
        if (!builder_.check_reserved(context.start, word)) return builder_.invalid(context.start);
        if (context.find(Slot::kLeadingDot) != nullptr) word = builder_.ast().arena.copy("." + std::string(word));
        if (context.label == Label::kIdent) return builder_.identifier(name->token.offset, word);
        return builder_.call_or_macro(offset_of(op), kNoNode, word, read_expressions(inner));
      }
      case Label::kCreateList: {
        std::vector<NodeId> items;
        std::vector<uint8_t> optional;
        if (inner != nullptr) {
          for (const Part& part : inner->all(Slot::kOperand)) {
            items.push_back(read(part.child->child(Slot::kOperand)));
            optional.push_back(part.child->find(Slot::kOptional) != nullptr);
          }
        }
        return builder_.list(offset_of(op), items, optional);
      }
      case Label::kCreateStruct: return builder_.map(offset_of(op), read_entries(inner, false));
      case Label::kCreateMessage: {
        std::string type = context.find(Slot::kLeadingDot) != nullptr ? "." : "";
        const auto names = context.all(Slot::kName);
        for (size_t i = 0; i < names.size(); ++i) {
          if (i > 0) type += '.';
          type += text(names[i]);
        }
        return builder_.message(offset_of(op), builder_.ast().arena.copy(type), read_entries(inner, true));
      }
      default: return incomplete();
    }
  }

  NodeId read_literal(const Context& context) {
    const Part* value = context.find(Slot::kName);
    if (value == nullptr || value->missing) return incomplete();
    switch (value->token.kind) {
      case TokenKind::kTrue: return builder_.literal(context.start, Value::boolean(true));
      case TokenKind::kFalse: return builder_.literal(context.start, Value::boolean(false));
      case TokenKind::kNull: return builder_.literal(context.start, Value::null());
      case TokenKind::kString:
      case TokenKind::kBytes: return builder_.text_literal(value->token);
      default: return builder_.number(context.start, context.find(Slot::kSign) != nullptr, value->token);
    }
  }

  std::vector<NodeId> read_expressions(const Context* list) {
    std::vector<NodeId> result;
    if (list == nullptr) return result;
    for (const Part& part : list->all(Slot::kOperand)) result.push_back(read(part.child));
    return result;
  }

  std::vector<Entry> read_entries(const Context* list, bool fields) {
    std::vector<Entry> result;
    if (list == nullptr) return result;
    const auto keys = list->all(Slot::kOperand);
    const auto colons = list->all(Slot::kOperator);
    const auto values = list->all(Slot::kSecond);
    const size_t count = fields ? keys.size() : colons.size();
    for (size_t i = 0; i < count; ++i) {
      if (i >= keys.size() || i >= values.size() || i >= colons.size()) return {};
      const Context& key = *keys[i].child;
      Entry entry;
      entry.offset = colons[i].token.offset;
      entry.optional = key.find(Slot::kOptional) != nullptr;
      if (fields) {
        const size_t before = issues_.count();
        const Context* identifier = key.child(Slot::kName);
        if (identifier != nullptr) entry.field = read_field(*identifier, list->start);
        if (issues_.count() > before) continue;
      } else {
        entry.key = read(key.child(Slot::kOperand));
      }
      entry.value = read(values[i].child);
      result.push_back(entry);
    }
    return result;
  }

  std::string_view read_field(const Context& identifier) { return read_field(identifier, identifier.start); }

  std::string_view read_field(const Context& identifier, uint32_t offset) {
    const Part* name = identifier.find(Slot::kName);
    if (name == nullptr) {
      issues_.report(offset, "unsupported ident kind");
      return {};
    }
    return name->missing ? text(*name) : builder_.field_name(offset, name->token);
  }

  // The text that cel-go's parser gives to a token it made up.
  std::string_view text(const Part& part) const { return part.missing ? "<missing >" : builder_.text(part.token); }

  TreeBuilder& builder_;
  Issues& issues_;
  size_t depth_ = 0;
  bool too_deep_ = false;
};

}  // namespace

NodeId parse_with_recovery(TreeBuilder& builder, Issues& issues) {
  const ParseTree tree = parse_tree(builder.ast().source, issues);
  return tree.root == nullptr ? kNoNode : TreeReader(builder, issues).read(tree.root);
}

}  // namespace plimsoll::cel
