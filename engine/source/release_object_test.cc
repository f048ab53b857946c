#include "engine/source/release_object.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/source/source.h"
#include "engine/source/values_place.h"
#include "tests/temporary_folder.h"

namespace plimsoll::source {
namespace {

class ReleaseObjectTest : public testing::Test {
 protected:
  void SetUp() override {
    write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: \"7\"\n");
    write("web/values.yaml", "name: plain\nport: 80\ndb:\n  host: \"\"\n  password: \"\"\nextra: {}\n");
    write("web/templates/pod.yaml",
          "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\nspec: {note: {{ .Values.annotated | quote }}}\n");
  }

  void write(const std::string& name, std::string_view text) const { temporary_.write(name, text); }
  std::string path(const std::string& name) const { return (temporary_.path() / name).string(); }

  Set read(const std::vector<std::string>& paths, const std::vector<std::string>& files = {},
           const std::vector<std::string>& set = {}, IsValues is_values = {}) const {
    LoadOptions options;
    options.charts.release.name = "shop";
    options.charts.release.name_space = "prod";
    for (const std::string& file : files) options.charts.release.values.files.push_back(path(file));
    options.charts.release.values.set = set;
    options.charts.read_file = [](std::string_view file) -> Result<std::string> {
      std::ifstream in{std::string(file), std::ios::binary};
      if (!in) return fail(ErrorCode::kInputOutput, "open " + std::string(file) + ": no such file or directory");
      return std::string(std::istreambuf_iterator<char>(in), {});
    };
    options.is_values = std::move(is_values);
    std::vector<std::string> absolute;
    for (const std::string& name : paths) absolute.push_back(path(name));
    return load(absolute, options);
  }

  static const Object* find(const Set& set, std::string_view kind) {
    for (const Object& object : set.objects) {
      if (object.kind() == kind && object.is_pseudo()) return &object;
    }
    return nullptr;
  }
  std::string place(const Object& object, std::string_view at) const {
    const std::string text = object.locate(Path::parse(at)).primary.location().to_string();
    const std::string folder = temporary_.path().string() + "/";
    return text.starts_with(folder) ? text.substr(folder.size()) : text;
  }

