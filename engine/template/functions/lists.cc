// Lists. Functions come in pairs: "append" panics where "mustAppend" returns an error, which templates cannot tell apart, for both
// end the render with the same message.
#include <algorithm>
#include <unordered_set>

#include "engine/template/functions/families.h"
#include "engine/template/functions/go_number.h"
#include "engine/template/go_format.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;
using Items = std::span<const Value>;

Result<List*> copy_items(CallContext& context, Items items, size_t extra = 0) {
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, (items.size() + extra) * sizeof(Value)));
  List* list = List::create(context.arena, items.size() + extra);
  for (const Value& item : items) list->push_back(context.arena, item);
  return list;
}

Result<Value> list(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(List* items, copy_items(context, args));
  return Value::list(items);
}

Result<Value> append(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot push on type "));
  PLIMSOLL_ASSIGN_OR_RETURN(List* result, copy_items(context, items, 1));
  result->push_back(context.arena, args[1]);
  return Value::list(result);
}

Result<Value> prepend(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot prepend on type "));
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, (items.size() + 1) * sizeof(Value)));
  List* result = List::create(context.arena, items.size() + 1);
  result->push_back(context.arena, args[1]);
  for (const Value& item : items) result->push_back(context.arena, item);
  return Value::list(result);
}

Result<Value> first(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot find first on type "));
  return items.empty() ? Value::null() : items.front();
}

Result<Value> last(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot find last on type "));
  return items.empty() ? Value::null() : items.back();
}

Result<Value> rest(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot find rest on type "));
  if (items.empty()) return typed_nil(GoType::kAnys);
  PLIMSOLL_ASSIGN_OR_RETURN(List* result, copy_items(context, items.subspan(1)));
  return Value::list(result);
}

Result<Value> initial(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot find initial on type "));
  if (items.empty()) return typed_nil(GoType::kAnys);
  PLIMSOLL_ASSIGN_OR_RETURN(List* result, copy_items(context, items.first(items.size() - 1)));
  return Value::list(result);
}

Result<Value> reverse(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot find reverse on type "));
  PLIMSOLL_ASSIGN_OR_RETURN(List* result, copy_items(context, items));
  std::reverse(result->begin(), result->end());
  return Value::list(result);
}

Result<Value> compact(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot compact on type "));
  List* result = List::create(context.arena);
  for (const Value& item : items) {
    if (is_true(item)) result->push_back(context.arena, item);
  }
  return Value::list(result);
}

// A set of values under reflect.DeepEqual. Text, which lists of charts mostly hold, is looked up by hash; all else is compared one
// by one, charged to the budget.
class ValueSet {
 public:
  explicit ValueSet(CallContext& context) : context_(context) {}

  void add(const Value& value) {
    if (is_plain_text(value)) {
      texts_.insert(value.as_string());
    } else {
      others_.push_back(value);
    }
  }
  Result<bool> has(const Value& value) const {
    if (is_plain_text(value)) return texts_.contains(value.as_string());
    PLIMSOLL_RETURN_IF_ERROR(charge(context_, others_.size() + 1));
    return std::any_of(others_.begin(), others_.end(), [&](const Value& other) { return deep_equal(value, other); });
  }

 private:
  static bool is_plain_text(const Value& value) { return value.is_string() && value.flavour() == 0; }

  CallContext& context_;
  std::unordered_set<std::string_view> texts_;
  std::vector<Value> others_;
};

Result<Value> uniq(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot find uniq on type "));
  ValueSet seen(context);
  List* result = List::create(context.arena);
  for (const Value& item : items) {
    PLIMSOLL_ASSIGN_OR_RETURN(const bool known, seen.has(item));
    if (known) continue;
    seen.add(item);
    result->push_back(context.arena, item);
  }
  return Value::list(result);
}

Result<Value> without(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[0], "Cannot find without on type "));
  ValueSet unwanted(context);
  for (const Value& item : args.subspan(1)) unwanted.add(item);
  List* result = List::create(context.arena);
  for (const Value& item : items) {
    PLIMSOLL_ASSIGN_OR_RETURN(const bool found, unwanted.has(item));
    if (!found) result->push_back(context.arena, item);
  }
  return Value::list(result);
}

Result<Value> has(CallContext& context, Args args) {
  if (args[1].is_null() && args[1].flavour() == 0) return Value::boolean(false);
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[1], "Cannot find has on type "));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, items.size()));
  return Value::boolean(std::any_of(items.begin(), items.end(), [&](const Value& item) { return deep_equal(args[0], item); }));
}

