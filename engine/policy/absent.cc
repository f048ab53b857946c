#include "engine/policy/absent.h"

#include <algorithm>

namespace plimsoll::policy {
namespace {

// What null turns into in a map whose keys the user chooses.
enum class Members { kFields, kStrings, kQuantities, kBytes };

Members members_of(std::string_view field, std::string_view kind) {
  constexpr std::string_view kStringMaps[] = {"labels", "annotations", "matchLabels", "nodeSelector", "stringData"};
  if (std::ranges::find(kStringMaps, field) != std::end(kStringMaps)) return Members::kStrings;
  if (field == "limits" || field == "requests") return Members::kQuantities;
  if (field == "data") return kind == "Secret" ? Members::kBytes : Members::kStrings;
  return Members::kFields;
}

class NullRemover {
 public:
  NullRemover(Arena& arena, std::string_view kind) : arena_(arena), kind_(kind) {}

  Value clean(const Value& value, Members members) {
    if (value.is_map()) return clean_map(*value.as_map(), members);
    if (value.is_list()) return clean_list(*value.as_list());
    return value;
  }

 private:
  static bool is_same(const Value& a, const Value& b) {
    return a.is_map() ? a.as_map() == b.as_map() : a.is_list() ? a.as_list() == b.as_list() : true;
  }

  Value clean_map(Map& map, Members members) {
    Map* copy = nullptr;
    for (size_t i = 0; i < map.size(); ++i) {
      const Map::Entry& entry = map.begin()[i];
      Value value = entry.value;
      bool keep = true;
      if (value.is_null()) {
        if (members == Members::kStrings) value = Value::string("");
        if (members == Members::kQuantities) value = Value::string("0");
        keep = members != Members::kFields;
      } else if (value.is_map() || value.is_list()) {
        value = clean(value, members_of(entry.key.string_or(), kind_));
      }
      if (copy == nullptr && keep && value.kind() == entry.value.kind() && is_same(value, entry.value)) continue;
      if (copy == nullptr) {
        copy = Map::create(arena_, map.size());
        for (size_t j = 0; j < i; ++j) copy->append(arena_, map.begin()[j].key, map.begin()[j].value);
      }
      if (keep) copy->append(arena_, entry.key, value);
    }
    return Value::map(copy != nullptr ? copy : &map);
  }

  Value clean_list(List& list) {
    List* copy = nullptr;
    for (size_t i = 0; i < list.size(); ++i) {
      if (!list[i].is_map() && !list[i].is_list()) continue;
      const Value value = clean(list[i], Members::kFields);
      if (is_same(value, list[i])) continue;
      if (copy == nullptr) copy = List::copy_of(arena_, list.items());
      (*copy)[i] = value;
    }
    return Value::list(copy != nullptr ? copy : &list);
  }

  Arena& arena_;
  std::string_view kind_;
};

}  // namespace

Value without_nulls(const Value& object, Arena& arena) {
  return NullRemover(arena, object["kind"].string_or()).clean(object, Members::kFields);
}

}  // namespace plimsoll::policy
