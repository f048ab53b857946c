#include "engine/edit/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/value/json.h"
#include "engine/value/utf8.h"
#include "engine/yaml/scalar.h"
#include "engine/yaml/writer.h"

namespace plimsoll::edit {
namespace {

constexpr uint32_t kMaxIndent = 8;

// Votes for a small number.
class Votes {
 public:
  void add(int64_t number) {
    if (number >= 0 && number <= kMaxIndent) ++counts_[static_cast<size_t>(number)];
  }
  uint32_t winner(uint32_t fallback) const {
    const auto best = std::max_element(counts_.begin(), counts_.end());
    return *best == 0 ? fallback : static_cast<uint32_t>(best - counts_.begin());
  }

 private:
  std::array<size_t, kMaxIndent + 1> counts_{};
};

struct Habits {
  Votes indent, list_indent, item_indent;
  size_t plain = 0, single = 0, dbl = 0;
  size_t flow_lists = 0, block_lists = 0;
};

// Text that could as well stand without quotes.
bool is_plain(std::string_view text, bool in_flow) {
  if (text.empty() || text.size() > 1000 || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  constexpr std::string_view kIndicators = "?:,[]{}#&*!|>'\"%@`=<~";
  if (kIndicators.find(text.front()) != std::string_view::npos) return false;
  if (text.front() == '-' && (text.size() == 1 || text[1] == ' ' || in_flow)) return false;
  if (text.starts_with("---") || text.starts_with("...")) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  if (in_flow && text.find_first_of(",[]{}:?") != std::string_view::npos) return false;
  for (size_t at = 0; at < text.size();) {
    const utf8::Rune rune = utf8::decode(text.substr(at));
    const char32_t code = rune.code;
    const bool printable = rune.valid && code >= 0x20 && (code < 0x7f || code > 0x9f) && code != 0x2028 && code != 0x2029 &&
                           code != 0xfeff && code < 0xfffe;
    if (!printable) return false;
    at += rune.size;
  }
  return !yaml::reads_as_other_type(text) && yaml::resolve_plain(text).type == yaml::ScalarType::kString;
}

bool fits_single_quotes(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const utf8::Rune rune = utf8::decode(text.substr(at));
    if (!rune.valid || rune.code < 0x20 || (rune.code >= 0x7f && rune.code <= 0x9f) || rune.code == 0x2028 || rune.code == 0x2029 ||
        rune.code == 0xfeff || rune.code >= 0xfffe) {
      return false;
    }
    at += rune.size;
  }
  return true;
}

std::string quoted(std::string_view text, Quote quote) {
  std::string out;
  if (quote == Quote::kSingle && fits_single_quotes(text)) {
    out = "'";
    for (const char c : text) {
      out += c;
      if (c == '\'') out += c;
    }
    return out += '\'';
  }
  for (const char c : text) {
    // JSON leaves these as they are; YAML forbids DEL, and C1 characters but NEL.
    if (static_cast<unsigned char>(c) == 0x7f) return {};
  }
  json::append_quoted(out, text);
  return out;
}

// Text of lines that a literal block can hold without an indentation indicator, and with at most one line end behind it.
bool fits_literal(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n' || text.front() == '\t') return false;
  if (text.ends_with("\n\n") || text.find("\n \n") != std::string_view::npos) return false;
  std::string without;
  for (const char c : text) {
    if (c != '\n' && c != '\t') without += c;
  }
  return fits_single_quotes(without);
}

bool only_scalars(const Value& list) {
  return std::all_of(list.items().begin(), list.items().end(), [](const Value& item) {
    return !item.is_map() && !item.is_list() && !(item.is_string() && item.as_string().find('\n') != std::string_view::npos);
  });
}

bool needs_lines(const Value& value, const Style& style) {
  if (!(value.is_map() || value.is_list()) || value.size() == 0) return false;
  return value.is_map() || !style.flow_lists || !only_scalars(value);
}

FlowStyle flow_style(const Style& style) {
  FlowStyle flow;
  flow.quote = style.quote;
  flow.needed = style.needed;
  return flow;
}

}  // namespace

Style Style::of(const SyntaxTree& tree) {
  Habits habits;
  std::vector<NodeId> pending(tree.roots().begin(), tree.roots().end());
  while (!pending.empty()) {
    const SyntaxNode& node = tree.node(pending.back());
    pending.pop_back();
    const auto children = tree.children(node);
    const bool map = node.kind == SyntaxNode::Kind::kMap;
    for (size_t i = 0; i < children.size(); ++i) {
      const SyntaxNode& child = tree.node(children[i]);
      if (map && i % 2 == 0) continue;
      pending.push_back(children[i]);
      if (child.kind == SyntaxNode::Kind::kScalar) {
        if (child.style == SyntaxNode::Style::kSingleQuoted) ++habits.single;
        if (child.style == SyntaxNode::Style::kDoubleQuoted) ++habits.dbl;
        if (child.style == SyntaxNode::Style::kPlain &&
            yaml::resolve_plain(tree.text().substr(child.start, child.end - child.start)).type == yaml::ScalarType::kString) {
          ++habits.plain;
        }
      } else if (child.kind == SyntaxNode::Kind::kList && child.child_count > 0) {
        const bool scalars = std::ranges::all_of(
            tree.children(child), [&](NodeId id) { return tree.node(id).kind == SyntaxNode::Kind::kScalar; });
        if (scalars) ++(child.is_block() ? habits.block_lists : habits.flow_lists);
      }
      if (!node.is_block() || !child.is_block()) continue;
      const auto inner = static_cast<int64_t>(tree.column(child.start));
      if (map) {
        const auto outer = static_cast<int64_t>(tree.column(tree.node(children[i - 1]).outer));
        (child.kind == SyntaxNode::Kind::kMap ? habits.indent : habits.list_indent).add(inner - outer);
      } else if (tree.line_start(child.start) <= tree.node(node.first_child).start) {
        habits.item_indent.add(inner - static_cast<int64_t>(tree.column(node.start)));
      }
    }
  }
  Style style;
  style.indent = std::max(1U, habits.indent.winner(2));
  style.list_indent = habits.list_indent.winner(0);
  style.item_indent = std::max(2U, habits.item_indent.winner(2));
  style.needed = habits.single > habits.dbl ? Quote::kSingle : Quote::kDouble;
  if (habits.single + habits.dbl > habits.plain) style.quote = style.needed;
  style.flow_lists = habits.flow_lists > habits.block_lists;
  return style;
}

Result<std::string> write_scalar(const Value& value, Quote quote, Quote needed, bool in_flow) {
  switch (value.kind()) {
    case Kind::kNull:
      return std::string("null");
    case Kind::kBool:
      return std::string(value.as_bool() ? "true" : "false");
    case Kind::kInt:
      return std::to_string(value.as_int());
    case Kind::kUint:
      return std::to_string(value.as_uint());
    case Kind::kDouble: {
      if (!std::isfinite(value.as_double())) break;
      std::string out;
      json::append_double(out, value.as_double());
      return out;
    }
    case Kind::kString: {
      const std::string_view text = value.as_string();
      const bool plain = is_plain(text, in_flow);
      if (plain && quote == Quote::kNone) return std::string(text);
      std::string out = quoted(text, plain ? quote : needed);
      if (!out.empty()) return out;
      break;
    }
    case Kind::kMap:
      if (value.size() == 0) return std::string("{}");
      break;
    case Kind::kList:
      if (value.size() == 0) return std::string("[]");
      break;
    default:
      break;
  }
  return fail(ErrorCode::kInvalid, fmt::format("no text stands for this {}", kind_name(value.kind())));
}

std::string write_key(std::string_view key, bool in_flow) {
  return is_plain(key, in_flow) && key.size() < 128 ? std::string(key) : quoted(key, Quote::kDouble);
}

Result<std::string> write_block(const Value& value, uint32_t column, const Style& style, std::string_view line_end) {
  const std::string indent(column, ' ');
  std::string out;
  if (!needs_lines(value, style)) {
    if (value.is_list() && value.size() > 0) return write_flow(value, flow_style(style));
    return write_scalar(value, style.quote, style.needed, false);
  }
  if (value.is_map()) {
    for (const Map::Entry& entry : *value.as_map()) {
      if (!entry.key.is_string()) return fail(ErrorCode::kInvalid, "a key that is no text");
      if (!out.empty()) (out += line_end) += indent;
      out += write_key(entry.key.as_string(), false);
      out += ':';
      PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, write_after_key(entry.value, column, style, line_end));
      out += text;
    }
    return out;
  }
  for (const Value& item : *value.as_list()) {
    if (!out.empty()) (out += line_end) += indent;
    out += '-';
    out += std::string(style.item_indent - 1, ' ');
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, write_block(item, column + style.item_indent, style, line_end));
    out += text;
  }
  return out;
}

