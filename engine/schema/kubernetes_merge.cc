#include "engine/schema/kubernetes_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "engine/value/json.h"

namespace plimsoll::schema {
namespace {

// Of values whose schema says nothing: maps are merged, lists are atomic.
constexpr Type kUnknown{};

const Type* member_type(const Type& type, std::string_view key) {
  if (type.kind == TypeKind::kAny || type.kind == TypeKind::kObject) return &kUnknown;
  if (const Field* field = type.field(key)) return field->type;
  if (type.element != nullptr && type.kind != TypeKind::kList) return type.element;
  return type.preserve_unknown ? &kUnknown : nullptr;
}

const Type& element_type(const Type& type) { return type.element && type.kind == TypeKind::kList ? *type.element : kUnknown; }

bool is_untyped(const Type& type) { return type.kind == TypeKind::kAny || type.kind == TypeKind::kObject; }
bool holds_map(const Type& type) { return type.kind == TypeKind::kStruct || type.kind == TypeKind::kMap || is_untyped(type); }
bool holds_list(const Type& type) { return type.kind == TypeKind::kList || is_untyped(type); }
Relation list_relation(const Type& type) { return type.kind == TypeKind::kList ? type.relation : Relation::kAtomic; }

std::string quoted(std::string_view text) {
  std::string result;
  json::append_quoted(result, text);
  return result;
}

// Go's %v, %#v and %T of what CEL made; CEL's null is the enum NULL_VALUE of protobuf there.
std::string plain_text(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return "NULL_VALUE";
    case Kind::kString:
      return std::string(value.as_string());
    case Kind::kList: {
      std::string result = "[";
      for (const Value& item : value.items()) result += (result.size() > 1 ? " " : "") + plain_text(item);
      return result + "]";
    }
    case Kind::kMap: {
      std::vector<std::string> entries;
      for (const Map::Entry& entry : *value.as_map()) entries.push_back(fmt::format("{}:{}", entry.key.string_or(), plain_text(entry.value)));
      std::ranges::sort(entries);
      return fmt::format("map[{}]", fmt::join(entries, " "));
    }
    default:
      return json::write(value);
  }
}

std::string go_syntax(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return "0";
    case Kind::kList: {
      std::string result = "[]interface {}{";
      bool first = true;
      for (const Value& item : value.items()) {
        result += (first ? "" : ", ") + go_syntax(item);
        first = false;
      }
      return result + "}";
    }
    case Kind::kMap: {
      std::vector<std::string> entries;
      for (const Map::Entry& entry : *value.as_map()) {
        entries.push_back(fmt::format("{}:{}", quoted(entry.key.string_or()), go_syntax(entry.value)));
      }
      std::ranges::sort(entries);
      return fmt::format("map[string]interface {{}}{{{}}}", fmt::join(entries, ", "));
    }
    default:
      return json::write(value);
  }
}

std::string_view go_type(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return "structpb.NullValue";
    case Kind::kBool:
      return "bool";
    case Kind::kString:
      return "string";
    case Kind::kList:
      return "[]interface {}";
    case Kind::kMap:
      return "map[string]interface {}";
    default:
      return value.is_double() ? "float64" : "int64";
  }
}

bool is_object(const Value& value) { return value.is_map() && value.as_map()->tag != kNotAnObject; }

// The identity of a list's item: its keys, or itself in a set.
struct ItemKey {
  std::string text;   // [name="app"]
  std::string error;  // instead
};

