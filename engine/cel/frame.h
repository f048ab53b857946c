// One evaluation: what nodes and functions share while an expression runs. Lives on the stack of Program::evaluate().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cel/cel.h"
#include "engine/cel/runtime/values.h"
#include "engine/value/arena.h"

namespace plimsoll::cel {

// Marks slots of variables and accumulators that have no value yet.
inline constexpr uint8_t kUnset = 0xFF;
inline Value unset() { return Value().with_flavour(kUnset); }
inline bool is_unset(const Value& value) { return value.flavour() == kUnset && value.is_null(); }

class Frame {
 public:
  Frame(Arena& arena, Activation& activation, uint64_t limit, Library library, Value* variables, Value* locals)
      : arena_(arena),
        activation_(activation),
        limit_(limit),
        variables_(variables),
        locals_(locals),
        memory_start_(arena.used()),
        library_(library) {}

  Arena& arena() { return arena_; }
  Activation& activation() { return activation_; }
  Value& local(size_t slot) { return locals_[slot]; }

  // Variable number `slot` of those the program uses, `variable` in the environment. An error value if the activation has none.
  const Value& variable(size_t slot, size_t variable) {
    Value& value = variables_[slot];
    if (is_unset(value)) [[unlikely]] value = load(activation_.variable(variable));
    return value;
  }
  Value load(const Outcome& outcome);

  // Adds to the cost. When the limit is passed everything stops: stopped() turns true, and the cost stays what it was at that moment.
  void charge(uint64_t cost) {
    cost_ += cost;
    if (cost_ > limit_) [[unlikely]] stop("operation cancelled: actual cost limit exceeded");
  }
  // What cel-go takes back for has().
  void refund() {
    if (--cost_ > limit_) [[unlikely]] stop("operation cancelled: actual cost limit exceeded");
  }

  // Ends the evaluation with an error that nothing absorbs. Evaluators return what stop() returns, or notice stopped() in loops.
  Value stop(std::string_view message);
  bool stopped() const { return stopped_; }
  const Value& stop_error() const { return stop_error_; }
  bool budget_exceeded() const { return budget_exceeded_; }
  uint64_t cost() const { return stopped_ ? final_cost_ : cost_; }

  // To be asked before a large result is made; false stops the evaluation.
  bool reserve(size_t bytes) {
    constexpr size_t kSmall = 1024;
    return (bytes < kSmall && !memory_is_short()) || reserve_large(bytes);
  }

  // Whether .?x and has(v.x) of what has no fields, a number say, is an error; to Kubernetes x is merely absent.
  bool refuses_presence_tests() const { return library_ == Library::kExtended; }

  Value error(std::string_view message) { return make_error(arena_, message); }
  // A string made for this evaluation; empty and stopped if too large.
  Value string(std::string_view text) {
    if (!reserve(text.size())) return stop_error_;
    return Value::string(arena_.copy(text));
  }

 private:
  static constexpr size_t kMemoryLimit = 256 << 20;
  bool memory_is_short() const { return arena_.used() - memory_start_ > kMemoryLimit || arena_.exceeded(); }
  bool reserve_large(size_t bytes);

  Arena& arena_;
  Activation& activation_;
  uint64_t cost_ = 0;
  uint64_t limit_;
  Value* variables_;
  Value* locals_;
  size_t memory_start_;
  uint64_t final_cost_ = 0;
  Value stop_error_;
  Library library_;
  bool stopped_ = false;
  bool budget_exceeded_ = false;
};

}  // namespace plimsoll::cel
