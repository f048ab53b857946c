#include "engine/edit/editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "engine/edit/aliases.h"
#include "engine/edit/style.h"
#include "engine/edit/syntax_tree.h"
#include "engine/value/json.h"
#include "engine/value/sequence_diff.h"
#include "engine/yaml/source_text.h"

namespace plimsoll::edit {
namespace {

using Node = SyntaxNode;

// What can be seen of the place a node stands in.
struct Slot {
  enum class Kind : uint8_t { kRoot, kEntry, kItem, kFlow };
  Kind kind = Kind::kRoot;
  uint32_t column = 0;  // of the key or the dash
  uint32_t after = 0;   // behind the colon or the dash, and behind tag and anchor of the node
};

constexpr std::string_view kOtherReading = "the text would read differently afterwards";
// Documents of a stream that are proved one by one.
constexpr size_t kMaxProofs = 64;

class Planner {
 public:
  Planner(const SyntaxTree& tree, const Style& style, const yaml::SourceText& source, std::string_view file, size_t document,
          Arena& arena, EditPlan& plan)
      : tree_(tree), style_(style), source_(source), file_(file), document_(document), arena_(arena), splices_(plan.splices),
        refusals_(plan.refusals) {
    const std::string_view text = tree.text();
    const size_t newline = text.find('\n');
    if (newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r') line_end_ = "\r\n";
  }

  void run(NodeId root, const Value& current, Value& wanted) {
    if (tree_.has_aliases()) {
      for (AliasConflict& conflict : revert_alias_conflicts(tree_, root, current, wanted, arena_)) {
        path_ = std::move(conflict.path);
        refuse(conflict.node, std::move(conflict.reason));
      }
      path_ = {};
    }
    visit(root, current, wanted, {.after = tree_.node(root).start});
  }

 private:
  // A step of the path for the time of a visit.
  template <typename Step>
  class Below {
   public:
    Below(Path& path, Step step) : path_(path), outer_(path) {
      if constexpr (std::is_same_v<Step, size_t>) path_ = outer_.index(step);
      else path_ = outer_.key(step);
    }
    ~Below() { path_ = std::move(outer_); }
    Below(const Below&) = delete;
    Below& operator=(const Below&) = delete;

   private:
    Path& path_;
    Path outer_;
  };

  void splice(size_t begin, size_t end, std::string text) {
    splices_.push_back({begin, end, std::move(text), document_, path_});
  }

  void refuse(NodeId id, std::string reason) {
    const Node& node = tree_.node(id);
    const std::string_view text = tree_.text();
    const yaml::Position position = source_.position(node.outer);
    const uint32_t end = std::max(node.outer, std::min(node.end, tree_.line_end(node.outer)));
    const std::string_view fragment = text.substr(node.outer, end - node.outer);
    refusals_.push_back({document_, path_,
                         Error(ErrorCode::kInvalid, std::move(reason))
                             .at(position.line, position.column)
                             .in_file(file_)
                             .with_fragment(fragment)});
  }

  // True: the node's text stands for `wanted` now, or will once the splices are made. False: refused; `wanted` is `current` again.
  bool visit(NodeId id, const Value& current, Value& wanted, const Slot& slot) {
    if (equal(current, wanted)) {
      wanted = current;
      return true;
    }
    const Node& node = tree_.node(id);
    // The place that the alias names is changed in the same way: revert_alias_conflicts() has seen to it.
    if (node.kind == Node::Kind::kAlias) return true;
    const size_t splices_before = splices_.size();
    std::optional<std::string> problem;
    if (node.kind == Node::Kind::kMap && current.is_map() && wanted.is_map() && wanted.size() > 0 && node.child_count > 0) {
      problem = edit_map(node, current, wanted);
    } else if (node.kind == Node::Kind::kList && current.is_list() && wanted.is_list() && wanted.size() > 0 &&
               node.child_count > 0) {
      problem = edit_list(node, current, wanted);
    } else {
      problem = replace(node, wanted, slot);
    }
    if (!problem) return true;
    splices_.resize(splices_before);
    refuse(id, std::move(*problem));
    wanted = current;
    return false;
  }

  // --- Whole values

  FlowStyle flow_style(bool json) const {
    FlowStyle flow;
    flow.json = json;
    flow.quote = style_.quote;
    flow.needed = style_.needed;
    flow.line_end = line_end_;
    return flow;
  }

  // As the old scalar was written, where that is possible.
  Result<std::string> scalar_like(const Node& old, const Value& value, bool in_flow) const {
    Quote quote = style_.quote;
    Quote needed = style_.needed;
    if (old.kind == Node::Kind::kScalar && value.is_string()) {
      if (old.style == Node::Style::kSingleQuoted) quote = needed = Quote::kSingle;
      if (old.style == Node::Style::kDoubleQuoted) quote = needed = Quote::kDouble;
      if (old.style == Node::Style::kPlain && old.end > old.start) quote = Quote::kNone;
    }
    return write_scalar(value, quote, needed, in_flow);
  }

  std::optional<std::string> replace(const Node& node, const Value& value, const Slot& slot) {
    if (node.tagged && node.anchor.empty() && node.kind == Node::Kind::kScalar && node.end > node.start) {
      // The tag says how to read the old text.
      Node bare = node;
      bare.start = node.outer;
      bare.tagged = false;
      return replace(bare, value, slot);
    }
    if (node.tagged) return "the value has a tag, which says how to read it";
    const bool container = (value.is_map() || value.is_list()) && value.size() > 0;
    const bool unwritten = node.end == node.start;
    if (slot.kind == Slot::Kind::kFlow) {
      if (unwritten) return "no value is written here";
      FlowStyle flow = flow_style(node.style == Node::Style::kDoubleQuoted || in_json_);
      const Result<std::string> text = container ? write_flow(value, flow) : scalar_like(node, value, true);
      if (!text) return text.error().message();
      splice(node.start, node.end, *text);
      return std::nullopt;
    }
    if (slot.kind == Slot::Kind::kRoot) {
      if (unwritten || tree_.column(node.start) != 0) return "the document as a whole would have to be written anew";
      const Result<std::string> text = in_json_ ? write_flow(value, flow_style(true)) : write_block(value, 0, style_, line_end_);
      if (!text) return text.error().message();
      splice(node.start, node.end, *text);
      return std::nullopt;
    }
    const bool below = tree_.line_start(node.start) > slot.after;  // begins on a line after the key's
    const bool multi_line_text = value.is_string() && value.as_string().find('\n') != std::string_view::npos;
    if (!container && !multi_line_text) {
      const Result<std::string> text = scalar_like(node, value, false);
      if (!text) return text.error().message();
      if (unwritten) {
        splice(slot.after, slot.after, " " + *text);
      } else if (!below) {
        splice(node.start, node.end, *text);
      } else {
        // Comments between the key and the old value stay.
        splice(slot.after, slot.after, " " + *text);
        cut_lines(node.start, node.end);
      }
      return std::nullopt;
    }
    if (slot.kind == Slot::Kind::kItem) {
      const Result<std::string> text = write_block(value, slot.column + style_.item_indent, style_, line_end_);
      if (!text) return text.error().message();
      if (below) return "the item begins on a line of its own";
      splice(unwritten ? slot.after : node.start, unwritten ? slot.after : node.end, unwritten ? " " + *text : *text);
      return std::nullopt;
    }
    const Result<std::string> text = write_after_key(value, slot.column, style_, line_end_);
    if (!text) return text.error().message();
    // What belongs on the key's line goes there; the rest, behind the comment of that line.
    const size_t first = std::min(text->find_first_of("\r\n"), text->size());
    const uint32_t key_line_end = tree_.line_end(slot.after);
    const uint32_t old_end = unwritten ? slot.after : below ? slot.after : node.end;
    if (tree_.line_end(old_end) != key_line_end) {
      // The old text goes over several lines.
      if (tree_.text().substr(old_end, tree_.line_end(old_end) - old_end).find('#') != std::string_view::npos) {
        return "a comment stands where the value ends";
      }
      splice(slot.after, old_end, *text);
      return std::nullopt;
    }
    splice(slot.after, old_end, text->substr(0, first));
    splice(key_line_end, below && !unwritten ? tree_.line_end(node.end) : key_line_end, text->substr(first));
    return std::nullopt;
  }

  // --- Maps

  struct Entry {
    NodeId key, value;
    const Value* current;  // nullptr: a merge key
    std::string name;
    bool kept = true;
  };

  // Keys by their names in the tree; a key that is no text as the reader turns it into one.
  std::optional<std::string> entries_of(const Node& node, const Value& current, std::vector<Entry>& entries) const {
    const auto children = tree_.children(node);
    for (size_t i = 0; i + 1 < children.size(); i += 2) {
      const Node& key = tree_.node(children[i]);
      Entry entry{children[i], children[i + 1], nullptr, {}, true};
      const auto name = key_name(key);
      if (!name) return "the mapping has a key that is no simple text";
      entry.name = *name;
      if (!is_merge_key(key)) {
        entry.current = current.find(entry.name);
        if (entry.current == nullptr) return "the mapping has a key that reads differently from what is written";
      }
      entries.push_back(std::move(entry));
    }
    return std::nullopt;
  }

  std::optional<std::string> edit_map(const Node& node, const Value& current, Value& wanted) {
    std::vector<Entry> entries;
    if (auto problem = entries_of(node, current, entries)) return problem;
    Map& map = *wanted.as_map();
    std::unordered_map<std::string_view, bool> written;
    bool any_kept = false, any_removed = false;
    for (Entry& entry : entries) {
      written[entry.name] = true;
      entry.kept = entry.current == nullptr || map.contains(entry.name);
      any_kept |= entry.kept;
      any_removed |= !entry.kept;
    }
    std::vector<const Map::Entry*> added;
    for (const Map::Entry& entry : map) {
      if (!entry.key.is_string()) return "a key that is no text";
      if (written.contains(entry.key.as_string())) continue;
      const Value* merged = current.find(entry.key.as_string());
      if (merged == nullptr || !equal(*merged, entry.value)) added.push_back(&entry);
    }
    for (const Map::Entry& entry : *current.as_map()) {
      if (!entry.key.is_string()) return "a key that is no text";
      if (!map.contains(entry.key.as_string()) && !written.contains(entry.key.as_string())) {
        return fmt::format("\"{}\" comes from a merge key (<<), which cannot leave it out", entry.key.as_string());
      }
    }
    if (!node.is_block() && tree_.text()[node.start] != '{') return "the mapping is written without braces";
    if (!any_kept) return write_anew(node, entry_pieces(entries), wanted);

    for (size_t i = 0; i < entries.size(); ++i) {
      Entry& entry = entries[i];
      if (!entry.kept || entry.current == nullptr) continue;
      const Below step(path_, std::string_view(entry.name));
      const auto slot = entry_slot(node, entry);
      if (!slot) {
        if (equal(*entry.current, *map.find(entry.name))) continue;
        return "the key is written with a question mark";
      }
      visit(entry.value, *entry.current, *map.find(entry.name), *slot);
    }
    if (any_removed) {
      if (auto problem = node.is_block() ? remove_lines(entries) : remove_pieces(entry_pieces(entries))) return problem;
    }
    if (added.empty()) return std::nullopt;
    return node.is_block() ? add_entries(node, entries, added) : add_flow_entries(node, entries, added);
  }

  std::optional<Slot> entry_slot(const Node& map, const Entry& entry) const {
    const Node& key = tree_.node(entry.key);
    const Node& value = tree_.node(entry.value);
    if (!map.is_block()) return Slot{.kind = Slot::Kind::kFlow};
    const uint32_t colon = tree_.skip_trivia(key.end);
    if (colon >= tree_.text().size() || tree_.text()[colon] != ':' || tree_.line_start(colon) != tree_.line_start(key.outer)) {
      return std::nullopt;
    }
    Slot slot{.kind = Slot::Kind::kEntry, .column = tree_.column(key.outer), .after = colon + 1};
    if (value.outer != value.start || value.end == value.start) slot.after = std::max(slot.after, properties_end(value));
    return slot;
  }

  // Behind tag and anchor.
  uint32_t properties_end(const Node& node) const {
    const std::string_view text = tree_.text();
    uint32_t end = node.outer;
    uint32_t at = node.outer;
    while (at < node.start && (text[at] == '&' || text[at] == '!')) {
      while (at < text.size() && text[at] != ' ' && text[at] != '\t' && text[at] != '\r' && text[at] != '\n') ++at;
      end = at;
      at = tree_.skip_trivia(at);
    }
    return end;
  }

  // Whether nothing but white space stands before it on its line.
  bool begins_line(uint32_t offset) const {
    uint32_t start = tree_.line_start(offset);
    const std::string_view before = tree_.text().substr(start, offset - start);
    return before.find_first_not_of(start == 0 ? " \t\xEF\xBB\xBF" : " \t") == std::string_view::npos;
  }

  // [end of the line before, end of the last line): so that what is put behind the last line still has its place.
  void cut_lines(uint32_t begin, uint32_t end) {
    uint32_t from = tree_.line_start(begin);
    const uint32_t to = tree_.line_end(end);
    if (from == 0 || tree_.text().substr(0, from).find_first_not_of("\xEF\xBB\xBF") == std::string_view::npos) {
      const std::string_view rest = tree_.text().substr(to);
      const size_t line_end = rest.starts_with("\r\n") ? 2 : rest.empty() ? 0 : 1;
      if (from == 0 && tree_.text().starts_with("\xEF\xBB\xBF")) from = 3;
      splice(from, to + line_end, "");
      return;
    }
    --from;
    if (from > 0 && tree_.text()[from] == '\n' && tree_.text()[from - 1] == '\r') --from;
    splice(from, to, "");
  }

  std::optional<std::string> remove_lines(const std::vector<Entry>& entries) {
    for (size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].kept) continue;
      const Node& key = tree_.node(entries[i].key);
      const Node& value = tree_.node(entries[i].value);
      const Below step(path_, std::string_view(entries[i].name));
      if (!entry_slot_is_plain(key)) return "the key is written with a question mark";
      if (begins_line(key.outer)) {
        cut_lines(key.outer, value.end);
        continue;
      }
      // The first entry of a list's item: what follows moves up to the dash.
      size_t next = i + 1;
      while (next < entries.size() && !entries[next].kept) ++next;
      if (next == entries.size()) return "the first entry stands on the line of the dash";
      const uint32_t end = next == i + 1 ? value.end : tree_.node(entries[next - 1].value).end;
      const Node& following = tree_.node(entries[next].key);
      if (tree_.text().substr(end, following.outer - end).find('#') != std::string_view::npos) {
        return "a comment stands between the first entry and the next";
      }
      splice(key.outer, following.outer, "");
      i = next - 1;
    }
    return std::nullopt;
  }