ItemKey key_of(const Type& list, const Value& item) {
  ItemKey result;
  if (list_relation(list) == Relation::kSet) {
    if (item.is_map()) {
      result.error = "associative list without keys has an element that's a map type";
    } else if (item.is_list()) {
      result.error = "not supporting: associative list with lists as elements";
    } else {
      result.text = fmt::format("[={}]", json::write(item));
    }
    return result;
  }
  if (!is_object(item)) {
    result.error = "associative list with keys may not have non-map elements";
    return result;
  }
  std::vector<std::string> parts;
  for (const std::string_view key : list.keys) {
    Value value = item[key];
    if (value.is_null() && !item.find(key)) {
      const Field* field = element_type(list).field(key);
      if (field != nullptr && !field->type->default_value.is_null()) {
        value = field->type->default_value;
      } else if (field != nullptr && field->presence == Presence::kAlways && field->type->kind == TypeKind::kString) {
        value = Value::string("");
      } else if (field != nullptr && field->presence == Presence::kAlways) {
        value = Value::integer(0);
      } else {
        result.error = fmt::format("associative list with keys has an element that omits key field {} (and doesn't have default value)",
                                   quoted(key));
        return result;
      }
    }
    parts.push_back(fmt::format("{}={}", key, json::write(value)));
  }
  std::ranges::sort(parts);
  result.text = fmt::format("[{}]", fmt::join(parts, ","));
  return result;
}

class Check {
 public:
  void value(const Type& type, const Value& value, const std::string& path) {
    switch (type.kind) {
      case TypeKind::kAny:
      case TypeKind::kObject:
        return;
      case TypeKind::kString:
      case TypeKind::kByte:
        if (!value.is_string()) error(path, "expected string, got " + go_syntax(value));
        return;
      case TypeKind::kInt32:
      case TypeKind::kInt64:
      case TypeKind::kInteger:
      case TypeKind::kDouble:
        if (!value.is_number()) error(path, fmt::format("expected numeric (int or float), got {}", go_type(value)));
        return;
      case TypeKind::kBoolean:
        if (!value.is_bool()) error(path, "expected boolean, got " + plain_text(value));
        return;
      case TypeKind::kDateTime:
      case TypeKind::kQuantity:
      case TypeKind::kIntOrString:
        if (!value.is_number() && !value.is_string() && !value.is_bool()) error(path, "expected any scalar, got " + plain_text(value));
        return;
      case TypeKind::kList:
        if (value.is_list()) {
          list(type, value, path);
        } else {
          error(path, fmt::format("expected list, got &{{{}}}", plain_text(value)));
        }
        return;
      case TypeKind::kStruct:
      case TypeKind::kMap:
        if (is_object(value)) {
          object(type, *value.as_map(), path);
        } else {
          error(path, fmt::format("expected map, got &{{{}}}", plain_text(value)));
        }
        return;
    }
  }

  std::optional<std::string> text() const {
    if (errors_.empty()) return std::nullopt;
    if (errors_.size() == 1) return errors_.front();
    std::string result = "errors:";
    for (const std::string& error : errors_) result += "\n  " + error;
    return result;
  }

 private:
  void error(const std::string& path, std::string_view message) {
    errors_.push_back(path.empty() ? std::string(message) : fmt::format("{}: {}", path, message));
  }

  void object(const Type& type, const Map& map, const std::string& path) {
    for (const Map::Entry& entry : map) {
      const std::string inner = fmt::format("{}.{}", path, entry.key.string_or());
      const Type* member = member_type(type, entry.key.string_or());
      if (member == nullptr) {
        error(inner, "field not declared in schema");
        return;  // as the server: the rest is not looked at
      }
      value(*member, entry.value, inner);
    }
  }

  void list(const Type& type, const Value& items, const std::string& path) {
    const bool associative = list_relation(type) != Relation::kAtomic;
    std::unordered_map<std::string, bool> seen;
    size_t index = 0;
    for (const Value& item : items.items()) {
      std::string step = fmt::format("[{}]", index);
      if (associative) {
        ItemKey key = key_of(type, item);
        if (!key.error.empty()) {
          error(path, fmt::format("element {}: {}", index, key.error));
          return;
        }
        if (!seen.emplace(key.text, true).second) error(path, "duplicate entries for key " + key.text);
        step = std::move(key.text);
      }
      value(element_type(type), item, path + step);
      ++index;
    }
  }

  std::vector<std::string> errors_;
};