  const TemporaryFolder temporary_;
};

TEST_F(ReleaseObjectTest, ValuesAreMergedAndPointAtTheFileThatSetThemLast) {
  write("a.yaml", "db:\n  host: one\n");
  write("b.yaml", "# production\ndb:\n  host: two\n");
  const Set set = read({"web"}, {"a.yaml", "b.yaml"}, {"port=8080"});
  const Object* values = find(set, "HelmValues");
  ASSERT_NE(values, nullptr);
  EXPECT_EQ(values->description(), "HelmValues prod/shop");
  const Value& root = values->root();
  EXPECT_EQ(root["values"]["db"]["host"].string_or(), "two");
  EXPECT_TRUE(root["values"]["port"].is_int());
  EXPECT_EQ(root["chart"]["version"].string_or(), "1.2.3");
  EXPECT_TRUE(root["user"]["name"].is_null());
  EXPECT_EQ(root["origins"]["db.host"]["kind"].string_or(), "file");
  EXPECT_EQ(root["origins"]["db.host"]["name"].string_or(), path("b.yaml"));
  EXPECT_EQ(root["origins"]["port"]["kind"].string_or(), "flag");
  EXPECT_EQ(place(*values, "values.db.host"), "b.yaml:3:9");
  EXPECT_EQ(place(*values, "values.name"), "web/values.yaml:1:7");
  EXPECT_EQ(place(*values, "values.port"), "--set port");
}

TEST_F(ReleaseObjectTest, MissingKeysPointWhereTheyBelong) {
  write("a.yaml", "name: x\ndb:\n  host: one\n");
  const Set set = read({"web"}, {"a.yaml"});
  const Object* values = find(set, "HelmValues");
  ASSERT_NE(values, nullptr);
  EXPECT_EQ(place(*values, "values.db.port"), "a.yaml:2:1");
  EXPECT_EQ(place(*values, "values.queue.host"), "a.yaml:1:1");
  EXPECT_EQ(place(*values, "chart.version"), "web/Chart.yaml:3:10");
}

TEST_F(ReleaseObjectTest, NullsAreNotThere) {
  write("a.yaml", "db:\n  host: one\n  port: ~\nqueue:\n");
  const Set set = read({"web"}, {"a.yaml"});
  const Object* values = find(set, "HelmValues");
  ASSERT_NE(values, nullptr);
  EXPECT_FALSE(values->root()["values"]["db"].as_map()->contains("port"));
  EXPECT_FALSE(values->root()["values"].as_map()->contains("queue"));
}

TEST_F(ReleaseObjectTest, SecretsOfValuesAreHidden) {
  write("a.yaml", "db:\n  host: one\n  password: hunter2\n");
  const Set set = read({"web"}, {"a.yaml"});
  const Object* values = find(set, "HelmValues");
  ASSERT_NE(values, nullptr);
  EXPECT_TRUE(values->locate(Path::parse("values.db.password")).primary.hidden);
  EXPECT_FALSE(values->locate(Path::parse("values.db.host")).primary.hidden);
}

TEST(SecretKeys, AreKnownByTheirNames) {
  for (const char* secret : {"db.password", "secrets.db.user", "certificate.tls.key", "secrets.keysEncryption.userEncryptionKey",
                             "license.content", "redis.authToken", "users[0].pass"}) {
    EXPECT_TRUE(is_secret_key(Path::parse(secret))) << secret;
  }
  for (const char* plain : {"db.host", "general.api_keys_encryption.key_mount_path", "redis.existing_secret", "secretName",
                            "deploy_secrets.enabled", "monkeys.count"}) {
    EXPECT_FALSE(is_secret_key(Path::parse(plain))) << plain;
  }
}

TEST_F(ReleaseObjectTest, UnknownKeysHaveASuggestion) {
  write("a.yaml", "nmae: x\ndb: {hots: y}\nextra: {anything: 1}\nannotated: z\nglobal: {a: 1}\n");
  const Set set = read({"web"}, {"a.yaml"});
  const Object* values = find(set, "HelmValues");
  ASSERT_NE(values, nullptr);
  const Value unknown = values->root()["unknown"];
  ASSERT_EQ(unknown.size(), 2U);
  EXPECT_EQ(unknown.items()[0]["path"].string_or(), "nmae");
  EXPECT_EQ(unknown.items()[0]["suggestion"].string_or(), "name");
  EXPECT_EQ(unknown.items()[1]["path"].string_or(), "db.hots");
  EXPECT_EQ(unknown.items()[1]["suggestion"].string_or(), "db.host");
  EXPECT_EQ(place(*values, "unknown[1].path"), "a.yaml:2:6");
}

TEST_F(ReleaseObjectTest, ReleaseHoldsTheRenderedObjects) {
  const Set set = read({"web"});
  const Object* release = find(set, "Release");
  ASSERT_NE(release, nullptr);
  ASSERT_EQ(release->root()["objects"].size(), 1U);
  EXPECT_EQ(release->root()["objects"].items()[0]["metadata"]["name"].string_or(), "plain");
  EXPECT_EQ(place(*release, "objects[0].metadata.name"), "web/templates/pod.yaml:3:18");
  EXPECT_EQ(release->group(), set.objects.front().group());
}

TEST_F(ReleaseObjectTest, ChartThatDoesNotRenderStillShowsItsValues) {
  write("web/templates/fail.yaml", "{{ fail \"no host\" }}\n");
  const Set set = read({"web"});
  EXPECT_EQ(set.errors.size(), 1U);
  ASSERT_NE(find(set, "HelmValues"), nullptr);
  EXPECT_EQ(find(set, "HelmValues")->root()["values"]["name"].string_or(), "plain");
  EXPECT_EQ(find(set, "Release"), nullptr);
}

TEST_F(ReleaseObjectTest, ValuesWithoutChartAreThoseOfTheFilesInTheirOrder) {
  write("prod/values.yaml", "db:\n  host: one\n  port: 1\n");
  write("prod/more.yaml", "db:\n  host: two\n");
  const IsValues all = [](const Value& root, bool) { return root["db"].is_null() ? std::nullopt : std::optional(Value()); };
  const Set set = read({"prod/more.yaml", "prod/values.yaml"}, {}, {}, all);
  ASSERT_EQ(set.objects.size(), 1U);
  const Object& values = set.objects.front();
  EXPECT_EQ(values.root()["values"]["db"]["host"].string_or(), "two");
  EXPECT_EQ(place(values, "values.db.host"), "prod/more.yaml:2:9");
  EXPECT_EQ(place(values, "values.db.port"), "prod/values.yaml:3:9");
  EXPECT_EQ(place(values, "values.name"), "prod/more.yaml:1:1");
  EXPECT_TRUE(values.root()["chart"].is_null());
}

TEST_F(ReleaseObjectTest, ValuesOfAFolderAreLaidOverItsValuesFile) {
  write("prod/values.yaml", "db: {host: one, port: 1}\n");
  write("prod/eu.yaml", "db: {host: eu}\n");
  write("prod/us.yaml", "db: {host: us}\n");
  write("prod/other.yaml", "something: else\n");
  const IsValues all = [](const Value& root, bool) { return root["db"].is_null() ? std::nullopt : std::optional(Value()); };
  const Set set = read({"prod"}, {}, {}, all);
  ASSERT_EQ(set.objects.size(), 2U);
  EXPECT_EQ(set.objects[0].root()["values"]["db"]["host"].string_or(), "eu");
  EXPECT_EQ(set.objects[1].root()["values"]["db"]["host"].string_or(), "us");
  EXPECT_EQ(set.objects[1].root()["values"]["db"]["port"].int_or(0), 1);
  ASSERT_EQ(set.notes.size(), 1U);
  EXPECT_EQ(set.notes[0].location.file, path("prod/other.yaml"));
}

TEST_F(ReleaseObjectTest, ValuesFileBesideItsChartIsRenderedWithIt) {
  write("web/values-prod.yaml", "name: production\n");
  const Set set = read({"web/values-prod.yaml"});
  ASSERT_FALSE(set.objects.empty());
  EXPECT_EQ(set.objects.front().name(), "production");
  EXPECT_EQ(set.charts, 1U);
}

}  // namespace
}  // namespace plimsoll::source
