#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "engine/schema/json_schema_node.h"
#include "engine/value/suggest.h"
#include "engine/value/utf8.h"

namespace plimsoll::schema {

namespace {

constexpr size_t kMaxSteps = 1'000'000;
constexpr size_t kMaxDepth = 512;  // leaves room on a stack of 8 MB even with the frames of a sanitizer

// Numbers as an English text has them: 1,234.5.
std::string number_text(double number) {
  std::string text = fmt::format("{}", number);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  if (text.find('e') != std::string::npos) return text;
  const size_t first = text.starts_with('-') ? 1 : 0;
  const size_t end = std::min(text.find('.'), text.size());
  for (size_t i = end; i > first + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string count_text(size_t count) { return number_text(static_cast<double>(count)); }

double as_number(const Value& value) {
  switch (value.kind()) {
    case Kind::kInt: return static_cast<double>(value.as_int());
    case Kind::kUint: return static_cast<double>(value.as_uint());
    default: return value.as_double();
  }
}

uint8_t type_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return kNull;
    case Kind::kBool: return kBoolean;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble: return kNumber;
    case Kind::kList: return kArray;
    case Kind::kMap: return kObject;
    default: return kString;
  }
}

constexpr std::string_view kTypeNames[] = {"null", "boolean", "number", "integer", "string", "array", "object"};

std::string type_names(uint8_t types) {
  std::string out;
  for (size_t bit = 0; bit < 7; ++bit) {
    if ((types >> bit & 1) == 0) continue;
    if (!out.empty()) out += " or ";
    out += kTypeNames[bit];
  }
  return out;
}

bool is_primitive(const Value& value) { return !value.is_list() && !value.is_map(); }

std::string display(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return "<nil>";
    case Kind::kBool: return value.as_bool() ? "true" : "false";
    case Kind::kInt: return std::to_string(value.as_int());
    case Kind::kUint: return std::to_string(value.as_uint());
    case Kind::kDouble: {
      std::string text = fmt::format("{}", value.as_double());
      if (text.ends_with(".0")) text.resize(text.size() - 2);
      return text;
    }
    case Kind::kString: return quote(value.as_string());
    default: return "value";
  }
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += quote(name);
  }
  return out;
}

std::string index_list(const std::vector<size_t>& indexes) {
  std::string out;
  for (const size_t index : indexes) {
    if (!out.empty()) out += ' ';
    out += std::to_string(index);
  }
  return out;
}

// What no subschema has looked at yet, for unevaluatedProperties and unevaluatedItems.
struct Unevaluated {
  std::set<std::string_view> properties;
  std::set<size_t> items;

  bool empty() const { return properties.empty() && items.empty(); }
  void keep_common(const Unevaluated& other) {
    std::erase_if(properties, [&](std::string_view name) { return !other.properties.contains(name); });
    std::erase_if(items, [&](size_t index) { return !other.items.contains(index); });
  }
};

// Where validation is: the chain of schemas entered, for cycles and dynamic references.
struct Scope {
  const Node* node;
  size_t value_id;  // the same for schemas that look at the same value
  const Scope* parent;
};

using Violations = std::vector<Violation>;

class Validator {
 public:
  Result<std::optional<Violation>> run(const Node& root, const Value& value) {
    Unevaluated unevaluated = initial(value, root, false);
    const Scope scope{&root, 0, nullptr};
    std::optional<Violation> result = visit(root, value, scope, unevaluated);
    if (exhausted_) {
      return std::unexpected(Error(ErrorCode::kLimit, exhausted_)
                                 .with_remedy("simplify the schema: nested anyOf, oneOf and $ref multiply the work"));
    }
    if (!result) return std::optional<Violation>();
    if (result->group) return result;
    Violation top;
    top.group = true;
    top.causes.push_back(*std::move(result));
    return std::optional<Violation>(std::move(top));
  }

