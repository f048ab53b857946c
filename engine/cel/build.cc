#include "engine/cel/build.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "engine/cel/macro.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

// Words that may name a field but not a variable or function.
constexpr std::string_view kReserved[] = {"as",     "break", "const",   "continue",  "else", "for",    "function",
                                          "if",     "import", "let",    "loop",      "package", "namespace", "return",
                                          "var",    "void",  "while",   "false",     "in",   "null",   "true"};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c - 'A' + 10;
}

char simple_escape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return c;
  }
}

// Line ends inside literals are always one \n.
std::string normalize_newlines(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
      result += '\n';
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

NodeId TreeBuilder::add(const Node& node, bool counted) {
  const NodeId id = static_cast<NodeId>(ast_.nodes.size());
  size_t depth = 0;
  size_t levels = 0;
  const auto below = [&](NodeId child) {
    if (child == kNoNode) return;
    depth = std::max<size_t>(depth, depths_[child]);
    levels = std::max<size_t>(levels, counted_[child]);
  };
  below(node.operand);
  switch (node.kind) {
    case NodeKind::kCall:
    case NodeKind::kList:
      for (const NodeId child : ast_.arguments(node)) below(child);
      break;
    case NodeKind::kMap:
    case NodeKind::kMessage:
      for (const Entry& entry : ast_.entries_of(node)) {
        below(entry.key);
        below(entry.value);
      }
      break;
    case NodeKind::kComprehension: {
      const Comprehension& loop = ast_.comprehensions[node.first];
      for (const NodeId child : {loop.range, loop.init, loop.condition, loop.step, loop.result}) below(child);
      break;
    }
    default: break;
  }
  depth += 1;
  if (counted) levels += 1;
  if (depth > kMaxTreeDepth || id >= kMaxNodes) overflown_ = true;
  ast_.nodes.push_back(node);
  depths_.push_back(static_cast<uint16_t>(std::min<size_t>(depth, kMaxTreeDepth)));
  counted_.push_back(static_cast<uint16_t>(std::min<size_t>(levels, kMaxTreeDepth)));
  return id;
}

NodeId TreeBuilder::report(uint32_t offset, std::string message) {
  issues_.report(offset, std::move(message));
  return invalid(offset);
}

NodeId TreeBuilder::invalid(uint32_t offset) {
  return add({.kind = NodeKind::kInvalid, .offset = offset == kNowhere ? kBeforeSource : offset});
}

NodeId TreeBuilder::literal(uint32_t offset, Value value) {
  return add({.kind = NodeKind::kLiteral, .offset = offset, .literal = value});
}

NodeId TreeBuilder::number(uint32_t offset, bool negative, const Token& token) {
  std::string_view digits = text(token);
  if (token.kind == TokenKind::kDouble) {
    // strtod rather than from_chars: what overflows must be told from what underflows to zero.
    const std::string copy = (negative ? "-" : "") + std::string(digits);
    const double value = std::strtod(copy.c_str(), nullptr);
    if (value > 1.7976931348623157e308 || value < -1.7976931348623157e308) return report(offset, "invalid double literal");
    return literal(offset, Value::real(value));
  }
  const bool is_unsigned = token.kind == TokenKind::kUint;
  if (is_unsigned) digits.remove_suffix(1);
  int base = 10;
  if (digits.starts_with("0x")) {
    base = 16;
    digits.remove_prefix(2);
  }
  uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (is_unsigned) {
    if (error != std::errc()) return report(offset, "invalid uint literal");
    return literal(offset, Value::uinteger(magnitude));
  }
  const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (error != std::errc() || magnitude > limit) return report(offset, "invalid int literal");
  return literal(offset, Value::integer(static_cast<int64_t>(negative ? -magnitude : magnitude)));
}

NodeId TreeBuilder::text_literal(const Token& token) {
  const bool bytes = token.kind == TokenKind::kBytes;
  const std::string_view value = unescape(text(token).substr(bytes ? 1 : 0), bytes, token.offset);
  return literal(token.offset, bytes ? Value::bytes(value) : Value::string(value));
}

// The lexer has checked the form; what remains are code points that do not exist and escapes that bytes do not have.
std::string_view TreeBuilder::unescape(std::string_view literal, bool bytes, uint32_t offset) {
  const std::string_view whole = literal;
  const bool raw = literal[0] == 'r' || literal[0] == 'R';
  if (raw) literal.remove_prefix(1);
  const bool triple = literal.size() >= 6 && literal[1] == literal[0] && literal[2] == literal[0];
  const size_t quotes = triple ? 3 : 1;
  literal = literal.substr(quotes, literal.size() - 2 * quotes);
  std::string normalized;
  if (literal.find('\r') != std::string_view::npos) {
    normalized = normalize_newlines(literal);
    literal = normalized;
  }
  if (raw || literal.find('\\') == std::string_view::npos) return normalized.empty() ? literal : ast_.arena.copy(literal);

  std::string result;
  result.reserve(literal.size());
  for (size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] != '\\') {
      result += literal[i];
      continue;
    }
    const char c = literal[++i];
    size_t digits = 0;
    if (c == 'x' || c == 'X') digits = 2;
    if (c == 'u') digits = 4;
    if (c == 'U') digits = 8;
    uint32_t code = 0;
    if (digits > 0) {
      if (bytes && digits > 2) {
        issues_.report(offset, "unable to unescape string");
        return whole;
      }
      for (; digits > 0; --digits) code = code << 4 | static_cast<uint32_t>(hex_digit(literal[++i]));
    } else if (c >= '0' && c <= '3') {
      code = static_cast<uint32_t>((c - '0') * 64 + (literal[i + 1] - '0') * 8 + (literal[i + 2] - '0'));
      i += 2;
    } else {
      result += simple_escape(c);
      continue;
    }
    if (bytes) {
      result += static_cast<char>(code);
    } else if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      issues_.report(offset, "invalid unicode code point");
      return whole;
    } else {
      utf8::append(result, code);
    }
  }
  return ast_.arena.copy(result);
}

