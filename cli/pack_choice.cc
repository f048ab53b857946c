#include "cli/pack_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/policy/pack_archive.h"
#include "engine/report/summary.h"
#include "engine/source/glob.h"
#include "engine/yaml/document.h"

namespace plimsoll::cli {

namespace {

constexpr std::string_view kChartLabel = "helm.sh/chart";

// The pod spec of an object, null if it has none.
Value pod_spec(const Value& object) {
  const Value spec = object["spec"];
  if (spec["containers"].is_list()) return spec;
  const Value job = spec["jobTemplate"]["spec"];
  return (job.is_map() ? job : spec)["template"]["spec"];
}

// "web-1.2.3" is of chart web.
std::string_view chart_name(std::string_view label) {
  for (size_t dash = label.find('-'); dash != std::string_view::npos; dash = label.find('-', dash + 1)) {
    if (dash + 1 < label.size() && label[dash + 1] >= '0' && label[dash + 1] <= '9') return label.substr(0, dash);
  }
  return label;
}

// How many objects one pattern of a match knows.
struct Tally {
  std::string what;  // "image like lightruncom/*"
  size_t objects = 0;
};

// "general.lightrun_endpoint and general.mq", if a mapping has all these keys.
std::string keys_found(const std::vector<std::string>& keys, const Value& values) {
  for (const std::string& key : keys) {
    if (Path::parse(key).resolve(values) == nullptr) return {};
  }
  return fmt::format("{}", fmt::join(keys, " and "));
}

class Matcher {
 public:
  explicit Matcher(const policy::Pack::Match& match) : match_(match) {
    for (const std::string& chart : match.charts) charts_.push_back({chart, {fmt::format("of chart {}", chart)}});
    for (const std::string& image : match.images) images_.push_back({image, {fmt::format("with an image {}", image)}});
    for (const auto& [key, value] : match.labels) labels_.push_back({key, {value, {fmt::format("labelled {}={}", key, value)}}});
  }

  void look_at(const source::Object& source) {
    if (source.is_pseudo()) {
      if (source.kind() == "HelmValues") look_at_values(source.root());
      return;
    }
    const Value& object = source.root();
    const Value labels = object["metadata"]["labels"];
    if (labels.is_map()) {
      const std::string_view chart = labels[kChartLabel].string_or();
      for (Pattern& pattern : charts_) count(pattern, !chart.empty() && chart_name(chart) == pattern.glob);
      for (auto& [key, pattern] : labels_) {
        const std::string_view value = labels[key].string_or();
        count(pattern, !value.empty() && source::glob_match(pattern.glob, value));
      }
    }
    if (images_.empty()) return;
    const Value spec = pod_spec(object);
    for (Pattern& pattern : images_) {
      count(pattern, has_image(spec["containers"], pattern.glob) || has_image(spec["initContainers"], pattern.glob));
    }
  }

  // The chart or values themselves, else the pattern that knows most objects; empty if none knows any.
  std::string reason() const {
    if (!by_values_.empty()) return by_values_;
    const Tally* best = nullptr;
    const auto consider = [&](const Pattern& pattern) {
      if (pattern.tally.objects > 0 && (best == nullptr || pattern.tally.objects > best->objects)) best = &pattern.tally;
    };
    for (const Pattern& pattern : charts_) consider(pattern);
    for (const Pattern& pattern : images_) consider(pattern);
    for (const auto& [key, pattern] : labels_) consider(pattern);
    return best == nullptr ? "" : fmt::format("{} {}", report::plural(best->objects, "object"), best->what);
  }

 private:
  struct Pattern {
    std::string_view glob;
    Tally tally;
  };
  void look_at_values(const Value& object) {
    if (!by_values_.empty()) return;
    const std::string_view chart = object["chart"]["name"].string_or();
    if (std::find(match_.charts.begin(), match_.charts.end(), chart) != match_.charts.end()) {
      by_values_ = fmt::format("chart {}", chart);
    }
    for (const std::vector<std::string>& keys : match_.values) {
      if (!by_values_.empty()) return;
      if (keys.empty() && !chart.empty()) by_values_ = fmt::format("values of chart {}", chart);
      if (const std::string found = keys_found(keys, object["values"]); !found.empty()) by_values_ = "values with " + found;
    }
  }
  static void count(Pattern& pattern, bool matches) { pattern.tally.objects += matches ? 1 : 0; }
  static bool has_image(const Value& containers, std::string_view glob) {
    const std::span<Value> items = containers.items();
    return std::any_of(items.begin(), items.end(), [&](const Value& container) {
      return source::glob_match(glob, container["image"].string_or());
    });
  }

  const policy::Pack::Match& match_;
  std::string by_values_;
  std::vector<Pattern> charts_, images_;
  std::vector<std::pair<std::string_view, Pattern>> labels_;
};

}  // namespace

Result<PackMatches> PackMatches::load() {
  const policy::PackFiles files = policy::PackFiles::built_in();
  PackMatches result;
  for (const std::string_view name : files.packs()) {
    PLIMSOLL_ASSIGN_OR_RETURN(policy::Pack pack, policy::load_pack_manifest(files, name));
    result.packs_.push_back(std::move(pack));
  }
  return result;
}

std::vector<PackChoice> PackMatches::choose(const std::vector<source::Object>& objects) const {
  std::vector<PackChoice> choices;
  for (const policy::Pack& pack : packs_) {
    Matcher matcher(pack.match);
    for (const source::Object& object : objects) matcher.look_at(object);
    if (std::string reason = matcher.reason(); !reason.empty()) choices.push_back({pack.name, std::move(reason)});
  }
  return choices;
}

Value PackMatches::values_of(const std::string& pack) {
  const auto [known, is_new] = values_.try_emplace(pack);
  if (is_new) {
    // Those of built-in packs are proven to be readable by tests.
    if (auto values = policy::load_pack_values(policy::PackFiles::built_in(), pack)) known->second = *std::move(values);
  }
  return known->second ? known->second->root() : Value::null();
}

std::optional<Value> PackMatches::values_like(const Value& root) {
  for (const policy::Pack& pack : packs_) {
    for (const std::vector<std::string>& keys : pack.match.values) {
      if (!keys_found(keys, root).empty()) return values_of(pack.name);
    }
  }
  return std::nullopt;
}

Value PackMatches::known_values(const std::vector<std::string>& names) {
  for (const policy::Pack& pack : packs_) {
    if (std::find(names.begin(), names.end(), pack.name) == names.end()) continue;
    if (const Value values = values_of(pack.name); !values.is_null()) return values;
  }
  return Value::null();
}

}  // namespace plimsoll::cli
