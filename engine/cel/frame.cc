#include "engine/cel/frame.h"

namespace plimsoll::cel {

Value Frame::load(const Outcome& outcome) {
  if (outcome.ok()) return outcome.value();
  if (outcome.error().budget_exceeded) {
    budget_exceeded_ = true;
    return stop(outcome.error().message);
  }
  return error(outcome.error().message);
}

Value Frame::stop(std::string_view message) {
  if (!stopped_) {
    stopped_ = true;
    final_cost_ = cost_;
    stop_error_ = make_error(arena_, message);
    cost_ = 0;
    limit_ = UINT64_MAX;
  }
  return stop_error_;
}

bool Frame::reserve_large(size_t bytes) {
  const size_t used = arena_.used() - memory_start_;
  if (used <= kMemoryLimit && bytes <= kMemoryLimit - used && arena_.can_allocate(bytes)) return true;
  stop("operation cancelled: memory limit exceeded");
  return false;
}

}  // namespace plimsoll::cel
