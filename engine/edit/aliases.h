// Anchors and aliases are one text for several places: an edit there must be wanted in all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/edit/syntax_tree.h"
#include "engine/value/arena.h"
#include "engine/value/path.h"
#include "engine/value/value.h"

namespace plimsoll::edit {

// The name a mapping's key has in the tree; nullopt for keys that are no simple text.
std::optional<std::string> key_name(const SyntaxNode& key);
// <<
bool is_merge_key(const SyntaxNode& key);

struct AliasConflict {
  NodeId node;
  Path path;  // in the document as it is
  std::string reason;
};

// Where `wanted` asks for different things in places that share their text, puts `current` back into all of them.
std::vector<AliasConflict> revert_alias_conflicts(const SyntaxTree& tree, NodeId root, const Value& current, Value& wanted,
                                                  Arena& arena);

}  // namespace plimsoll::edit
