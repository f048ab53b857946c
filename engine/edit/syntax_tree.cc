#include "engine/edit/syntax_tree.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <optional>

#include "engine/value/utf8.h"
#include "engine/yaml/source_text.h"

namespace plimsoll::edit {
namespace {

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// libyaml counts code points; places are bytes.
class ByteOffsets {
 public:
  ByteOffsets(std::string_view text, size_t base) : text_(text), base_(base) {
    ascii_ = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (ascii_) return;
    size_t count = 0;
    for (size_t at = 0; at < text.size(); at += step(at), ++count) {
      if (count % kBlock == 0) starts_.push_back(static_cast<uint32_t>(at));
    }
  }

  uint32_t of(const yaml_mark_t& mark) const {
    if (ascii_) return static_cast<uint32_t>(std::min(mark.index, text_.size()) + base_);
    const size_t block = mark.index / kBlock;
    if (block >= starts_.size()) return static_cast<uint32_t>(text_.size() + base_);
    size_t at = starts_[block];
    for (size_t left = mark.index % kBlock; left > 0 && at < text_.size(); --left) at += step(at);
    return static_cast<uint32_t>(at + base_);
  }

 private:
  static constexpr size_t kBlock = 64;
  size_t step(size_t at) const {
    const auto byte = static_cast<unsigned char>(text_[at]);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
  }
  std::string_view text_;
  size_t base_;
  bool ascii_ = false;
  std::vector<uint32_t> starts_;
};

struct Parser {
  Parser() { ok = yaml_parser_initialize(&parser) != 0; }
  ~Parser() { yaml_parser_delete(&parser); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  yaml_parser_t parser{};
  bool ok = false;
};

struct Event {
  ~Event() { yaml_event_delete(&event); }
  yaml_event_t event{};
};

SyntaxNode::Style scalar_style(yaml_scalar_style_t style) {
  switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
      return SyntaxNode::Style::kSingleQuoted;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
      return SyntaxNode::Style::kDoubleQuoted;
    case YAML_LITERAL_SCALAR_STYLE:
      return SyntaxNode::Style::kLiteral;
    case YAML_FOLDED_SCALAR_STYLE:
      return SyntaxNode::Style::kFolded;
    default:
      return SyntaxNode::Style::kPlain;
  }
}

}  // namespace

class TreeReader {
 public:
  explicit TreeReader(std::string_view text)
      : base_(text.starts_with(yaml::kUtf8Mark) ? yaml::kUtf8Mark.size() : 0), offsets_(text.substr(base_), base_) {
    tree_.text_ = text;
  }

  Result<SyntaxTree> run() {
    Parser parser;
    if (!parser.ok) return fail(ErrorCode::kInternal, "no memory for a parser");
    const std::string_view input = tree_.text_.substr(base_);
    yaml_parser_set_input_string(&parser.parser, reinterpret_cast<const unsigned char*>(input.data()), input.size());
    yaml_parser_set_encoding(&parser.parser, YAML_UTF8_ENCODING);
    for (bool done = false; !done;) {
      Event event;
      if (yaml_parser_parse(&parser.parser, &event.event) == 0) {
        const auto& mark = parser.parser.problem_mark;
        return std::unexpected(
            Error(ErrorCode::kSyntax, fmt::format("cannot be edited: {}", parser.parser.problem ? parser.parser.problem : "no YAML"))
                .at(static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)));
      }
      take(event.event);
      done = event.event.type == YAML_STREAM_END_EVENT;
    }
    return std::move(tree_);
  }

 private:
  struct Open {
    NodeId id;
    std::vector<NodeId> children;
  };