 private:
  static Unevaluated initial(const Value& value, const Node& node, bool caller_needs) {
    Unevaluated result;
    if (value.is_map() && (caller_needs || node.unevaluated_properties != nullptr)) {
      for (const Map::Entry& entry : *value.as_map()) result.properties.insert(entry.key.string_or());
    } else if (value.is_list() && (caller_needs || node.unevaluated_items != nullptr)) {
      for (size_t i = 0; i < value.size(); ++i) result.items.insert(i);
    }
    return result;
  }

  Violation violation(std::string message) const {
    Violation result;
    result.location = Path(location_);
    result.message = std::move(message);
    return result;
  }

  std::optional<Violation> visit(const Node& node, const Value& value, const Scope& scope, Unevaluated& unevaluated) {
    if (++steps_ > kMaxSteps) exhausted_ = "schema needs too much work on this value";
    if (depth_ > kMaxDepth) exhausted_ = "schema references nest too deeply";
    if (exhausted_ != nullptr) return std::nullopt;
    if (node.boolean) {
      if (*node.boolean) return std::nullopt;
      return violation("false schema");
    }
    for (const Scope* outer = scope.parent; outer != nullptr && outer->value_id == scope.value_id; outer = outer->parent) {
      if (outer->node == scope.node) return violation("reference cycle through \"" + node.location + "\"");
    }
    if (auto mismatch = check_identity(node, value)) return mismatch;

    Violations found;
    if (node.ref != nullptr) {
      auto failed = visit_reference(*node.ref, value, scope, unevaluated);
      if (node.draft < 2019) return failed;
      if (failed) found.push_back(*std::move(failed));
    }
    ++depth_;
    if (value.is_map()) check_object(node, value, scope, unevaluated, found);
    if (value.is_list()) check_array(node, value, scope, unevaluated, found);
    if (value.is_string()) check_string(node, value, found);
    if (value.is_number()) check_number(node, value, found);
    check_dynamic_references(node, value, scope, unevaluated, found);
    check_combinators(node, value, scope, unevaluated, found);
    check_unevaluated(node, value, scope, unevaluated, found);
    --depth_;

    if (found.empty()) return std::nullopt;
    if (found.size() == 1) return std::move(found.front());
    Violation group = violation("validation failed");
    group.group = true;
    group.causes = std::move(found);
    return group;
  }

  // type, const, enum and format: a misfit there ends the look at a value.
  std::optional<Violation> check_identity(const Node& node, const Value& value) const {
    const uint8_t type = type_of(value);
    if (node.types != 0 && (node.types & type) == 0) {
      const bool integer = (node.types & kInteger) != 0 && type == kNumber &&
                           (!value.is_double() || value.as_double() == std::floor(value.as_double()));
      if (!integer) {
        const uint8_t got = type;
        return violation("got " + type_names(got) + ", want " + type_names(node.types));
      }
    }
    if (node.constant != nullptr && !equal(value, *node.constant)) {
      return violation(is_primitive(*node.constant) ? "value must be " + display(*node.constant) : "'const' failed");
    }
    if (node.enumeration != nullptr) {
      const auto items = node.enumeration->items();
      if (std::none_of(items.begin(), items.end(), [&](const Value& item) { return equal(value, item); })) {
        return violation(enumeration_text(items));
      }
    }
    if (!node.format.empty() && value.is_string()) {
      if (const std::string problem = format_problem(node.format, value.as_string()); !problem.empty()) {
        return violation(quote(value.as_string()) + " is not valid " + node.format + ": " + problem);
      }
    }
    return std::nullopt;
  }

  static std::string enumeration_text(std::span<const Value> items) {
    if (!std::all_of(items.begin(), items.end(), is_primitive)) return "'enum' failed";
    if (items.size() == 1) return "value must be " + display(items[0]);
    std::string out;
    for (const Value& item : items) out += (out.empty() ? "" : ", ") + display(item);
    return "value must be one of " + out;
  }

