#include "engine/source/rendered_chart.h"

#include <gtest/gtest.h>

#include "engine/chart/load.h"
#include "engine/template/host.h"

namespace plimsoll::source {
namespace {

constexpr std::string_view kValues = R"(image:
  repo: nginx
  tag: latest
replicas: 1
podSecurityContext:
  runAsUser: 0
  fsGroup: 3
password: hunter2
)";

constexpr std::string_view kHelpers = R"({{- define "web.spec" -}}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
containers:
  - name: web
    image: "{{ .Values.image.repo }}:{{ .Values.image.tag }}"
    args: [--plain]
{{- end -}}
)";

constexpr std::string_view kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      {{- include "web.spec" . | nindent 6 }}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData:
  password: {{ .Values.password }}
)";

class RenderedChartTest : public testing::Test {
 protected:
  void render(chart::ValuesFlags flags = {}) {
    std::vector<chart::File> files = {{"Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"},
                                      {"values.yaml", std::string(kValues)},
                                      {"templates/_helpers.tpl", std::string(kHelpers)},
                                      {"templates/deployment.yaml", std::string(kDeployment)}};
    chart::Warnings warnings;
    auto chart = chart::load_files(std::move(files), "charts/web", warnings);
    ASSERT_TRUE(chart) << chart.error().to_string();
    tmpl::SystemHost host;
    const auto reader = [](std::string_view) -> Result<std::string> { return "image:\n  tag: '2'\n"; };
    chart::ReleaseOptions options;
    options.values = std::move(flags);
    options.trace = true;
    auto release = chart::render(*chart, std::move(options), host, reader, warnings);
    ASSERT_TRUE(release) << release.error().error.to_string();
    add_objects(std::make_shared<RenderedChart>(std::move(*release), "prod"), true, manifests_);
    ASSERT_EQ(manifests_.errors.size(), 0U);
    ASSERT_EQ(manifests_.objects.size(), 2U);
  }

  // The places of a field as lines "role file:line:column marked-text: note".
  std::vector<std::string> places(std::string_view kind, std::string_view path) const {
    for (const Object& object : manifests_.objects) {
      if (object.kind() != kind) continue;
      const Places found = object.locate(Path::parse(path));
      std::vector<std::string> lines = {describe(found.primary)};
      for (const Place& place : found.related) {
        if (place.role != Place::Role::kRendered) lines.push_back(std::string(role_name(place.role)) + " " + describe(place));
      }
      return lines;
    }
    return {};
  }

  static std::string describe(const Place& place) {
    std::string text = place.location().to_string();
    if (place.file) {
      const yaml::Range& range = place.range;
      text += " <" + place.file->text().substr(range.offset, range.end_offset - range.offset) + ">";
    }
    return place.note.empty() ? text : text + " " + place.note;
  }

  Manifests manifests_;
};

using Lines = std::vector<std::string>;

TEST_F(RenderedChartTest, LiteralFieldIsWhereItStandsInTheTemplate) {
  render();
  EXPECT_EQ(places("Deployment", "kind"), (Lines{"charts/web/templates/deployment.yaml:2:7 <Deployment>"}));
  EXPECT_EQ(places("Deployment", "spec.template.spec.containers[0].args[0]"),
            (Lines{"charts/web/templates/_helpers.tpl:7:12 <--plain>",
                   "include charts/web/templates/deployment.yaml:9:7 <{{- include \"web.spec\" . | nindent 6 }}> included here"}));
}

TEST_F(RenderedChartTest, ComputedFieldIsTheActionWithItsValuesKey) {
  render();
  EXPECT_EQ(places("Deployment", "spec.replicas"),
            (Lines{"charts/web/templates/deployment.yaml:6:13 <{{ .Values.replicas }}>",
                   "values charts/web/values.yaml:4:11 <1> values key replicas, a default"}));
}

