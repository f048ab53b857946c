#include "engine/source/chart_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/temporary_folder.h"

namespace plimsoll::source {
namespace {

namespace fs = std::filesystem;

class ChartSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    write("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    write("values.yaml", "name: plain\n");
    write("templates/pod.yaml",
          "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}, namespace: {{ .Release.Namespace }}}\n");
    write("crds/crd.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\n");
  }

  void write(const std::string& name, std::string_view text) const { temporary_.write(name, text); }

  Manifests read(ChartOptions options = {}) const {
    options.read_file = [](std::string_view path) -> Result<std::string> {
      std::ifstream in{std::string(path), std::ios::binary};
      if (!in) return fail(ErrorCode::kInputOutput, "open " + std::string(path) + ": no such file or directory");
      return std::string(std::istreambuf_iterator<char>(in), {});
    };
    return read_chart({.kind = SourceFile::Kind::kChart, .path = folder_.string(), .name = folder_.string()}, options);
  }

  static std::vector<std::string> names(const Manifests& manifests) {
    std::vector<std::string> names;
    for (const Object& object : manifests.objects) {
      if (object.is_pseudo()) continue;
      const std::string variant(object.variant());
      names.push_back(object.description() + (variant.empty() ? "" : " with " + variant));
    }
    return names;
  }

  const TemporaryFolder temporary_;
  const fs::path& folder_ = temporary_.path();
};

using Names = std::vector<std::string>;

TEST_F(ChartSourceTest, RendersWithDefaultsAndReadsCrds) {
  EXPECT_EQ(names(read()), (Names{"Pod default/plain", "CustomResourceDefinition c"}));
}

TEST_F(ChartSourceTest, CiValuesAreRenderedEachOverTheOthersWithCrdsOnce) {
  write(".helmignore", "ci/\n");
  write("ci/b-values.yaml", "name: b\n");
  write("ci/a-values.yaml", "name: a\n");
  write("ci/other.yaml", "name: c\n");
  ChartOptions options;
  options.ci_values = true;
  EXPECT_EQ(names(read(options)), (Names{"Pod default/a with ci/a-values.yaml", "CustomResourceDefinition c",
                                         "Pod default/b with ci/b-values.yaml"}));
}

TEST_F(ChartSourceTest, ChartWithoutCiValuesSaysSo) {
  ChartOptions options;
  options.ci_values = true;
  const Manifests manifests = read(options);
  EXPECT_EQ(names(manifests), (Names{"Pod default/plain", "CustomResourceDefinition c"}));
  ASSERT_EQ(manifests.notes.size(), 1U);
  EXPECT_EQ(manifests.notes[0].kind, Note::Kind::kNoCiValues);
}

TEST_F(ChartSourceTest, ConfiguredSetsGiveWayToFlags) {
  ChartOptions options;
  ValueSet production{"production", {}};
  production.values.set = {"name=prod"};
  ValueSet development{"development", {}};
  development.values.set = {"name=dev"};
  options.setups = {{.path = folder_.string(), .release = "web", .name_space = "shop", .sets = {production, development}}};
  EXPECT_EQ(names(read(options)), (Names{"Pod shop/prod with production", "CustomResourceDefinition c",
                                         "Pod shop/dev with development"}));
  options.release.values.set = {"name=flag"};
  EXPECT_EQ(names(read(options)), (Names{"Pod shop/flag", "CustomResourceDefinition c"}));
}

TEST_F(ChartSourceTest, LibraryChartIsANote) {
  write("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\ntype: library\n");
  const Manifests manifests = read();
  EXPECT_TRUE(manifests.objects.empty());
  EXPECT_TRUE(manifests.errors.empty());
  ASSERT_EQ(manifests.notes.size(), 1U);
  EXPECT_EQ(manifests.notes[0].kind, Note::Kind::kLibrary);
}

TEST_F(ChartSourceTest, TemplateErrorIsAtItsPlace) {
  write("templates/_helpers.tpl", "{{ define \"x\" }}\n{{ .Values.name.first }}\n{{ end }}");
  write("templates/bad.yaml", "a: {{ include \"x\" . }}\n");
  const Manifests manifests = read();
  ASSERT_EQ(manifests.errors.size(), 1U);
  EXPECT_EQ(manifests.errors[0].location().to_string(), (folder_ / "templates/_helpers.tpl:2:10").string());
  ASSERT_EQ(manifests.texts.size(), 1U);
}

TEST_F(ChartSourceTest, YamlErrorShowsTheRenderedText) {
  write("templates/bad.yaml", "a: 1\nb: [{{ .Values.name }}\n");
  const Manifests manifests = read();
  ASSERT_EQ(manifests.errors.size(), 1U);
  const std::string& message = manifests.errors[0].message();
  EXPECT_NE(message.find("YAML parse error on web/templates/bad.yaml"), std::string::npos) << message;
  EXPECT_NE(message.find("2 | b: [plain"), std::string::npos) << message;
}

TEST_F(ChartSourceTest, SchemaViolationsAreWhereTheValuesAreSet) {
  write("values.schema.json", R"({"properties": {"name": {"type": "string"}}, "required": ["image"]})");
  write("over.yaml", "# mine\nname: 1\n");
  ChartOptions options;
  options.release.values.files = {(folder_ / "over.yaml").string()};
  const Manifests manifests = read(options);
  ASSERT_EQ(manifests.errors.size(), 2U);
  std::vector<std::string> lines;
  for (const Error& error : manifests.errors) lines.push_back(error.to_string());
  std::sort(lines.begin(), lines.end());
  const std::string context = ": values do not meet the schema of the chart: ";
  EXPECT_EQ(lines[0], (folder_ / "over.yaml:2:1").string() + context + "the values: missing property 'image'");
  EXPECT_EQ(lines[1], (folder_ / "over.yaml:2:7").string() + context + "name: got number, want string");
}

TEST_F(ChartSourceTest, ValuesFileThatIsNoYamlIsNamed) {
  write("over.yaml", "a: [\nb");
  ChartOptions options;
  options.release.values.files = {(folder_ / "over.yaml").string()};
  const Manifests manifests = read(options);
  ASSERT_EQ(manifests.errors.size(), 1U);
  EXPECT_EQ(manifests.errors[0].location().file, (folder_ / "over.yaml").string());
  EXPECT_NE(manifests.errors[0].location().line, 0U);
  EXPECT_NE(manifests.errors[0].message().find("yaml: "), std::string::npos);
}

TEST_F(ChartSourceTest, MissingValuesFileIsAnError) {
  ChartOptions options;
  options.release.values.files = {"absent.yaml"};
  const Manifests manifests = read(options);
  ASSERT_EQ(manifests.errors.size(), 1U);
  EXPECT_EQ(manifests.errors[0].message(), "cannot be rendered: open absent.yaml: no such file or directory");
}

}  // namespace
}  // namespace plimsoll::source