  bool entry_slot_is_plain(const Node& key) const {
    const uint32_t colon = tree_.skip_trivia(key.end);
    return colon < tree_.text().size() && tree_.text()[colon] == ':' && tree_.line_start(colon) == tree_.line_start(key.outer);
  }

  std::optional<std::string> add_entries(const Node& node, const std::vector<Entry>& entries,
                                         const std::vector<const Map::Entry*>& added) {
    const auto last = std::find_if(entries.rbegin(), entries.rend(), [](const Entry& entry) { return entry.kept; });
    const Node& first_key = tree_.node(entries.front().key);
    if (node.start != first_key.outer) return "its first key is written with a question mark";
    const uint32_t column = tree_.column(node.start);
    const uint32_t at = tree_.line_end(tree_.node(last->value).end);
    for (const Map::Entry* entry : added) {
      const Below step(path_, entry->key.as_string());
      const Result<std::string> text = write_after_key(entry->value, column, style_, line_end_);
      if (!text) return text.error().message();
      const std::string key = first_key.style == Node::Style::kPlain ? write_key(entry->key.as_string(), false)
                                                                     : *write_scalar(entry->key, quote_of(first_key), quote_of(first_key), false);
      splice(at, at, fmt::format("{}{}{}:{}", line_end_, std::string(column, ' '), key, *text));
    }
    return std::nullopt;
  }

