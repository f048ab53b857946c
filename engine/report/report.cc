#include "engine/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace plimsoll::report {

namespace {

// FNV-1a: fast, and good enough where a collision only hides one finding among thousands from a baseline.
class Hash {
 public:
  Hash& add(std::string_view text) {
    for (const char c : text) step(static_cast<uint8_t>(c));
    step(0);
    return *this;
  }
  std::string hex() const { return fmt::format("{:016x}", state_); }

 private:
  void step(uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001B3ULL; }
  uint64_t state_ = 0xCBF29CE484222325ULL;
};

// The path with list items by name where they have one, for the order of items changes more often than their names.
std::string stable_path(const Path& path, const Value& root) {
  std::string text;
  const Value* current = &root;
  for (const Path::Step& step : path.steps()) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      text += '/';
      text += *key;
      if (current != nullptr) current = current->find(*key);
      continue;
    }
    const size_t index = std::get<size_t>(step);
    const std::span<Value> items = current != nullptr ? current->items() : std::span<Value>();
    current = index < items.size() ? &items[index] : nullptr;
    const std::string_view name = current != nullptr ? (*current)["name"].string_or() : std::string_view();
    text += name.empty() ? fmt::format("[{}]", index) : fmt::format("[name={}]", name);
  }
  return text;
}

uint32_t context_line(const source::Object& object, const Path& path, const source::Place& place) {
  const std::vector<Path::Step>& steps = path.steps();
  for (size_t i = steps.size(); i-- > 0;) {
    if (!std::holds_alternative<size_t>(steps[i])) continue;
    const Path name = Path({steps.begin(), steps.begin() + static_cast<ptrdiff_t>(i) + 1}).key("name");
    if (name.resolve(object.root()) == nullptr) return 0;
    const source::Places found = object.locate(name);
    // In a template the name may come from quite another part of the file.
    constexpr uint32_t kNear = 40;
    const bool rendered = std::any_of(found.related.begin(), found.related.end(), [](const source::Place& related) {
      return related.role == source::Place::Role::kRendered;
    });
    if (found.primary.file != place.file) return 0;
    const uint32_t line = found.primary.range.line;
    return rendered && (line > place.range.line || place.range.line - line > kNear) ? 0 : line;
  }
  return 0;
}

// The values that further places of a finding owe to, as long as they are few.
void add_values(const std::vector<source::Place>& from, std::vector<source::Place>& to) {
  constexpr size_t kMaxValues = 6;
  for (const source::Place& place : from) {
    if (place.role != source::Place::Role::kValues) continue;
    const auto same = [&](const source::Place& known) { return known.values_key == place.values_key; };
    const auto values = std::count_if(to.begin(), to.end(), [](const source::Place& p) { return !p.values_key.empty(); });
    if (std::any_of(to.begin(), to.end(), same) || static_cast<size_t>(values) >= kMaxValues) continue;
    const auto rendered = std::find_if(to.begin(), to.end(), [](const source::Place& p) {
      return p.role == source::Place::Role::kRendered;
    });
    to.insert(rendered, place);
  }
}

}  // namespace

std::string Subject::description() const {
  if (name.empty()) return kind;
  return namespace_name.empty() ? fmt::format("{} {}", kind, name) : fmt::format("{} {}/{}", kind, namespace_name, name);
}

std::string Mark::missing_part() const {
  return Path({path.steps().begin() + static_cast<ptrdiff_t>(existing), path.steps().end()}).to_string();
}

std::string_view suppression_name(Suppression::By by) {
  switch (by) {
    case Suppression::By::kAnnotation: return "annotation";
    case Suppression::By::kConfiguration: return "configuration";
    case Suppression::By::kBaseline: return "baseline";
  }
  return "";
}

Report::Counts Report::counts() const {
  Counts counts;
  std::set<size_t> objects_found;
  for (const Finding& finding : findings) {
    if (finding.suppression) {
      ++counts.suppressed;
      continue;
    }
    objects_found.insert(finding.order);
    switch (finding.severity) {
      case policy::Severity::kError: ++counts.errors; break;
      case policy::Severity::kWarning: ++counts.warnings; break;
      case policy::Severity::kInfo: ++counts.infos; break;
    }
  }
  counts.objects = objects_found.size();
  return counts;
}

