#include "engine/cel/runtime/regex_syntax.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace plimsoll::cel {

namespace {

// What the program of an expression may need, in rough instructions; RE2's own limit is far higher.
constexpr uint64_t kMaxSize = 20'000;
constexpr uint64_t kClassSize = 4;
constexpr uint64_t kMaxRepeat = 1000;
constexpr size_t kMaxGroups = 100;

constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

bool is_punctuation(char c) { return kPunctuation.find(c) != std::string_view::npos; }
bool is_class_escape(char c) { return c == 'd' || c == 's' || c == 'w'; }

class Scanner {
 public:
  explicit Scanner(std::string_view pattern) : rest_(pattern) {}

  bool scan() {
    groups_.emplace_back();
    while (!rest_.empty()) {
      if (!scan_one() || groups_.back().size > kMaxSize) return false;
    }
    return groups_.size() == 1;
  }

 private:
  struct Group {
    uint64_t size = 0;
    uint64_t repeats = 1;  // the most that an expression within is repeated
  };

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_quantifier() const {
    return !rest_.empty() && (rest_[0] == '*' || rest_[0] == '+' || rest_[0] == '?' || rest_[0] == '{');
  }

  bool scan_one() {
    const char c = take();
    switch (c) {
      case '(': {
        if (rest_.starts_with("?:")) rest_.remove_prefix(2);
        if (rest_.starts_with('?') || groups_.size() > kMaxGroups) return false;
        groups_.emplace_back();
        return !at_quantifier();
      }
      case ')': {
        if (groups_.size() == 1) return false;
        const Group group = groups_.back();
        groups_.pop_back();
        return add({group.size + 2, group.repeats});
      }
      case '|':
      case '^':
      case '$': ++groups_.back().size; return !at_quantifier();
      case '.': return add({kClassSize, 1});
      case '[': return scan_class() && add({kClassSize, 1});
      case '\\': return scan_escape();
      case '*':
      case '+':
      case '?':
      case '{': return false;
      default: return c >= ' ' && c <= '~' && add({1, 1});
    }
  }

  bool scan_escape() {
    if (rest_.empty()) return false;
    const char c = take();
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') {
      ++groups_.back().size;
      return !at_quantifier();
    }
    return (is_class_escape(c) || is_punctuation(c)) && add({kClassSize, 1});
  }

  // [^a-z0-9_.\-]
  bool scan_class() {
    accept('^');
    bool empty = true;
    while (!rest_.empty()) {
      char c = take();
      if (c == ']') return !empty;
      const bool first = std::exchange(empty, false);
      if (c == '-' && !rest_.starts_with(']') && (!first || rest_.starts_with('-'))) return false;
      if (c == '[' || c < ' ' || c > '~') return false;
      if (c == '\\') {
        if (rest_.empty()) return false;
        c = take();
        if (is_class_escape(c)) continue;
        if (!is_punctuation(c)) return false;
      }
      if (rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') continue;
      const char last = rest_[1];
      if (last == '\\' || last == '[' || last == '-' || last < c || last > '~') return false;
      rest_.remove_prefix(2);
    }
    return false;
  }

  // An expression, and the quantifier behind it.
  bool add(Group one) {
    uint64_t times = 1;
    if (accept('{')) {
      uint64_t least = 0;
      if (!scan_number(least)) return false;
      times = least;
      if (accept(',') && !rest_.starts_with('}') && !scan_number(times)) return false;
      if (!accept('}') || times < least) return false;
      times = std::max(times, uint64_t{1});
      accept('?');
    } else if (accept('*') || accept('+') || accept('?')) {
      accept('?');
      ++one.size;
    }
    if (at_quantifier()) return false;
    one.repeats *= times;
    if (one.repeats > kMaxRepeat) return false;
    Group& group = groups_.back();
    group.size += (one.size + 1) * times;
    group.repeats = std::max(group.repeats, one.repeats);
    return true;
  }

  bool scan_number(uint64_t& number) {
    number = 0;
    size_t digits = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9' && ++digits < 5) {
      number = 10 * number + static_cast<uint64_t>(take() - '0');
    }
    return digits > 0 && number <= kMaxRepeat;
  }

  std::string_view rest_;
  std::vector<Group> groups_;
};

}  // namespace

bool is_surely_valid(std::string_view pattern) { return Scanner(pattern).scan(); }

}  // namespace plimsoll::cel