  // A subschema on the same value.
  std::optional<Violation> visit_same(const Node& node, const Value& value, const Scope& scope,
                                      Unevaluated& unevaluated) {
    Unevaluated own = initial(value, node, !unevaluated.empty());
    const Scope inner{&node, scope.value_id, &scope};
    ++depth_;
    auto failed = visit(node, value, inner, own);
    --depth_;
    if (!failed) unevaluated.keep_common(own);
    return failed;
  }

  // A subschema on a part of the value.
  std::optional<Violation> visit_part(const Node& node, const Value& part, Path::Step step, const Scope& scope) {
    Unevaluated own = initial(part, node, false);
    const Scope inner{&node, scope.value_id + 1, &scope};
    location_.push_back(std::move(step));
    ++depth_;
    auto failed = visit(node, part, inner, own);
    --depth_;
    location_.pop_back();
    return failed;
  }

  std::optional<Violation> visit_reference(const Node& node, const Value& value, const Scope& scope,
                                           Unevaluated& unevaluated) {
    auto failed = visit_same(node, value, scope, unevaluated);
    if (!failed) return std::nullopt;
    Violation result = violation("validation failed");
    result.reference = true;
    if (failed->group) {
      result.causes = std::move(failed->causes);
    } else {
      result.causes.push_back(*std::move(failed));
    }
    return result;
  }

  static void add(Violations& found, std::optional<Violation> failed) {
    if (failed) found.push_back(*std::move(failed));
  }

  void add_all(Violations& found, std::string message, Violations causes) const {
    Violation result = violation(std::move(message));
    result.causes = std::move(causes);
    found.push_back(std::move(result));
  }

  static std::vector<std::string> missing(const Value& object, const std::vector<std::string>& required) {
    std::vector<std::string> result;
    for (const std::string& name : required) {
      if (object.find(name) == nullptr) result.push_back(name);
    }
    return result;
  }

  void check_object(const Node& node, const Value& object, const Scope& scope, Unevaluated& unevaluated,
                    Violations& found) {
    const size_t size = object.size();
    if (node.min_properties && size < *node.min_properties) {
      found.push_back(violation("minProperties: got " + count_text(size) + ", want " + count_text(*node.min_properties)));
    }
    if (node.max_properties && size > *node.max_properties) {
      found.push_back(violation("maxProperties: got " + count_text(size) + ", want " + count_text(*node.max_properties)));
    }
    if (const auto names = missing(object, node.required); !names.empty()) {
      found.push_back(violation((names.size() == 1 ? "missing property " : "missing properties ") + quoted_list(names)));
    }
    std::vector<std::string> additional;
    for (const Map::Entry& entry : *object.as_map()) {
      check_property(node, entry, scope, unevaluated, additional, found);
    }
    if (!additional.empty()) {
      found.push_back(violation("additional properties " + quoted_list(additional) + " not allowed"));
      refuse(found.back(), additional, node);
    }
    if (node.property_names != nullptr) {
      for (const Map::Entry& entry : *object.as_map()) {
        Unevaluated none;
        const Scope inner{node.property_names, scope.value_id + 1, &scope};
        auto failed = visit(*node.property_names, entry.key, inner, none);
        if (!failed) continue;
        Violations causes = failed->group ? std::move(failed->causes) : Violations{std::move(*failed)};
        for (Violation& cause : causes) cause.location = Path();
        add_all(found, "invalid propertyName " + quote(entry.key.string_or()), std::move(causes));
        refuse(found.back(), {std::string(entry.key.string_or())}, *node.property_names);
      }
    }
    for (const auto& [name, dependent] : node.dependent_schemas) {
      if (object.find(name) != nullptr) add(found, visit_same(*dependent, object, scope, unevaluated));
    }
    for (const auto& [name, required] : node.dependent_required) {
      if (object.find(name) == nullptr) continue;
      if (const auto names = missing(object, required); !names.empty()) {
        found.push_back(violation("properties " + quoted_list(names) + " required, if " + quote(name) + " exists"));
      }
    }
  }

