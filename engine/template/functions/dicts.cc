// Dictionaries. They are shared, as Go's maps are: set and unset change the dictionary that they are given.
#include <unordered_set>

#include "engine/template/functions/families.h"
#include "engine/template/functions/merge.h"
#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

Value plain_map(Map* map) { return Value::map(map); }

// What a lookup may search: an empty span for a nil map.
const Value* find(const Value& map, std::string_view key) { return map.is_map() ? map.find(key) : nullptr; }

Result<Value> dict(CallContext& context, Args args) {
  Map* map = Map::create(context.arena, (args.size() + 1) / 2);
  for (size_t i = 0; i < args.size(); i += 2) {
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view key, to_words(context, args[i]));
    map->set(context.arena, key, i + 1 < args.size() ? args[i + 1] : Value::string(""));
  }
  return plain_map(map);
}

Result<Value> get(CallContext&, Args args) {
  const Value* found = find(args[0], args[1].as_string());
  return found == nullptr ? Value::string("") : *found;
}

Result<Value> set(CallContext& context, Args args) {
  if (!args[0].is_map()) return go_error("assignment to entry in nil map");
  args[0].as_map()->set(context.arena, args[1].as_string(), args[2]);
  return plain_map(args[0].as_map());
}

Result<Value> unset(CallContext&, Args args) {
  if (!args[0].is_map()) return typed_nil(GoType::kMap);
  args[0].as_map()->erase(args[1].as_string());
  return plain_map(args[0].as_map());
}

Result<Value> has_key(CallContext&, Args args) {
  return Value::boolean(find(args[0], args[1].as_string()) != nullptr);
}

Result<Value> pluck(CallContext& context, Args args) {
  List* found = List::create(context.arena);
  for (const Value& map : args.subspan(1)) {
    if (const Value* value = find(map, args[0].as_string())) found->push_back(context.arena, *value);
  }
  return Value::list(found);
}

Result<Value> keys(CallContext& context, Args args) {
  List* names = List::create(context.arena);
  for (const Value& map : args) {
    if (!map.is_map()) continue;
    PLIMSOLL_RETURN_IF_ERROR(check_room(context, map.size() * sizeof(Value)));
    for (const Map::Entry& entry : *map.as_map()) names->push_back(context.arena, entry.key);
  }
  return go_strings(names);
}

Result<Value> values(CallContext& context, Args args) {
  List* items = List::create(context.arena, args[0].size());
  if (args[0].is_map()) {
    for (const Map::Entry& entry : *args[0].as_map()) items->push_back(context.arena, entry.value);
  }
  return Value::list(items);
}

Result<Value> pick(CallContext& context, Args args) {
  Map* picked = Map::create(context.arena, args.size() - 1);
  for (const Value& key : args.subspan(1)) {
    if (const Value* value = find(args[0], key.as_string())) picked->set(context.arena, key, *value);
  }
  return plain_map(picked);
}

Result<Value> omit(CallContext& context, Args args) {
  std::unordered_set<std::string_view> unwanted;
  for (const Value& key : args.subspan(1)) unwanted.insert(key.as_string());
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, args[0].size() * sizeof(Map::Entry)));
  Map* kept = Map::create(context.arena, args[0].size());
  if (args[0].is_map()) {
    for (const Map::Entry& entry : *args[0].as_map()) {
      if (!unwanted.contains(entry.key.string_or())) kept->append(context.arena, entry.key, entry.value);
    }
  }
  return plain_map(kept);
}

template <MergeMode kMode>
Result<Value> merge(CallContext& context, Args args) {
  Map* target = args[0].is_map() ? args[0].as_map() : nullptr;
  for (const Value& source : args.subspan(1)) {
    if (!source.is_map()) continue;
    if (target == nullptr) target = Map::create(context.arena);
    PLIMSOLL_RETURN_IF_ERROR(merge_maps(context, *target, *source.as_map(), kMode));
  }
  return target == nullptr ? typed_nil(GoType::kMap) : plain_map(target);
}

std::unexpected<Error> wrong_type(const Value& value, std::string_view wanted) {
  const std::string_view name = value.is_null() && value.flavour() == 0 ? "nil" : type_name(value);
  return go_error("interface conversion: interface {} is " + std::string(name) + ", not " + std::string(wanted));
}

bool is_dict(const Value& value) { return go_type(value) == GoType::kMap; }