  void take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT: {
        const auto& data = event.data.scalar;
        SyntaxNode node = begin(event, SyntaxNode::Kind::kScalar, scalar_style(data.style), data.anchor, data.tag);
        node.end = offsets_.of(event.end_mark);
        if (node.is_block_scalar()) node.end = end_of_block(node);
        node.end = std::max(node.end, node.start);
        if (!open_.empty() && tree_.nodes_[open_.back().id].kind == SyntaxNode::Kind::kMap && open_.back().children.size() % 2 == 0) {
          node.text = tree_.arena_.copy({reinterpret_cast<const char*>(data.value), data.length});
        }
        add(node);
        return;
      }
      case YAML_ALIAS_EVENT: {
        SyntaxNode node;
        node.kind = SyntaxNode::Kind::kAlias;
        node.anchor = tree_.arena_.copy(view(event.data.alias.anchor));
        node.start = node.outer = offsets_.of(event.start_mark);
        node.end = offsets_.of(event.end_mark);
        tree_.has_aliases_ = true;
        add(node);
        return;
      }
      case YAML_SEQUENCE_START_EVENT: {
        const auto& data = event.data.sequence_start;
        open(begin(event, SyntaxNode::Kind::kList,
                   data.style == YAML_FLOW_SEQUENCE_STYLE ? SyntaxNode::Style::kFlow : SyntaxNode::Style::kBlock, data.anchor,
                   data.tag));
        return;
      }
      case YAML_MAPPING_START_EVENT: {
        const auto& data = event.data.mapping_start;
        open(begin(event, SyntaxNode::Kind::kMap,
                   data.style == YAML_FLOW_MAPPING_STYLE ? SyntaxNode::Style::kFlow : SyntaxNode::Style::kBlock, data.anchor,
                   data.tag));
        return;
      }
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: {
        const Open closed = std::move(open_.back());
        open_.pop_back();
        SyntaxNode& node = tree_.nodes_[closed.id];
        node.first_child = static_cast<uint32_t>(tree_.children_.size());
        node.child_count = static_cast<uint32_t>(closed.children.size());
        tree_.children_.insert(tree_.children_.end(), closed.children.begin(), closed.children.end());
        node.end = !node.is_block()          ? offsets_.of(event.end_mark)
                   : closed.children.empty() ? node.start
                                             : tree_.nodes_[closed.children.back()].end;
        return;
      }
      default:
        return;
    }
  }

  SyntaxNode begin(const yaml_event_t& event, SyntaxNode::Kind kind, SyntaxNode::Style style, const yaml_char_t* anchor,
                   const yaml_char_t* tag) {
    SyntaxNode node;
    node.kind = kind;
    node.style = style;
    node.outer = offsets_.of(event.start_mark);
    node.anchor = tree_.arena_.copy(view(anchor));
    // libyaml keeps no tag "!", which stands in the text nevertheless.
    const std::string_view text = tree_.text_;
    uint32_t at = node.outer;
    uint32_t end = at;
    const bool properties = anchor != nullptr || tag != nullptr || (at < text.size() && text[at] == '!');
    while (properties && at < text.size() && (text[at] == '&' || text[at] == '!')) {
      node.tagged = node.tagged || text[at] == '!';
      while (at < text.size() && !is_white(text[at])) ++at;
      end = at;
      at = tree_.skip_trivia(at);
    }
    const bool unwritten = kind == SyntaxNode::Kind::kScalar && style == SyntaxNode::Style::kPlain &&
                           event.data.scalar.length == 0;
    node.start = properties && unwritten ? std::min(end, std::max(node.outer, offsets_.of(event.end_mark))) : at;
    return node;
  }

  // Of a literal or folded scalar: without the empty lines behind it, unless they belong to it.
  uint32_t end_of_block(const SyntaxNode& node) const {
    const std::string_view text = tree_.text_;
    uint32_t end = node.end;
    const std::string_view header = text.substr(node.start, tree_.line_end(node.start) - node.start);
    if (header.substr(0, header.find('#')).find('+') != std::string_view::npos) {
      if (end > node.start && text[end - 1] == '\n') --end;
      if (end > node.start && text[end - 1] == '\r') --end;
      return end;
    }
    while (end > node.start + 1 && is_white(text[end - 1])) --end;
    return end;
  }

  NodeId add(const SyntaxNode& node) {
    const auto id = static_cast<NodeId>(tree_.nodes_.size());
    tree_.nodes_.push_back(node);
    if (open_.empty()) tree_.roots_.push_back(id);
    else open_.back().children.push_back(id);
    return id;
  }

  void open(const SyntaxNode& node) { open_.push_back({add(node), {}}); }

  SyntaxTree tree_;
  size_t base_;
  ByteOffsets offsets_;
  std::vector<Open> open_;
};

Result<SyntaxTree> SyntaxTree::parse(std::string_view text) { return TreeReader(text).run(); }

uint32_t SyntaxTree::skip_trivia(uint32_t offset) const {
  while (offset < text_.size()) {
    if (is_white(text_[offset])) {
      ++offset;
    } else if (text_[offset] == '#') {
      offset = line_end(offset);
    } else {
      break;
    }
  }
  return offset;
}

uint32_t SyntaxTree::line_start(uint32_t offset) const {
  while (offset > 0 && text_[offset - 1] != '\n' && text_[offset - 1] != '\r') --offset;
  return offset;
}

uint32_t SyntaxTree::line_end(uint32_t offset) const {
  const size_t end = text_.find_first_of("\r\n", offset);
  return static_cast<uint32_t>(end == std::string_view::npos ? text_.size() : end);
}

uint32_t SyntaxTree::column(uint32_t offset) const {
  uint32_t start = line_start(offset);
  if (start == 0 && text_.starts_with(yaml::kUtf8Mark)) start = static_cast<uint32_t>(yaml::kUtf8Mark.size());
  return offset <= start ? 0 : static_cast<uint32_t>(utf8::length(text_.substr(start, offset - start)));
}

}  // namespace plimsoll::edit
