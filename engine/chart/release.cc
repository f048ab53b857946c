#include "engine/chart/release.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/chart/template_values.h"
#include "engine/schema/json_schema.h"
#include "engine/template/functions/go_json.h"
#include "engine/template/render.h"
#include "engine/value/go_quote.h"

namespace plimsoll::chart {

namespace {

constexpr std::string_view kNotes = "NOTES.txt";
constexpr size_t kMaxNameLength = 53;

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$
bool is_release_name(std::string_view name) {
  if (name.size() > kMaxNameLength) return false;
  while (true) {
    const size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (label.empty() || !is_lower_alphanumeric(label.front()) || !is_lower_alphanumeric(label.back())) return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_lower_alphanumeric(c) || c == '-'; })) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

Result<void> check_release_name(std::string_view name) {
  const std::string context = "release name " + go::quoted(name) + ": ";
  if (name.empty()) return fail(ErrorCode::kUsage, context + "no name provided");
  if (is_release_name(name)) return {};
  return fail(ErrorCode::kUsage,
              context + R"(invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*)"
                        R"([a-z0-9])?)*$ and the length must not be longer than 53)");
}

Result<void> check_installable(const Chart& chart) {
  const std::string& type = chart.metadata.type;
  if (!type.empty() && type != "application") return fail(ErrorCode::kInvalid, type + " charts are not installable");
  if (!chart.metadata.dependencies) return {};
  std::string missing;
  for (const auto& dependency : *chart.metadata.dependencies) {
    const bool present = std::any_of(chart.dependencies.begin(), chart.dependencies.end(),
                                     [&](const auto& child) { return child->name() == dependency->name; });
    if (!present) missing += (missing.empty() ? "" : ", ") + dependency->name;
  }
  // A nameless dependency is missing, too.
  const bool nameless = std::any_of(chart.metadata.dependencies->begin(), chart.metadata.dependencies->end(),
                                    [](const auto& dependency) { return dependency->name.empty(); });
  if (missing.empty() && !nameless) return {};
  return std::unexpected(Error(ErrorCode::kNotFound,
                               "An error occurred while checking for chart dependencies. You may need to run `helm "
                               "dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in "
                               "charts/ directory: " +
                                   missing)
                             .in_file(chart.path + "/Chart.yaml"));
}

// What Go's decoder says of a text that is no JSON; nullopt if it is.
std::optional<std::string> json_problem(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "EOF";
  Arena arena;
  const Result<Value> value = tmpl::unmarshal_json(arena, text);
  if (value) return std::nullopt;
  // A decoder reads one value from a stream: it words the ends differently from json.Unmarshal.
  if (value.error().message() == "unexpected end of JSON input") return "unexpected EOF";
  if (value.error().message().ends_with("after top-level value")) return "invalid character after top-level value";
  return value.error().message();
}

// The files of crds/ folders of a chart and its subcharts.
void collect_crds(const ReleaseChart& chart, std::vector<RenderedFile>& crds) {
  const auto is_manifest = [](std::string_view name) {
    const size_t dot = name.rfind('.');
    std::string extension(dot == std::string_view::npos ? std::string_view() : name.substr(dot));
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return extension == ".yaml" || extension == ".yml" || extension == ".json";
  };
  for (const File& file : chart.source().files) {
    if (!file.name.starts_with("crds/") || !is_manifest(file.name)) continue;
    crds.push_back({chart.full_path() + "/" + file.name, file.data});
  }
  for (const auto& child : chart.dependencies()) collect_crds(*child, crds);
}

}  // namespace

// Carries one render from the chart to sorted manifests.
class Renderer {
 public:
  Renderer(Release& release, tmpl::Host& host, Warnings& warnings)
      : release_(release), host_(host), warnings_(warnings) {}

