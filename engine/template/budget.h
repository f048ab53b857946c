// What one render may use up. Running out is an error of code kLimit, never a crash or a hang.
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/value/error.h"

namespace plimsoll::tmpl {

struct Limits {
  uint64_t steps = 200'000'000;           // nodes executed, iterations, and work that functions charge
  size_t output_bytes = 512UL << 20;      // of all texts produced, nested ones included
  size_t arena_bytes = 2UL << 30;
  uint32_t include_depth = 1000;          // of one template including itself, as helm
  uint32_t tpl_depth = 1000;              // of texts run by tpl in each other; helm runs until its stack is full
  uint32_t call_depth = 100'000;          // nested {{template}}, as text/template; the stack bounds it earlier
  std::chrono::milliseconds time{60'000};  // of the processor, so that a busy machine fails nothing
};

class Budget {
 public:
  // Time is that of the thread that makes and uses the budget.
  explicit Budget(const Limits& limits) : limits_(limits), started_(processor_time()) {}

  const Limits& limits() const { return limits_; }
  // Uses up `steps`; the clock is read now and then. False: out of budget, see error().
  bool charge(uint64_t steps) {
    steps_ += steps;
    return steps_ < next_check_ || check();
  }
  bool charge_output(size_t bytes) {
    output_ += bytes;
    return output_ <= limits_.output_bytes || fail_output();
  }
  Error error() const;

 private:
  static std::chrono::nanoseconds processor_time();
  bool check();
  bool fail_output();

  Limits limits_;
  std::chrono::nanoseconds started_;
  uint64_t steps_ = 0;
  uint64_t next_check_ = 1 << 16;
  size_t output_ = 0;
  enum class Spent : uint8_t { kNothing, kSteps, kOutput, kTime } spent_ = Spent::kNothing;
};

}  // namespace plimsoll::tmpl