bool TreeBuilder::check_reserved(uint32_t offset, std::string_view name) {
  if (name.size() > 9 || std::find(std::begin(kReserved), std::end(kReserved), name) == std::end(kReserved)) return true;
  issues_.report(offset, "reserved identifier: " + std::string(name));
  return false;
}

NodeId TreeBuilder::identifier(uint32_t offset, std::string_view name) {
  return add({.kind = NodeKind::kIdentifier, .offset = offset, .name = name});
}

std::string_view TreeBuilder::field_name(uint32_t offset, const Token& token) {
  const std::string_view name = text(token);
  if (token.kind != TokenKind::kEscapedIdentifier) return name;
  if (!options_.extended) {
    issues_.report(offset, "unsupported syntax: '`'");
    return {};
  }
  return name.substr(1, name.size() - 2);
}

NodeId TreeBuilder::select(uint32_t offset, NodeId operand, std::string_view field, bool test_only) {
  return add({.kind = NodeKind::kSelect, .test_only = test_only, .offset = offset, .operand = operand, .name = field}, true);
}

NodeId TreeBuilder::call(uint32_t offset, std::string_view function, std::span<const NodeId> arguments) {
  return member_call(offset, kNoNode, function, arguments);
}

NodeId TreeBuilder::member_call(uint32_t offset, NodeId target, std::string_view function,
                                std::span<const NodeId> arguments) {
  Node node{.kind = NodeKind::kCall, .offset = offset, .operand = target, .name = function};
  node.first = static_cast<uint32_t>(ast_.children.size());
  node.count = static_cast<uint32_t>(arguments.size());
  ast_.children.insert(ast_.children.end(), arguments.begin(), arguments.end());
  // Operators on two or three operands, optional selection and member calls are levels to cel-go; !, -, && and || and plain calls are not.
  const bool counted = target != kNoNode || (function[0] == '_' && function != "_&&_" && function != "_||_") || function == "@in";
  return add(node, counted);
}

NodeId TreeBuilder::call_or_macro(uint32_t offset, NodeId target, std::string_view function,
                                  std::span<const NodeId> arguments) {
  if (options_.macros) {
    if (const auto expanded = expand_macro(*this, offset, target, function, arguments)) return *expanded;
  }
  return member_call(offset, target, function, arguments);
}

