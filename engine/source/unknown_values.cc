#include "engine/source/unknown_values.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_set>

#include "engine/value/suggest.h"

namespace plimsoll::source {

namespace {

constexpr size_t kMaxUnknown = 100;
constexpr size_t kMaxDepth = 64;

bool is_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Names that templates may look up: fields (.name) and quoted words ("name").
class TemplateNames {
 public:
  explicit TemplateNames(const chart::Chart& chart) { add(chart); }

  bool contains(std::string_view name) const { return names_.contains(name); }

 private:
  void add(const chart::Chart& chart) {
    for (const chart::File& file : chart.templates) add(file.data);
    for (const auto& child : chart.dependencies) add(*child);
  }

  void add(std::string_view text) {
    for (size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] == '.') {
        size_t end = i + 1;
        while (end < text.size() && is_identifier(text[end])) ++end;
        if (end > i + 1) names_.insert(text.substr(i + 1, end - i - 1));
        i = end - 1;
      } else if (text[i] == '"' || text[i] == '`') {
        // A closing quote starts a word as well; that word is longer than any name.
        const size_t end = text.find(text[i], i + 1);
        if (end != std::string_view::npos && end - i <= 64) names_.insert(text.substr(i + 1, end - i - 1));
      }
    }
  }

  std::unordered_set<std::string_view> names_;
};

class Search {
 public:
  explicit Search(std::function<bool(const Path&, std::string_view)> is_read) : is_read_(std::move(is_read)) {}

  void compare(const Map& user, const Map& known, const Path& at) {
    if (known.empty() || at.steps().size() > kMaxDepth) return;
    for (const Map::Entry& entry : user) {
      if (found_.size() == kMaxUnknown) return;
      const std::string_view key = entry.key.string_or();
      const Value* there = known.find(key);
      if (there != nullptr) {
        if (there->is_map() && entry.value.is_map()) compare(*entry.value.as_map(), *there->as_map(), at.key(key));
        continue;
      }
      if (key == "global" || is_read_(at, key)) continue;
      std::vector<std::string> candidates;
      for (const Map::Entry& other : known) candidates.emplace_back(other.key.string_or());
      const std::string best = nearest(key, candidates);
      found_.push_back({at.key(key), best.empty() ? Path() : at.key(best)});
    }
  }
  std::vector<UnknownValue> take() { return std::move(found_); }

 private:
  std::function<bool(const Path&, std::string_view)> is_read_;
  std::vector<UnknownValue> found_;
};

}  // namespace

std::vector<UnknownValue> unknown_values(const chart::Release& release) {
  const chart::ReleaseChart& root = release.chart();
  const Map* user = release.user_values().merged;
  if (user == nullptr || user->empty()) return {};
  Arena arena;
  chart::Warnings told_already;
  const auto defaults = root.coalesce_values(Map::create(arena), false, told_already);
  if (!defaults) return {};
  std::unique_ptr<TemplateNames> names;  // made when the first key asks
  Search search([&](const Path& at, std::string_view key) {
    if (at.empty() && root.source().metadata.dependencies) {
      for (const auto& dependency : *root.source().metadata.dependencies) {
        if (dependency && (dependency->name == key || dependency->alias == key)) return true;
      }
    }
    if (!names) names = std::make_unique<TemplateNames>(root.source());
    return names->contains(key);
  });
  search.compare(*user, **defaults, {});
  return search.take();
}

std::vector<UnknownValue> unknown_values(const Map& user, const Map& known) {
  Search search([](const Path&, std::string_view) { return false; });
  search.compare(user, known, {});
  return search.take();
}

}  // namespace plimsoll::source
