#include "engine/policy/kind_index.h"

#include <algorithm>

namespace plimsoll::policy {
namespace {

std::string label_text(std::string_view key, std::string_view value) {
  std::string text(key);
  text += '=';
  return text += value;
}

template <typename Use>
void each_label(const Value& object, const Use& use) {
  const Value labels = object["metadata"]["labels"];
  if (!labels.is_map()) return;
  for (const Map::Entry& entry : *labels.as_map()) use(label_text(entry.key.string_or(), entry.value.string_or()));
}

}  // namespace

const Value* KindIndex::set(std::string_view namespace_name, std::string_view name, const Value* object) {
  const auto [place, added] = objects_.try_emplace({std::string(namespace_name), std::string(name)}, object);
  const Value* before = nullptr;
  if (!added) {
    before = place->second;
    if (labelled_) unlabel(place);
    place->second = object;
  }
  if (labelled_) label(place);
  return before;
}

const Value* KindIndex::erase(std::string_view namespace_name, std::string_view name) {
  const auto place = objects_.find(std::tuple(namespace_name, name));
  if (place == objects_.end()) return nullptr;
  const Value* before = place->second;
  if (labelled_) unlabel(place);
  objects_.erase(place);
  return before;
}

void KindIndex::clear() {
  objects_.clear();
  holders_.clear();
  labelled_ = false;
}

const Value* KindIndex::find(std::string_view namespace_name, std::string_view name) const {
  const auto found = objects_.find(std::tuple(namespace_name, name));
  return found == objects_.end() ? nullptr : found->second;
}

void KindIndex::list(const cel::Resources::Query& query, List& found, Arena& arena) const {
  const LabelSelector* selector = query.selector;
  const auto add = [&](const Value& object) {
    if (selector == nullptr || selector->matches(object["metadata"]["labels"])) found.push_back(arena, object);
  };
  if (selector != nullptr && !selector->match_labels.empty()) {
    label_all();
    const auto& [key, value] = selector->match_labels.front();
    const auto holders = holders_.find(label_text(key, value));
    if (holders == holders_.end()) return;
    for (const auto& object : holders->second) {
      if (query.namespace_name.empty() || std::get<0>(object->first) == query.namespace_name) add(*object->second);
    }
    return;
  }
  auto object = query.namespace_name.empty() ? objects_.begin() : objects_.lower_bound(std::tuple(query.namespace_name, std::string_view()));
  for (; object != objects_.end(); ++object) {
    if (!query.namespace_name.empty() && std::get<0>(object->first) != query.namespace_name) return;
    add(*object->second);
  }
}

void KindIndex::label_all() const {
  if (labelled_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(labelling_);
  if (labelled_.load(std::memory_order_relaxed)) return;
  for (auto object = objects_.begin(); object != objects_.end(); ++object) {
    each_label(*object->second, [&](const std::string& text) { holders_[text].push_back(object); });
  }
  labelled_.store(true, std::memory_order_release);
}

void KindIndex::label(Objects::const_iterator object) {
  each_label(*object->second, [&](const std::string& text) {
    Holders& holders = holders_[text];
    holders.insert(std::ranges::upper_bound(holders, object->first, {}, [](const auto& held) -> const auto& { return held->first; }), object);
  });
}

void KindIndex::unlabel(Objects::const_iterator object) {
  each_label(*object->second, [&](const std::string& text) {
    const auto holders = holders_.find(text);
    if (holders == holders_.end()) return;
    std::erase(holders->second, object);
    if (holders->second.empty()) holders_.erase(holders);
  });
}

}  // namespace plimsoll::policy