  static Quote quote_of(const Node& node) {
    return node.style == Node::Style::kSingleQuoted ? Quote::kSingle : Quote::kDouble;
  }

  // --- Flow collections

  // The outer ends of the children of a flow collection, in pairs of begin and end.
  struct Piece {
    uint32_t begin, end;
    bool kept;
  };

  std::vector<Piece> entry_pieces(const std::vector<Entry>& entries) const {
    std::vector<Piece> pieces;
    for (const Entry& entry : entries) {
      pieces.push_back({tree_.node(entry.key).outer, std::max(tree_.node(entry.key).end, tree_.node(entry.value).end), entry.kept});
    }
    return pieces;
  }

  // A collection of which nothing stays: the new text takes the place of the first piece, so that comments stay around it.
  std::optional<std::string> write_anew(const Node& node, const std::vector<Piece>& pieces, const Value& wanted) {
    const Result<std::string> text = node.is_block() ? write_block(wanted, tree_.column(node.start), style_, line_end_)
                                                     : write_flow(wanted, flow_style(in_json_));
    if (!text) return text.error().message();
    if (!node.is_block()) {
      splice(node.start, node.end, *text);
      return std::nullopt;
    }
    if (node.start != pieces[0].begin) return "its first key is written with a question mark";
    splice(node.start, pieces[0].end, *text);
    for (size_t i = 1; i < pieces.size(); ++i) {
      if (!begins_line(pieces[i].begin)) return "a key is written with a question mark";
      cut_lines(pieces[i].begin, pieces[i].end);
    }
    return std::nullopt;
  }