  std::expected<void, RenderError> run(std::shared_ptr<const Chart> chart, const FileReader& read_file) {
    auto prepared = prepare(std::move(chart), read_file);
    if (!prepared) {
      return std::unexpected(
          RenderError{std::move(prepared.error()), false, std::move(details_), false, std::move(violations_)});
    }
    auto rendered = execute();
    if (!rendered) return std::unexpected(RenderError{std::move(rendered.error()), true, std::move(details_)});
    auto sorted = sort();
    if (!sorted) return std::unexpected(RenderError{std::move(sorted.error()), true, std::move(details_), true});
    return {};
  }

 private:
  Result<void> prepare(std::shared_ptr<const Chart> chart, const FileReader& read_file) {
    const ReleaseOptions& options = release_.options_;
    PLIMSOLL_ASSIGN_OR_RETURN(release_.user_values_, merge_user_values(release_.arena_, options.values, read_file));
    PLIMSOLL_RETURN_IF_ERROR(check_installable(*chart));
    if (chart->metadata.deprecated) warnings_.push_back("WARNING: This chart is deprecated");
    PLIMSOLL_RETURN_IF_ERROR(check_release_name(options.name));
    release_.chart_ = std::make_shared<ReleaseChart>(std::move(chart), release_.arena_);
    ReleaseChart& root = *release_.chart_;
    PLIMSOLL_RETURN_IF_ERROR(root.process_dependencies(*release_.user_values_.merged, warnings_));
    PLIMSOLL_ASSIGN_OR_RETURN(Map * values, root.coalesce_values(release_.user_values_.merged, false, warnings_));
    release_.values_ = Value::map(values);
    if (options.trace) release_.given_values_ = copy_tree(release_.arena_, release_.values_);
    if (!options.skip_schema_validation) PLIMSOLL_RETURN_IF_ERROR(check_schemas());
    if (options.crds) collect_crds(root, release_.crds_);
    return {};
  }

  Result<void> check_schemas() {
    std::string problems;
    check_schema(*release_.chart_, release_.values_, problems);
    if (problems.empty()) return {};
    return fail(ErrorCode::kInvalid,
                "values don't meet the specifications of the schema(s) in the following chart(s):\n" + problems);
  }

  void check_schema(const ReleaseChart& chart, const Value& values, std::string& problems) {
    if (chart.source().has_schema) {
      const std::string problem = schema_problem(chart, values);
      if (!problem.empty()) problems += chart.name() + ":\n" + problem;
    }
    for (const auto& child : chart.dependencies()) {
      const Value* child_values = values.find(child->name());
      if (child_values == nullptr || child_values->is_null()) continue;
      if (!child_values->is_map()) {
        problems += child->name() + ":\ninvalid type for values: expected object (map), got " +
                    std::string(tmpl::type_name(*child_values)) + "\n";
        continue;
      }
      check_schema(*child, *child_values, problems);
    }
  }

  std::string schema_problem(const ReleaseChart& chart, const Value& values) {
    const auto schema = schema::JsonSchema::compile(chart.source().schema, "values.schema.json");
    if (!schema) return json_problem(chart.source().schema).value_or(schema.error().message());
    const auto violation = (*schema)->validate(values);
    if (!violation) return violation.error().message();
    if (!*violation) return {};
    // Helm says where in the values; we know where that was written.
    const ValuesLocator locator = release_.locator();
    const Path prefix = Path::parse(chart.values_path());
    for (const schema::Violation* leaf : (*violation)->leaves()) {
      std::vector<Path::Step> steps = prefix.steps();
      steps.insert(steps.end(), leaf->location.steps().begin(), leaf->location.steps().end());
      const Path path(std::move(steps));
      for (const schema::Violation::Key& key : leaf->refused) {
        const std::string hint = key.suggestion.empty() ? "" : fmt::format("; did you mean \"{}\"?", key.suggestion);
        violations_.push_back(violation_at(path.key(key.name), "the schema knows no such key" + hint, locator, true));
      }
      if (leaf->refused.empty()) violations_.push_back(violation_at(path, leaf->message, locator));
    }
    return (*violation)->to_string() + "\n";
  }

