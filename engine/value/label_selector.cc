#include "engine/value/label_selector.h"

#include <fmt/format.h>

#include <algorithm>

namespace plimsoll {
namespace {

bool holds(const LabelSelector::Requirement& requirement, const Value* label) {
  const auto listed = [&] {
    return label != nullptr && std::ranges::find(requirement.values, label->string_or()) != requirement.values.end();
  };
  if (requirement.operation == "In") return listed();
  if (requirement.operation == "NotIn") return !listed();
  if (requirement.operation == "Exists") return label != nullptr;
  if (requirement.operation == "DoesNotExist") return label == nullptr;
  return false;
}

// The one-line form. Values may be empty ("app="), keys may not.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<LabelSelector> run() {
    LabelSelector selector;
    skip_space();
    while (at_ < text_.size()) {
      PLIMSOLL_RETURN_IF_ERROR(requirement(selector));
      if (at_ == text_.size()) break;
      if (!accept(",")) return failure("expected a comma");
      if (at_ == text_.size()) return failure("expected a requirement after the comma");
    }
    return selector;
  }

 private:
  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool accept(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    skip_space();
    return true;
  }
  std::string_view word() {
    const size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view result = text_.substr(begin, at_ - begin);
    skip_space();
    return result;
  }
  std::unexpected<Error> failure(std::string_view what) const {
    return fail(ErrorCode::kSyntax, fmt::format("label selector, column {}: {}", at_ + 1, what));
  }

  Result<void> requirement(LabelSelector& selector) {
    const bool absent = accept("!");
    const std::string key(word());
    if (key.empty()) return failure("expected a label's key");
    if (absent || at_ == text_.size() || text_[at_] == ',') {
      selector.match_expressions.push_back({key, absent ? "DoesNotExist" : "Exists", {}});
      return {};
    }
    if (accept("!=")) {
      selector.match_expressions.push_back({key, "NotIn", {std::string(word())}});
      return {};
    }
    if (accept("==") || accept("=")) {
      selector.match_expressions.push_back({key, "In", {std::string(word())}});
      return {};
    }
    const size_t place = at_;
    const std::string_view operation = word();
    if (operation != "in" && operation != "notin") {
      at_ = place;
      return failure("expected =, ==, !=, in or notin after the key");
    }
    LabelSelector::Requirement& requirement = selector.match_expressions.emplace_back();
    requirement.key = key;
    requirement.operation = operation == "in" ? "In" : "NotIn";
    if (!accept("(")) return failure("expected ( and values");
    do {
      requirement.values.emplace_back(word());
    } while (accept(","));
    if (!accept(")")) return failure("expected ) after the values");
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::unexpected<Error> wrong(std::string_view place, std::string_view wanted, const Value& found) {
  return fail(ErrorCode::kInvalid, fmt::format("label selector: {} must be a {}, not a {}", place, wanted, kind_name(found.kind())));
}

Result<LabelSelector::Requirement> decode_requirement(const Value& value) {
  if (!value.is_map()) return wrong("an item of matchExpressions", "map", value);
  LabelSelector::Requirement requirement;
  for (const Map::Entry& field : *value.as_map()) {
    const std::string_view name = field.key.string_or();
    if (name == "key" || name == "operator") {
      if (!field.value.is_string()) return wrong(name, "string", field.value);
      (name == "key" ? requirement.key : requirement.operation) = field.value.as_string();
    } else if (name == "values") {
      if (field.value.is_null()) continue;
      if (!field.value.is_list()) return wrong("values", "list", field.value);
      for (const Value& item : field.value.items()) {
        if (!item.is_string()) return wrong("an item of values", "string", item);
        requirement.values.emplace_back(item.as_string());
      }
    } else {
      return fail(ErrorCode::kInvalid, fmt::format("label selector: an item of matchExpressions has key, operator and values, not '{}'", name));
    }
  }
  if (requirement.key.empty()) return fail(ErrorCode::kInvalid, "label selector: an item of matchExpressions has no key");
  const bool listing = requirement.operation == "In" || requirement.operation == "NotIn";
  if (!listing && requirement.operation != "Exists" && requirement.operation != "DoesNotExist") {
    return fail(ErrorCode::kInvalid,
                fmt::format("label selector: operator '{}' is none of In, NotIn, Exists, DoesNotExist", requirement.operation));
  }
  if (listing == requirement.values.empty()) {
    return fail(ErrorCode::kInvalid,
                fmt::format("label selector: operator {} {} values", requirement.operation, listing ? "needs" : "takes no"));
  }
  return requirement;
}

}  // namespace

Result<LabelSelector> LabelSelector::parse(std::string_view text) { return Parser(text).run(); }

Result<LabelSelector> LabelSelector::decode(const Value& selector) {
  if (!selector.is_map()) return wrong("it", "map", selector);
  LabelSelector result;
  for (const Map::Entry& field : *selector.as_map()) {
    const std::string_view name = field.key.string_or();
    if (name == "matchLabels") {
      if (field.value.is_null()) continue;
      if (!field.value.is_map()) return wrong(name, "map", field.value);
      for (const Map::Entry& label : *field.value.as_map()) {
        if (!label.key.is_string()) return wrong("a key of matchLabels", "string", label.key);
        if (!label.value.is_string()) return wrong(fmt::format("matchLabels.{}", label.key.as_string()), "string", label.value);
        result.match_labels.emplace_back(label.key.as_string(), label.value.as_string());
      }
    } else if (name == "matchExpressions") {
      if (field.value.is_null()) continue;
      if (!field.value.is_list()) return wrong(name, "list", field.value);
      for (const Value& item : field.value.items()) {
        PLIMSOLL_ASSIGN_OR_RETURN(result.match_expressions.emplace_back(), decode_requirement(item));
      }
    } else {
      return fail(ErrorCode::kInvalid, fmt::format("label selector: it has matchLabels and matchExpressions, not '{}'", name));
    }
  }
  return result;
}

bool LabelSelector::matches(const Value& labels) const {
  for (const auto& [key, value] : match_labels) {
    const Value* label = labels.find(key);
    if (label == nullptr || label->string_or() != value) return false;
  }
  return std::ranges::all_of(match_expressions, [&](const Requirement& requirement) {
    return holds(requirement, labels.find(requirement.key));
  });
}

}  // namespace plimsoll
