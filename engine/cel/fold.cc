// Comprehensions: the general loop, and shortcuts for the macros that nearly all of them come from. A shortcut computes and charges
// what the expansion of its macro would, step by step.
#include "engine/cel/step.h"

namespace plimsoll::cel {

namespace {

const FoldStep& as_fold(const Step& step) { return static_cast<const FoldStep&>(step); }

// The range as something to loop over.
struct Range {
  const List* list = nullptr;
  const Map* map = nullptr;
  Value error;

  size_t size() const { return list != nullptr ? list->size() : map->size(); }
};

Range open_range(const FoldStep& fold, Frame& frame) {
  Range range;
  const Value value = run(*fold.range, frame);
  if (value.is_list()) {
    range.list = value.as_list();
  } else if (value.is_map()) {
    range.map = value.as_map();
  } else if (is_error(value)) {
    range.error = value;
  } else if (fold.two_variables) {
    range.error = frame.error("unsupported comprehension range type: " + std::string(go_type(value)));
  } else {
    range.error = frame.error("got '" + std::string(go_type(value)) + "', expected iterable type");
  }
  return range;
}

// Sets the iteration variables to entry number `i`.
inline void set_variables(const FoldStep& fold, Frame& frame, const Range& range, size_t i) {
  if (range.list != nullptr) {
    if (fold.two_variables) {
      frame.local(fold.iter_slot) = Value::integer(static_cast<int64_t>(i));
      frame.local(fold.iter2_slot) = (*range.list)[i];
    } else {
      frame.local(fold.iter_slot) = (*range.list)[i];
    }
    return;
  }
  const Map::Entry& entry = range.map->begin()[i];
  frame.local(fold.iter_slot) = entry.key;
  if (fold.two_variables) frame.local(fold.iter2_slot) = entry.value;
}

bool is_true(const Value& value) { return value.is_bool() && value.as_bool(); }
bool is_false(const Value& value) { return value.is_bool() && !value.as_bool(); }

// all() and exists() differ in the value that ends the loop; exists() also pays for the negation in its condition.
template <bool kDecisive>
Value run_quantifier(const Step& step, Frame& frame) {
  const FoldStep& fold = as_fold(step);
  const Range range = open_range(fold, frame);
  if (is_error(range.error)) return range.error;
  Value accumulator = Value::boolean(!kDecisive);
  const size_t size = range.size();
  for (size_t i = 0; i < size; ++i) {
    frame.charge(1);  // the accumulator in @not_strictly_false(accumulator), or in its negation
    frame.charge(1);
    if constexpr (kDecisive) frame.charge(1);
    if (accumulator.is_bool() && accumulator.as_bool() == kDecisive) break;
    frame.charge(1);  // the accumulator in `accumulator && predicate`
    if (frame.stopped()) return frame.stop_error();
    set_variables(fold, frame, range, i);
    const Value value = run(*fold.body, frame);
    if (frame.stopped()) return frame.stop_error();
    if (value.is_bool() && value.as_bool() == kDecisive) {
      accumulator = value;
    } else if (accumulator.is_bool()) {
      accumulator = value.is_bool() || is_error(value) ? value : no_such_overload();
    }
  }
  frame.charge(1);
  return frame.stopped() ? frame.stop_error() : accumulator;
}

}  // namespace

Value initial_accumulator(const Value& value, Frame& frame) {
  if (value.is_list() && value.size() == 0) return Value::list(List::create(frame.arena())).with_flavour(kMutable);
  if (value.is_map() && value.size() == 0) return Value::map(Map::create(frame.arena())).with_flavour(kMutable);
  return value;
}

Value run_fold(const Step& step, Frame& frame) {
  const FoldStep& fold = as_fold(step);
  const Range range = open_range(fold, frame);
  if (is_error(range.error)) return range.error;
  frame.local(fold.accu_slot) = fold.constant_init ? initial_accumulator(run(*fold.init, frame), frame) : unset();
  const size_t size = range.size();
  for (size_t i = 0; i < size; ++i) {
    set_variables(fold, frame, range, i);
    // An error as the condition does not end the loop.
    if (is_false(run(*fold.condition, frame))) break;
    if (frame.stopped()) return frame.stop_error();
    const Value next = run(*fold.step, frame);
    if (frame.stopped()) return frame.stop_error();
    frame.local(fold.accu_slot) = next;
  }
  const Value result = run(*fold.result, frame);
  return result.flavour() == kMutable && (result.is_list() || result.is_map()) ? result.with_flavour(0) : result;
}

Value run_bind(const Step& step, Frame& frame) {
  const FoldStep& fold = as_fold(step);
  frame.local(fold.accu_slot) = fold.constant_init ? initial_accumulator(run(*fold.init, frame), frame) : unset();
  const Value result = run(*fold.result, frame);
  return result.flavour() == kMutable && (result.is_list() || result.is_map()) ? result.with_flavour(0) : result;
}

Value run_all(const Step& step, Frame& frame) { return run_quantifier<false>(step, frame); }
Value run_exists(const Step& step, Frame& frame) { return run_quantifier<true>(step, frame); }

Value run_map_macro(const Step& step, Frame& frame) {
  const FoldStep& fold = as_fold(step);
  const Range range = open_range(fold, frame);
  if (is_error(range.error)) return range.error;
  const size_t size = range.size();
  List* list = List::create(frame.arena());
  Value error;
  for (size_t i = 0; i < size; ++i) {
    set_variables(fold, frame, range, i);
    if (fold.filter != nullptr) {
      const Value chosen = run(*fold.filter, frame);
      if (frame.stopped()) return frame.stop_error();
      if (is_false(chosen)) continue;
      if (!is_true(chosen)) {
        error = is_error(chosen) ? chosen : no_such_overload();
        continue;
      }
    }
    frame.charge(1);  // the accumulator
    const Value item = run(*fold.body, frame);
    frame.charge(kListCost);
    frame.charge(1);  // accumulator + [item]
    if (frame.stopped()) return frame.stop_error();
    if (is_error(error)) continue;
    if (is_error(item)) {
      error = item;
    } else {
      if (!frame.reserve(sizeof(Value))) return frame.stop_error();
      list->push_back(frame.arena(), item);
    }
  }
  frame.charge(1);
  if (frame.stopped()) return frame.stop_error();
  return is_error(error) ? error : Value::list(list);
}

Value run_filter_macro(const Step& step, Frame& frame) {
  const FoldStep& fold = as_fold(step);
  const Range range = open_range(fold, frame);
  if (is_error(range.error)) return range.error;
  const size_t size = range.size();
  List* list = List::create(frame.arena());
  Value error;
  for (size_t i = 0; i < size; ++i) {
    set_variables(fold, frame, range, i);
    const Value chosen = run(*fold.body, frame);
    if (frame.stopped()) return frame.stop_error();
    if (is_false(chosen)) continue;
    if (!is_true(chosen)) {
      error = is_error(chosen) ? chosen : no_such_overload();
      continue;
    }
    frame.charge(1);  // the accumulator
    frame.charge(1);  // the iteration variable
    frame.charge(kListCost);
    frame.charge(1);  // accumulator + [variable]
    if (frame.stopped()) return frame.stop_error();
    if (is_error(error)) continue;
    if (!frame.reserve(sizeof(Value))) return frame.stop_error();
    list->push_back(frame.arena(), frame.local(fold.iter_slot));
  }
  frame.charge(1);
  if (frame.stopped()) return frame.stop_error();
  return is_error(error) ? error : Value::list(list);
}

}  // namespace plimsoll::cel
