#include "engine/chart/release_chart.h"

#include <algorithm>
#include <optional>
#include <set>

#include "engine/chart/values.h"
#include "engine/template/go_format.h"
#include "engine/chart/capabilities.h"
#include "engine/value/go_quote.h"

namespace plimsoll::chart {

namespace {

constexpr std::string_view kGlobal = "global";

std::string join(const std::string& prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : prefix + "." + std::string(name);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\n\v\f\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n\v\f\r") - first + 1);
}

// Values.Table: the table at a dotted path; `missing` names the element that is none, and lives as long as the path.
Map* table_at(Map& root, std::string_view path, std::string_view& missing) {
  Map* table = &root;
  for (const std::string_view part : split(path, '.')) {
    const Value* next = table->find(part);
    if (next == nullptr || !next->is_map()) {
      missing = part;
      return nullptr;
    }
    table = next->as_map();
  }
  return table;
}

// Values.PathValue: a value that is no table.
const Value* value_at(Map& root, std::string_view path) {
  const size_t dot = path.rfind('.');
  Map* table = &root;
  std::string_view missing;
  if (dot != std::string_view::npos) table = table_at(root, path.substr(0, dot), missing);
  if (table == nullptr) return nullptr;
  const Value* value = table->find(path.substr(dot == std::string_view::npos ? 0 : dot + 1));
  return value != nullptr && !value->is_map() ? value : nullptr;
}

void apply_tags(std::vector<std::shared_ptr<Dependency>>& requirements, Map& values, Warnings& warnings) {
  const Value* tags = values.find("tags");
  if (tags == nullptr || !tags->is_map()) return;
  for (const auto& requirement : requirements) {
    bool has_true = false;
    bool has_false = false;
    for (const std::string& tag : requirement->tags) {
      const Value* value = tags->find(tag);
      if (value == nullptr) continue;
      if (!value->is_bool()) {
        warnings.push_back("Warning: Tag '" + tag + "' for chart " + requirement->name + " returned non-bool value");
      } else {
        (value->as_bool() ? has_true : has_false) = true;
      }
    }
    requirement->enabled = has_true || !has_false;
  }
}

void apply_conditions(std::vector<std::shared_ptr<Dependency>>& requirements, Map& values, const std::string& path,
                      Warnings& warnings) {
  for (const auto& requirement : requirements) {
    for (const std::string_view condition : split(trim(requirement->condition), ',')) {
      if (condition.empty()) continue;
      const Value* value = value_at(values, path + std::string(condition));
      if (value == nullptr) continue;
      if (value->is_bool()) {
        requirement->enabled = value->as_bool();
        break;
      }
      warnings.push_back("Warning: Condition path '" + std::string(condition) + "' for chart " + requirement->name +
                         " returned non-bool value");
    }
  }
}

}  // namespace

ReleaseChart::ReleaseChart(std::shared_ptr<const Chart> source, Arena& arena)
    : source_(std::move(source)), arena_(&arena), name_(source_->metadata.name) {
  if (source_->values != nullptr) values_ = source_->values->root().as_map();
  if (source_->metadata.dependencies) {
    has_requirements_ = true;
    for (const std::optional<Dependency>& dependency : *source_->metadata.dependencies) {
      requirements_.push_back(std::make_shared<Dependency>(*dependency));
    }
  }
  std::vector<std::shared_ptr<ReleaseChart>> children;
  for (const auto& child : source_->dependencies) children.push_back(std::make_shared<ReleaseChart>(child, arena));
  set_dependencies(std::move(children));
}

bool ReleaseChart::is_library() const {
  const std::string& type = source_->metadata.type;
  return type == "library";
}

std::string ReleaseChart::full_path() const {
  return parent_ == nullptr ? name_ : parent_->full_path() + "/charts/" + name_;
}

std::string ReleaseChart::values_path() const {
  return parent_ == nullptr ? std::string() : join(parent_->values_path(), name_);
}

void ReleaseChart::set_dependencies(std::vector<std::shared_ptr<ReleaseChart>> dependencies) {
  dependencies_ = std::move(dependencies);
  for (const auto& child : dependencies_) child->parent_ = this;
}

bool ReleaseChart::has_dependency(std::string_view name) const {
  return std::any_of(dependencies_.begin(), dependencies_.end(), [&](const auto& child) { return child->name_ == name; });
}

Result<void> ReleaseChart::process_dependencies(const Map& user_values, Warnings& warnings) {
  PLIMSOLL_RETURN_IF_ERROR(enable_dependencies(user_values, "", warnings));
  return import_values(warnings);
}

std::shared_ptr<ReleaseChart> ReleaseChart::renamed_dependency(const Dependency& requirement) const {
  for (const auto& child : dependencies_) {
    if (child->name_ != requirement.name) continue;
    if (!satisfies(requirement.version, child->source_->metadata.version)) continue;
    auto copy = std::make_shared<ReleaseChart>(*child);
    if (!requirement.alias.empty()) copy->name_ = requirement.alias;
    return copy;
  }
  return nullptr;
}

Result<void> ReleaseChart::enable_dependencies(const Map& values, const std::string& path, Warnings& warnings) {
  if (!has_requirements_) return {};
  // Charts that no requirement speaks of come first, then one (renamed) copy for each requirement.
  std::vector<std::shared_ptr<ReleaseChart>> children;
  for (const auto& child : dependencies_) {
    const bool required = std::any_of(requirements_.begin(), requirements_.end(), [&](const auto& requirement) {
      return child->name_ == requirement->name &&
             satisfies(requirement->version, child->source_->metadata.version);
    });
    if (!required) children.push_back(child);
  }
  for (const auto& requirement : requirements_) {
    if (auto child = renamed_dependency(*requirement)) children.push_back(std::move(child));
    if (!requirement->alias.empty()) requirement->name = requirement->alias;
  }
  set_dependencies(std::move(children));

  for (const auto& requirement : requirements_) requirement->enabled = true;
  PLIMSOLL_ASSIGN_OR_RETURN(Map * merged, coalesce_values(&values, false, warnings));
  apply_tags(requirements_, *merged, warnings);
  apply_conditions(requirements_, *merged, path, warnings);

  std::set<std::string> disabled;
  for (const auto& requirement : requirements_) {
    if (!requirement->enabled) disabled.insert(requirement->name);
  }
  std::vector<std::shared_ptr<ReleaseChart>> enabled;
  for (const auto& child : dependencies_) {
    if (!disabled.contains(child->name_)) enabled.push_back(child);
  }
  std::vector<std::shared_ptr<Dependency>> kept;
  for (const auto& requirement : requirements_) {
    if (!disabled.contains(requirement->name)) kept.push_back(requirement);
  }
  for (const auto& child : enabled) {
    PLIMSOLL_RETURN_IF_ERROR(child->enable_dependencies(*merged, path + child->name_ + ".", warnings));
  }
  requirements_ = std::move(kept);
  has_requirements_ = !requirements_.empty();
  set_dependencies(std::move(enabled));
  return {};
}

Result<void> ReleaseChart::import_values(Warnings& warnings) {
  for (const auto& child : dependencies_) PLIMSOLL_RETURN_IF_ERROR(child->import_values(warnings));
  return import_own_values(warnings);
}

Result<void> ReleaseChart::import_own_values(Warnings& warnings) {
  if (!has_requirements_) return {};
  PLIMSOLL_ASSIGN_OR_RETURN(Map * merged, coalesce_values(nullptr, true, warnings));
  Map* imported = Map::create(*arena_);
  for (const auto& requirement : requirements_) {
    for (const ImportValue& import : requirement->import_values) {
      const std::string path = requirement->name + "." + import.child;
      std::string_view missing;  // borrows from the path
      Map* table = table_at(*merged, path, missing);
      if (table == nullptr) {
        warnings.push_back((import.exported ? "Warning: ImportValues missing table: "
                                            : "Warning: ImportValues missing table from chart " + requirement->name + ": ") +
                           go::quoted(missing) + " is not a table");
        continue;
      }
      Value source = Value::map(table);
      if (import.parent != ".") {
        const std::vector<std::string_view> parts = split(import.parent, '.');
        for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
          Map* outer = Map::create(*arena_, 1);
          outer->set(*arena_, arena_->copy(*part), source);
          source = Value::map(outer);
        }
      }
      coalesce_tables(*arena_, *imported, *source.as_map(), "", true, warnings);
    }
  }
  // The chart's own values go over what it imports.
  Map* own = copy_tree(*arena_, Value::map(merged)).as_map();
  coalesce_tables(*arena_, *own, *imported, "", true, warnings);
  values_ = own;
  return {};
}