Result<Value> dig(CallContext&, Args args) {
  constexpr std::string_view kMapName = "map[string]interface {}";
  if (args.size() < 3) return go_error("dig needs at least three arguments");
  if (!is_dict(args.back())) return wrong_type(args.back(), kMapName);
  const Args path = args.first(args.size() - 2);
  for (const Value& key : path) {
    if (!key.is_string()) return wrong_type(key, "string");
  }
  Value current = args.back();
  for (const Value& key : path) {
    if (!is_dict(current)) return wrong_type(current, kMapName);
    const Value* found = find(current, key.as_string());
    if (found == nullptr) return args[args.size() - 2];
    current = *found;
  }
  return current;
}

// copystructure.Copy: new maps and lists all the way down. Depth is bounded by what readers and `dict` can build within the arena's
// budget; a dictionary that contains itself ends at the limit.
Result<Value> copy_deeply(CallContext& context, const Value& value, int depth) {
  constexpr int kMaxDepth = 10'000;
  if (depth > kMaxDepth) return fail(ErrorCode::kLimit, "value to copy is nested too deeply (or contains itself)");
  if (value.is_list()) {
    PLIMSOLL_RETURN_IF_ERROR(check_room(context, value.size() * sizeof(Value)));
    List* copy = List::create(context.arena, value.size());
    copy->tag = value.as_list()->tag;
    copy->position = value.as_list()->position;
    for (const Value& item : value.items()) {
      PLIMSOLL_ASSIGN_OR_RETURN(const Value item_copy, copy_deeply(context, item, depth + 1));
      copy->push_back(context.arena, item_copy);
    }
    return Value::list(copy).with_flavour(value.flavour());
  }
  if (value.is_map()) {
    PLIMSOLL_RETURN_IF_ERROR(check_room(context, value.size() * sizeof(Map::Entry)));
    Map* copy = Map::create(context.arena, value.size());
    copy->tag = value.as_map()->tag;
    copy->position = value.as_map()->position;
    for (const Map::Entry& entry : *value.as_map()) {
      PLIMSOLL_ASSIGN_OR_RETURN(const Value value_copy, copy_deeply(context, entry.value, depth + 1));
      copy->append(context.arena, entry.key, value_copy);
    }
    return Value::map(copy).with_flavour(value.flavour());
  }
  return value;
}

Result<Value> deep_copy_function(CallContext& context, Args args) {
  if (args[0].is_null() && args[0].flavour() == 0) {
    return go_error("reflect: call of reflect.Value.Type on zero Value");
  }
  return copy_deeply(context, args[0], 0);
}

constexpr Function kFunctions[] = {
    {"dict", "(...interface {}) map[string]interface {}", "A dictionary of keys and values: dict \"a\" 1 == map[a:1].", dict},
    {"get", "(map[string]interface {}, string) interface {}", "The value of a key, or \"\".", get},
    {"set", "(map[string]interface {}, string, interface {}) map[string]interface {}", "Sets a key in the dictionary itself, which is returned.", set},
    {"unset", "(map[string]interface {}, string) map[string]interface {}", "Removes a key from the dictionary itself, which is returned.", unset},
    {"hasKey", "(map[string]interface {}, string) bool", "Whether the dictionary has the key.", has_key},
    {"pluck", "(string, ...map[string]interface {}) []interface {}", "The values that several dictionaries have for a key.", pluck},
    {"keys", "(...map[string]interface {}) []string", "The keys, in no particular order.", keys},
    {"values", "(map[string]interface {}) []interface {}", "The values, in no particular order.", values},
    {"pick", "(map[string]interface {}, ...string) map[string]interface {}", "A new dictionary with the given keys only.", pick},
    {"omit", "(map[string]interface {}, ...string) map[string]interface {}", "A new dictionary without the given keys.", omit},
    {"merge", "(map[string]interface {}, ...map[string]interface {}) interface {}", "Fills the first dictionary from the others; what it has stays.", merge<MergeMode::kKeep>},
    {"mustMerge", "(map[string]interface {}, ...map[string]interface {}) (interface {}, error)", "As merge, with an error instead of \"\".", merge<MergeMode::kKeep>},
    {"mergeOverwrite", "(map[string]interface {}, ...map[string]interface {}) interface {}", "Fills the first dictionary from the others, which win.", merge<MergeMode::kOverwrite>},
    {"mustMergeOverwrite", "(map[string]interface {}, ...map[string]interface {}) (interface {}, error)", "As mergeOverwrite, with an error instead of \"\".", merge<MergeMode::kOverwrite>},
    {"dig", "(...interface {}) (interface {}, error)", "The value at a path of keys, or a default: dig \"a\" \"b\" 0 $d.", dig},
    {"deepCopy", "(interface {}) interface {}", "A copy that shares nothing with the original.", deep_copy_function},
    {"mustDeepCopy", "(interface {}) (interface {}, error)", "As deepCopy, with an error instead of a panic.", deep_copy_function},
};

}  // namespace

FunctionFamily dict_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
