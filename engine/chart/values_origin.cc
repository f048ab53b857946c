#include "engine/chart/values_origin.h"

#include <algorithm>

namespace plimsoll::chart {

namespace {

using Steps = std::span<const Path::Step>;

// Imports that lead to imports; Helm follows them up the tree once a level.
constexpr int kMaxImports = 8;

Path path_of(Steps steps) { return Path(std::vector<Path::Step>(steps.begin(), steps.end())); }

const std::string* key_of(const Path::Step& step) { return std::get_if<std::string>(&step); }

std::optional<ValueOrigin> in_document(const yaml::Document& document, const Path& path, ValueOrigin::Kind kind) {
  if (!document.has(path)) return std::nullopt;
  const yaml::Place place = document.locate(path);
  return ValueOrigin{kind, document.file(), place.value, place.key, {}, &document};
}

// What is left of `path` below the dotted `prefix` ("." for all of it); nullopt if it lies elsewhere.
std::optional<Steps> below(Steps path, std::string_view prefix) {
  if (prefix == ".") return path;
  while (!prefix.empty()) {
    const size_t dot = prefix.find('.');
    if (path.empty() || key_of(path[0]) == nullptr || *key_of(path[0]) != prefix.substr(0, dot)) return std::nullopt;
    path = path.subspan(1);
    prefix.remove_prefix(dot == std::string_view::npos ? prefix.size() : dot + 1);
  }
  return path;
}

Path join(std::string_view dotted, Steps rest) {
  Path path;
  while (!dotted.empty()) {
    const size_t dot = dotted.find('.');
    path = std::move(path).key(dotted.substr(0, dot));
    dotted.remove_prefix(dot == std::string_view::npos ? dotted.size() : dot + 1);
  }
  for (const Path::Step& step : rest) {
    path = key_of(step) != nullptr ? std::move(path).key(*key_of(step)) : std::move(path).index(std::get<size_t>(step));
  }
  return path;
}

}  // namespace

std::optional<ValueOrigin> ValuesLocator::in_user_values(const Path& path) const {
  for (auto flag = user_.flags.rbegin(); flag != user_.flags.rend(); ++flag) {
    if (path.resolve(Value::map(flag->values)) == nullptr) continue;
    ValueOrigin origin;
    origin.kind = ValueOrigin::Kind::kFlag;
    origin.flag = flag->option + " " + flag->text;
    return origin;
  }
  return in_user_files(path);
}

std::optional<ValueOrigin> ValuesLocator::in_user_files(const Path& path) const {
  for (auto file = user_.files.rbegin(); file != user_.files.rend(); ++file) {
    if (auto origin = in_document(**file, path, ValueOrigin::Kind::kFile)) return origin;
  }
  return std::nullopt;
}

std::optional<ValueOrigin> ValuesLocator::locate_in_files(const Path& path) const {
  if (auto origin = in_user_files(path)) return origin;
  return root_ == nullptr ? std::nullopt : in_defaults(*root_, path.steps(), 0);
}

std::optional<ValueOrigin> ValuesLocator::in_defaults(const ReleaseChart& chart, Steps path, int imports) const {
  // A chart's own default for a subchart wins over the subchart's.
  if (chart.source().values != nullptr) {
    if (auto origin = in_document(*chart.source().values, path_of(path), ValueOrigin::Kind::kDefault)) return origin;
  }
  if (path.empty()) return std::nullopt;
  for (const auto& child : chart.dependencies()) {
    if (key_of(path[0]) == nullptr || *key_of(path[0]) != child->name()) continue;
    if (auto origin = in_defaults(*child, path.subspan(1), imports)) return origin;
  }
  if (imports >= kMaxImports) return std::nullopt;
  for (const auto& requirement : chart.requirements()) {
    for (const ImportValue& import : requirement->import_values) {
      const std::optional<Steps> rest = below(path, import.parent);
      if (!rest) continue;
      const Path source = join(requirement->name + "." + import.child, *rest);
      if (auto origin = in_defaults(chart, source.steps(), imports + 1)) return origin;
    }
  }
  return std::nullopt;
}

std::optional<ValueOrigin> ValuesLocator::locate(const Path& path) const {
  // A global of a subchart comes from the outermost chart that sets it.
  const auto& steps = path.steps();
  const auto global = std::find_if(steps.begin(), steps.end(),
                                   [](const Path::Step& step) { return key_of(step) && *key_of(step) == "global"; });
  if (global != steps.end()) {
    const auto depth = static_cast<size_t>(global - steps.begin());
    for (size_t outer = 0; outer < depth; ++outer) {
      std::vector<Path::Step> candidate(steps.begin(), steps.begin() + static_cast<ptrdiff_t>(outer));
      candidate.insert(candidate.end(), global, steps.end());
      const Path at(candidate);
      if (auto origin = in_user_values(at)) return origin;
      if (root_ == nullptr) continue;
      if (auto origin = in_defaults(*root_, at.steps(), 0)) return origin;
    }
  }
  if (auto origin = in_user_values(path)) return origin;
  return root_ == nullptr ? std::nullopt : in_defaults(*root_, steps, 0);
}

}  // namespace plimsoll::chart