void find_atomics(const Type& type, const Value& value, const std::string& path, std::vector<std::string>& found) {
  if (value.is_map() && holds_map(type)) {
    if (type.relation == Relation::kAtomic) found.push_back(path);
    for (const Map::Entry& entry : *value.as_map()) {
      // Only declared fields are looked into.
      const Field* field = type.field(entry.key.string_or());
      if (field != nullptr) find_atomics(*field->type, entry.value, fmt::format("{}.{}", path, entry.key.string_or()), found);
    }
  } else if (value.is_list() && holds_list(type)) {
    if (list_relation(type) == Relation::kAtomic) found.push_back(path);
    size_t index = 0;
    for (const Value& item : value.items()) find_atomics(element_type(type), item, fmt::format("{}[{}]", path, index++), found);
  }
}

class Merge {
 public:
  explicit Merge(Arena& arena) : arena_(arena) {}

  Value value(const Type& type, const Value& live, const Value& patch) {
    if (patch.is_map() && live.is_map() && holds_map(type) && type.relation != Relation::kAtomic) {
      return object(type, *live.as_map(), *patch.as_map());
    }
    if (patch.is_list() && live.is_list() && holds_list(type) && list_relation(type) != Relation::kAtomic &&
        (live.size() > 0 || patch.size() > 0)) {
      return list(type, live, patch);
    }
    return patch;
  }

 private:
  Value object(const Type& type, const Map& live, const Map& patch) {
    Map* result = Map::copy_of(arena_, live);
    for (const Map::Entry& entry : patch) {
      const std::string_view key = entry.key.string_or();
      const Value* before = result->find(key);
      const Type* member = member_type(type, key);
      result->set(arena_, entry.key,
                  before != nullptr ? value(member ? *member : kUnknown, *before, entry.value) : entry.value);
    }
    return Value::map(result);
  }

  struct Item {
    std::string key;
    Value value;
  };

  static std::vector<Item> items_of(const Type& type, const Value& list) {
    std::vector<Item> items;
    for (const Value& item : list.items()) items.push_back({key_of(type, item).text, item});
    return items;
  }

  // Items of both go where the patch has them; items of the live list alone stay before the next item that they stood before.
  Value list(const Type& type, const Value& live, const Value& patch) {
    const std::vector<Item> left = items_of(type, live), right = items_of(type, patch);
    std::unordered_map<std::string_view, size_t> in_left, in_right;  // the last place of a key
    std::unordered_map<std::string_view, bool> repeated;
    for (size_t i = 0; i < left.size(); ++i) {
      if (!in_left.emplace(left[i].key, i).second) repeated[left[i].key] = true;
    }
    for (size_t i = 0; i < right.size(); ++i) in_right.emplace(right[i].key, i);
    std::vector<std::string_view> shared;
    for (const Item& item : right) {
      if (in_left.contains(item.key)) shared.push_back(item.key);
    }
    size_t next_shared = 0;
    std::unordered_map<std::string_view, bool> merged;
    List* result = List::create(arena_, left.size() + right.size());
    const auto take = [&](const Item& item) {
      merged[item.key] = true;
      const auto found = in_left.find(item.key);
      // Of items that the live list has twice none is merged.
      const bool plain = found == in_left.end() || repeated.contains(item.key) || type.relation == Relation::kSet;
      result->push_back(arena_, plain ? item.value : value(element_type(type), left[found->second].value, item.value));
      if (next_shared < shared.size() && shared[next_shared] == item.key) ++next_shared;
    };
    size_t l = 0, r = 0;
    while (l < left.size() || r < right.size()) {
      if (l < left.size() && r < right.size()) {
        if (left[l].key == right[r].key) {
          take(right[r++]);
          ++l;
          continue;
        }
        if (in_right.contains(left[l].key) && next_shared < shared.size() && shared[next_shared] != left[l].key) {
          ++l;
          continue;
        }
      }
      if (l < left.size()) {
        if (!in_right.contains(left[l].key)) {
          result->push_back(arena_, left[l++].value);
          continue;
        }
        if (merged.contains(left[l].key)) ++l;
      }
      if (r < right.size()) take(right[r++]);
    }
    return Value::list(result);
  }

  Arena& arena_;
};

// Whether the items of a list have keys, all different.
bool keyed(const Type& type, const Value& list) {
  std::unordered_map<std::string, bool> seen;
  return std::ranges::all_of(list.items(), [&](const Value& item) {
    ItemKey key = key_of(type, item);
    return key.error.empty() && seen.emplace(std::move(key.text), true).second;
  });
}