TEST_F(RenderedChartTest, EntryOfToYamlHasItsOwnValuesKeyAndTheIncludeChain) {
  render();
  EXPECT_EQ(places("Deployment", "spec.template.spec.securityContext.runAsUser"),
            (Lines{"charts/web/templates/_helpers.tpl:3:3 <{{- toYaml .Values.podSecurityContext | nindent 2 }}>",
                   "include charts/web/templates/deployment.yaml:9:7 <{{- include \"web.spec\" . | nindent 6 }}> included here",
                   "values charts/web/values.yaml:6:14 <0> values key podSecurityContext.runAsUser, a default"}));
}

TEST_F(RenderedChartTest, MissingFieldIsAtItsParentWithTheValuesThatFillIt) {
  render();
  const Lines found = places("Deployment", "spec.template.spec.securityContext.runAsNonRoot");
  ASSERT_GE(found.size(), 3U);
  EXPECT_EQ(found[0], "charts/web/templates/_helpers.tpl:2:1 <securityContext>");
  EXPECT_EQ(found[2], "values charts/web/values.yaml:7:12 <3> values key podSecurityContext.fsGroup, a default");
}

TEST_F(RenderedChartTest, TextOfSeveralActionsNamesAllTheirValues) {
  chart::ValuesFlags flags;
  flags.files = {"prod.yaml"};
  flags.set = {"image.repo=httpd"};
  render(std::move(flags));
  EXPECT_EQ(places("Deployment", "spec.template.spec.containers[0].image"),
            (Lines{"charts/web/templates/_helpers.tpl:6:12 <\"{{ .Values.image.repo }}:{{ .Values.image.tag }}\">",
                   "include charts/web/templates/deployment.yaml:9:7 <{{- include \"web.spec\" . | nindent 6 }}> included here",
                   "values  values key image.repo, set by --set image.repo",
                   "values prod.yaml:2:8 <'2'> values key image.tag"}));
}

TEST_F(RenderedChartTest, SecretsAreNeverShown) {
  render();
  for (const Object& object : manifests_.objects) {
    if (object.kind() != "Secret") continue;
    const Places found = object.locate(Path::parse("stringData.password"));
    for (const Place& place : found.related) {
      EXPECT_TRUE(place.hidden || place.file->line(place.range.line).find("hunter2") == std::string_view::npos);
    }
    EXPECT_EQ(places("Secret", "stringData.password"),
              (Lines{"charts/web/templates/deployment.yaml:15:13 <{{ .Values.password }}>",
                     "values charts/web/values.yaml:8:11 <hunter2> values key password, a default"}));
    EXPECT_EQ(found.primary.file->name(), "charts/web/templates/deployment.yaml");
  }
}

TEST_F(RenderedChartTest, ObjectsKnowTheirSetOfValues) {
  render();
  EXPECT_EQ(manifests_.objects[0].variant(), "prod");
}

TEST(RenderedChart, WhatHelmLetsPassIsAWarning) {
  std::vector<chart::File> files = {{"Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"},
                                    {"templates/a.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  name: b\n"}};
  chart::Warnings warnings;
  auto chart = chart::load_files(std::move(files), "web", warnings);
  ASSERT_TRUE(chart);
  tmpl::SystemHost host;
  chart::ReleaseOptions options;
  options.trace = true;
  auto release = chart::render(*chart, std::move(options), host, {}, warnings);
  ASSERT_TRUE(release);
  Manifests manifests;
  add_objects(std::make_shared<RenderedChart>(std::move(*release), ""), true, manifests);
  ASSERT_EQ(manifests.objects.size(), 1U);
  EXPECT_EQ(manifests.objects[0].name(), "b");
  ASSERT_EQ(manifests.warnings.size(), 1U);
  EXPECT_NE(manifests.warnings[0].find("web/templates/a.yaml:5:"), std::string::npos) << manifests.warnings[0];
}

}  // namespace
}  // namespace plimsoll::source