Result<Value> slice(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items,
                            slice_items(context, args[0], "list should be type of slice or array but "));
  if (items.empty()) return Value::null();
  const auto size = static_cast<int64_t>(items.size());
  const int64_t start = args.size() > 1 ? to_int64(args[1]) : 0;
  const int64_t end = args.size() > 2 ? to_int64(args[2]) : size;
  if (start < 0 || end < start || end > size) return go_error("reflect.Value.Slice: slice index out of bounds");
  const auto from = static_cast<size_t>(start);
  const auto count = static_cast<size_t>(end - start);
  if (args[0].is_bytes()) return Value::bytes(args[0].as_bytes().substr(from, count)).with_flavour(args[0].flavour());
  PLIMSOLL_ASSIGN_OR_RETURN(List* result, copy_items(context, items.subspan(from, count)));
  return Value::list(result).with_flavour(args[0].flavour());
}

Result<Value> concat(CallContext& context, Args args) {
  List* result = List::create(context.arena);
  for (const Value& arg : args) {
    const GoKind kind = kind_of(arg);
    if (kind != GoKind::kSlice && kind != GoKind::kInvalid) {
      return go_error("Cannot concat type " + std::string(kind_text(kind)) + " as list");
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, arg, ""));
    PLIMSOLL_RETURN_IF_ERROR(check_room(context, items.size() * sizeof(Value)));
    for (const Value& item : items) result->push_back(context.arena, item);
  }
  return result->empty() ? typed_nil(GoType::kAnys) : Value::list(result);
}

Result<Value> chunk(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Items items, slice_items(context, args[1], "Cannot chunk type "));
  const int64_t size = args[0].as_int();
  const auto count = static_cast<int64_t>(items.size());
  List* result = List::create(context.arena);
  if (size < 1) {
    // What comes of the division by which sprig counts the chunks when their size makes no sense.
    if (count == 1 && size < -1) {
      result->push_back(context.arena, args[1].with_flavour(0));
    } else if (count < 2 || count - 1 > -size) {
      return go_error("runtime error: makeslice: len out of range");
    }
    return Value::list(result).with_flavour(flavour(GoType::kAnyLists));
  }
  for (int64_t start = 0; start < count; start += std::min(size, count - start)) {
    const auto length = static_cast<size_t>(std::min(size, count - start));
    PLIMSOLL_ASSIGN_OR_RETURN(List* part, copy_items(context, items.subspan(static_cast<size_t>(start), length)));
    result->push_back(context.arena, Value::list(part));
  }
  return Value::list(result).with_flavour(flavour(GoType::kAnyLists));
}

// The numbers from start to stop, stop excluded; nothing if the step leads away from it.
Result<List*> numbers(CallContext& context, int64_t start, int64_t stop, int64_t step) {
  List* list = List::create(context.arena);
  const bool down = stop < start;
  if (down ? step >= 0 : step <= 0) return list;
  // Differences are taken without sign: start and stop may be the ends of int64.
  const uint64_t distance = down ? static_cast<uint64_t>(start) - static_cast<uint64_t>(stop)
                                 : static_cast<uint64_t>(stop) - static_cast<uint64_t>(start);
  const uint64_t stride = down ? -static_cast<uint64_t>(step) : static_cast<uint64_t>(step);
  const uint64_t count = distance / stride + (distance % stride == 0 ? 0 : 1);
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, count > SIZE_MAX / sizeof(Value) ? SIZE_MAX : count * sizeof(Value)));
  PLIMSOLL_RETURN_IF_ERROR(charge(context, count));
  auto number = static_cast<uint64_t>(start);
  for (uint64_t i = 0; i < count; ++i, number += static_cast<uint64_t>(step)) {
    list->push_back(context.arena, go_int(static_cast<int64_t>(number)));
  }
  return list;
}

Result<Value> until(CallContext& context, Args args) {
  const int64_t count = args[0].as_int();
  PLIMSOLL_ASSIGN_OR_RETURN(List* list, numbers(context, 0, count, count < 0 ? -1 : 1));
  return go_ints(list);
}

Result<Value> until_step(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(List* list, numbers(context, args[0].as_int(), args[1].as_int(), args[2].as_int()));
  return go_ints(list);
}

