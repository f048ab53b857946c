#include "engine/template/budget.h"

#include <ctime>
#include <string>

namespace plimsoll::tmpl {

std::chrono::nanoseconds Budget::processor_time() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

bool Budget::check() {
  if (spent_ != Spent::kNothing) return false;
  if (steps_ > limits_.steps) {
    spent_ = Spent::kSteps;
    return false;
  }
  if (processor_time() - started_ > limits_.time) {
    spent_ = Spent::kTime;
    return false;
  }
  next_check_ = steps_ + (1 << 16);
  return true;
}

bool Budget::fail_output() {
  spent_ = Spent::kOutput;
  return false;
}

Error Budget::error() const {
  switch (spent_) {
    case Spent::kSteps:
      return Error(ErrorCode::kLimit,
                   "the render takes more than " + std::to_string(limits_.steps) + " steps; is a loop or recursion endless?");
    case Spent::kOutput:
      return Error(ErrorCode::kLimit,
                   "the render writes more than " + std::to_string(limits_.output_bytes) + " bytes");
    case Spent::kTime:
      return Error(ErrorCode::kLimit,
                   "the render takes longer than " + std::to_string(limits_.time.count()) + " ms");
    case Spent::kNothing: break;
  }
  return Error(ErrorCode::kLimit, "the render is out of budget");
}

}  // namespace plimsoll::tmpl
