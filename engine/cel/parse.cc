#include "engine/cel/parse.h"

#include <fmt/format.h>

#include <array>

#include "engine/cel/lex.h"
#include "engine/cel/recover.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

// Recursive descent over the grammar of cel-go (parser/gen/CEL.g4). Methods are named after its rules. A method that returns
// kNoNode has given up, and so does every method above it.
class Parser {
 public:
  explicit Parser(TreeBuilder& builder) : builder_(builder), lexer_(builder.ast().source) {
    token_ = lexer_.next();
    ahead_ = lexer_.next();
  }

  NodeId parse() {
    const NodeId root = expression();
    return token_.kind == TokenKind::kEnd ? root : kNoNode;
  }

 private:
  // One more level of a rule for as long as this lives.
  class Level {
   public:
    explicit Level(size_t& count) : count_(++count) {}
    ~Level() { --count_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    bool too_deep() const { return count_ > kMaxNesting; }

   private:
    size_t& count_;
  };

  bool at(TokenKind kind) const { return token_.kind == kind; }
  Token advance() {
    const Token token = token_;
    token_ = ahead_;
    ahead_ = lexer_.next();
    return token;
  }
  bool accept(TokenKind kind) {
    if (!at(kind)) return false;
    advance();
    return true;
  }

  NodeId expression();
  NodeId chain(TokenKind op, std::string_view function);
  NodeId relation();
  NodeId calculation(int precedence);
  NodeId unary();
  NodeId member();
  NodeId primary();
  NodeId name_or_message(bool leading_dot);
  NodeId list();
  NodeId map();
  NodeId message(const Token& first, bool leading_dot);
  // The arguments up to the closing parenthesis, pushed onto the stack.
  bool arguments();

  std::span<const NodeId> since(size_t mark) const { return std::span(stack_).subspan(mark); }

  TreeBuilder& builder_;
  Lexer lexer_;
  Token token_;
  Token ahead_;
  size_t expression_depth_ = 0;
  size_t relation_depth_ = 0;
  size_t calculation_depth_ = 0;
  std::vector<NodeId> stack_;  // operands of what is being parsed, each user above its mark
  std::vector<uint32_t> operators_;
  std::vector<Entry> entries_;
};

NodeId Parser::expression() {
  const Level level(expression_depth_);
  if (level.too_deep()) return kNoNode;
  const NodeId condition = chain(TokenKind::kOr, "_||_");
  if (condition == kNoNode || !at(TokenKind::kQuestion)) return condition;
  const uint32_t offset = advance().offset;
  const NodeId yes = chain(TokenKind::kOr, "_||_");
  if (yes == kNoNode || !accept(TokenKind::kColon)) return kNoNode;
  const NodeId no = expression();
  if (no == kNoNode) return kNoNode;
  return builder_.call(offset, "_?_:_", std::array{condition, yes, no});
}

// conditionalOr and conditionalAnd.
NodeId Parser::chain(TokenKind op, std::string_view function) {
  const bool is_or = op == TokenKind::kOr;
  const NodeId first = is_or ? chain(TokenKind::kAnd, "_&&_") : relation();
  if (first == kNoNode || !at(op)) return first;
  const size_t mark = stack_.size();
  const size_t operator_mark = operators_.size();
  stack_.push_back(first);
  while (at(op)) {
    operators_.push_back(advance().offset);
    const NodeId next = is_or ? chain(TokenKind::kAnd, "_&&_") : relation();
    if (next == kNoNode) return kNoNode;
    stack_.push_back(next);
  }
  const NodeId result = builder_.logical(function, since(mark), std::span(operators_).subspan(operator_mark));
  stack_.resize(mark);
  operators_.resize(operator_mark);
  return result;
}

std::string_view relation_function(TokenKind kind) {
  switch (kind) {
    case TokenKind::kLess: return "_<_";
    case TokenKind::kLessEqual: return "_<=_";
    case TokenKind::kGreater: return "_>_";
    case TokenKind::kGreaterEqual: return "_>=_";
    case TokenKind::kEqual: return "_==_";
    case TokenKind::kNotEqual: return "_!=_";
    case TokenKind::kIn: return "@in";
    default: return {};
  }
}

NodeId Parser::relation() {
  const Level level(relation_depth_);
  if (level.too_deep()) return kNoNode;
  NodeId left = calculation(0);
  while (left != kNoNode) {
    const std::string_view function = relation_function(token_.kind);
    if (function.empty()) break;
    const uint32_t offset = advance().offset;
    // The right operand is a relation that takes no further operator.
    const Level right_level(relation_depth_);
    if (right_level.too_deep()) return kNoNode;
    const NodeId right = calculation(0);
    if (right == kNoNode) return kNoNode;
    left = builder_.call(offset, function, std::array{left, right});
  }
  return left;
}

struct Calculation {
  std::string_view function;
  int precedence = 0;
};

Calculation calculation_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::kStar: return {"_*_", 2};
    case TokenKind::kSlash: return {"_/_", 2};
    case TokenKind::kPercent: return {"_%_", 2};
    case TokenKind::kPlus: return {"_+_", 1};
    case TokenKind::kMinus: return {"_-_", 1};
    default: return {};
  }
}

