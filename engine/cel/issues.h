// What is wrong with an expression, and how cel-go prints it: one line per issue with its place, the source line, and a caret.
//
//   Issues issues("a.b +");
//   issues.report(5, "Syntax error: ...");
//   CompileError error = issues.take();
//   // ERROR: <input>:1:6: Syntax error: ...
//   //  | a.b +
//   //  | .....^
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/cel.h"

namespace plimsoll::cel {

inline constexpr uint32_t kNowhere = UINT32_MAX;
// Where nodes are that stand in for what was never written: line 1, column 0.
inline constexpr uint32_t kBeforeSource = UINT32_MAX - 1;

class Issues {
 public:
  // `source` must be valid UTF-8 and outlive this.
  explicit Issues(std::string_view source) : source_(source) {}

  // `offset`: byte offset in the source, kNowhere or kBeforeSource.
  void report(uint32_t offset, std::string message);
  // Drops whatever is reported from now on: the reader has given up.
  void close() { closed_ = true; }
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }

  // Sorted by place; beyond 100 issues only their number is told.
  CompileError take();

 private:
  struct Issue {
    uint32_t offset;
    std::string message;
  };

  std::string_view source_;
  std::vector<Issue> issues_;
  size_t count_ = 0;
  bool closed_ = false;
};

}  // namespace plimsoll::cel
