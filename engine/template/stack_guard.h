// Keeps recursion that input controls from overflowing the stack: parser and executor ask before they go deeper.
//
//   StackGuard stack(4 << 20);       // at the start: this much may be used from here on
//   if (stack.exhausted()) ...       // deep inside: stop with an error
//
//   run_with_stack(512 << 20, [&] { ... });  // on a stack of its own, of which only touched pages cost memory
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace plimsoll::tmpl {

class StackGuard {
 public:
  static constexpr size_t kDefaultBytes = 4UL << 20;

  explicit StackGuard(size_t bytes = kDefaultBytes)
      : base_(reinterpret_cast<uintptr_t>(__builtin_frame_address(0))), bytes_(bytes) {}

  bool exhausted() const {
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    return (here < base_ ? base_ - here : here - base_) > bytes_;
  }

 private:
  uintptr_t base_;
  size_t bytes_;
};

// Runs `work` to its end on a stack of `bytes`. False if such a stack cannot be had; `work` has not run then.
bool run_with_stack(size_t bytes, const std::function<void()>& work);

}  // namespace plimsoll::tmpl
