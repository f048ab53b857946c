#include "engine/value/sequence_diff.h"

#include <algorithm>
#include <cstddef>

namespace plimsoll {
namespace {

// Edits on the way to a split, from which on the furthest point reached will do. Time is bounded by this times the length of
// both sequences.
constexpr ptrdiff_t kMaxCost = 256;

class Differ {
 public:
  Differ(std::span<const uint32_t> before, std::span<const uint32_t> after)
      : a_(before), b_(after), forward_(2 * kMaxCost + 5), backward_(2 * kMaxCost + 5) {}

  SequenceDiff run() {
    result_.removed.resize(a_.size());
    result_.added.resize(b_.size());
    pending_.push_back({0, static_cast<ptrdiff_t>(a_.size()), 0, static_cast<ptrdiff_t>(b_.size())});
    while (!pending_.empty()) {
      const Box box = pending_.back();
      pending_.pop_back();
      compare(box);
    }
    return std::move(result_);
  }

 private:
  // Half-open ranges of both sequences.
  struct Box {
    ptrdiff_t a, a_end, b, b_end;
  };
  struct Point {
    ptrdiff_t a, b;
  };

  void compare(Box box) {
    while (box.a < box.a_end && box.b < box.b_end && a_[box.a] == b_[box.b]) ++box.a, ++box.b;
    while (box.a < box.a_end && box.b < box.b_end && a_[box.a_end - 1] == b_[box.b_end - 1]) --box.a_end, --box.b_end;
    if (box.a == box.a_end || box.b == box.b_end) {
      std::fill(result_.removed.begin() + box.a, result_.removed.begin() + box.a_end, true);
      std::fill(result_.added.begin() + box.b, result_.added.begin() + box.b_end, true);
      return;
    }
    const Point middle = split(box);
    pending_.push_back({middle.a, box.a_end, middle.b, box.b_end});
    pending_.push_back({box.a, middle.a, box.b, middle.b});
  }

  // A point on a shortest path through the box, neither its first corner nor its last. Diagonal k holds the points with
  // (a - box.a) - (b - box.b) == k; of each diagonal the furthest point reached is kept, from both ends in turn. The first items
  // and the last ones differ, so that any point that a step of the search reaches is within.
  Point split(const Box& box) {
    const ptrdiff_t n = box.a_end - box.a;
    const ptrdiff_t m = box.b_end - box.b;
    const ptrdiff_t delta = n - m;
    const bool odd = delta % 2 != 0;
    constexpr ptrdiff_t kMiddle = kMaxCost + 2;
    forward_[kMiddle + 1] = 0;
    backward_[kMiddle + 1] = 0;
    for (ptrdiff_t cost = 0;; ++cost) {
      for (ptrdiff_t k = -cost; k <= cost; k += 2) {
        ptrdiff_t& reached = forward_[kMiddle + k];
        ptrdiff_t x = k == -cost || (k != cost && forward_[kMiddle + k - 1] < forward_[kMiddle + k + 1])
                          ? forward_[kMiddle + k + 1]
                          : forward_[kMiddle + k - 1] + 1;
        const bool within = x <= n && x - k <= m && x - k >= 0;
        while (within && x < n && x - k < m && a_[box.a + x] == b_[box.b + x - k]) ++x;
        reached = x;
        const ptrdiff_t other = delta - k;  // the same diagonal, seen from the end
        if (odd && within && other > -cost && other < cost && x + backward_[kMiddle + other] >= n) {
          return {box.a + x, box.b + x - k};
        }
      }
      for (ptrdiff_t k = -cost; k <= cost; k += 2) {
        ptrdiff_t& reached = backward_[kMiddle + k];
        ptrdiff_t x = k == -cost || (k != cost && backward_[kMiddle + k - 1] < backward_[kMiddle + k + 1])
                          ? backward_[kMiddle + k + 1]
                          : backward_[kMiddle + k - 1] + 1;
        const bool within = x <= n && x - k <= m && x - k >= 0;
        while (within && x < n && x - k < m && a_[box.a_end - 1 - x] == b_[box.b_end - 1 - (x - k)]) ++x;
        reached = x;
        const ptrdiff_t other = delta - k;
        if (!odd && within && other >= -cost && other <= cost && x + forward_[kMiddle + other] >= n) {
          return {box.a_end - x, box.b_end - (x - k)};
        }
      }
      if (cost == kMaxCost) return furthest(box, cost);
    }
  }

  Point furthest(const Box& box, ptrdiff_t cost) const {
    constexpr ptrdiff_t kMiddle = kMaxCost + 2;
    Point best = {box.a + 1, box.b};
    for (ptrdiff_t k = -cost; k <= cost; k += 2) {
      const Point point = {box.a + forward_[kMiddle + k], box.b + forward_[kMiddle + k] - k};
      const bool within = point.a <= box.a_end && point.b <= box.b_end && point.b >= box.b;
      if (within && point.a + point.b > best.a + best.b) best = point;
    }
    return best;
  }

  std::span<const uint32_t> a_, b_;
  std::vector<ptrdiff_t> forward_, backward_;
  std::vector<Box> pending_;
  SequenceDiff result_;
};

}  // namespace

SequenceDiff diff_sequences(std::span<const uint32_t> before, std::span<const uint32_t> after) {
  return Differ(before, after).run();
}

}  // namespace plimsoll