  std::optional<std::string> remove_pieces(const std::vector<Piece>& pieces) {
    const auto cut = [&](uint32_t begin, uint32_t end) {
      if (tree_.text().substr(begin, end - begin).find('#') != std::string_view::npos) return false;
      splice(begin, end, "");
      return true;
    };
    size_t tail = pieces.size();
    while (tail > 0 && !pieces[tail - 1].kept) --tail;
    for (size_t i = 0; i < tail; ++i) {
      if (!pieces[i].kept && !cut(pieces[i].begin, pieces[i + 1].begin)) return "a comment stands where something would be removed";
    }
    if (tail < pieces.size() && !cut(pieces[tail - 1].end, pieces.back().end)) {
      return "a comment stands where something would be removed";
    }
    return std::nullopt;
  }

  // How the entries of a flow collection are written: from its first entry and what is around it.
  FlowStyle flow_style_of(const Node& node, uint32_t first) const {
    FlowStyle flow = flow_style(in_json_);
    const std::string_view text = tree_.text();
    if (node.kind == Node::Kind::kMap) {
      const auto children = tree_.children(node);
      const Node& key = tree_.node(children[0]);
      flow.json = key.style == Node::Style::kDoubleQuoted;
      const Node& value = tree_.node(children[1]);
      if (key.end < value.outer) {
        const std::string_view between = text.substr(key.end, value.outer - key.end);
        if (between == ":" && flow.json) flow.colon = ":";
      }
    }
    const auto children = tree_.children(node);
    const size_t each = node.kind == Node::Kind::kMap ? 2 : 1;
    if (children.size() > each) {
      const Node& value = tree_.node(children[each - 1]);
      const Node& next = tree_.node(children[each]);
      if (text.substr(value.end, next.outer - value.end) == ",") flow.comma = ",";
    } else if (flow.json && flow.colon == ":") {
      flow.comma = ",";
    }
    flow.lines = begins_line(first) && tree_.line_start(first) > node.start;
    if (flow.lines) {
      const uint32_t start = tree_.line_start(first);
      flow.indent = text.substr(start, first - start);
      const uint32_t outer_start = tree_.line_start(node.start);
      const std::string_view outer = text.substr(outer_start, node.start - outer_start);
      const size_t blanks = std::min(outer.find_first_not_of(" \t"), outer.size());
      if (flow.indent.size() > blanks) flow.step = flow.indent.substr(blanks);
    }
    return flow;
  }