Result<std::string> write_after_key(const Value& value, uint32_t column, const Style& style, std::string_view line_end) {
  if (needs_lines(value, style)) {
    const uint32_t inner = column + (value.is_map() ? style.indent : style.list_indent);
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, write_block(value, inner, style, line_end));
    return fmt::format("{}{}{}", line_end, std::string(inner, ' '), text);
  }
  if (value.is_string() && fits_literal(value.as_string())) {
    std::string_view text = value.as_string();
    const bool ends = text.ends_with('\n');
    if (ends) text.remove_suffix(1);
    std::string out = ends ? " |" : " |-";
    const std::string indent(column + style.indent, ' ');
    for (size_t at = 0; at <= text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      out += line_end;
      if (end > at) (out += indent) += text.substr(at, end - at);
      at = end + 1;
    }
    return out;
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, write_block(value, column, style, line_end));
  return " " + text;
}

Result<std::string> write_flow(const Value& value, const FlowStyle& style) {
  if ((!value.is_map() && !value.is_list()) || value.size() == 0) {
    const Quote quote = style.json ? Quote::kDouble : style.quote;
    return write_scalar(value, quote, style.json ? Quote::kDouble : style.needed, true);
  }
  FlowStyle inner = style;
  inner.indent += style.step;
  std::string out = value.is_map() ? "{" : "[";
  const auto separate = [&](bool first) {
    if (style.lines) {
      if (!first) out += ',';
      (out += style.line_end) += inner.indent;
    } else if (!first) {
      out += style.comma;
    }
  };
  if (value.is_map()) {
    bool first = true;
    for (const Map::Entry& entry : *value.as_map()) {
      if (!entry.key.is_string()) return fail(ErrorCode::kInvalid, "a key that is no text");
      separate(first);
      first = false;
      out += style.json ? quoted(entry.key.as_string(), Quote::kDouble) : write_key(entry.key.as_string(), true);
      out += style.colon;
      PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, write_flow(entry.value, inner));
      out += text;
    }
  } else {
    bool first = true;
    for (const Value& item : *value.as_list()) {
      separate(first);
      first = false;
      PLIMSOLL_ASSIGN_OR_RETURN(const std::string text, write_flow(item, inner));
      out += text;
    }
  }
  if (style.lines) (out += style.line_end) += style.indent;
  return out += value.is_map() ? '}' : ']';
}

}  // namespace plimsoll::edit