NodeId Parser::calculation(int precedence) {
  const Level level(calculation_depth_);
  if (level.too_deep()) return kNoNode;
  NodeId left = unary();
  while (left != kNoNode) {
    const Calculation operation = calculation_of(token_.kind);
    if (operation.precedence == 0 || operation.precedence < precedence) break;
    const uint32_t offset = advance().offset;
    const NodeId right = calculation(operation.precedence + 1);
    if (right == kNoNode) return kNoNode;
    left = builder_.call(offset, operation.function, std::array{left, right});
  }
  return left;
}

NodeId Parser::unary() {
  const TokenKind op = token_.kind;
  if (op != TokenKind::kNot && op != TokenKind::kMinus) return member();
  // A minus directly before a number belongs to the literal.
  if (op == TokenKind::kMinus && (ahead_.kind == TokenKind::kInt || ahead_.kind == TokenKind::kDouble)) return member();
  const uint32_t offset = token_.offset;
  size_t count = 0;
  while (accept(op)) ++count;
  const NodeId operand = member();
  if (operand == kNoNode || count % 2 == 0) return operand;
  return builder_.call(offset, op == TokenKind::kNot ? "!_" : "-_", std::array{operand});
}

NodeId Parser::member() {
  NodeId operand = primary();
  while (operand != kNoNode) {
    if (at(TokenKind::kDot)) {
      const uint32_t dot = advance().offset;
      const bool optional = accept(TokenKind::kQuestion);
      if (!at(TokenKind::kIdentifier) && !at(TokenKind::kEscapedIdentifier)) return kNoNode;
      const Token name = advance();
      if (!optional && name.kind == TokenKind::kIdentifier && at(TokenKind::kLeftParen)) {
        const uint32_t offset = advance().offset;
        const size_t mark = stack_.size();
        if (!arguments()) return kNoNode;
        operand = builder_.call_or_macro(offset, operand, builder_.text(name), since(mark));
        stack_.resize(mark);
        continue;
      }
      const std::string_view field = builder_.field_name(name.offset, name);
      if (optional) {
        const NodeId literal = builder_.literal(name.offset, Value::string(field));
        operand = builder_.call(dot, "_?._", std::array{operand, literal});
      } else {
        operand = builder_.select(dot, operand, field);
      }
    } else if (at(TokenKind::kLeftBracket)) {
      const uint32_t offset = advance().offset;
      const bool optional = accept(TokenKind::kQuestion);
      const NodeId index = expression();
      if (index == kNoNode || !accept(TokenKind::kRightBracket)) return kNoNode;
      operand = builder_.call(offset, optional ? "_[?_]" : "_[_]", std::array{operand, index});
    } else {
      break;
    }
  }
  return operand;
}

