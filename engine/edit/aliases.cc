#include "engine/edit/aliases.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/yaml/scalar.h"

namespace plimsoll::edit {
namespace {

// After so many rounds of putting back, all is put back.
constexpr int kMaxRounds = 16;

struct Use {
  NodeId node;
  Path path;    // of the alias; of the map that merges
  bool merges;  // <<
};

struct Anchor {
  NodeId node;
  Path path;
  std::vector<Use> uses;
};

class Collector {
 public:
  Collector(const SyntaxTree& tree) : tree_(tree) {}

  std::vector<Anchor> run(NodeId root) {
    visit(root, {}, false);
    std::erase_if(anchors_, [](const Anchor& anchor) { return anchor.uses.empty(); });
    return std::move(anchors_);
  }

 private:
  // The depth of a document is bounded by its reader.
  void visit(NodeId id, const Path& path, bool merges) {
    const SyntaxNode& node = tree_.node(id);
    if (node.kind == SyntaxNode::Kind::kAlias) {
      if (const auto found = names_.find(node.anchor); found != names_.end()) {
        anchors_[found->second].uses.push_back({id, path, merges});
      }
      return;
    }
    if (!node.anchor.empty()) {
      names_[node.anchor] = anchors_.size();
      anchors_.push_back({id, path, {}});
    }
    const auto children = tree_.children(node);
    if (node.kind == SyntaxNode::Kind::kList) {
      for (size_t i = 0; i < children.size(); ++i) visit(children[i], merges ? path : path.index(i), merges);
      return;
    }
    for (size_t i = 0; i + 1 < children.size(); i += 2) {
      const SyntaxNode& key = tree_.node(children[i]);
      if (is_merge_key(key)) visit(children[i + 1], path, true);
      else if (const auto name = key_name(key)) visit(children[i + 1], path.key(*name), false);
    }
  }

  const SyntaxTree& tree_;
  std::vector<Anchor> anchors_;
  std::map<std::string_view, size_t> names_;
};

class Reverter {
 public:
  Reverter(const SyntaxTree& tree, const Value& current, Value& wanted, Arena& arena)
      : tree_(tree), current_(current), wanted_(wanted), arena_(arena) {}

  std::vector<AliasConflict> run(const std::vector<Anchor>& anchors, NodeId root) {
    for (int round = 0; round < kMaxRounds; ++round) {
      changed_ = false;
      for (const Anchor& anchor : anchors) check(anchor);
      if (!changed_) return std::move(conflicts_);
    }
    wanted_ = deep_copy(arena_, current_);
    conflicts_.push_back({root, {}, "its anchors and aliases are too entangled to be edited"});
    return std::move(conflicts_);
  }

 private:
  Value* wanted_at(const Path& path) { return const_cast<Value*>(path.resolve(wanted_)); }

  void put_back(const Path& path) {
    Value* place = wanted_at(path);
    const Value* old = path.resolve(current_);
    if (place == nullptr || old == nullptr || equal(*place, *old)) return;
    *place = deep_copy(arena_, *old);
    changed_ = true;
  }

  void conflict(NodeId node, const Path& path, std::string reason) {
    conflicts_.push_back({node, path, std::move(reason)});
    changed_ = true;
  }

  size_t line_of(NodeId node) const {
    const std::string_view before = tree_.text().substr(0, tree_.node(node).outer);
    return static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  }

  void check(const Anchor& anchor) {
    const std::string_view name = tree_.node(anchor.node).anchor;
    const Value* old = anchor.path.resolve(current_);
    const Value* wanted = wanted_at(anchor.path);
    if (old == nullptr) return;
    if (wanted == nullptr) {
      if (changed_ || equal(wanted_, current_)) return;
      conflict(anchor.node, {}, fmt::format("&{} would go, which line {} uses", name, line_of(anchor.uses[0].node)));
      wanted_ = deep_copy(arena_, current_);
      return;
    }
    if (equal(*old, *wanted)) {
      for (const Use& use : anchor.uses) {
        const Value* at_use = use.merges ? nullptr : wanted_at(use.path);
        if (at_use == nullptr || equal(*at_use, *old)) continue;
        conflict(use.node, use.path, fmt::format("is an alias: &{} of line {} would have to change, which counts elsewhere, too", name,
                                                 line_of(anchor.node)));
        put_back(use.path);
      }
      return;
    }
    const auto bad = std::find_if(anchor.uses.begin(), anchor.uses.end(),
                                  [&](const Use& use) { return !agrees(use, *old, *wanted); });
    if (bad == anchor.uses.end()) return;
    conflict(anchor.node, anchor.path,
             fmt::format("its anchor &{} is used in line {}, too, where this is not to change", name, line_of(bad->node)));
    put_back(anchor.path);
    for (const Use& use : anchor.uses) {
      if (!use.merges) put_back(use.path);
    }
  }

  // Whether the change of an anchor's value is wanted at one of its uses.
  bool agrees(const Use& use, const Value& old, const Value& wanted) {
    const Value* at_use = wanted_at(use.path);
    if (at_use == nullptr) return true;
    if (!use.merges) return equal(*at_use, wanted);
    if (!old.is_map() || !wanted.is_map() || !at_use->is_map()) return false;
    const auto same = [&](const Value& key) {
      const Value* before = old.as_map()->find(key);
      const Value* after = wanted.as_map()->find(key);
      const Value* here = at_use->as_map()->find(key);
      if (before != nullptr && after != nullptr && equal(*before, *after)) return true;
      if ((after == nullptr) != (here == nullptr)) return false;
      return after == nullptr || equal(*after, *here);
    };
    return std::all_of(old.as_map()->begin(), old.as_map()->end(), [&](const Map::Entry& entry) { return same(entry.key); }) &&
           std::all_of(wanted.as_map()->begin(), wanted.as_map()->end(), [&](const Map::Entry& entry) { return same(entry.key); });
  }

  const SyntaxTree& tree_;
  const Value& current_;
  Value& wanted_;
  Arena& arena_;
  std::vector<AliasConflict> conflicts_;
  bool changed_ = false;
};

}  // namespace

std::optional<std::string> key_name(const SyntaxNode& key) {
  if (key.kind != SyntaxNode::Kind::kScalar || key.tagged) return std::nullopt;
  if (key.style != SyntaxNode::Style::kPlain) return std::string(key.text);
  const Value value = yaml::resolve_plain(key.text).value;
  switch (value.kind()) {
    case Kind::kString:
      return std::string(key.text);
    case Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Kind::kInt:
      return std::to_string(value.as_int());
    default:
      return std::nullopt;
  }
}

bool is_merge_key(const SyntaxNode& key) {
  return key.kind == SyntaxNode::Kind::kScalar && key.style == SyntaxNode::Style::kPlain && !key.tagged && key.text == "<<";
}

std::vector<AliasConflict> revert_alias_conflicts(const SyntaxTree& tree, NodeId root, const Value& current, Value& wanted,
                                                  Arena& arena) {
  return Reverter(tree, current, wanted, arena).run(Collector(tree).run(root), root);
}

}  // namespace plimsoll::edit
