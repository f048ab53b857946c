// What two sequences have in common: the shortest edit script, by Myers' algorithm in linear space.
//
//   SequenceDiff diff = diff_sequences({1, 2, 3}, {1, 3, 4});
//   diff.removed;   // {false, true, false}: of the first
//   diff.added;     // {false, false, true}: of the second; what is left of the two is equal, item by item
//
// Items are numbers that are equal where the things they stand for are. Source: Myers, An O(ND) Difference Algorithm and Its
// Variations (1986), section 4b. Where two sequences have little in common, the shortest script would take quadratic time:
// beyond a bound a good one is taken instead.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll {

struct SequenceDiff {
  std::vector<bool> removed;
  std::vector<bool> added;
};

SequenceDiff diff_sequences(std::span<const uint32_t> before, std::span<const uint32_t> after);

}  // namespace plimsoll
