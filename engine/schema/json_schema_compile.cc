#include <algorithm>
#include <cmath>

#include "engine/schema/json_schema_node.h"
#include "engine/value/json.h"

namespace plimsoll::schema {

namespace {

constexpr size_t kMaxNodes = 200'000;

struct Draft {
  int version;
  std::string_view url;  // without scheme and fragment
};
constexpr Draft kDrafts[] = {{4, "json-schema.org/draft-04/schema"},
                             {6, "json-schema.org/draft-06/schema"},
                             {7, "json-schema.org/draft-07/schema"},
                             {2019, "json-schema.org/draft/2019-09/schema"},
                             {2020, "json-schema.org/draft/2020-12/schema"}};

std::optional<int> draft_of(std::string_view url) {
  if (url.ends_with('#')) url.remove_suffix(1);
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  }
  for (const Draft& draft : kDrafts) {
    if (url == draft.url) return draft.version;
  }
  // The address of "the latest draft".
  if (url == "json-schema.org/schema") return 2020;
  return std::nullopt;
}

std::string escape(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// Undoes %XX of a URL's fragment.
std::string decode_fragment(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Resolves a reference against a base address (RFC 3986, as far as schemas use it).
std::string join_url(std::string_view base, std::string_view reference) {
  if (reference.empty()) return std::string(base);
  const size_t colon = reference.find(':');
  if (colon != std::string_view::npos && reference.find('/') > colon) return std::string(reference);
  const size_t scheme = base.find("://");
  if (reference.starts_with('/')) {
    const size_t host_end = scheme == std::string_view::npos ? 0 : base.find('/', scheme + 3);
    return std::string(base.substr(0, host_end)) + std::string(reference);
  }
  const size_t slash = base.rfind('/');
  return std::string(base.substr(0, slash == std::string_view::npos ? 0 : slash + 1)) + std::string(reference);
}

// Keywords that hold subschemas, by the form they hold them in.
constexpr std::string_view kSchemaKeywords[] = {
    "not",   "if",    "then",  "else", "contains", "propertyNames", "additionalProperties", "additionalItems",
    "items", "unevaluatedItems", "unevaluatedProperties", "contentSchema"};
constexpr std::string_view kListKeywords[] = {"allOf", "anyOf", "oneOf", "items", "prefixItems"};
constexpr std::string_view kMapKeywords[] = {"properties",  "patternProperties", "definitions",
                                             "$defs", "dependencies", "dependentSchemas"};

bool is_schema(const Value& value) { return value.is_map() || value.is_bool(); }

}  // namespace

class SchemaCompiler {
 public:
  SchemaCompiler(SchemaSet& set, std::string url, int draft, Formats formats)
      : set_(set), url_(std::move(url)), draft_(draft), formats_(formats) {}

  Result<const Node*> compile() {
    collect(set_.document, "", url_, new_resource());
    PLIMSOLL_ASSIGN_OR_RETURN(const Node* root, node_at("", set_.document));
    // Compiling one node may ask for others: a queue instead of recursion.
    while (!queue_.empty()) {
      auto [node, value, pointer] = queue_.back();
      queue_.pop_back();
      PLIMSOLL_RETURN_IF_ERROR(fill(*node, *value, pointer));
      if (set_.nodes.size() > kMaxNodes) return fail(ErrorCode::kLimit, "schema with too many subschemas");
    }
    for (const auto& [resource, anchor, pointer] : dynamic_anchors_) {
      PLIMSOLL_ASSIGN_OR_RETURN(const Node* node, node_at(pointer, *value_at(pointer)));
      resource->dynamic_anchors.emplace(anchor, node);
    }
    return root;
  }

 private:
  struct Work {
    Node* node;
    const Value* value;
    std::string pointer;
  };
  struct Scope {
    std::string base;
    Resource* resource;
  };

  Resource* new_resource() {
    set_.resources.push_back(std::make_unique<Resource>());
    return set_.resources.back().get();
  }

  // Notes addresses and anchors of all subschemas. Recursion is bounded by the depth that json::read admits.
  void collect(const Value& value, const std::string& pointer, std::string base, Resource* resource) {
    if (!value.is_map()) return;
    const std::string_view id = value[draft_ == 4 ? "id" : "$id"].string_or();
    const bool ref_hides_id = draft_ < 2019 && value.find("$ref") != nullptr;
    if (!id.empty() && !ref_hides_id) {
      const std::string_view address = id.substr(0, id.find('#'));
      if (!address.empty()) {
        base = join_url(base, address);
        if (!pointer.empty()) resource = new_resource();
      }
      if (draft_ < 2019 && id.find('#') != std::string_view::npos) {
        targets_.emplace(base + "#" + std::string(id.substr(id.find('#') + 1)), pointer);
      }
    }
    if (resource->root == nullptr || !id.empty()) targets_.emplace(base, pointer);
    scopes_[pointer] = {base, resource};
    if (const std::string_view anchor = value["$anchor"].string_or(); !anchor.empty()) {
      targets_.emplace(base + "#" + std::string(anchor), pointer);
    }
    if (const std::string_view anchor = value["$dynamicAnchor"].string_or(); !anchor.empty()) {
      targets_.emplace(base + "#" + std::string(anchor), pointer);
      dynamic_anchors_.push_back({resource, std::string(anchor), pointer});
    }
    if (value["$recursiveAnchor"].bool_or(false)) resource->recursive_anchor = true;

    for (const std::string_view keyword : kSchemaKeywords) {
      if (const Value* child = value.find(keyword)) collect(*child, pointer + "/" + std::string(keyword), base, resource);
    }
    for (const std::string_view keyword : kListKeywords) {
      size_t index = 0;
      for (const Value& child : value[keyword].items()) {
        collect(child, pointer + "/" + std::string(keyword) + "/" + std::to_string(index++), base, resource);
      }
    }
    for (const std::string_view keyword : kMapKeywords) {
      const Value map = value[keyword];
      if (!map.is_map()) continue;
      for (const Map::Entry& entry : *map.as_map()) {
        collect(entry.value, pointer + "/" + std::string(keyword) + "/" + escape(entry.key.as_string()), base, resource);
      }
    }
  }

  // The part of the document at a JSON pointer; nullptr if there is none.
  const Value* value_at(std::string_view pointer) const {
    const Value* value = &set_.document;
    while (!pointer.empty()) {
      if (pointer[0] != '/') return nullptr;
      pointer.remove_prefix(1);
      const size_t end = std::min(pointer.find('/'), pointer.size());
      std::string token;
      for (size_t i = 0; i < end; ++i) {
        if (pointer[i] == '~' && i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
          token += pointer[++i] == '0' ? '~' : '/';
        } else {
          token += pointer[i];
        }
      }
      pointer.remove_prefix(end);
      if (value->is_map()) {
        value = value->find(token);
      } else {
        const bool digits = !token.empty() && token.size() < 10 && std::all_of(token.begin(), token.end(), [](char c) {
          return c >= '0' && c <= '9';
        });
        const size_t index = digits ? std::stoul(token) : SIZE_MAX;
        value = value->is_list() && index < value->size() ? &(*value->as_list())[index] : nullptr;
      }
      if (value == nullptr) return nullptr;
    }
    return value;
  }

  // The node of a subschema, made and queued at its first use.
  Result<const Node*> node_at(const std::string& pointer, const Value& value) {
    if (const auto known = nodes_.find(pointer); known != nodes_.end()) return known->second;
    if (!is_schema(value)) {
      return fail(ErrorCode::kInvalid, "\"" + url_ + "#" + pointer + "\" is no schema");
    }
    set_.nodes.push_back(std::make_unique<Node>());
    Node* node = set_.nodes.back().get();
    node->draft = draft_;
    node->location = url_ + "#" + pointer;
    node->resource = scope(pointer).resource;
    nodes_.emplace(pointer, node);
    queue_.push_back({node, &value, pointer});
    return node;
  }

  // The scope of a subschema, or of its nearest ancestor that has one.
  const Scope& scope(std::string_view pointer) const {
    while (true) {
      if (const auto found = scopes_.find(std::string(pointer)); found != scopes_.end()) return found->second;
      if (pointer.empty()) return root_scope_;
      pointer = pointer.substr(0, pointer.rfind('/'));
    }
  }

  Result<const Node*> child(const Value& value, const std::string& pointer, std::string_view keyword) {
    const Value* found = value.find(keyword);
    if (found == nullptr) return nullptr;
    return node_at(pointer + "/" + std::string(keyword), *found);
  }

  Result<std::vector<const Node*>> children(const Value& value, const std::string& pointer, std::string_view keyword) {
    std::vector<const Node*> result;
    for (const Value& item : value[keyword].items()) {
      PLIMSOLL_ASSIGN_OR_RETURN(
          const Node* node, node_at(pointer + "/" + std::string(keyword) + "/" + std::to_string(result.size()), item));
      result.push_back(node);
    }
    return result;
  }

  Result<const Node*> reference(const Value& value, const std::string& pointer, std::string_view keyword) {
    const Value* found = value.find(keyword);
    if (found == nullptr || !found->is_string()) return nullptr;
    const std::string_view text = found->as_string();
    const size_t hash = std::min(text.find('#'), text.size());
    const std::string base = join_url(scope(pointer).base, text.substr(0, hash));
    const std::string fragment = decode_fragment(text.substr(std::min(hash + 1, text.size())));
    const auto target = targets_.find(base);
    if (target == targets_.end()) {
      if (draft_of(base)) {
        return fail(ErrorCode::kInvalid, "references to metaschemas are not supported: \"" + base + "\"");
      }
      return std::unexpected(Error(ErrorCode::kNotFound, "failing loading \"" + base + "\": schemas are not fetched from elsewhere")
                                 .with_remedy("copy the referenced schema into $defs of this one"));
    }
    if (fragment.empty()) return node_at(target->second, *value_at(target->second));
    if (fragment[0] == '/') {
      const std::string full = target->second + fragment;
      if (const Value* part = value_at(full)) return node_at(full, *part);
      return fail(ErrorCode::kInvalid, "json-pointer in \"" + url_ + "#" + full + "\" not found");
    }
    const auto anchor = targets_.find(base + "#" + fragment);
    if (anchor == targets_.end()) {
      return fail(ErrorCode::kInvalid, "anchor in \"" + base + "#" + fragment + "\" not found in schema \"" + base + "\"");
    }
    return node_at(anchor->second, *value_at(anchor->second));
  }

  Result<std::unique_ptr<const re2::RE2>> regex(std::string_view text, const std::string& pointer) {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(16 << 20);
    auto compiled = std::make_unique<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (!compiled->ok()) {
      return fail(ErrorCode::kInvalid, "invalid regex " + quote(text) + " at \"" + url_ + "#" + pointer +
                                           "\": " + compiled->error());
    }
    return compiled;
  }

  static std::optional<double> number(const Value& value) {
    switch (value.kind()) {
      case Kind::kInt: return static_cast<double>(value.as_int());
      case Kind::kUint: return static_cast<double>(value.as_uint());
      case Kind::kDouble: return value.as_double();
      default: return std::nullopt;
    }
  }

  static std::optional<size_t> count(const Value& value) {
    const std::optional<double> n = number(value);
    if (!n || *n < 0 || *n != std::floor(*n) || *n > 1e15) return std::nullopt;
    return static_cast<size_t>(*n);
  }

  static std::vector<std::string> strings(const Value& value) {
    std::vector<std::string> result;
    for (const Value& item : value.items()) {
      if (item.is_string()) result.emplace_back(item.as_string());
    }
    return result;
  }

  Result<void> fill(Node& node, const Value& value, const std::string& pointer) {
    if (value.is_bool()) {
      node.boolean = value.as_bool();
      return {};
    }
    PLIMSOLL_ASSIGN_OR_RETURN(node.ref, reference(value, pointer, "$ref"));
    if (draft_ < 2019 && node.ref != nullptr) return {};  // everything beside it is ignored
    PLIMSOLL_RETURN_IF_ERROR(fill_applicators(node, value, pointer));
    PLIMSOLL_RETURN_IF_ERROR(fill_object(node, value, pointer));
    PLIMSOLL_RETURN_IF_ERROR(fill_array(node, value, pointer));
    PLIMSOLL_RETURN_IF_ERROR(fill_scalar(node, value, pointer));
    if (draft_ == 2019) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.recursive_ref, reference(value, pointer, "$recursiveRef"));
    }
    if (draft_ >= 2020) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.dynamic_ref, reference(value, pointer, "$dynamicRef"));
      const std::string_view text = value["$dynamicRef"].string_or();
      if (const size_t hash = text.find('#'); hash != std::string_view::npos && !text.substr(hash + 1).starts_with('/')) {
        node.dynamic_anchor = text.substr(hash + 1);
      }
    }
    return {};
  }

  Result<void> fill_applicators(Node& node, const Value& value, const std::string& pointer) {
    PLIMSOLL_ASSIGN_OR_RETURN(node.all_of, children(value, pointer, "allOf"));
    PLIMSOLL_ASSIGN_OR_RETURN(node.any_of, children(value, pointer, "anyOf"));
    PLIMSOLL_ASSIGN_OR_RETURN(node.one_of, children(value, pointer, "oneOf"));
    PLIMSOLL_ASSIGN_OR_RETURN(node.negated, child(value, pointer, "not"));
    if (draft_ >= 7) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.condition, child(value, pointer, "if"));
      PLIMSOLL_ASSIGN_OR_RETURN(node.then, child(value, pointer, "then"));
      PLIMSOLL_ASSIGN_OR_RETURN(node.otherwise, child(value, pointer, "else"));
    }
    return {};
  }

  Result<void> fill_object(Node& node, const Value& value, const std::string& pointer) {
    node.min_properties = count(value["minProperties"]);
    node.max_properties = count(value["maxProperties"]);
    node.required = strings(value["required"]);
    if (const Value map = value["properties"]; map.is_map()) {
      for (const Map::Entry& entry : *map.as_map()) {
        const std::string_view key = entry.key.as_string();
        PLIMSOLL_ASSIGN_OR_RETURN(const Node* property, node_at(pointer + "/properties/" + escape(key), entry.value));
        node.properties.emplace(std::string(key), property);
      }
    }
    if (const Value map = value["patternProperties"]; map.is_map()) {
      for (const Map::Entry& entry : *map.as_map()) {
        const std::string_view key = entry.key.as_string();
        PLIMSOLL_ASSIGN_OR_RETURN(auto pattern, regex(key, pointer + "/patternProperties"));
        PLIMSOLL_ASSIGN_OR_RETURN(const Node* property,
                                  node_at(pointer + "/patternProperties/" + escape(key), entry.value));
        node.pattern_properties.emplace_back(std::move(pattern), property);
      }
    }
    if (const Value additional = value["additionalProperties"]; additional.is_bool()) {
      node.no_additional_properties = !additional.as_bool();
    } else {
      PLIMSOLL_ASSIGN_OR_RETURN(node.additional_properties, child(value, pointer, "additionalProperties"));
    }
    for (const std::string_view keyword : {"dependencies", "dependentRequired", "dependentSchemas"}) {
      if (keyword != "dependencies" && draft_ < 2019) continue;
      const Value map = value[keyword];
      if (!map.is_map()) continue;
      for (const Map::Entry& entry : *map.as_map()) {
        const std::string key(entry.key.as_string());
        if (entry.value.is_list()) {
          node.dependent_required.emplace_back(key, strings(entry.value));
        } else if (keyword != "dependentRequired") {
          PLIMSOLL_ASSIGN_OR_RETURN(const Node* dependent,
                                    node_at(pointer + "/" + std::string(keyword) + "/" + escape(key), entry.value));
          node.dependent_schemas.emplace_back(key, dependent);
        }
      }
    }
    if (draft_ >= 6) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.property_names, child(value, pointer, "propertyNames"));
    }
    if (draft_ >= 2019) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.unevaluated_properties, child(value, pointer, "unevaluatedProperties"));
    }
    return {};
  }

  Result<void> fill_array(Node& node, const Value& value, const std::string& pointer) {
    node.min_items = count(value["minItems"]);
    node.max_items = count(value["maxItems"]);
    node.unique_items = value["uniqueItems"].bool_or(false);
    const bool list_of_items = draft_ < 2020 && value["items"].is_list();
    if (draft_ >= 2020) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.prefix_items, children(value, pointer, "prefixItems"));
    } else if (list_of_items) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.prefix_items, children(value, pointer, "items"));
      if (const Value additional = value["additionalItems"]; additional.is_bool()) {
        node.no_additional_items = !additional.as_bool();
      } else {
        PLIMSOLL_ASSIGN_OR_RETURN(node.items, child(value, pointer, "additionalItems"));
      }
    }
    if (!list_of_items) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.items, child(value, pointer, "items"));
    }
    if (draft_ >= 6) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.contains, child(value, pointer, "contains"));
    }
    if (draft_ >= 2019) {
      node.min_contains = count(value["minContains"]);
      node.max_contains = count(value["maxContains"]);
      PLIMSOLL_ASSIGN_OR_RETURN(node.unevaluated_items, child(value, pointer, "unevaluatedItems"));
    }
    return {};
  }

  Result<void> fill_scalar(Node& node, const Value& value, const std::string& pointer) {
    const auto add_type = [&](const Value& name) {
      constexpr std::pair<std::string_view, uint8_t> kTypes[] = {{"null", kNull},       {"boolean", kBoolean},
                                                                 {"number", kNumber},   {"integer", kInteger},
                                                                 {"string", kString},   {"array", kArray},
                                                                 {"object", kObject}};
      for (const auto& [text, bit] : kTypes) {
        if (name.string_or() == text) node.types |= bit;
      }
    };
    add_type(value["type"]);
    for (const Value& name : value["type"].items()) add_type(name);
    if (draft_ >= 6) node.constant = value.find("const");
    if (value["enum"].is_list()) node.enumeration = value.find("enum");
    if (draft_ < 2019) node.format = value["format"].string_or();
    if (node.format == kQuantityFormat && formats_ != Formats::kKubernetes) node.format.clear();
    node.min_length = count(value["minLength"]);
    node.max_length = count(value["maxLength"]);
    if (const Value* pattern = value.find("pattern"); pattern != nullptr && pattern->is_string()) {
      PLIMSOLL_ASSIGN_OR_RETURN(node.pattern, regex(pattern->as_string(), pointer + "/pattern"));
    }
    node.minimum = number(value["minimum"]);
    node.maximum = number(value["maximum"]);
    node.exclusive_minimum = number(value["exclusiveMinimum"]);
    node.exclusive_maximum = number(value["exclusiveMaximum"]);
    if (value["exclusiveMinimum"].bool_or(false)) std::swap(node.minimum, node.exclusive_minimum);
    if (value["exclusiveMaximum"].bool_or(false)) std::swap(node.maximum, node.exclusive_maximum);
    node.multiple_of = number(value["multipleOf"]);
    return {};
  }

  struct DynamicAnchor {
    Resource* resource;
    std::string name;
    std::string pointer;
  };

  SchemaSet& set_;
  std::string url_;
  int draft_;
  Formats formats_;
  Scope root_scope_;
  std::map<std::string, Scope> scopes_;         // by pointer
  std::map<std::string, std::string> targets_;  // address, or address#anchor, to pointer
  std::map<std::string, const Node*> nodes_;    // by pointer
  std::vector<DynamicAnchor> dynamic_anchors_;
  std::vector<Work> queue_;
};