NodeId Parser::primary() {
  switch (token_.kind) {
    case TokenKind::kIdentifier: return name_or_message(false);
    case TokenKind::kDot:
      advance();
      return at(TokenKind::kIdentifier) ? name_or_message(true) : kNoNode;
    case TokenKind::kLeftParen: {
      advance();
      const NodeId nested = expression();
      return accept(TokenKind::kRightParen) ? nested : kNoNode;
    }
    case TokenKind::kLeftBracket: return list();
    case TokenKind::kLeftBrace: return map();
    case TokenKind::kInt:
    case TokenKind::kUint:
    case TokenKind::kDouble: {
      const Token token = advance();
      return builder_.number(token.offset, false, token);
    }
    case TokenKind::kMinus: {
      const uint32_t offset = advance().offset;
      if (!at(TokenKind::kInt) && !at(TokenKind::kDouble)) return kNoNode;
      return builder_.number(offset, true, advance());
    }
    case TokenKind::kString:
    case TokenKind::kBytes: return builder_.text_literal(advance());
    case TokenKind::kTrue: return builder_.literal(advance().offset, Value::boolean(true));
    case TokenKind::kFalse: return builder_.literal(advance().offset, Value::boolean(false));
    case TokenKind::kNull: return builder_.literal(advance().offset, Value::null());
    default: return kNoNode;
  }
}

// A name, a call, or a message: `a.b.C{...}`, which only the brace tells from a selection.
NodeId Parser::name_or_message(bool leading_dot) {
  const Token first = advance();
  Lexer ahead = lexer_;
  Token next = token_;
  Token after = ahead_;
  while (next.kind == TokenKind::kDot && after.kind == TokenKind::kIdentifier) {
    next = ahead.next();
    after = ahead.next();
  }
  if (next.kind == TokenKind::kLeftBrace) return message(first, leading_dot);

  std::string_view name = builder_.text(first);
  if (!builder_.check_reserved(first.offset, name)) return kNoNode;
  if (leading_dot) name = builder_.ast().arena.copy("." + std::string(name));
  if (!at(TokenKind::kLeftParen)) return builder_.identifier(first.offset, name);
  const uint32_t offset = advance().offset;
  const size_t mark = stack_.size();
  if (!arguments()) return kNoNode;
  const NodeId call = builder_.call_or_macro(offset, kNoNode, name, since(mark));
  stack_.resize(mark);
  return call;
}

bool Parser::arguments() {
  if (accept(TokenKind::kRightParen)) return true;
  do {
    const NodeId argument = expression();
    if (argument == kNoNode) return false;
    stack_.push_back(argument);
  } while (accept(TokenKind::kComma));
  return accept(TokenKind::kRightParen);
}

NodeId Parser::list() {
  const uint32_t offset = advance().offset;
  const size_t mark = stack_.size();
  std::vector<uint8_t> optional;
  // A comma may follow the last item, and may stand alone.
  bool more = true;
  while (more && !at(TokenKind::kRightBracket) && !at(TokenKind::kComma)) {
    const bool is_optional = accept(TokenKind::kQuestion);
    const NodeId item = expression();
    if (item == kNoNode) return kNoNode;
    stack_.push_back(item);
    if (is_optional) {
      optional.resize(stack_.size() - mark);
      optional.back() = 1;
    }
    more = at(TokenKind::kComma) && ahead_.kind != TokenKind::kRightBracket && accept(TokenKind::kComma);
    if (more && at(TokenKind::kComma)) return kNoNode;
  }
  accept(TokenKind::kComma);
  if (!accept(TokenKind::kRightBracket)) return kNoNode;
  if (!optional.empty()) optional.resize(stack_.size() - mark);
  const NodeId result = builder_.list(offset, since(mark), optional);
  stack_.resize(mark);
  return result;
}

