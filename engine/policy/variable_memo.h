// What `variables` came to while one request is judged, for the rules that share them: rules of a pack begin with the same
// variables, which compile to the same programs (compile.h). A rule that finds a value here is charged what it would have
// cost it to compute it, so that budgets end where the API server's do.
//
//   VariableMemo memo;              // of one thread
//   memo.start();                   // before each request
//   RequestScope scope(request, surroundings, arena, &memo);
#pragma once

#include <cstdint>
#include <vector>

#include "engine/value/value.h"

namespace plimsoll::policy {

class VariableMemo {
 public:
  struct Entry {
    bool failed = false;
    Value value;  // the message, as a string, if it failed; lives in the arena of the request
    uint64_t cost = 0;
    uint64_t needed = 0;  // bits of the variables, by field number, that it asked for
  };

  void start() { ++request_; }
  // nullptr: not computed for this request. `number`: CompiledExpression::shared, not 0.
  const Entry* find(uint32_t number) const {
    return number < slots_.size() && slots_[number].request == request_ ? &slots_[number].entry : nullptr;
  }
  void add(uint32_t number, const Entry& entry) {
    if (number >= slots_.size()) slots_.resize(size_t{number} + 1);
    slots_[number] = {request_, entry};
  }

 private:
  struct Slot {
    uint64_t request = 0;
    Entry entry;
  };
  uint64_t request_ = 1;
  std::vector<Slot> slots_;
};

}  // namespace plimsoll::policy