  // Puts `texts` behind the piece that ends at `end`.
  void add_pieces(uint32_t end, const std::vector<std::pair<Path, std::string>>& texts, const FlowStyle& flow) {
    const std::string_view text = tree_.text();
    const uint32_t next = tree_.skip_trivia(end);
    const bool has_comma = next < text.size() && text[next] == ',';
    const Path outer = path_;
    // On lines of their own: behind the comment of the last entry's line, if nothing else is on it.
    const uint32_t line_end = tree_.line_end(end);
    const uint32_t comma_end = has_comma && next < line_end ? next + 1 : end;
    const bool on_lines = flow.lines && (tree_.skip_trivia(comma_end) > line_end || tree_.skip_trivia(comma_end) == text.size()) &&
                          (!has_comma || next < line_end);
    std::string together;
    for (size_t i = 0; i < texts.size(); ++i) {
      path_ = texts[i].first;
      if (on_lines) {
        if (i == 0 && !has_comma) splice(end, end, ",");
        const bool comma = i + 1 < texts.size() || has_comma;
        splice(line_end, line_end, fmt::format("{}{}{}{}", flow.line_end, flow.indent, texts[i].second, comma ? "," : ""));
      } else {
        splice(end, end, flow.lines ? fmt::format(",{}{}{}", flow.line_end, flow.indent, texts[i].second)
                                    : fmt::format("{}{}", flow.comma, texts[i].second));
      }
    }
    path_ = outer;
  }

  std::optional<std::string> add_flow_entries(const Node& node, const std::vector<Entry>& entries,
                                              const std::vector<const Map::Entry*>& added) {
    const FlowStyle flow = flow_style_of(node, tree_.node(entries.front().key).outer);
    const auto last = std::find_if(entries.rbegin(), entries.rend(), [](const Entry& entry) { return entry.kept; });
    std::vector<std::pair<Path, std::string>> texts;
    for (const Map::Entry* entry : added) {
      const Result<std::string> text = write_flow(entry->value, flow);
      if (!text) return text.error().message();
      const std::string key = flow.json ? *write_scalar(entry->key, Quote::kDouble, Quote::kDouble, true)
                                        : write_key(entry->key.as_string(), true);
      texts.emplace_back(path_.key(entry->key.as_string()), fmt::format("{}{}{}", key, flow.colon, *text));
    }
    add_pieces(std::max(tree_.node(last->key).end, tree_.node(last->value).end), texts, flow);
    return std::nullopt;
  }

  // --- Lists

  // Items are known by their name, if they have one, else by what they are.
  static std::string identity(const Value& item) {
    const Value name = item["name"];
    return name.is_string() ? "name " + std::string(name.as_string()) : "is " + json::write(item, {.sort_keys = true});
  }

  // What becomes of the items: (index in the text or npos, index in `wanted` or npos), in the order of both.
  static std::vector<std::pair<size_t, size_t>> align(std::span<const Value> current, std::span<const Value> wanted) {
    constexpr size_t kNone = std::string_view::npos;
    std::unordered_map<std::string, uint32_t> numbers;
    const auto number_all = [&](std::span<const Value> items) {
      std::vector<uint32_t> result;
      for (const Value& item : items) {
        result.push_back(numbers.try_emplace(identity(item), static_cast<uint32_t>(numbers.size())).first->second);
      }
      return result;
    };
    const std::vector<uint32_t> before = number_all(current);
    const std::vector<uint32_t> after = number_all(wanted);
    const SequenceDiff diff = diff_sequences(before, after);
    std::vector<std::pair<size_t, size_t>> result;
    for (size_t i = 0, j = 0; i < current.size() || j < wanted.size();) {
      const bool removed = i < current.size() && diff.removed[i];
      const bool added = j < wanted.size() && diff.added[j];
      if (removed || !added) result.emplace_back(i++, removed && !added ? kNone : j++);
      else result.emplace_back(kNone, j++);
    }
    return result;
  }