class Compare {
 public:
  explicit Compare(std::vector<Difference>& found) : found_(found) {}

  void value(const Type& type, const Value& before, const Value& after, const Path& path, const std::string& place) {
    if (before.is_map() && after.is_map()) {
      object(type, *before.as_map(), *after.as_map(), path, place);
    } else if (before.is_list() && after.is_list() && list_relation(type) == Relation::kMap && keyed(type, before) && keyed(type, after)) {
      list(type, before, after, path, place);
    } else if (before.is_list() && after.is_list() && before.size() == after.size() && !element_type(type).is_scalar()) {
      for (size_t i = 0; i < before.size(); ++i) {
        value(element_type(type), before.items()[i], after.items()[i], path.index(i), fmt::format("{}[{}]", place, i));
      }
    } else if (!equal(before, after)) {
      found_.push_back({path, place, before, after, false, false});
    }
  }

 private:
  static std::string step(const std::string& place, std::string_view key) {
    return place.empty() ? std::string(key) : fmt::format("{}.{}", place, key);
  }

  static bool is_scalar(const Value& value) { return !value.is_map() && !value.is_list(); }

  void object(const Type& type, const Map& before, const Map& after, const Path& path, const std::string& place) {
    if (&before == &after) return;
    for (const Map::Entry& entry : after) {
      const std::string_view key = entry.key.string_or();
      const Type* member = member_type(type, key);
      if (const Value* old = before.find(key)) {
        // Most are, and need no path.
        if (is_scalar(*old) && equal(*old, entry.value)) continue;
        value(member ? *member : kUnknown, *old, entry.value, path.key(key), step(place, key));
      } else {
        found_.push_back({path.key(key), step(place, key), Value::null(), entry.value, true, false});
      }
    }
    for (const Map::Entry& entry : before) {
      const std::string_view key = entry.key.string_or();
      if (!after.contains(key)) found_.push_back({path.key(key), step(place, key), entry.value, Value::null(), false, true});
    }
  }

  void list(const Type& type, const Value& before, const Value& after, const Path& path, const std::string& place) {
    std::unordered_map<std::string, size_t> old;
    for (size_t i = 0; i < before.size(); ++i) old.emplace(key_of(type, before.items()[i]).text, i);
    for (size_t i = 0; i < after.size(); ++i) {
      const Value& item = after.items()[i];
      const std::string key = key_of(type, item).text;
      const auto found = old.find(key);
      if (found == old.end()) {
        found_.push_back({path.index(i), place + key, Value::null(), item, true, false});
      } else {
        value(element_type(type), before.items()[found->second], item, path.index(i), place + key);
        old.erase(found);
      }
    }
    for (size_t i = 0; i < before.size(); ++i) {
      const std::string key = key_of(type, before.items()[i]).text;
      if (old.contains(key)) found_.push_back({path.index(i), place + key, before.items()[i], Value::null(), false, true});
    }
  }

  std::vector<Difference>& found_;
};

// Every function gives `written` with the changes made; the very same value if there are none. Items of `before` beyond those that are
// written are the server's (tolerations, finalizers), which adds its own at the end.
class CarryOver {
 public:
  explicit CarryOver(Arena& arena) : arena_(arena) {}

  Value value(const Type& type, const Value& before, const Value& after, const Value& written) {
    if (before.is_map() && after.is_map()) return object(type, *before.as_map(), *after.as_map(), written);
    if (before.is_list() && after.is_list()) {
      if ((!written.is_list() && !written.is_null()) || written.size() > before.size()) return equal(before, after) ? written : after;
      if (list_relation(type) == Relation::kMap && keyed(type, before) && keyed(type, after)) return by_key(type, before, after, written);
      return by_place(type, before, after, written);
    }
    return equal(before, after) ? written : after;
  }

 private:
  static bool same(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return false;
    return a.is_map() ? a.as_map() == b.as_map() : a.is_list() ? a.as_list() == b.as_list() : equal(a, b);
  }