  // A missing value is at the nearest table around it that is set somewhere. `at_key`: what is wrong is the key, not its value.
  static Error violation_at(const Path& path, const std::string& message, const ValuesLocator& locator, bool at_key = false) {
    const std::string name = path.empty() ? "the values" : path.to_string();
    Error error(ErrorCode::kInvalid, name + ": " + message);
    for (Path at = path;; at = at.parent()) {
      if (const std::optional<ValueOrigin> origin = locator.locate(at)) {
        if (origin->kind == ValueOrigin::Kind::kFlag) {
          return std::move(error).with_context(origin->flag.substr(0, origin->flag.find('=')));
        }
        const yaml::Range& range = at_key && origin->key.known() ? origin->key : origin->range;
        return std::move(error).at(range.line, range.column).in_file(origin->file);
      }
      if (at.empty()) return error;
    }
  }

  Result<void> execute() {
    const Capabilities& capabilities = release_.options_.capabilities;
    const std::string& wanted = release_.chart_->source().metadata.kube_version;
    if (!wanted.empty() && !satisfies(wanted, capabilities.kube_version.version)) {
      return std::unexpected(Error(ErrorCode::kInvalid, "chart requires kubeVersion: " + wanted +
                                                            " which is incompatible with Kubernetes " +
                                                            capabilities.kube_version.version)
                                 .with_remedy("say which version the cluster has with --kube-version"));
    }
    if (release_.options_.trace) {
      release_.tracer_ = std::make_unique<tmpl::Tracer>(release_.arena_);
      release_.tracer_->mark_values(release_.values_);
    }
    const std::vector<ScopedTemplate> templates =
        scope_templates(release_.arena_, *release_.chart_, release_.values_, release_.options_);
    std::vector<tmpl::Renderable> files;
    for (const ScopedTemplate& scoped : templates) {
      files.push_back({scoped.name, scoped.file->data, scoped.base_path, scoped.dot});
    }
    tmpl::RenderOptions options;
    options.limits = release_.options_.limits;
    options.tracer = release_.tracer_.get();
    PLIMSOLL_ASSIGN_OR_RETURN(std::vector<tmpl::Rendered> rendered, tmpl::render(release_.arena_, host_, files, options));
    for (tmpl::Rendered& file : rendered) {
      if (file.name.ends_with(kNotes)) continue;
      release_.files_.push_back({std::string(file.name), std::move(file.text)});
      release_.spans_.push_back(std::move(file.spans));
    }
    return {};
  }

  Result<void> sort() {
    Result<SortedManifests> sorted = sort_manifests(release_.files_, warnings_);
    if (!sorted) {
      excerpt(sorted.error().location());
      return std::unexpected(std::move(sorted.error()));
    }
    release_.manifests_ = *std::move(sorted);
    return {};
  }

  // The rendered lines around a YAML error: they are nowhere else to be seen.
  void excerpt(const Location& place) {
    constexpr uint32_t kContext = 2;
    const auto file = std::find_if(release_.files_.begin(), release_.files_.end(),
                                   [&](const RenderedFile& candidate) { return candidate.name == place.file; });
    if (file == release_.files_.end() || !place.known()) return;
    details_.push_back("rendered from " + release_.template_path(place.file) + ":");
    uint32_t line = 1;
    for (size_t start = 0; start < file->text.size(); ++line) {
      const size_t end = std::min(file->text.find('\n', start), file->text.size());
      if (line + kContext >= place.line && line <= place.line + kContext) {
        details_.push_back(fmt::format("{} {:>4} | {}", line == place.line ? '>' : ' ', line,
                                       std::string_view(file->text).substr(start, std::min<size_t>(end - start, 160))));
      }
      start = end + 1;
    }
    if (release_.tracer_ != nullptr) origin(*file, place.line);
  }

