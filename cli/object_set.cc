#include "cli/object_set.h"

#include <utility>

namespace plimsoll::cli {

ObjectSet::ObjectSet(const std::vector<source::Object>& objects, std::string default_namespace,
                     std::shared_ptr<const schema::KubernetesTypes> types)
    : default_namespace_(std::move(default_namespace)),
      now_(std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now())) {
  const std::string_view space = default_namespace_.empty() ? std::string_view("default") : default_namespace_;
  for (const source::Object& object : objects) {
    policy::ObjectIndex& own = object.group() == nullptr ? manifests_ : groups_[object.group()].index;
    own.add(object.root(), space);
  }
  if (!groups_.empty()) {
    for (const source::Object& object : objects) all_.add(object.root(), space);
  }
  for (auto& [group, view] : groups_) view.layered.emplace(view.index, &manifests_);
  if (types == nullptr) return;
  catalog_.emplace(std::move(types));
  for (const source::Object& object : objects) catalog_->add_definition(object.root());
  defaulting_.emplace(*catalog_, policy::DefaultOptions{.default_namespace = default_namespace_, .objects = &all(), .keep_status = true});
}

const policy::ObjectSource& ObjectSet::all() const { return groups_.empty() ? manifests_ : all_; }

policy::ObjectContext ObjectSet::context(const source::Object& object) const {
  const auto group = groups_.find(object.group());
  return {.object = object.root(),
          .default_namespace = default_namespace_.empty() ? std::string_view("default") : default_namespace_,
          .objects = group == groups_.end() ? &all() : &*group->second.layered,
          .now = now_,
          .defaulting = defaulting_ ? &*defaulting_ : nullptr};
}

}  // namespace plimsoll::cli