JsonSchema::JsonSchema(std::unique_ptr<const SchemaSet> impl) : impl_(std::move(impl)) {}
JsonSchema::~JsonSchema() = default;

Result<std::unique_ptr<const SchemaSet>> JsonSchema::build(std::string_view text, const std::string& name,
                                                           bool trusted, Formats formats) {
  auto impl = std::make_unique<SchemaSet>();
  PLIMSOLL_ASSIGN_OR_RETURN(impl->document, json::read(impl->arena, text));
  const std::string url = name.find("://") == std::string::npos ? "file:///" + name : name;
  int draft = 2020;
  if (const Value* declared = impl->document.find("$schema"); declared != nullptr && declared->is_string()) {
    const std::optional<int> known = draft_of(declared->as_string());
    if (!known) {
      return std::unexpected(Error(ErrorCode::kNotFound, "failing loading \"" + std::string(declared->as_string()) +
                                                             "\": unknown $schema, and schemas are not fetched from elsewhere")
                                 .with_remedy("use a draft from 4 to 2020-12"));
    }
    draft = *known;
  }
  if (!trusted) {
    PLIMSOLL_ASSIGN_OR_RETURN(const auto meta, build(metaschema(draft), std::string(metaschema_url(draft)), true,
                                                       Formats::kStandard));
    PLIMSOLL_ASSIGN_OR_RETURN(const std::optional<Violation> violation, meta->validate(impl->document));
    if (violation) {
      return fail(ErrorCode::kInvalid, "\"" + url + "#\" is not valid against metaschema: jsonschema validation failed with '" +
                                           std::string(metaschema_url(draft)) + "#'\n" + violation->to_string());
    }
  }
  PLIMSOLL_ASSIGN_OR_RETURN(impl->root, SchemaCompiler(*impl, url, draft, formats).compile());
  return impl;
}

Result<std::shared_ptr<const JsonSchema>> JsonSchema::compile(std::string_view text, const std::string& name,
                                                               Formats formats) {
  PLIMSOLL_ASSIGN_OR_RETURN(auto impl, build(text, name, false, formats));
  return std::shared_ptr<const JsonSchema>(new JsonSchema(std::move(impl)));
}

Result<std::optional<Violation>> JsonSchema::validate(const Value& value) const { return impl_->validate(value); }

}  // namespace plimsoll::schema