  // The template that wrote a line, the includes that led there and the values in it.
  void origin(const RenderedFile& file, uint32_t wanted) {
    for (const tmpl::LineOrigin& line : release_.tracer_->lines(file.text, release_.spans(file.name))) {
      if (line.line != wanted) continue;
      std::string detail = fmt::format("line {} was written by {}", wanted, position(line.place));
      for (const tmpl::SourcePlace& place : line.chain) detail += ", included at " + position(place);
      details_.push_back(std::move(detail));
      const ValuesLocator locator = release_.locator();
      for (const Path& path : line.values) {
        const auto set = locator.locate(path);
        details_.push_back(fmt::format("from the value {}{}", path.to_string(), set ? " set " + set_at(*set) : ""));
      }
      return;
    }
  }

  std::string position(const tmpl::SourcePlace& place) const {
    return fmt::format("{}:{}:{}", release_.template_path(place.file), place.line, place.column);
  }

  static std::string set_at(const ValueOrigin& origin) {
    if (origin.kind == ValueOrigin::Kind::kFlag) return "by " + origin.flag.substr(0, origin.flag.find('='));
    return fmt::format("at {}:{}:{}", origin.file, origin.range.line, origin.range.column);
  }

  Release& release_;
  tmpl::Host& host_;
  Warnings& warnings_;
  std::vector<std::string> details_;
  std::vector<Error> violations_;
};

const tmpl::Spans& Release::spans(std::string_view file) const {
  static const tmpl::Spans kNone;
  for (size_t i = 0; i < files_.size() && i < spans_.size(); ++i) {
    if (files_[i].name == file) return spans_[i];
  }
  return kNone;
}

namespace {

// The chart and the file that a full template name ("top/charts/sub/templates/x.yaml") stands for.
std::pair<const ReleaseChart*, const File*> find_template(const ReleaseChart& chart, std::string_view name) {
  const std::string prefix = chart.full_path() + "/";
  if (!name.starts_with(prefix)) return {};
  const std::string_view rest = name.substr(prefix.size());
  for (const File& file : chart.source().templates) {
    if (file.name == rest) return {&chart, &file};
  }
  for (const auto& child : chart.dependencies()) {
    if (const auto found = find_template(*child, name); found.second != nullptr) return found;
  }
  return {};
}

}  // namespace

const File* Release::template_file(std::string_view name) const { return find_template(*chart_, name).second; }

std::string Release::template_path(std::string_view name) const {
  const auto [chart, file] = find_template(*chart_, name);
  return file == nullptr ? std::string(name) : chart->source().path + "/" + file->name;
}

Result<std::string> release_name(const std::string& name_template, tmpl::Host& host) {
  Arena arena;
  const tmpl::Renderable file{"name-template", name_template, "", Map::create(arena)};
  PLIMSOLL_ASSIGN_OR_RETURN(std::vector<tmpl::Rendered> rendered, tmpl::render(arena, host, {&file, 1}));
  return rendered.empty() ? std::string() : std::move(rendered.front().text);
}

std::expected<std::unique_ptr<const Release>, RenderError> render(std::shared_ptr<const Chart> chart, ReleaseOptions options,
                                                                  tmpl::Host& host, const FileReader& read_file,
                                                                  Warnings& warnings) {
  auto release = std::make_unique<Release>(options);
  auto done = Renderer(*release, host, warnings).run(chart, read_file);
  if (done) return release;
  // A render is not traced for the rare one that goes wrong: it is done again. Standard input can be read only once.
  const bool again = done.error().in_rendered_text && !options.trace &&
                     std::none_of(options.values.files.begin(), options.values.files.end(),
                                  [](const std::string& file) { return file.find_first_not_of(" \t-") == std::string::npos; });
  if (again) {
    options.trace = true;
    release = std::make_unique<Release>(std::move(options));
    Warnings told_already;
    auto traced = Renderer(*release, host, told_already).run(std::move(chart), read_file);
    if (!traced && traced.error().error.message() == done.error().error.message()) done = std::move(traced);
  }
  if (!release->values().is_null()) done.error().release = std::move(release);
  return std::unexpected(std::move(done.error()));
}

}  // namespace plimsoll::chart
