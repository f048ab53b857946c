// The templates that see each other. tpl runs in a set of its own that extends its caller's.
#pragma once

#include <string_view>
#include <unordered_map>

#include "engine/template/node.h"

namespace plimsoll::tmpl {

class TemplateSet {
 public:
  explicit TemplateSet(const TemplateSet* parent = nullptr) : parent_(parent) {}

  // The later definition of a name wins, unless it is empty and another exists.
  void add(const Template& added) {
    if (added.empty && find(added.name) != nullptr) return;
    templates_[added.name] = &added;
  }
  const Template* find(std::string_view name) const {
    for (const TemplateSet* set = this; set != nullptr; set = set->parent_) {
      const auto found = set->templates_.find(name);
      if (found != set->templates_.end()) return found->second;
    }
    return nullptr;
  }

 private:
  const TemplateSet* parent_;
  std::unordered_map<std::string_view, const Template*> templates_;
};

}  // namespace plimsoll::tmpl
