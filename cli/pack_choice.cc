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

class Matcher {
 public:
  explicit Matcher(const Value& match) {
    for (const Value& chart : match["charts"].items()) charts_.push_back({chart.string_or(), {fmt::format("of chart {}", chart.string_or())}});
    for (const Value& image : match["images"].items()) images_.push_back({image.string_or(), {fmt::format("with an image {}", image.string_or())}});
    if (!match["labels"].is_map()) return;
    for (const Map::Entry& label : *match["labels"].as_map()) {
      const std::string_view key = label.key.string_or();
      labels_.push_back({key, {label.value.string_or(), {fmt::format("labelled {}={}", key, label.value.string_or())}}});
    }
  }

  void look_at(const Value& object) {
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

  // Of the pattern that knows most objects; empty if none knows any.
  std::string reason() const {
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
  static void count(Pattern& pattern, bool matches) { pattern.tally.objects += matches ? 1 : 0; }
  static bool has_image(const Value& containers, std::string_view glob) {
    const std::span<Value> items = containers.items();
    return std::any_of(items.begin(), items.end(), [&](const Value& container) {
      return source::glob_match(glob, container["image"].string_or());
    });
  }

  std::vector<Pattern> charts_, images_;
  std::vector<std::pair<std::string_view, Pattern>> labels_;
};

}  // namespace

Result<std::vector<PackChoice>> fitting_packs(const std::vector<source::Object>& objects) {
  const policy::PackFiles files = policy::PackFiles::built_in();
  std::vector<PackChoice> choices;
  for (const std::string_view pack : files.packs()) {
    const std::string manifest = std::string(pack) + "/pack.yaml";
    for (const policy::PackFiles::File& file : files.of_pack(pack)) {
      if (file.path != manifest) continue;
      PLIMSOLL_ASSIGN_OR_RETURN(const yaml::Document document, yaml::read(file.text, {.file = manifest}));
      const Value match = document.root()["spec"]["match"];
      if (!match.is_map()) break;
      Matcher matcher(match);
      for (const source::Object& object : objects) matcher.look_at(object.root());
      if (std::string reason = matcher.reason(); !reason.empty()) choices.push_back({std::string(pack), std::move(reason)});
      break;
    }
  }
  return choices;
}

}  // namespace plimsoll::cli