Result<Map*> ReleaseChart::coalesce_values(const Map* user_values, bool merge, Warnings& warnings) const {
  Map* values = user_values == nullptr ? Map::create(*arena_)
                                       : copy_tree(*arena_, Value::map(const_cast<Map*>(user_values))).as_map();
  PLIMSOLL_RETURN_IF_ERROR(coalesce_into(*values, "", merge, warnings));
  return values;
}

Result<void> ReleaseChart::coalesce_into(Map& values, const std::string& prefix, bool merge, Warnings& warnings) const {
  coalesce_own(values, prefix, merge, warnings);
  for (const auto& child : dependencies_) {
    const Value* existing = values.find(child->name_);
    if (existing == nullptr) {
      values.set(*arena_, arena_->copy(child->name_), Value::map(Map::create(*arena_)));
    } else if (!existing->is_map()) {
      return fail(ErrorCode::kType, "type mismatch on " + child->name_ + ": " +
                                        tmpl::sprintf("%t", std::span<const Value>(existing, 1)));
    }
    Map& table = *values.find(child->name_)->as_map();
    const std::string child_prefix = join(prefix, name_);
    coalesce_globals(table, values, child_prefix, warnings);
    PLIMSOLL_RETURN_IF_ERROR(child->coalesce_into(table, child_prefix, merge, warnings));
  }
  return {};
}

