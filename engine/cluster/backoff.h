// Times to wait between attempts: doubling up to a limit, each between half of it and the whole, so that many clients do not come at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace plimsoll::cluster {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit)
      : first_(first), limit_(limit), next_(first), random_(std::random_device{}()) {}

  std::chrono::milliseconds next() {
    const auto whole = next_.count();
    next_ = std::min(limit_, next_ * 2);
    return std::chrono::milliseconds(std::uniform_int_distribution<int64_t>(whole / 2, whole)(random_));
  }
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_, limit_, next_;
  std::minstd_rand random_;
};

}  // namespace plimsoll::cluster