  std::optional<std::string> edit_list(const Node& node, const Value& current, Value& wanted) {
    constexpr size_t kNone = std::string_view::npos;
    const auto children = tree_.children(node);
    if (children.size() != current.size()) return "the list reads differently from what is written";
    std::vector<uint32_t> dashes;
    if (node.is_block()) {
      for (size_t i = 0; i < children.size(); ++i) {
        dashes.push_back(i == 0 ? node.start : tree_.skip_trivia(tree_.node(children[i - 1]).end));
        if (dashes[i] >= tree_.text().size() || tree_.text()[dashes[i]] != '-') return "the dash of an item was not found";
      }
    }
    const auto pairs = align(current.items(), wanted.items());
    const bool any_kept = std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first != kNone && pair.second != kNone; });
    std::vector<Piece> pieces;
    if (!any_kept) {
      for (size_t i = 0; i < children.size(); ++i) {
        const Node& item = tree_.node(children[i]);
        pieces.push_back({node.is_block() ? dashes[i] : item.outer, item.end, false});
      }
      return write_anew(node, pieces, wanted);
    }
    std::vector<std::pair<size_t, std::vector<size_t>>> additions;  // behind which item, or kNone; which of `wanted`
    size_t last_kept = kNone;
    bool any_removed = false;
    for (const auto& [i, j] : pairs) {
      if (i == kNone) {
        if (additions.empty() || additions.back().first != last_kept) additions.push_back({last_kept, {}});
        additions.back().second.push_back(j);
        continue;
      }
      const Node& item = tree_.node(children[i]);
      pieces.push_back({node.is_block() ? dashes[i] : item.outer, item.end, j != kNone});
      if (j == kNone) {
        any_removed = true;
        continue;
      }
      last_kept = i;
      const Below step(path_, i);
      Slot slot{.kind = Slot::Kind::kFlow};
      if (node.is_block()) {
        slot = {.kind = Slot::Kind::kItem, .column = tree_.column(dashes[i]), .after = dashes[i] + 1};
        if (item.outer != item.start || item.end == item.start) slot.after = std::max(slot.after, properties_end(item));
      }
      visit(children[i], current.items()[i], wanted.items()[j], slot);
    }
    if (any_removed) {
      if (!node.is_block()) {
        if (auto problem = remove_pieces(pieces)) return problem;
      } else {
        for (size_t i = 0; i < pieces.size(); ++i) {
          if (pieces[i].kept) continue;
          const Below step(path_, i);
          if (!begins_line(pieces[i].begin)) return "the first item stands on the line of another dash";
          cut_lines(pieces[i].begin, pieces[i].end);
        }
      }
    }
    for (const auto& [behind, items] : additions) {
      if (auto problem = add_items(node, children, dashes, behind, items, wanted)) return problem;
    }
    return std::nullopt;
  }

  std::optional<std::string> add_items(const Node& node, std::span<const NodeId> children, const std::vector<uint32_t>& dashes,
                                       size_t behind, const std::vector<size_t>& items, const Value& wanted) {
    const Path outer = path_;
    std::vector<std::pair<Path, std::string>> texts;
    const uint32_t column = node.is_block() ? tree_.column(node.start) : 0;
    const FlowStyle flow = node.is_block() ? FlowStyle() : flow_style_of(node, tree_.node(children[0]).outer);
    for (const size_t j : items) {
      const Value& value = wanted.items()[j];
      const Result<std::string> text =
          node.is_block() ? write_block(value, column + style_.item_indent, style_, line_end_) : write_flow(value, item_style(node, value, flow));
      if (!text) return text.error().message();
      texts.emplace_back(outer.index(j), node.is_block() ? "-" + std::string(style_.item_indent - 1, ' ') + *text : *text);
    }
    if (behind == std::string_view::npos) {
      const uint32_t at = node.is_block() ? dashes[0] : tree_.node(children[0]).outer;
      for (auto& [path, text] : texts) {
        path_ = path;
        const std::string after = node.is_block() ? fmt::format("{}{}", line_end_, std::string(column, ' '))
                                  : flow.lines    ? fmt::format(",{}{}", flow.line_end, flow.indent)
                                                  : std::string(flow.comma);
        splice(at, at, text + after);
      }
    } else if (node.is_block()) {
      const uint32_t at = tree_.line_end(tree_.node(children[behind]).end);
      for (auto& [path, text] : texts) {
        path_ = path;
        splice(at, at, fmt::format("{}{}{}", line_end_, std::string(column, ' '), text));
      }
    } else {
      add_pieces(tree_.node(children[behind]).end, texts, flow);
    }
    path_ = outer;
    return std::nullopt;
  }

  // A scalar is quoted as the list's first.
  FlowStyle item_style(const Node& list, const Value& value, FlowStyle flow) const {
    const Node& first = tree_.node(tree_.children(list)[0]);
    if (value.is_string() && first.is_quoted()) flow.quote = flow.needed = quote_of(first);
    if (in_json_) flow.json = true;
    return flow;
  }

 public:
  // All keys in double quotes: the document is JSON, or as good as.
  void set_json(bool json) { in_json_ = json; }

 private:
  const SyntaxTree& tree_;
  const Style& style_;
  const yaml::SourceText& source_;
  std::string_view file_;
  const size_t document_;
  Arena& arena_;
  std::vector<Splice>& splices_;
  std::vector<Refusal>& refusals_;
  std::string_view line_end_ = "\n";
  Path path_;
  bool in_json_ = false;
};