void ReleaseChart::coalesce_own(Map& values, const std::string& prefix, bool merge, Warnings& warnings) const {
  if (values_ == nullptr) return;
  const std::string own_prefix = join(prefix, name_);
  const Map& defaults = *copy_tree(*arena_, Value::map(values_)).as_map();
  for (const Map::Entry& entry : defaults) {
    const std::string_view key = entry.key.as_string();
    const Value* existing = values.find(key);
    if (existing == nullptr) {
      values.set(*arena_, key, entry.value);
    } else if (existing->is_null() && !merge) {
      values.erase(key);
    } else if (existing->is_map()) {
      if (entry.value.is_map()) {
        coalesce_tables(*arena_, *existing->as_map(), *entry.value.as_map(), join(own_prefix, key),
                        merge || has_dependency(key), warnings);
      } else if (!entry.value.is_null()) {
        warnings.push_back("warning: skipped value for " + join(own_prefix, key) + ": Not a table.");
      }
    }
  }
}

void ReleaseChart::coalesce_globals(Map& target, const Map& source, const std::string& prefix,
                                    Warnings& warnings) const {
  Map* target_globals = nullptr;
  if (const Value* globals = target.find(kGlobal); globals == nullptr) {
    target_globals = Map::create(*arena_);
  } else if (globals->is_map()) {
    target_globals = globals->as_map();
  } else {
    warnings.push_back("warning: skipping globals because destination global is not a table.");
    return;
  }
  const Value* source_value = source.find(kGlobal);
  if (source_value != nullptr && !source_value->is_map()) {
    warnings.push_back("warning: skipping globals because source global is not a table.");
    return;
  }
  if (source_value != nullptr) {
    for (const Map::Entry& entry : *source_value->as_map()) {
      const std::string_view key = entry.key.as_string();
      const Value* existing = target_globals->find(key);
      if (entry.value.is_map()) {
        Map* copy = Map::copy_of(*arena_, *entry.value.as_map());
        if (existing == nullptr) {
          target_globals->set(*arena_, key, Value::map(copy));
        } else if (!existing->is_map()) {
          warnings.push_back("Conflict: cannot merge map onto non-map for " + go::quoted(key) + ". Skipping.");
        } else {
          // The parent's value wins over the subchart's.
          coalesce_tables(*arena_, *copy, *existing->as_map(), join(prefix, key), true, warnings);
          target_globals->set(*arena_, key, Value::map(copy));
        }
      } else if (existing != nullptr && existing->is_map()) {
        warnings.push_back("key " + std::string(key) + " is table. Skipping");
      } else {
        target_globals->set(*arena_, key, entry.value);
      }
    }
  }
  target.set(*arena_, kGlobal, Value::map(target_globals));
}

}  // namespace plimsoll::chart