  // Names keys that are refused, with what `node` admits that is nearest. Apart from its caller, which recurses and must be small on
  // the stack.
  [[gnu::noinline]] static void refuse(Violation& violation, const std::vector<std::string>& names, const Node& node) {
    std::vector<std::string> admitted;
    for (const auto& property : node.properties) admitted.emplace_back(property.first);
    if (node.enumeration != nullptr) {
      for (const Value& name : node.enumeration->items()) admitted.emplace_back(name.string_or());
    }
    for (const std::string& name : names) violation.refused.push_back({name, nearest(name, admitted)});
  }

  void check_property(const Node& node, const Map::Entry& entry, const Scope& scope, Unevaluated& unevaluated,
                      std::vector<std::string>& additional, Violations& found) {
    const std::string_view name = entry.key.string_or();
    bool evaluated = false;
    if (const auto property = node.properties.find(name); property != node.properties.end()) {
      evaluated = true;
      add(found, visit_part(*property->second, entry.value, std::string(name), scope));
    }
    for (const auto& [pattern, property] : node.pattern_properties) {
      if (!re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *pattern)) continue;
      evaluated = true;
      add(found, visit_part(*property, entry.value, std::string(name), scope));
    }
    if (!evaluated && node.no_additional_properties) {
      evaluated = true;
      additional.emplace_back(name);
    } else if (!evaluated && node.additional_properties != nullptr) {
      evaluated = true;
      add(found, visit_part(*node.additional_properties, entry.value, std::string(name), scope));
    }
    if (evaluated) unevaluated.properties.erase(name);
  }

  void check_array(const Node& node, const Value& array, const Scope& scope, Unevaluated& unevaluated,
                   Violations& found) {
    const auto items = array.items();
    if (node.min_items && items.size() < *node.min_items) {
      found.push_back(violation("minItems: got " + count_text(items.size()) + ", want " + count_text(*node.min_items)));
    }
    if (node.max_items && items.size() > *node.max_items) {
      found.push_back(violation("maxItems: got " + count_text(items.size()) + ", want " + count_text(*node.max_items)));
    }
    if (node.unique_items) check_unique(items, found);
    size_t evaluated = std::min(items.size(), node.prefix_items.size());
    for (size_t i = 0; i < evaluated; ++i) add(found, visit_part(*node.prefix_items[i], items[i], i, scope));
    if (node.no_additional_items && evaluated != items.size()) {
      found.push_back(violation("last " + count_text(items.size() - evaluated) + " additionalItem(s) not allowed"));
    }
    if (node.items != nullptr) {
      for (; evaluated < items.size(); ++evaluated) {
        add(found, visit_part(*node.items, items[evaluated], evaluated, scope));
      }
    }
    for (size_t i = 0; i < evaluated; ++i) unevaluated.items.erase(i);
    if (node.contains != nullptr) check_contains(node, items, scope, unevaluated, found);
  }

  void check_unique(std::span<const Value> items, Violations& found) {
    for (size_t i = 1; i < items.size(); ++i) {
      steps_ += i;
      if (steps_ > kMaxSteps) {
        exhausted_ = "too many items to compare for uniqueItems";
        return;
      }
      for (size_t j = 0; j < i; ++j) {
        if (!equal(items[i], items[j])) continue;
        found.push_back(violation("items at " + count_text(j) + " and " + count_text(i) + " are equal"));
        return;
      }
    }
  }

  void check_contains(const Node& node, std::span<const Value> items, const Scope& scope, Unevaluated& unevaluated,
                      Violations& found) {
    Violations failures;
    std::vector<size_t> matched;
    for (size_t i = 0; i < items.size(); ++i) {
      if (auto failed = visit_part(*node.contains, items[i], i, scope)) {
        failures.push_back(*std::move(failed));
      } else {
        matched.push_back(i);
        if (node.draft >= 2020) unevaluated.items.erase(i);
      }
    }
    if (node.min_contains) {
      if (matched.size() < *node.min_contains) {
        const std::string want = "min " + count_text(*node.min_contains) + " items required to match contains schema, but ";
        add_all(found,
                matched.empty() ? want + "none matched"
                                : want + "matched " + count_text(matched.size()) + " items at " + index_list(matched),
                std::move(failures));
      }
    } else if (matched.empty()) {
      add_all(found, "no items match contains schema", std::move(failures));
    }
    if (node.max_contains && matched.size() > *node.max_contains) {
      found.push_back(violation("max " + count_text(*node.max_contains) +
                                " items required to match contains schema, but matched " + count_text(matched.size()) +
                                " items at " + index_list(matched)));
    }
  }

  void check_string(const Node& node, const Value& value, Violations& found) const {
    const std::string_view text = value.as_string();
    if (node.min_length || node.max_length) {
      const size_t length = utf8::length(text);
      if (node.min_length && length < *node.min_length) {
        found.push_back(violation("minLength: got " + count_text(length) + ", want " + count_text(*node.min_length)));
      }
      if (node.max_length && length > *node.max_length) {
        found.push_back(violation("maxLength: got " + count_text(length) + ", want " + count_text(*node.max_length)));
      }
    }
    if (node.pattern && !re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.pattern)) {
      found.push_back(violation(quote(text) + " does not match pattern " + quote(node.pattern->pattern())));
    }
  }

  void check_number(const Node& node, const Value& value, Violations& found) const {
    const double number = as_number(value);
    const auto bound = [&](std::string_view keyword, const std::optional<double>& limit, bool broken) {
      if (!broken) return;
      found.push_back(
          violation(std::string(keyword) + ": got " + number_text(number) + ", want " + number_text(*limit)));
    };
    bound("minimum", node.minimum, node.minimum && number < *node.minimum);
    bound("maximum", node.maximum, node.maximum && number > *node.maximum);
    bound("exclusiveMinimum", node.exclusive_minimum, node.exclusive_minimum && number <= *node.exclusive_minimum);
    bound("exclusiveMaximum", node.exclusive_maximum, node.exclusive_maximum && number >= *node.exclusive_maximum);
    if (node.multiple_of && *node.multiple_of > 0) {
      // 0.3 is a multiple of 0.1 in decimal, though not in binary.
      const double quotient = number / *node.multiple_of;
      const double whole = std::round(quotient);
      const bool multiple = quotient == whole || std::fabs(quotient - whole) < 1e-9 * std::fabs(quotient);
      bound("multipleOf", node.multiple_of, !multiple);
    }
  }

  void check_dynamic_references(const Node& node, const Value& value, const Scope& scope, Unevaluated& unevaluated,
                                Violations& found) {
    if (const Node* target = node.recursive_ref) {
      if (target->resource->recursive_anchor) {
        for (const Scope* outer = &scope; outer != nullptr; outer = outer->parent) {
          if (outer->node->resource->recursive_anchor && outer->node->resource->root != nullptr) {
            target = outer->node->resource->root;
          }
        }
      }
      add(found, visit_reference(*target, value, scope, unevaluated));
    }
    if (const Node* target = node.dynamic_ref) {
      if (!node.dynamic_anchor.empty() && target->resource->dynamic_anchors.contains(node.dynamic_anchor)) {
        for (const Scope* outer = &scope; outer != nullptr; outer = outer->parent) {
          const auto& anchors = outer->node->resource->dynamic_anchors;
          if (const auto anchor = anchors.find(node.dynamic_anchor); anchor != anchors.end()) target = anchor->second;
        }
      }
      add(found, visit_reference(*target, value, scope, unevaluated));
    }
  }

  void check_combinators(const Node& node, const Value& value, const Scope& scope, Unevaluated& unevaluated,
                         Violations& found) {
    if (node.negated != nullptr && !visit_same(*node.negated, value, scope, unevaluated)) {
      found.push_back(violation("'not' failed"));
    }
    Violations failures;
    for (const Node* part : node.all_of) add(failures, visit_same(*part, value, scope, unevaluated));
    if (!failures.empty()) add_all(found, "'allOf' failed", std::move(failures));
    check_any_of(node, value, scope, unevaluated, found);
    check_one_of(node, value, scope, unevaluated, found);
    if (node.condition != nullptr) {
      const Node* branch = visit_same(*node.condition, value, scope, unevaluated) ? node.otherwise : node.then;
      if (branch != nullptr) add(found, visit_same(*branch, value, scope, unevaluated));
    }
  }

  void check_any_of(const Node& node, const Value& value, const Scope& scope, Unevaluated& unevaluated,
                    Violations& found) {
    if (node.any_of.empty()) return;
    bool matched = false;
    Violations failures;
    for (const Node* part : node.any_of) {
      if (auto failed = visit_same(*part, value, scope, unevaluated)) {
        failures.push_back(*std::move(failed));
      } else {
        matched = true;
        if (unevaluated.empty()) break;  // else each match may evaluate more
      }
    }
    if (!matched) add_all(found, "'anyOf' failed", std::move(failures));
  }

  void check_one_of(const Node& node, const Value& value, const Scope& scope, Unevaluated& unevaluated,
                    Violations& found) {
    if (node.one_of.empty()) return;
    std::optional<size_t> matched;
    Violations failures;
    for (size_t i = 0; i < node.one_of.size(); ++i) {
      if (auto failed = visit_same(*node.one_of[i], value, scope, unevaluated)) {
        failures.push_back(*std::move(failed));
      } else if (matched) {
        found.push_back(
            violation("'oneOf' failed, subschemas " + count_text(*matched) + ", " + count_text(i) + " matched"));
        return;
      } else {
        matched = i;
      }
    }
    if (!matched) add_all(found, "'oneOf' failed, none matched", std::move(failures));
  }

  void check_unevaluated(const Node& node, const Value& value, const Scope& scope, Unevaluated& unevaluated,
                         Violations& found) {
    if (node.unevaluated_properties != nullptr && value.is_map()) {
      for (const std::string_view name : std::exchange(unevaluated.properties, {})) {
        add(found, visit_part(*node.unevaluated_properties, *value.find(name), std::string(name), scope));
      }
    }
    if (node.unevaluated_items != nullptr && value.is_list()) {
      for (const size_t index : std::exchange(unevaluated.items, {})) {
        add(found, visit_part(*node.unevaluated_items, value.items()[index], index, scope));
      }
    }
  }

  std::vector<Path::Step> location_;
  size_t steps_ = 0;
  size_t depth_ = 0;
  const char* exhausted_ = nullptr;
};

void print(const Violation& violation, size_t indent, std::string& out) {
  const bool skipped = (violation.group && indent == 0) || (violation.reference && violation.causes.size() == 1);
  if (!skipped) {
    if (!out.empty()) out += '\n';
    out.append(2 * indent, ' ');
    out += "- at " + quote(violation.location.to_json_pointer()) + ": " + violation.message;
    ++indent;
  }
  for (const Violation& cause : violation.causes) print(cause, indent, out);
}

void collect_leaves(const Violation& violation, std::vector<const Violation*>& leaves) {
  if (violation.causes.empty() || !violation.refused.empty()) leaves.push_back(&violation);
  for (const Violation& cause : violation.causes) collect_leaves(cause, leaves);
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    switch (c) {
      case '\'': out += "\\'"; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
          out += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
        } else {
          out += c;
        }
    }
  }
  return out + "'";
}

std::string Violation::to_string() const {
  std::string out;
  print(*this, 0, out);
  return out;
}

std::vector<const Violation*> Violation::leaves() const {
  std::vector<const Violation*> result;
  collect_leaves(*this, result);
  return result;
}

Result<std::optional<Violation>> SchemaSet::validate(const Value& value) const {
  return Validator().run(*root, value);
}

}  // namespace plimsoll::schema