bool is_json(const SyntaxTree& tree, NodeId root) {
  const SyntaxNode& node = tree.node(root);
  if (node.is_block() || node.child_count == 0 || (node.kind != Node::Kind::kMap && node.kind != Node::Kind::kList)) return false;
  for (const NodeId child : tree.children(node)) {
    const SyntaxNode& first = tree.node(child);
    if (node.kind == Node::Kind::kMap) return first.style == Node::Style::kDoubleQuoted;
    if (first.kind == Node::Kind::kMap) return is_json(tree, child);
  }
  return false;
}

}  // namespace

Result<EditPlan> plan_edits(std::span<const yaml::Document> documents, std::span<const Target> targets) {
  EditPlan plan;
  if (targets.empty()) return plan;
  const yaml::Document& first = documents[targets[0].document];
  const std::string_view text = first.text();
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return std::unexpected(Error(ErrorCode::kInvalid, "UTF-16 text cannot be edited").in_file(first.file()).with_remedy("convert it to UTF-8"));
  }
  auto tree = SyntaxTree::parse(text);
  if (!tree) return std::unexpected(std::move(tree.error()).in_file(first.file()));
  const Style style = Style::of(*tree);
  const yaml::SourceText source = yaml::SourceText::view_of(text);
  auto arena = std::make_shared<Arena>();
  for (const Target& target : targets) {
    const yaml::Document& document = documents[target.document];
    Value wanted = deep_copy(*arena, target.root);
    if (document.index() >= tree->roots().size()) {
      return std::unexpected(Error(ErrorCode::kInternal, "the documents of the stream were counted differently").in_file(document.file()));
    }
    const NodeId root = tree->roots()[document.index()];
    Planner planner(*tree, style, source, document.file(), target.document, *arena, plan);
    planner.set_json(is_json(*tree, root));
    planner.run(root, document.root(), wanted);
    plan.results.push_back({target.document, wanted});
  }
  std::stable_sort(plan.splices.begin(), plan.splices.end(), [](const Splice& a, const Splice& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    return (a.end == a.begin) && (b.end != b.begin);
  });
  for (size_t i = 1; i < plan.splices.size(); ++i) {
    if (plan.splices[i].begin >= plan.splices[i - 1].end) continue;
    return std::unexpected(Error(ErrorCode::kInvalid, fmt::format("edits of {} and {} touch the same text", plan.splices[i - 1].path.to_string(),
                                                                  plan.splices[i].path.to_string()))
                               .in_file(first.file()));
  }
  plan.arena = std::move(arena);
  return plan;
}

std::string apply_splices(std::string_view text, std::span<const Splice> splices) {
  std::string out;
  size_t at = 0;
  for (const Splice& splice : splices) {
    out += text.substr(at, splice.begin - at);
    out += splice.text;
    at = splice.end;
  }
  return out += text.substr(at);
}

namespace {

// Whether the edited text reads as planned, and all other documents as before.
bool reads_as_planned(std::span<const yaml::Document> documents, const EditPlan& plan, std::string_view edited) {
  const auto again = yaml::read_stream(edited, {.file = documents[0].file()});
  if (!again || again->size() != documents.size()) return false;
  std::vector<Value> expected;
  for (const yaml::Document& document : documents) expected.push_back(document.root());
  for (const Target& result : plan.results) expected[result.document] = result.root;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!equal((*again)[i].root(), expected[i])) return false;
  }
  return true;
}

}  // namespace