bool Report::failed() const {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& finding) { return !finding.suppression && finding.severity >= fail_on; });
}

Subject subject_of(const source::Object& object) {
  return {.api_version = std::string(object.api_version()),
          .kind = std::string(object.kind()),
          .namespace_name = std::string(object.namespace_name()),
          .name = object.name()};
}

Finding make_finding(policy::Finding finding, const source::Object& object, size_t order, std::string_view file_id) {
  Finding result;
  result.rule = finding.rule;
  result.kind = finding.kind;
  result.severity = finding.severity;
  result.message = std::move(finding.message);
  result.reason = std::move(finding.reason);
  result.validation = finding.validation;
  result.binding = std::move(finding.binding);
  result.subject = subject_of(object);
  result.order = order;
  if (!object.variant().empty()) result.variants.emplace_back(object.variant());
  if (object.is_pseudo()) {
    // That nothing among all objects, or all values, was found says less than the key that asked for it.
    const auto is_part = [](const policy::Blame& blame) { return blame.path.steps().size() > 1; };
    if (std::any_of(finding.paths.begin(), finding.paths.end(), is_part)) {
      std::erase_if(finding.paths, [&](const policy::Blame& blame) { return !is_part(blame); });
    }
  }
  if (finding.paths.empty()) finding.paths.emplace_back();
  for (policy::Blame& blame : finding.paths) {
    source::Places places = object.locate(blame.path);
    if (result.marks.empty()) {
      result.related = std::move(places.related);
    } else {
      add_values(places.related, result.related);
    }
    Mark mark;
    mark.context_line = context_line(object, blame.path, places.primary);
    mark.fingerprint = Hash()
                           .add(result.rule->qualified_id())
                           .add(file_id)
                           .add(result.subject.api_version)
                           .add(result.subject.kind)
                           .add(result.subject.namespace_name)
                           .add(result.subject.name)
                           .add(result.validation ? std::to_string(*result.validation) : "")
                           .add(stable_path(blame.path, object.root()))
                           .hex();
    mark.path = std::move(blame.path);
    mark.default_value = std::move(blame.default_value);
    mark.existing = std::min(blame.existing, mark.path.steps().size());
    mark.place = std::move(places.primary);
    result.marks.push_back(std::move(mark));
  }
  return result;
}

void sort_findings(Report& report) {
  std::map<const source::File*, size_t> file_order;
  for (const Finding& finding : report.findings) {
    const auto [known, is_new] = file_order.try_emplace(finding.primary().place.file.get(), finding.order);
    if (!is_new) known->second = std::min(known->second, finding.order);
  }
  std::stable_sort(report.findings.begin(), report.findings.end(), [&](const Finding& a, const Finding& b) {
    const yaml::Range& ra = a.primary().place.range;
    const yaml::Range& rb = b.primary().place.range;
    const size_t fa = file_order[a.primary().place.file.get()];
    const size_t fb = file_order[b.primary().place.file.get()];
    return std::tie(fa, ra.line, ra.column) < std::tie(fb, rb.line, rb.column);
  });
}

void merge_variants(Report& report) {
  // Fingerprint, file, line, column, message.
  using Key = std::tuple<std::string, std::string, uint32_t, uint32_t, std::string>;
  std::map<Key, size_t> first;
  std::vector<Finding> merged;
  merged.reserve(report.findings.size());
  for (Finding& finding : report.findings) {
    if (!finding.variants.empty()) {
      const Location place = finding.location();
      const auto [known, is_new] = first.try_emplace(
          Key{finding.fingerprint(), place.file, place.line, place.column, finding.message}, merged.size());
      if (!is_new) {
        std::vector<std::string>& variants = merged[known->second].variants;
        variants.insert(variants.end(), finding.variants.begin(), finding.variants.end());
        continue;
      }
    }
    merged.push_back(std::move(finding));
  }
  report.findings = std::move(merged);
}

}  // namespace plimsoll::report