NodeId TreeBuilder::logical(std::string_view function, std::span<const NodeId> terms, std::span<const uint32_t> offsets) {
  if (terms.size() == 1) return terms[0];
  const size_t middle = offsets.size() / 2;
  const NodeId operands[] = {logical(function, terms.first(middle + 1), offsets.first(middle)),
                             logical(function, terms.subspan(middle + 1), offsets.subspan(middle + 1))};
  return call(offsets[middle], function, operands);
}

NodeId TreeBuilder::list(uint32_t offset, std::span<const NodeId> items, std::span<const uint8_t> optional) {
  Node node{.kind = NodeKind::kList, .offset = offset};
  node.first = static_cast<uint32_t>(ast_.children.size());
  node.count = static_cast<uint32_t>(items.size());
  ast_.children.insert(ast_.children.end(), items.begin(), items.end());
  if (std::find(optional.begin(), optional.end(), 1) != optional.end()) {
    node.has_optionals = true;
    ast_.optional_child.resize(ast_.children.size());
    std::copy(optional.begin(), optional.end(), ast_.optional_child.begin() + node.first);
  }
  return add(node);
}

NodeId TreeBuilder::map(uint32_t offset, std::span<const Entry> entries) {
  Node node{.kind = NodeKind::kMap, .offset = offset};
  node.first = static_cast<uint32_t>(ast_.entries.size());
  node.count = static_cast<uint32_t>(entries.size());
  ast_.entries.insert(ast_.entries.end(), entries.begin(), entries.end());
  return add(node);
}

NodeId TreeBuilder::message(uint32_t offset, std::string_view name, std::span<const Entry> fields) {
  Node node{.kind = NodeKind::kMessage, .offset = offset, .name = name};
  node.first = static_cast<uint32_t>(ast_.entries.size());
  node.count = static_cast<uint32_t>(fields.size());
  ast_.entries.insert(ast_.entries.end(), fields.begin(), fields.end());
  return add(node);
}

NodeId TreeBuilder::comprehension(uint32_t offset, const Comprehension& comprehension) {
  Node node{.kind = NodeKind::kComprehension, .offset = offset};
  node.first = static_cast<uint32_t>(ast_.comprehensions.size());
  node.count = 1;
  ast_.comprehensions.push_back(comprehension);
  // A macro is a member call in the source.
  return add(node, true);
}

NodeId TreeBuilder::copy(NodeId id) {
  if (id == kNoNode || overflown_) return id;
  Node copied = ast_.nodes[id];
  const bool counted = copied.kind == NodeKind::kSelect || counted_[id] > 0;
  switch (copied.kind) {
    case NodeKind::kSelect: {
      copied.operand = copy(copied.operand);
      break;
    }
    case NodeKind::kCall:
    case NodeKind::kList: {
      copied.operand = copy(copied.operand);
      std::vector<NodeId> arguments(copied.count);
      for (uint32_t i = 0; i < copied.count; ++i) arguments[i] = copy(ast_.children[copied.first + i]);
      const uint32_t from = copied.first;
      copied.first = static_cast<uint32_t>(ast_.children.size());
      ast_.children.insert(ast_.children.end(), arguments.begin(), arguments.end());
      if (copied.has_optionals) {
        ast_.optional_child.resize(ast_.children.size());
        std::copy_n(ast_.optional_child.begin() + from, copied.count, ast_.optional_child.begin() + copied.first);
      }
      break;
    }
    case NodeKind::kMap:
    case NodeKind::kMessage: {
      std::vector<Entry> entries(ast_.entries.begin() + copied.first, ast_.entries.begin() + copied.first + copied.count);
      for (Entry& entry : entries) {
        entry.key = copy(entry.key);
        entry.value = copy(entry.value);
      }
      copied.first = static_cast<uint32_t>(ast_.entries.size());
      ast_.entries.insert(ast_.entries.end(), entries.begin(), entries.end());
      break;
    }
    case NodeKind::kComprehension: {
      Comprehension loop = ast_.comprehensions[copied.first];
      for (NodeId* part : {&loop.range, &loop.init, &loop.condition, &loop.step, &loop.result}) *part = copy(*part);
      copied.first = static_cast<uint32_t>(ast_.comprehensions.size());
      ast_.comprehensions.push_back(loop);
      break;
    }
    default: break;
  }
  return add(copied, counted);
}

}  // namespace plimsoll::cel