  Value object(const Type& type, const Map& before, const Map& after, const Value& written) {
    Map* changed = nullptr;
    const auto result = [&]() -> Map& {
      if (changed == nullptr) changed = written.is_map() ? Map::copy_of(arena_, *written.as_map()) : Map::create(arena_);
      return *changed;
    };
    for (const Map::Entry& entry : after) {
      const std::string_view key = entry.key.string_or();
      const Value* old = before.find(key);
      if (old == nullptr) {
        result().set(arena_, entry.key, entry.value);
        continue;
      }
      const Type* member = member_type(type, key);
      const Value own = written[key];
      const Value value = this->value(member ? *member : kUnknown, *old, entry.value, own);
      if (!same(value, own)) result().set(arena_, entry.key, value);
    }
    for (const Map::Entry& entry : before) {
      const std::string_view key = entry.key.string_or();
      if (!after.contains(key) && written.find(key) != nullptr) result().erase(key);
    }
    return changed != nullptr ? Value::map(changed) : written;
  }

  Value by_key(const Type& type, const Value& before, const Value& after, const Value& written) {
    std::unordered_map<std::string, size_t> old;
    for (size_t i = 0; i < before.size(); ++i) old.emplace(key_of(type, before.items()[i]).text, i);
    List* result = List::create(arena_, after.size());
    bool changed = false;
    for (const Value& item : after.items()) {
      const auto found = old.find(key_of(type, item).text);
      if (found == old.end()) {
        changed = true;
        result->push_back(arena_, item);
        continue;
      }
      if (found->second >= written.size()) {
        if (equal(before.items()[found->second], item)) continue;
        changed = true;
        result->push_back(arena_, item);
        continue;
      }
      const Value own = written.items()[found->second];
      changed |= found->second != result->size();
      result->push_back(arena_, value(element_type(type), before.items()[found->second], item, own));
      changed |= !same(result->items().back(), own);
    }
    return changed || result->size() != written.size() ? Value::list(result) : written;
  }

  // Items that are equal at the beginning and the end of both are the same; those between are, if there are as many.
  Value by_place(const Type& type, const Value& before, const Value& after, const Value& written) {
    const std::span<Value> old = before.items(), now = after.items(), own = written.items();
    const size_t shorter = std::min(old.size(), now.size());
    size_t head = 0, tail = 0;
    while (head < shorter && equal(old[head], now[head])) ++head;
    while (tail < shorter - head && equal(old[old.size() - 1 - tail], now[now.size() - 1 - tail])) ++tail;
    if (head == old.size() && head == now.size()) return written;
    List* result = List::create(arena_, now.size());
    for (size_t i = 0; i < now.size(); ++i) {
      const bool kept = i < head || i + tail >= now.size();
      const size_t from = i < head ? i : i + old.size() - now.size();
      if (kept) {
        if (from < own.size()) result->push_back(arena_, own[from]);
      } else if (old.size() == now.size() && i < own.size()) {
        result->push_back(arena_, value(element_type(type), old[i], now[i], own[i]));
      } else {
        result->push_back(arena_, now[i]);
      }
    }
    return Value::list(result);
  }

  Arena& arena_;
};

}  // namespace

std::optional<std::string> check_patch(const Type& type, const Value& patch) {
  Check check;
  check.value(type, patch, "");
  return check.text();
}

std::vector<std::string> atomic_paths(const Type& type, const Value& patch) {
  std::vector<std::string> found;
  find_atomics(type, patch, "", found);
  return found;
}

Value merge(const Type& type, const Value& live, const Value& patch, Arena& arena) { return Merge(arena).value(type, live, patch); }

std::vector<Difference> differences(const Type* type, const Value& before, const Value& after) {
  std::vector<Difference> found;
  Compare(found).value(type ? *type : kUnknown, before, after, Path(), "");
  return found;
}

Value carry_over(const Type* type, const Value& before, const Value& after, const Value& written, Arena& arena) {
  return CarryOver(arena).value(type ? *type : kUnknown, before, after, written);
}

}  // namespace plimsoll::schema
