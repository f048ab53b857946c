// Templates against what helm printed (templates_*.json): each case is a chart of a few files, its values and release, and
// the rendered files or the error.
#include <fmt/format.h>

#include <map>

#include "engine/chart/capabilities.h"
#include "engine/chart/set_flags.h"
#include "engine/template/chart_objects.h"
#include "engine/template/render.h"
#include "engine/value/base64.h"
#include "engine/yaml/document.h"
#include "tests/conformance/runner.h"

namespace plimsoll::conformance {
namespace {

constexpr std::string_view kDefaultChart =
    "apiVersion: v2\nname: c\nversion: 1.2.3\nappVersion: \"4.5.6\"\ndescription: test chart\n";

// Numbers of a values file are float64, and an alias is a copy.
Result<Value> read_yaml(Arena& arena, std::string_view text) {
  return yaml::read_go(arena, text, {.numbers_as_double = true, .copy_aliases = true});
}

// Lays the flags' values over the chart's; a null among them removes the key.
void coalesce(Arena& arena, Map& user, const Map& defaults) {
  for (const Map::Entry& entry : defaults) {
    const Value* own = user.find(entry.key);
    if (own == nullptr) {
      user.append(arena, entry.key, entry.value);
    } else if (own->is_map() && entry.value.is_map()) {
      coalesce(arena, *own->as_map(), *entry.value.as_map());
    } else if (own->is_null()) {
      user.erase(entry.key.string_or());
    }
  }
}

// The answers tell the day they were recorded on: helm takes the current time where `htmlDate` gets something that is no date.
class RecordedDay : public tmpl::SystemHost {
 public:
  int64_t now() override { return 1'795'255'200'000'000'000; }  // 2026-11-21T10:00:00Z
};

struct Outcome {
  std::map<std::string, std::string> files;
  std::string error;
};

class CaseRunner {
 public:
  explicit CaseRunner(const Value& test) : test_(test) {}

  Outcome run() {
    const auto values = read_values();
    if (!values) return {{}, values.error().message()};
    const auto chart = read_yaml(arena_, text_of("Chart.yaml", kDefaultChart));
    if (!chart) return {{}, chart.error().message()};
    Map* dot = Map::create(arena_);
    dot->set(arena_, "Chart", tmpl::make_chart(arena_, *chart, true));
    dot->set(arena_, "Files", files());
    dot->set(arena_, "Release", release());
    dot->set(arena_, "Capabilities", capabilities());
    dot->set(arena_, "Values", values->with_flavour(tmpl::flavour(tmpl::GoType::kValues)));
    dot->set(arena_, "Subcharts", Value::map(Map::create(arena_)));

    const std::string_view chart_name = (*chart)["name"].string_or();
    const std::string_view base = arena_.copy(fmt::format("{}/templates", chart_name));
    std::vector<tmpl::Renderable> templates;
    for (const Map::Entry& entry : *test_["files"].as_map()) {
      const std::string_view path = entry.key.as_string();
      if (!path.starts_with("templates/")) continue;
      const std::string_view name = arena_.copy(fmt::format("{}/{}", chart_name, path));
      templates.push_back({name, entry.value.as_string(), base, dot});
    }
    RecordedDay host;
    const auto rendered = tmpl::render(arena_, host, templates);
    if (!rendered) return {{}, rendered.error().message()};
    Outcome outcome;
    for (const tmpl::Rendered& file : *rendered) {
      outcome.files[std::string(file.name.substr(chart_name.size() + 1))] = file.text;
    }
    return outcome;
  }

 private:
  std::string_view text_of(std::string_view path, std::string_view fallback) const {
    const Value* found = test_["files"].find(path);
    return found != nullptr ? found->string_or() : fallback;
  }

  Result<Value> read_values() {
    auto read = read_yaml(arena_, test_["values"].string_or());
    if (!read) {
      return std::unexpected(
          std::move(read).error().with_context("error converting YAML to JSON").with_context("cannot load values.yaml"));
    }
    if (!read->is_map() && !read->is_null()) {
      return fail(ErrorCode::kType,
                  fmt::format("cannot load values.yaml: error unmarshaling JSON: while decoding JSON: json: cannot "
                              "unmarshal {} into Go value of type map[string]interface {{}}",
                              read->is_list() ? "array" : kind_name(read->kind())));
    }
    Map* values = Map::create(arena_);
    for (const Value& flag : test_["set"].items()) {
      PLIMSOLL_RETURN_IF_ERROR(chart::apply_set_flag(arena_, *values, flag.as_string(), chart::SetFlag::kTyped));
    }
    if (read->is_map()) coalesce(arena_, *values, *read->as_map());
    return Value::map(values);
  }

  Value files() {
    std::vector<tmpl::ChartFile> files;
    for (const Map::Entry& entry : *test_["files"].as_map()) {
      const std::string_view path = entry.key.as_string();
      const bool chart_file = path == "Chart.yaml" || path == "values.yaml" || path.starts_with("templates/");
      if (!chart_file) files.push_back({path, entry.value.as_string()});
    }
    return tmpl::make_files(arena_, files);
  }

  Value release() {
    const Value& given = test_["release"];
    Map* release = Map::create(arena_);
    release->set(arena_, "Name", given["name"]);
    release->set(arena_, "Namespace", given["namespace"]);
    release->set(arena_, "IsInstall", given["isInstall"]);
    release->set(arena_, "IsUpgrade", given["isUpgrade"]);
    release->set(arena_, "Revision", tmpl::go_int(given["revision"].int_or(1)));
    release->set(arena_, "Service", Value::string("Helm"));
    return Value::map(release);
  }

  Value capabilities() {
    const auto parsed = chart::parse_kube_version(test_["kube_version"].string_or());
    const chart::KubeVersion version = parsed.value_or(chart::KubeVersion());
    const auto known = chart::default_api_versions();
    std::vector<std::string_view> api_versions(known.begin(), known.end());
    for (const Value& added : test_["api_versions"].items()) api_versions.push_back(added.string_or());
    return tmpl::make_capabilities(
        arena_, {arena_.copy(version.version), arena_.copy(version.major), arena_.copy(version.minor)}, api_versions,
        {.version = chart::kHelmVersion});
  }

  const Value& test_;
  Arena arena_;
};

std::string describe(const Outcome& outcome) {
  if (!outcome.error.empty()) return "error: " + outcome.error;
  std::string text;
  for (const auto& [name, content] : outcome.files) text += fmt::format("=== {}\n{}", name, content);
  return text;
}

Outcome expected_outcome(const Value& test) {
  Outcome expected{{}, std::string(test["error"].string_or())};
  for (const std::string_view key : {"output", "output_b64"}) {
    const Value* files = test.find(key);
    if (files == nullptr) continue;
    for (const Map::Entry& entry : *files->as_map()) {
      const std::string text(entry.value.as_string());
      expected.files[std::string(entry.key.as_string())] =
          key == "output" ? text : base64::decode(text).value_or("");
    }
  }
  return expected;
}

}  // namespace
}  // namespace plimsoll::conformance

int main(int argc, char** argv) {
  using namespace plimsoll;
  using namespace plimsoll::conformance;
  Tally tally;
  for (const std::string& file : case_files(path_argument(argc, argv, "conformance_helm_templates"), "templates_")) {
    for_each_case(file, [&](const Value& test) {
      tally.check(test["name"].string_or(), describe(expected_outcome(test)),
                  describe(CaseRunner(test).run()));
    });
  }
  return tally.finish();
}