Result<Value> seq(CallContext& context, Args args) {
  if (args.empty() || args.size() > 3) return Value::string("");
  const int64_t start = args.size() == 1 ? 1 : args[0].as_int();
  const int64_t end = args.back().as_int();
  const int64_t direction = end < start ? -1 : 1;
  const int64_t step = args.size() == 3 ? args[1].as_int() : direction;
  if (args.size() == 3 && direction < 0 && step > 0) return Value::string("");
  const auto stop = static_cast<int64_t>(static_cast<uint64_t>(end) + static_cast<uint64_t>(direction));
  PLIMSOLL_ASSIGN_OR_RETURN(const List* list, numbers(context, start, stop, step));
  std::string out;
  for (const Value& number : *list) {
    if (!out.empty()) out += ' ';
    out += std::to_string(number.as_int());
  }
  return context.text(out);
}

constexpr Function kFunctions[] = {
    {"list", "(...interface {}) []interface {}", "A list of the arguments: list 1 \"a\" == [1 a].", list},
    {"tuple", "(...interface {}) []interface {}", "The old name of list.", list},
    {"append", "(interface {}, interface {}) []interface {}", "A new list with one more item at the end.", append},
    {"push", "(interface {}, interface {}) []interface {}", "The same as append.", append},
    {"mustAppend", "(interface {}, interface {}) ([]interface {}, error)", "As append, with an error for what is no list.", append},
    {"mustPush", "(interface {}, interface {}) ([]interface {}, error)", "As mustAppend.", append},
    {"prepend", "(interface {}, interface {}) []interface {}", "A new list with one more item in front.", prepend},
    {"mustPrepend", "(interface {}, interface {}) ([]interface {}, error)", "As prepend, with an error for what is no list.", prepend},
    {"first", "(interface {}) interface {}", "The first item, or nil: first (list 1 2) == 1.", first},
    {"mustFirst", "(interface {}) (interface {}, error)", "As first, with an error for what is no list.", first},
    {"rest", "(interface {}) []interface {}", "All but the first item.", rest},
    {"mustRest", "(interface {}) ([]interface {}, error)", "As rest, with an error for what is no list.", rest},
    {"last", "(interface {}) interface {}", "The last item, or nil: last (list 1 2) == 2.", last},
    {"mustLast", "(interface {}) (interface {}, error)", "As last, with an error for what is no list.", last},
    {"initial", "(interface {}) []interface {}", "All but the last item.", initial},
    {"mustInitial", "(interface {}) ([]interface {}, error)", "As initial, with an error for what is no list.", initial},
    {"reverse", "(interface {}) []interface {}", "The items from last to first.", reverse},
    {"mustReverse", "(interface {}) ([]interface {}, error)", "As reverse, with an error for what is no list.", reverse},
    {"compact", "(interface {}) []interface {}", "Without empty items: compact (list 1 \"\" 0) == [1].", compact},
    {"mustCompact", "(interface {}) ([]interface {}, error)", "As compact, with an error for what is no list.", compact},
    {"uniq", "(interface {}) []interface {}", "Without repeated items.", uniq},
    {"mustUniq", "(interface {}) ([]interface {}, error)", "As uniq, with an error for what is no list.", uniq},
    {"without", "(interface {}, ...interface {}) []interface {}", "Without the given items: without (list 1 2) 2 == [1].", without},
    {"mustWithout", "(interface {}, ...interface {}) ([]interface {}, error)", "As without, with an error for what is no list.", without},
    {"has", "(interface {}, interface {}) bool", "Whether the list holds the item: has 4 (list 1 4) == true.", has},
    {"mustHas", "(interface {}, interface {}) (bool, error)", "As has, with an error for what is no list.", has},
    {"slice", "(interface {}, ...interface {}) interface {}", "Items from start to end: slice (list 1 2 3) 1 3 == [2 3].", slice},
    {"mustSlice", "(interface {}, ...interface {}) (interface {}, error)", "As slice, with an error for what is no list.", slice},
    {"concat", "(...interface {}) interface {}", "The items of several lists in one.", concat},
    {"chunk", "(int, interface {}) [][]interface {}", "Lists of at most so many items: chunk 2 (list 1 2 3) == [[1 2] [3]].", chunk},
    {"mustChunk", "(int, interface {}) ([][]interface {}, error)", "As chunk, with an error for what is no list.", chunk},
    {"until", "(int) []int", "Numbers from 0: until 3 == [0 1 2].", until},
    {"untilStep", "(int, int, int) []int", "Numbers from start to stop by a step: untilStep 3 9 3 == [3 6].", until_step},
    {"seq", "(...int) string", "Numbers as text, as the command seq prints them: seq 3 == \"1 2 3\".", seq},
};

}  // namespace

FunctionFamily list_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
