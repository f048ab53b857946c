// Lists: Kubernetes' aggregates and cel-go's sorting, slicing and flattening. Sets and the maps that transformMap() builds.
#include <algorithm>
#include <vector>

#include "engine/cel/functions.h"

namespace plimsoll::cel {

namespace {

Value is_sorted(Frame&, const Value* arguments, size_t) {
  const List& list = *arguments[0].as_list();
  for (size_t i = 0; i < list.size(); ++i) {
    if (!is_comparable(list[i])) return no_such_overload();
    if (i > 0 && compare(list[i - 1], list[i]) == Ordering::kGreater) return Value::boolean(false);
  }
  return Value::boolean(true);
}

template <Ordering kReplaces>
Value extreme(Frame& frame, const Value* arguments, size_t) {
  const List& list = *arguments[0].as_list();
  const Value* result = nullptr;
  for (const Value& item : list) {
    if (!is_comparable(item)) return no_such_overload();
    if (result == nullptr || compare(*result, item) == kReplaces) result = &item;
  }
  if (result == nullptr) return frame.error(kReplaces == Ordering::kLess ? "max called on empty list" : "min called on empty list");
  return *result;
}

enum class Sum { kInt, kUint, kDouble, kDuration };

template <Sum kSum>
Value sum(Frame& frame, const Value* arguments, size_t) {
  int64_t integer = 0;
  uint64_t uinteger = 0;
  double real = 0;
  for (const Value& item : *arguments[0].as_list()) {
    bool fits = true;
    switch (kSum) {
      case Sum::kInt: fits = item.is_int() && !__builtin_add_overflow(integer, item.as_int(), &integer); break;
      case Sum::kUint: fits = item.is_uint() && !__builtin_add_overflow(uinteger, item.as_uint(), &uinteger); break;
      case Sum::kDouble:
        fits = item.is_double();
        if (fits) real += item.as_double();
        break;
      case Sum::kDuration: {
        const auto* duration = item.as<DurationValue>();
        fits = duration != nullptr && !__builtin_add_overflow(integer, duration->nanoseconds, &integer);
        break;
      }
    }
    if (!fits) {
      const bool overflow = (kSum == Sum::kInt && item.is_int()) || (kSum == Sum::kUint && item.is_uint()) || item.as<DurationValue>() != nullptr;
      if (!overflow) return no_such_overload();
      return frame.error(kSum == Sum::kUint ? "unsigned integer overflow" : "integer overflow");
    }
  }
  switch (kSum) {
    case Sum::kInt: return Value::integer(integer);
    case Sum::kUint: return Value::uinteger(uinteger);
    case Sum::kDouble: return Value::real(real);
    case Sum::kDuration: return make_duration(frame.arena(), integer);
  }
  return Value();
}

Value index_of(Frame&, const Value* arguments, size_t) {
  const List& list = *arguments[0].as_list();
  for (size_t i = 0; i < list.size(); ++i) {
    if (is_equal(list[i], arguments[1])) return Value::integer(static_cast<int64_t>(i));
  }
  return Value::integer(-1);
}

Value last_index_of(Frame&, const Value* arguments, size_t) {
  const List& list = *arguments[0].as_list();
  for (size_t i = list.size(); i-- > 0;) {
    if (is_equal(list[i], arguments[1])) return Value::integer(static_cast<int64_t>(i));
  }
  return Value::integer(-1);
}

Value slice(Frame& frame, const Value* arguments, size_t) {
  const List& list = *arguments[0].as_list();
  const int64_t start = arguments[1].as_int(), end = arguments[2].as_int();
  const auto refuse = [&](const std::string& why) {
    return frame.error("cannot slice(" + std::to_string(start) + ", " + std::to_string(end) + "), " + why);
  };
  if (start < 0 || end < 0) return refuse("negative indexes not supported");
  if (start > end) return refuse("start index must be less than or equal to end index");
  if (static_cast<int64_t>(list.size()) < end) return refuse("list is length " + std::to_string(list.size()));
  return Value::list(List::copy_of(frame.arena(), {list.begin() + start, static_cast<size_t>(end - start)}));
}

// False if the memory does not suffice.
bool flatten_into(Frame& frame, List& result, const List& list, int64_t depth) {
  if (!frame.reserve(list.size() * sizeof(Value))) return false;
  for (const Value& item : list) {
    if (!item.is_list() || depth == 0) {
      result.push_back(frame.arena(), item);
    } else if (!flatten_into(frame, result, *item.as_list(), depth - 1)) {
      return false;
    }
  }
  return true;
}

Value flatten(Frame& frame, const Value* arguments, size_t count) {
  // An error as the depth is one that cel-go does not survive.
  if (!arguments[0].is_list() || (count > 1 && !arguments[1].is_int())) {
    std::string shown = "no such overload: " + std::string(type_name(arguments[0])) + ".flatten(";
    if (count > 1) shown += type_name(arguments[1]);
    return frame.error(shown + ")");
  }
  const int64_t depth = count > 1 ? arguments[1].as_int() : 1;
  if (depth < 0) return frame.error("level must be non-negative");
  List* result = List::create(frame.arena());
  return flatten_into(frame, *result, *arguments[0].as_list(), depth) ? Value::list(result) : frame.stop_error();
}

Value sort_by_keys(Frame& frame, const Value& list, const Value& keys) {
  const std::span<Value> items = list.items();
  const std::span<Value> order_keys = keys.items();
  if (items.size() != order_keys.size()) {
    return frame.error("@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got " +
                       std::to_string(items.size()) + " and " + std::to_string(order_keys.size()) + " elements respectively");
  }
  if (items.empty()) return list;
  if (!is_comparable(order_keys[0])) return frame.error("list elements must be comparable");
  // cel-go's sort notices keys of other types as it compares; a single key is never compared.
  const std::string_view type = type_name(order_keys[0]);
  if (std::any_of(order_keys.begin(), order_keys.end(), [&](const Value& key) { return type_name(key) != type; })) {
    return frame.error("list elements must have the same type");
  }
  if (!frame.reserve(items.size() * (sizeof(Value) + sizeof(uint32_t)))) return frame.stop_error();
  uint32_t* indexes = frame.arena().allocate_array<uint32_t>(items.size());
  for (uint32_t i = 0; i < items.size(); ++i) indexes[i] = i;
  // Stable, and NaN last, which is an order where cel-go's comparison is none.
  std::stable_sort(indexes, indexes + items.size(), [&](uint32_t a, uint32_t b) {
    const Value &left = order_keys[a], &right = order_keys[b];
    if (left.is_double() && left.as_double() != left.as_double()) return false;
    if (right.is_double() && right.as_double() != right.as_double()) return true;
    return compare(left, right) == Ordering::kLess;
  });
  List* result = List::create(frame.arena(), items.size());
  for (size_t i = 0; i < items.size(); ++i) result->push_back(frame.arena(), items[indexes[i]]);
  return Value::list(result);
}

Value refuse_non_list(Frame& frame, const Value& value, std::string_view function) {
  const bool receiver = value.is_string() || value.as<DurationValue>() != nullptr || value.as<TimestampValue>() != nullptr;
  return receiver ? no_such_overload() : no_such_overload(frame.arena(), function);
}

Value sort(Frame& frame, const Value* arguments, size_t) {
  if (!arguments[0].is_list()) return refuse_non_list(frame, arguments[0], "sort");
  return sort_by_keys(frame, arguments[0], arguments[0]);
}

Value sort_by_associated_keys(Frame& frame, const Value* arguments, size_t) {
  if (!arguments[0].is_list()) return refuse_non_list(frame, arguments[0], "@sortByAssociatedKeys");
  if (!arguments[1].is_list()) return no_such_overload();
  return sort_by_keys(frame, arguments[0], arguments[1]);
}

Value range(Frame& frame, const Value* arguments, size_t) {
  const auto count = static_cast<size_t>(std::max<int64_t>(arguments[0].as_int(), 0));
  if (count > UINT32_MAX || !frame.reserve(count * sizeof(Value))) return frame.stop("operation cancelled: memory limit exceeded");
  List* result = List::create(frame.arena(), count);
  for (size_t i = 0; i < count; ++i) result->push_back(frame.arena(), Value::integer(static_cast<int64_t>(i)));
  return Value::list(result);
}

Value reverse(Frame& frame, const Value* arguments, size_t) {
  const std::span<Value> items = arguments[0].items();
  if (!frame.reserve(items.size_bytes())) return frame.stop_error();
  List* result = List::create(frame.arena(), items.size());
  for (size_t i = items.size(); i-- > 0;) result->push_back(frame.arena(), items[i]);
  return Value::list(result);
}

bool contains(const List& list, const Value& item) {
  return std::any_of(list.begin(), list.end(), [&](const Value& candidate) { return is_equal(item, candidate); });
}

Value distinct(Frame& frame, const Value* arguments, size_t) {
  List* result = List::create(frame.arena());
  for (const Value& item : *arguments[0].as_list()) {
    if (!contains(*result, item)) result->push_back(frame.arena(), item);
  }
  return Value::list(result);
}

bool contains_all(const List& list, const List& items) {
  return std::all_of(items.begin(), items.end(), [&](const Value& item) { return contains(list, item); });
}

Value sets_contains(Frame&, const Value* arguments, size_t) {
  return Value::boolean(contains_all(*arguments[0].as_list(), *arguments[1].as_list()));
}

Value sets_equivalent(Frame&, const Value* arguments, size_t) {
  const List &a = *arguments[0].as_list(), &b = *arguments[1].as_list();
  return Value::boolean(contains_all(a, b) && contains_all(b, a));
}

Value sets_intersects(Frame&, const Value* arguments, size_t) {
  const List &a = *arguments[0].as_list(), &b = *arguments[1].as_list();
  return Value::boolean(std::any_of(a.begin(), a.end(), [&](const Value& item) { return contains(b, item); }));
}

Value insert(Frame& frame, const Value& target, const Value& key, const Value& value) {
  Map* map = target.as_map();
  if (find_key(*map, key) != nullptr) return frame.error("insert failed: key " + go_text(key) + " already exists");
  if (target.flavour() == kMutable) {
    if (!frame.reserve(sizeof(Map::Entry))) return frame.stop_error();
    map->append(frame.arena(), key, value);
    return target;
  }
  if (!frame.reserve(map->size() * sizeof(Map::Entry))) return frame.stop_error();
  Map* copy = Map::copy_of(frame.arena(), *map);
  copy->append(frame.arena(), key, value);
  return Value::map(copy);
}

Value map_insert(Frame& frame, const Value* arguments, size_t) { return insert(frame, arguments[0], arguments[1], arguments[2]); }

Value map_insert_all(Frame& frame, const Value* arguments, size_t) {
  Value result = arguments[0];
  for (const Map::Entry& entry : *arguments[1].as_map()) {
    result = insert(frame, result, entry.key, entry.value);
    if (is_error(result)) break;
  }
  return result;
}

constexpr Value (*kMax)(Frame&, const Value*, size_t) = extreme<Ordering::kLess>;
constexpr Value (*kMin)(Frame&, const Value*, size_t) = extreme<Ordering::kGreater>;

constexpr Binding kLists[] = {
    {"list_int_is_sorted_bool", is_sorted},
    {"list_uint_is_sorted_bool", is_sorted},
    {"list_double_is_sorted_bool", is_sorted},
    {"list_bool_is_sorted_bool", is_sorted},
    {"list_duration_is_sorted_bool", is_sorted},
    {"list_timestamp_is_sorted_bool", is_sorted},
    {"list_string_is_sorted_bool", is_sorted},
    {"list_bytes_is_sorted_bool", is_sorted},
    {"list_int_max_int", kMax},
    {"list_uint_max_uint", kMax},
    {"list_double_max_double", kMax},
    {"list_bool_max_bool", kMax},
    {"list_duration_max_duration", kMax},
    {"list_timestamp_max_timestamp", kMax},
    {"list_string_max_string", kMax},
    {"list_bytes_max_bytes", kMax},
    {"list_int_min_int", kMin},
    {"list_uint_min_uint", kMin},
    {"list_double_min_double", kMin},
    {"list_bool_min_bool", kMin},
    {"list_duration_min_duration", kMin},
    {"list_timestamp_min_timestamp", kMin},
    {"list_string_min_string", kMin},
    {"list_bytes_min_bytes", kMin},
    {"list_int_sum_int", sum<Sum::kInt>},
    {"list_uint_sum_uint", sum<Sum::kUint>},
    {"list_double_sum_double", sum<Sum::kDouble>},
    {"list_duration_sum_duration", sum<Sum::kDuration>},
    {"list_a_index_of_int", index_of},
    {"list_a_last_index_of_int", last_index_of},
    {"list_slice", slice},
    {.id = "list_flatten", .function = flatten, .unguarded = true},
    {.id = "list_flatten_int", .function = flatten, .unguarded = true},
    {"sort", sort},
    {"@sortByAssociatedKeys", sort_by_associated_keys},
    {"lists_range", range},
    {"list_reverse", reverse},
    {"list_distinct", distinct},
};

constexpr Binding kSets[] = {
    {"list_sets_contains_list", sets_contains},
    {"list_sets_equivalent_list", sets_equivalent},
    {"list_sets_intersects_list", sets_intersects},
};

constexpr Binding kMaps[] = {
    {"@mapInsert_map_key_value", map_insert},
    {"@mapInsert_map_map", map_insert_all},
};

}  // namespace

std::span<const Binding> functions::lists() { return kLists; }
std::span<const Binding> functions::sets() { return kSets; }
std::span<const Binding> functions::maps() { return kMaps; }

}  // namespace plimsoll::cel
