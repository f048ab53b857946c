#include "engine/chart/release.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/chart/load.h"
#include "engine/chart/template_output.h"

namespace plimsoll::chart {
namespace {

class ReleaseTest : public testing::Test {
 protected:
  ReleaseTest() { file("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"); }

  void file(const std::string& name, const std::string& data) {
    std::erase_if(files_, [&](const File& known) { return known.name == name; });
    files_.push_back({name, data});
  }

  void render() {
    Warnings warnings;
    auto chart = load_files(files_, "charts/web", warnings);
    ASSERT_TRUE(chart) << chart.error().to_string();
    tmpl::SystemHost host;
    const auto reader = [](std::string_view name) -> Result<std::string> {
      return fail(ErrorCode::kInputOutput, "open " + std::string(name) + ": no such file or directory");
    };
    auto release = chart::render(*chart, options_, host, reader, warnings);
    output_.clear();
    error_.clear();
    details_.clear();
    if (release) {
      output_ = template_output((*release)->manifests(), (*release)->crds(), {})->text;
    } else {
      error_ = release.error().error.message();
      for (const std::string& detail : release.error().details) details_ += detail + "\n";
      for (const Error& violation : release.error().violations) details_ += violation.to_string() + "\n";
    }
  }

  std::vector<File> files_;
  ReleaseOptions options_;
  std::string output_;
  std::string error_;
  std::string details_;
};

TEST_F(ReleaseTest, PrintsWhatTemplatesWriteWithTheirNames) {
  file("values.yaml", "tag: 1\n");
  file("templates/a.yaml", "a: {{ .Values.tag }}\n");
  options_.values.set = {"tag=2"};
  render();
  EXPECT_EQ(output_, "---\n# Source: web/templates/a.yaml\na: 2\n") << error_;
}

TEST_F(ReleaseTest, KeepsCrdsOnlyWhenAsked) {
  file("crds/a.yaml", "kind: CustomResourceDefinition\n");
  Warnings warnings;
  tmpl::SystemHost host;
  for (const bool crds : {true, false}) {
    options_.crds = crds;
    const auto release = chart::render(*load_files(files_, "charts/web", warnings), options_, host, {}, warnings);
    ASSERT_TRUE(release);
    EXPECT_EQ((*release)->crds().size(), crds ? 1U : 0U);
  }
}

TEST_F(ReleaseTest, EndsRecursionsWithoutEnd) {
  file("templates/a.yaml", "{{ define \"a\" }}{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ include \"a\" . }}{{ end }}"
                           "{{ include \"a\" . }}");
  render();
  EXPECT_NE(error_.find("rendering template has a nested reference name: "), std::string::npos) << error_;

  file("templates/a.yaml", "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}");
  render();
  // With the larger frames of a sanitizer the stack is used up before helm's limit.
  EXPECT_TRUE(error_.find("exceeded maximum template depth") != std::string::npos ||
              error_.find("nested too deeply") != std::string::npos)
      << error_;

  file("values.yaml", "self: '{{ tpl .Values.self . }}'\n");
  file("templates/a.yaml", "{{ tpl .Values.self . }}");
  render();
  EXPECT_NE(error_.find("tpl runs texts in each other more than 1000 levels deep"), std::string::npos) << error_.substr(0, 300);
}

TEST_F(ReleaseTest, EndsLoopsThatTakeTooLong) {
  options_.limits.steps = 100'000;
  file("templates/a.yaml", "{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}");
  render();
  EXPECT_NE(error_.find("takes more than 100000 steps"), std::string::npos) << error_;
}

TEST_F(ReleaseTest, NamesMissingDependencies) {
  file("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: '1', repository: x}\n");
  render();
  EXPECT_NE(error_.find("missing in charts/ directory: db"), std::string::npos) << error_;
}

TEST_F(ReleaseTest, RefusesClustersThatTheChartDoesNotSupport) {
  file("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\nkubeVersion: '>=1.30'\n");
  render();
  EXPECT_EQ(error_, "chart requires kubeVersion: >=1.30 which is incompatible with Kubernetes v1.20.0");
  options_.capabilities.kube_version = *parse_kube_version("1.31");
  render();
  EXPECT_EQ(error_, "");
}

TEST_F(ReleaseTest, SaysWhereValuesThatBreakTheSchemaAreSet) {
  file("values.schema.json", R"({"properties": {"image": {"properties": {"tag": {"type": "string"}}}}})");
  file("values.yaml", "image:\n  tag: 5\n");
  render();
  EXPECT_EQ(error_,
            "values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n"
            "- at '/image/tag': got number, want string\n");
  EXPECT_NE(details_.find("charts/web/values.yaml:2:8"), std::string::npos) << details_;
  EXPECT_NE(details_.find("got number, want string"), std::string::npos) << details_;
  options_.values.set = {"image.tag=6"};
  render();
  EXPECT_NE(details_.find("--set image.tag"), std::string::npos) << details_;
}

TEST_F(ReleaseTest, SaysInGosWordsThatASchemaIsNoJson) {
  const auto problem = [&](const char* schema) {
    file("values.schema.json", schema);
    render();
    return error_.substr(error_.find("web:\n") + 5);
  };
  EXPECT_EQ(problem("{bad}"), "invalid character 'b' looking for beginning of object key string");
  EXPECT_EQ(problem("{\"a\": "), "unexpected EOF");
  EXPECT_EQ(problem(""), "EOF");
  EXPECT_EQ(problem("{} x"), "invalid character after top-level value");
}

TEST_F(ReleaseTest, ShowsRenderedTextThatIsNoYamlAndWhatWroteIt) {
  file("values.yaml", "labels: 'a: b'\n");
  file("templates/_h.tpl", "{{ define \"labels\" }}\nx: {{ .Values.labels }}\n{{ end }}");
  file("templates/a.yaml", "kind: A\nmetadata:\n  labels: {{ include \"labels\" . | nindent 4 }}\n");
  render();
  EXPECT_TRUE(error_.starts_with("YAML parse error on web/templates/a.yaml: ")) << error_;
  EXPECT_NE(details_.find("rendered from charts/web/templates/a.yaml:\n"), std::string::npos) << details_;
  EXPECT_NE(details_.find("| \x20   x: a: b\n"), std::string::npos) << details_;
  EXPECT_NE(details_.find("was written by charts/web/templates/_h.tpl:2:1, included at charts/web/templates/a.yaml:3:14\n"),
            std::string::npos)
      << details_;
  EXPECT_NE(details_.find("from the value labels set at charts/web/values.yaml:1:9\n"), std::string::npos) << details_;
}

TEST_F(ReleaseTest, NamesGlobalsByWhereAllChartsSetThem) {
  file("values.yaml", "global: {zone: north}\nnames: [ann, bob]\n");
  file("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n");
  file("charts/z/Chart.yaml", "apiVersion: v2\nname: z\nversion: 1.0.0\n");
  file("charts/a/templates/a.yaml", "zone: {{ .Values.global.zone }}\n");
  file("templates/a.yaml", "names: {{ .Values.names }}\n");
  options_.trace = true;
  Warnings warnings;
  tmpl::SystemHost host;
  const auto release = chart::render(*load_files(files_, "charts/web", warnings), options_, host, {}, warnings);
  ASSERT_TRUE(release);
  const auto values = [&](const std::string& name) {
    std::string names;
    for (const RenderedFile& rendered : (*release)->files()) {
      if (rendered.name != name) continue;
      for (const auto& line : (*release)->tracer()->lines(rendered.text, (*release)->spans(name))) {
        for (const Path& path : line.values) names += path.to_string() + " ";
      }
    }
    return names;
  };
  EXPECT_EQ(values("web/charts/a/templates/a.yaml"), "global.zone ");
  // A list that is printed as it is shows its items.
  EXPECT_EQ(values("web/templates/a.yaml"), "names names[0] names[1] ");
}

TEST_F(ReleaseTest, NamesTheTableThatAnImportLacks) {
  file("Chart.yaml",
       "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: '1', import-values: [{child: "
       "an.absent.table, parent: x}]}\n");
  file("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n");
  Warnings warnings;
  tmpl::SystemHost host;
  const auto release = chart::render(*load_files(files_, "charts/web", warnings), options_, host, {}, warnings);
  ASSERT_TRUE(release);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0], "Warning: ImportValues missing table from chart db: \"an\" is not a table");
}

}  // namespace
}  // namespace plimsoll::chart