Result<EditedText> edit(std::span<const yaml::Document> documents, std::span<const Target> targets) {
  EditedText result;
  if (documents.empty()) return result;
  const std::string_view text = documents[0].text();
  PLIMSOLL_ASSIGN_OR_RETURN(EditPlan plan, plan_edits(documents, targets));
  result.refusals = std::move(plan.refusals);
  result.text = apply_splices(text, plan.splices);
  if (reads_as_planned(documents, plan, result.text)) {
    result.splices = std::move(plan.splices);
    return result;
  }
  // One document at a time, so that the others get what they need; not for long, for each proof reads the whole text.
  result.text = text;
  std::vector<Target> proved;
  std::vector<std::shared_ptr<const Arena>> arenas;
  size_t proofs = 0;
  for (const Target& target : targets) {
    auto alone = ++proofs > kMaxProofs ? Result<EditPlan>(fail(ErrorCode::kLimit, std::string(kOtherReading)))
                                       : plan_edits(documents, {&target, 1});
    if (alone && reads_as_planned(documents, *alone, apply_splices(text, alone->splices))) {
      proved.push_back(alone->results[0]);
      arenas.push_back(std::move(alone->arena));
      continue;
    }
    const yaml::Document& document = documents[target.document];
    const yaml::Range range = document.range();
    result.refusals.push_back({target.document, {},
                               Error(ErrorCode::kInvalid, alone ? std::string(kOtherReading) : alone.error().message())
                                   .at(range.line, range.column)
                                   .in_file(document.file())
                                   .with_remedy("edit the document by hand")});
  }
  if (proved.empty()) return result;
  auto rest = plan_edits(documents, proved);
  std::string edited = rest ? apply_splices(text, rest->splices) : std::string();
  if (!rest || !reads_as_planned(documents, *rest, edited)) {
    for (const Target& target : proved) {
      const yaml::Range range = documents[target.document].range();
      result.refusals.push_back({target.document, {}, Error(ErrorCode::kInvalid, std::string(kOtherReading))
                                                          .at(range.line, range.column)
                                                          .in_file(documents[target.document].file())});
    }
    return result;
  }
  result.text = std::move(edited);
  result.splices = std::move(rest->splices);
  return result;
}

Result<Value> with_changes(const Value& root, std::span<const TreeChange> changes, Arena& arena) {
  Value result = deep_copy(arena, root);
  for (const TreeChange& change : changes) {
    const auto& steps = change.path.steps();
    const auto misfit = [&] {
      return fail(ErrorCode::kInvalid, fmt::format("{} does not fit the tree", change.path.to_string()));
    };
    if (steps.empty()) {
      if (!change.value) return misfit();
      result = deep_copy(arena, *change.value);
      continue;
    }
    Value* at = &result;
    for (size_t i = 0; i < steps.size(); ++i) {
      const bool last = i + 1 == steps.size();
      if (const auto* key = std::get_if<std::string>(&steps[i])) {
        if (at->is_null() && change.value) *at = Value::map(Map::create(arena));
        if (!at->is_map()) return misfit();
        Map& map = *at->as_map();
        if (last && !change.value) {
          if (!map.erase(*key)) return misfit();
          break;
        }
        if (map.find(*key) == nullptr) {
          if (!change.value) return misfit();
          map.set(arena, arena.copy(*key), Value::null());
        }
        at = map.find(*key);
      } else {
        if (!at->is_list()) return misfit();
        List& list = *at->as_list();
        const size_t index = std::get<size_t>(steps[i]);
        if (index > list.size() || (index == list.size() && (!last || !change.value))) return misfit();
        if (last && !change.value) {
          std::move(list.begin() + index + 1, list.end(), list.begin() + index);
          list.truncate(list.size() - 1);
          break;
        }
        if (index == list.size()) list.push_back(arena, Value::null());
        at = &list[index];
      }
      if (last) *at = deep_copy(arena, *change.value);
    }
  }
  return result;
}

std::vector<TreeChange> changes_between(const Value& before, const Value& after) {
  struct Pair {
    Path path;
    Value before, after;
  };
  std::vector<TreeChange> changes;
  std::vector<Pair> pending = {{{}, before, after}};
  while (!pending.empty()) {
    const Pair pair = std::move(pending.back());
    pending.pop_back();
    if (equal(pair.before, pair.after)) continue;
    const size_t first = pending.size();
    if (pair.before.is_map() && pair.after.is_map()) {
      for (const Map::Entry& entry : *pair.after.as_map()) {
        const Path path = pair.path.key(entry.key.string_or());
        const Value* old = pair.before.as_map()->find(entry.key);
        if (old != nullptr) pending.push_back({path, *old, entry.value});
        else changes.push_back({path, entry.value});
      }
      for (const Map::Entry& entry : *pair.before.as_map()) {
        if (pair.after.as_map()->find(entry.key) == nullptr) changes.push_back({pair.path.key(entry.key.string_or()), std::nullopt});
      }
    } else if (pair.before.is_list() && pair.after.is_list() && pair.before.size() > 0 && pair.before.size() <= pair.after.size()) {
      for (size_t i = 0; i < pair.after.size(); ++i) {
        const Path path = pair.path.index(i);
        if (i < pair.before.size()) pending.push_back({path, pair.before.items()[i], pair.after.items()[i]});
        else changes.push_back({path, pair.after.items()[i]});
      }
    } else {
      changes.push_back({pair.path, pair.after});
    }
    std::reverse(pending.begin() + static_cast<ptrdiff_t>(first), pending.end());
  }
  return changes;
}

}  // namespace plimsoll::edit
