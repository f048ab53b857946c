#include "engine/source/source_edit.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/edit/editor.h"
#include "engine/source/chart_source.h"
#include "engine/source/manifest.h"
#include "engine/yaml/document.h"
#include "tests/temporary_folder.h"

namespace plimsoll::source {
namespace {

Result<std::string> read(std::string_view path) {
  std::ifstream file{std::string(path)};
  if (!file) return fail(ErrorCode::kInputOutput, "no file " + std::string(path));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A change of the first object of a kind: a path, and YAML, or "" to remove it.
struct Wish {
  std::string kind, path, value;
};

class SourceEditTest : public testing::Test {
 protected:
  SourceEdits edit(const std::vector<Object>& objects, const std::vector<Wish>& wishes) {
    std::vector<WantedObject> wanted;
    for (const Object& object : objects) {
      std::vector<edit::TreeChange> changes;
      for (const Wish& wish : wishes) {
        if (object.kind() != wish.kind) continue;
        edit::TreeChange change{Path::parse(wish.path), std::nullopt};
        if (!wish.value.empty()) change.value = *yaml::read_go(arena_, wish.value);
        changes.push_back(change);
      }
      if (changes.empty()) continue;
      const auto root = edit::with_changes(object.root(), changes, arena_);
      EXPECT_TRUE(root) << root.error().to_string();
      wanted.push_back({&object, *root});
    }
    return edit_sources(wanted, read);
  }

  std::vector<Object> manifests(std::string text) {
    return read_manifests(std::make_shared<File>("f.yaml", std::move(text))).objects;
  }

  void write(const std::string& name, std::string_view text) { folder_.write(name, text); }

  std::vector<Object> chart(chart::ValuesFlags flags = {}) {
    ChartOptions options;
    options.release.name = "r";
    options.release.values = std::move(flags);
    options.read_file = read;
    const std::string path = (folder_.path() / "web").string();
    Manifests read_objects = read_chart({.kind = SourceFile::Kind::kChart, .path = path, .name = path}, options);
    for (const Error& error : read_objects.errors) ADD_FAILURE() << error.to_string();
    return read_objects.objects;
  }

  void write_chart() {
    write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    write("web/values.yaml",
          "# of the web\nreplicas: 1  # few\nport: 8080\nsecurity:\n  runAsUser: 0 # root\nempty: {}\nname: web\n");
    write("web/templates/_helpers.tpl",
          "{{- define \"web.container\" -}}\nname: web\nports:\n- containerPort: {{ add .Values.port 1 }}\n"
          "securityContext:\n  privileged: true\n{{- end -}}\n");
    write("web/templates/deployment.yaml",
          "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Values.name }}\n  labels: {app: {{ .Values.name }}}\n"
          "spec:\n  replicas: {{ .Values.replicas }}\n  template:\n    spec:\n      hostNetwork: true # literal\n"
          "      {{- if .Values.empty }}\n      x: y\n      {{- end }}\n"
          "      securityContext: {{- toYaml .Values.security | nindent 8 }}\n"
          "      containers:\n      - {{- include \"web.container\" . | nindent 8 }}\n        resources: {{ toYaml .Values.empty }}\n");
  }

  const TemporaryFolder folder_;
  Arena arena_;
};

TEST_F(SourceEditTest, EditsManifestsWhereTheObjectStands) {
  const auto objects = manifests(
      "# list\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod # pod\n  spec: {}\n- apiVersion: v1\n  kind: Service\n");
  const SourceEdits edits = edit(objects, {{"Pod", "spec.hostNetwork", "false"}, {"Service", "metadata.name", "s"}});
  ASSERT_EQ(edits.files.size(), 1U);
  EXPECT_EQ(edits.files[0].name, "f.yaml");
  EXPECT_EQ(edits.files[0].after,
            "# list\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod # pod\n  spec:\n    hostNetwork: false\n"
            "- apiVersion: v1\n  kind: Service\n  metadata:\n    name: s\n");
  EXPECT_TRUE(edits.refused.empty());
}

TEST_F(SourceEditTest, TellsWhichObjectsFieldIsRefused) {
  const auto objects = manifests("apiVersion: v1\nkind: Pod\nspec: &s {a: 1}\nother: *s\n");
  const SourceEdits edits = edit(objects, {{"Pod", "spec.b", "2"}, {"Pod", "x", "1"}});
  ASSERT_EQ(edits.refused.size(), 1U);
  EXPECT_EQ(edits.refused[0].path.to_string(), "spec");
  ASSERT_EQ(edits.files.size(), 1U);
  EXPECT_TRUE(edits.files[0].after.ends_with("other: *s\nx: 1\n"));
}

TEST_F(SourceEditTest, EditsTheValuesFileThatSetsTheKey) {
  write_chart();
  const SourceEdits edits = edit(chart(), {{"Deployment", "spec.replicas", "2"},
                                           {"Deployment", "spec.template.spec.securityContext.runAsUser", "5"},
                                           {"Deployment", "spec.template.spec.securityContext.runAsNonRoot", "true"}});
  for (const RefusedEdit& refused : edits.refused) ADD_FAILURE() << refused.path.to_string() << refused.reason.to_string();
  ASSERT_EQ(edits.files.size(), 1U);
  EXPECT_TRUE(edits.files[0].name.ends_with("web/values.yaml"));
  EXPECT_EQ(edits.files[0].after,
            "# of the web\nreplicas: 2  # few\nport: 8080\nsecurity:\n  runAsUser: 5 # root\n  runAsNonRoot: true\nempty: {}\nname: web\n");
}

TEST_F(SourceEditTest, PutsKeysIntoTheUsersFileThatHasTheirTable) {
  write_chart();
  write("prod.yaml", "security:\n  fsGroup: 7 # ours\n");
  chart::ValuesFlags flags;
  flags.files = {(folder_.path() / "prod.yaml").string()};
  const SourceEdits edits = edit(chart(flags), {{"Deployment", "spec.template.spec.securityContext.runAsUser", "5"},
                                                {"Deployment", "spec.replicas", "3"}});
  ASSERT_EQ(edits.files.size(), 2U);
  EXPECT_EQ(edits.files[0].after, "security:\n  fsGroup: 7 # ours\n  runAsUser: 5\n");
  EXPECT_NE(edits.files[1].after.find("replicas: 3  # few"), std::string::npos);
}

TEST_F(SourceEditTest, EditsWhatStandsInATemplateLiterally) {
  write_chart();
  const SourceEdits edits = edit(chart(), {{"Deployment", "spec.template.spec.hostNetwork", "false"},
                                           {"Deployment", "spec.template.spec.containers[0].securityContext.privileged", "false"},
                                           {"Deployment", "spec.template.spec.containers[0].securityContext.readOnly", "true"}});
  for (const RefusedEdit& refused : edits.refused) ADD_FAILURE() << refused.path.to_string() << refused.reason.to_string();
  ASSERT_EQ(edits.files.size(), 2U);
  EXPECT_TRUE(edits.files[0].after.ends_with("securityContext:\n  privileged: false\n  readOnly: true\n{{- end -}}\n"))
      << edits.files[0].after;
  EXPECT_NE(edits.files[1].after.find("hostNetwork: false # literal\n"), std::string::npos);
}

TEST_F(SourceEditTest, PutsNothingBehindAConditionOrIntoIt) {
  write_chart();
  write("web/templates/deployment.yaml",
        "{{- if .Values.name }}\nkind: Deployment\napiVersion: apps/v1\nspec:\n  a: {{ .Values.port }}\n{{- end }}\n");
  write("web/templates/service.yaml",
        "kind: Service\napiVersion: v1\nspec:\n  a: 1\n  {{- if .Values.name }}\n  b: 2\n  {{- end }}\n");
  write("web/templates/job.yaml", "kind: Job\napiVersion: batch/v1\nspec:\n  a: {{ .Values.port }} # port\n");
  const SourceEdits edits = edit(chart(), {{"Deployment", "spec.x", "1"}, {"Service", "spec.x", "1"}, {"Job", "spec.x", "1"}});
  EXPECT_EQ(edits.refused.size(), 2U);
  ASSERT_EQ(edits.files.size(), 1U);
  EXPECT_TRUE(edits.files[0].after.ends_with("  a: {{ .Values.port }} # port\n  x: 1\n"));
}

TEST_F(SourceEditTest, RefusesWhatIsComputedSetByFlagOrUsedElsewhere) {
  write_chart();
  chart::ValuesFlags flags;
  flags.set = {"replicas=1"};
  const SourceEdits edits = edit(chart(flags), {{"Deployment", "spec.replicas", "2"},
                                                {"Deployment", "spec.template.spec.containers[0].ports[0].containerPort", "80"},
                                                {"Deployment", "spec.template.spec.containers[0].resources.limits", "{cpu: 1}"},
                                                {"Deployment", "metadata.name", "other"}});
  EXPECT_TRUE(edits.files.empty());
  std::string reasons;
  for (const RefusedEdit& refused : edits.refused) reasons += refused.path.to_string() + ": " + refused.reason.message() + "\n";
  EXPECT_NE(reasons.find("spec.replicas: comes from"), std::string::npos) << reasons;
  EXPECT_NE(reasons.find("is set by --set replicas"), std::string::npos) << reasons;
  EXPECT_NE(reasons.find("_helpers.tpl:4"), std::string::npos) << reasons;
  EXPECT_NE(reasons.find("computed from port"), std::string::npos) << reasons;
  EXPECT_NE(reasons.find("metadata.name: "), std::string::npos) << reasons;
  EXPECT_NE(reasons.find("values key empty.limits of"), std::string::npos) << reasons;
  EXPECT_NE(reasons.find("has other effects"), std::string::npos) << reasons;
  EXPECT_EQ(edits.refused.size(), 4U) << reasons;
}

}  // namespace
}  // namespace plimsoll::source