NodeId Parser::map() {
  const uint32_t offset = advance().offset;
  const size_t mark = entries_.size();
  bool more = true;
  while (more && !at(TokenKind::kRightBrace) && !at(TokenKind::kComma)) {
    Entry entry;
    entry.optional = accept(TokenKind::kQuestion);
    entry.key = expression();
    if (entry.key == kNoNode || !at(TokenKind::kColon)) return kNoNode;
    entry.offset = advance().offset;
    entry.value = expression();
    if (entry.value == kNoNode) return kNoNode;
    entries_.push_back(entry);
    more = at(TokenKind::kComma) && ahead_.kind != TokenKind::kRightBrace && accept(TokenKind::kComma);
    if (more && at(TokenKind::kComma)) return kNoNode;
  }
  accept(TokenKind::kComma);
  if (!accept(TokenKind::kRightBrace)) return kNoNode;
  const NodeId result = builder_.map(offset, std::span(entries_).subspan(mark));
  entries_.resize(mark);
  return result;
}

NodeId Parser::message(const Token& first, bool leading_dot) {
  std::string name = leading_dot ? "." : "";
  name += builder_.text(first);
  while (!at(TokenKind::kLeftBrace)) {
    advance();
    name += '.';
    name += builder_.text(advance());
  }

  const uint32_t offset = advance().offset;
  const size_t mark = entries_.size();
  bool more = true;
  while (more && !at(TokenKind::kRightBrace) && !at(TokenKind::kComma)) {
    Entry entry;
    entry.optional = accept(TokenKind::kQuestion);
    if (!at(TokenKind::kIdentifier) && !at(TokenKind::kEscapedIdentifier)) return kNoNode;
    const Token name_token = advance();
    entry.field = builder_.field_name(name_token.offset, name_token);
    if (!at(TokenKind::kColon)) return kNoNode;
    entry.offset = advance().offset;
    entry.value = expression();
    if (entry.value == kNoNode) return kNoNode;
    entries_.push_back(entry);
    more = at(TokenKind::kComma) && ahead_.kind != TokenKind::kRightBrace && accept(TokenKind::kComma);
    if (more && at(TokenKind::kComma)) return kNoNode;
  }
  accept(TokenKind::kComma);
  if (!accept(TokenKind::kRightBrace)) return kNoNode;
  const NodeId result = builder_.message(offset, builder_.ast().arena.copy(name), std::span(entries_).subspan(mark));
  entries_.resize(mark);
  return result;
}

void start(Ast& ast, std::string_view source) {
  ast = Ast();
  ast.source = ast.arena.copy(source);
  ast.nodes.reserve(source.size() / 3 + 8);
  ast.children.reserve(source.size() / 4 + 8);
}

}  // namespace

bool parse(std::string_view source, const SyntaxOptions& options, Ast& ast, Issues& issues) {
  if (source.size() > kMaxCodePoints) {
    const size_t length = utf8::length(source);
    if (length > kMaxCodePoints) {
      issues.report(kNowhere, fmt::format("expression code point size exceeds limit: size: {}, limit {}", length, kMaxCodePoints));
      return false;
    }
  }
  {
    start(ast, source);
    Issues discarded(ast.source);
    TreeBuilder builder(ast, options, discarded);
    ast.root = Parser(builder).parse();
    if (ast.root != kNoNode && discarded.empty() && !builder.overflown() && builder.counted_depth(ast.root) <= kMaxNesting) {
      return true;
    }
  }
  start(ast, source);
  TreeBuilder builder(ast, options, issues);
  ast.root = parse_with_recovery(builder, issues);
  if (issues.empty() && (ast.root == kNoNode || builder.overflown())) issues.report(kNowhere, "expression is too large");
  return issues.empty();
}

}  // namespace plimsoll::cel
