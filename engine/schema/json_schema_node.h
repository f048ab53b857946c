// The compiled form of a JSON Schema: one node for each subschema, linked by pointers into the set that owns them.
#pragma once

#include <re2/re2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/schema/json_schema.h"

namespace plimsoll::schema {

// Bits of `type`.
enum TypeBit : uint8_t { kNull = 1, kBoolean = 2, kNumber = 4, kInteger = 8, kString = 16, kArray = 32, kObject = 64 };

// Of Formats::kKubernetes only, for other validators ignore it.
inline constexpr std::string_view kQuantityFormat = "quantity";
// Why `text` is no `format`; empty if it is, or if the format is unknown.
std::string format_problem(std::string_view format, std::string_view text);
// 'text', with Go's escapes.
std::string quote(std::string_view text);

struct Node;

// Anchors of one resource ($id), for $dynamicRef.
struct Resource {
  std::map<std::string, const Node*> dynamic_anchors;
  bool recursive_anchor = false;
  const Node* root = nullptr;
};

struct Node {
  int draft = 2020;
  std::optional<bool> boolean;  // the schemas true and false
  std::string location;         // "file:///values.schema.json#/properties/a"
  const Resource* resource = nullptr;

  const Node* ref = nullptr;
  const Node* recursive_ref = nullptr;
  const Node* dynamic_ref = nullptr;
  std::string dynamic_anchor;  // fragment of $dynamicRef, if it is an anchor

  uint8_t types = 0;
  const Value* constant = nullptr;
  const Value* enumeration = nullptr;  // a list
  std::string format;

  std::vector<const Node*> all_of, any_of, one_of;
  const Node* negated = nullptr;
  const Node* condition = nullptr;
  const Node* then = nullptr;
  const Node* otherwise = nullptr;

  std::optional<size_t> min_properties, max_properties;
  std::vector<std::string> required;
  std::map<std::string, const Node*, std::less<>> properties;
  std::vector<std::pair<std::unique_ptr<const re2::RE2>, const Node*>> pattern_properties;
  const Node* additional_properties = nullptr;
  bool no_additional_properties = false;
  const Node* property_names = nullptr;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;  // and dependencies that are lists
  std::vector<std::pair<std::string, const Node*>> dependent_schemas;                // and dependencies that are schemas
  const Node* unevaluated_properties = nullptr;

  std::optional<size_t> min_items, max_items, min_contains, max_contains;
  bool unique_items = false;
  const Node* items = nullptr;              // of all items, or of those behind prefix_items
  std::vector<const Node*> prefix_items;    // 2020's prefixItems, earlier drafts' list of items
  bool no_additional_items = false;
  const Node* contains = nullptr;
  const Node* unevaluated_items = nullptr;

  std::optional<size_t> min_length, max_length;
  std::unique_ptr<const re2::RE2> pattern;

  std::optional<double> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
};

struct SchemaSet {
  Arena arena;
  Value document;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<Resource>> resources;
  const Node* root = nullptr;

  Result<std::optional<Violation>> validate(const Value& value) const;
};

// The metaschema of a draft, trimmed to what can be violated.
std::string_view metaschema(int draft);
// "https://json-schema.org/draft/2020-12/schema".
std::string_view metaschema_url(int draft);

}  // namespace plimsoll::schema
