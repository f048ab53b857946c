#include "webhook/patch.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "engine/value/json.h"

namespace plimsoll::webhook {
namespace {

class Patch {
 public:
  // Recursion is bounded by the depth that readers admit.
  void compare(const Value& sent, const Value& before, const Value& after) {
    if (equal(before, after)) return;
    if (sent.is_map() && before.is_map() && after.is_map()) return compare_maps(sent, before, after);
    if (sent.is_list() && before.is_list() && after.is_list() && sent.size() == before.size()) {
      return compare_lists(sent.items(), before.items(), after.items());
    }
    operation("replace", &after);
  }

  std::string take() { return text_.empty() ? std::string() : "[" + text_ + "]"; }

 private:
  void compare_maps(const Value& sent, const Value& before, const Value& after) {
    for (const Map::Entry& entry : *before.as_map()) {
      const std::string_view key = entry.key.string_or();
      if (after.find(key) != nullptr || sent.find(key) == nullptr) continue;
      within(key, [&] { operation("remove", nullptr); });
    }
    for (const Map::Entry& entry : *after.as_map()) {
      const std::string_view key = entry.key.string_or();
      const Value* old = before.find(key);
      if (old != nullptr && equal(*old, entry.value)) continue;
      const Value* known = sent.find(key);
      within(key, [&] {
        if (known == nullptr) {
          operation("add", &entry.value);
        } else if (old == nullptr) {
          operation("replace", &entry.value);
        } else {
          compare(*known, *old, entry.value);
        }
      });
    }
  }

  // What is the same at both ends stays; what is between is compared pair by pair, then items are removed or inserted.
  void compare_lists(std::span<const Value> sent, std::span<const Value> before, std::span<const Value> after) {
    size_t begin = 0;
    while (begin < before.size() && begin < after.size() && equal(before[begin], after[begin])) ++begin;
    size_t end = 0;
    while (end < before.size() - begin && end < after.size() - begin &&
           equal(before[before.size() - 1 - end], after[after.size() - 1 - end])) {
      ++end;
    }
    const size_t old_end = before.size() - end, new_end = after.size() - end;
    const size_t pairs = std::min(old_end, new_end);
    for (size_t i = begin; i < pairs; ++i) {
      within(std::to_string(i), [&] { compare(sent[i], before[i], after[i]); });
    }
    for (size_t i = old_end; i > std::max(pairs, begin); --i) {
      within(std::to_string(i - 1), [&] { operation("remove", nullptr); });
    }
    for (size_t i = std::max(pairs, begin); i < new_end; ++i) {
      within(std::to_string(i), [&] { operation("add", &after[i]); });
    }
  }

  template <typename Function>
  void within(std::string_view key, const Function& function) {
    const size_t size = path_.size();
    path_ += '/';
    for (const char c : key) {
      if (c == '~') {
        path_ += "~0";
      } else if (c == '/') {
        path_ += "~1";
      } else {
        path_ += c;
      }
    }
    function();
    path_.resize(size);
  }

  void operation(std::string_view op, const Value* value) {
    text_ += text_.empty() ? "{\"op\":\"" : ",{\"op\":\"";
    text_ += op;
    text_ += "\",\"path\":";
    json::append_quoted(text_, path_);
    if (value != nullptr) text_ += ",\"value\":" + json::write(*value);
    text_ += '}';
  }

  std::string path_, text_;
};

}  // namespace

std::string make_patch(const Value& sent, const Value& before, const Value& after) {
  Patch patch;
  patch.compare(sent, before, after);
  return patch.take();
}

}  // namespace plimsoll::webhook
