#include "engine/source/source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace plimsoll::source {
namespace {

namespace fs = std::filesystem;

constexpr char kPod[] = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n";

// A folder of its own for each test.
class SourceTest : public ::testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) {
    temporary_.write(name, text);
    return (folder_ / name).string();
  }
  Set load_folder(DiscoverOptions discover = {}) {
    return load({folder_.string()}, {.discover = std::move(discover), .threads = 0});
  }
  static std::vector<std::string> names(const Set& set) {
    std::vector<std::string> result;
    for (const Object& object : set.objects) {
      if (!object.is_pseudo()) result.push_back(object.description());
    }
    return result;
  }
  static size_t count(const Set& set, Note::Kind kind) {
    return static_cast<size_t>(
        std::count_if(set.notes.begin(), set.notes.end(), [=](const Note& note) { return note.kind == kind; }));
  }

  const TemporaryFolder temporary_;
  const fs::path& folder_ = temporary_.path();
};

std::string pod(const std::string& name) { return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\n"; }

TEST_F(SourceTest, WalksFoldersInOrderAndTakesYamlAndJson) {
  write("b/z.yml", pod("z"));
  write("b/a.json", R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})");
  write("a.yaml", pod("first") + "---\n" + pod("second"));
  write("README.md", "text");
  write(".git/config.yaml", pod("git"));
  const Set set = load_folder();
  EXPECT_EQ(names(set), (std::vector<std::string>{"Pod first", "Pod second", "Pod a", "Pod z"}));
  EXPECT_EQ(set.files, 3);
  EXPECT_EQ(set.documents, 4);
  EXPECT_EQ(set.other_files, 1);
  EXPECT_TRUE(set.errors.empty());
}

TEST_F(SourceTest, ExpandsListsAndKeepsPlaces) {
  write("list.yaml",
        "apiVersion: v1\n"
        "kind: List\n"
        "items:\n"
        "- apiVersion: v1\n"
        "  kind: Pod\n"
        "  metadata:\n"
        "    name: one\n"
        "- apiVersion: v1\n"
        "  kind: PodList\n"
        "  items:\n"
        "  - metadata:\n"
        "      name: two\n"
        "    spec: {hostNetwork: true}\n");
  const Set set = load_folder();
  ASSERT_EQ(names(set), (std::vector<std::string>{"Pod one", "Pod two"}));
  EXPECT_EQ(set.objects[1].api_version(), "v1");
  const Location place = set.objects[1].locate(Path::parse("spec.hostNetwork")).primary.location();
  EXPECT_EQ(place.line, 13);
  EXPECT_EQ(place.column, 25);
}

TEST_F(SourceTest, MarksTheKeyOfAContainerAndTheParentOfWhatIsMissing) {
  write("pod.yaml", std::string(kPod) + "spec:\n  containers:\n  - name: app\n    resources:\n      limits: {}\n");
  const Set set = load_folder();
  ASSERT_EQ(set.objects.size(), 1);
  const auto line_and_column = [&](const char* path) {
    const Location place = set.objects[0].locate(Path::parse(path)).primary.location();
    return std::pair(place.line, place.column);
  };
  EXPECT_EQ(line_and_column("spec.containers[0].resources"), std::pair(8u, 5u));
  EXPECT_EQ(line_and_column("spec.containers[0].resources.requests.cpu"), std::pair(8u, 5u));
  EXPECT_EQ(line_and_column("spec.containers[0].name"), std::pair(7u, 11u));
  EXPECT_EQ(line_and_column("metadata.name"), std::pair(4u, 9u));
  EXPECT_EQ(line_and_column("status.phase"), std::pair(2u, 7u));
  EXPECT_EQ(line_and_column(""), std::pair(2u, 7u));
}

TEST_F(SourceTest, NamesWhatIsNoObject) {
  write("values.yaml", "image:\n  tag: 1\n");
  write("playbook.yaml", "- hosts: all\n");
  write("empty.yaml", "");
  write("chart-like.yaml", "apiVersion: v2\nname: web\n");
  const Set set = load_folder();
  EXPECT_TRUE(set.objects.empty());
  EXPECT_TRUE(set.errors.empty());
  EXPECT_EQ(count(set, Note::Kind::kNoManifest), 3);
  EXPECT_EQ(count(set, Note::Kind::kEmpty), 1);
  EXPECT_TRUE(set.expects_objects);
}

TEST_F(SourceTest, WhatWasMeantAsAnObjectIsAnError) {
  write("a.yaml", "apiVersion: v1\nmetadata:\n  name: x\n");
  write("b.yaml", "kind: Pod\nmetadata:\n  name: x\n");
  write("c.yaml", "apiVersion: v1\nkind: [Pod]\nmetadata:\n  name: x\n");
  write("d.yaml", "apiVersion: v1\nkind: List\nitems:\n- just text\n");
  write("e.yaml", "just text\n");
  const Set set = load_folder();
  ASSERT_EQ(set.errors.size(), 5);
  EXPECT_EQ(set.errors[0].message(), "the object has no kind");
  EXPECT_EQ(set.errors[1].message(), "the object has no apiVersion");
  EXPECT_EQ(set.errors[2].message(), "kind must be a string that is not empty");
  EXPECT_EQ(set.errors[2].location().line, 2);
  EXPECT_EQ(set.errors[3].location().line, 4);
}

TEST_F(SourceTest, AppliesIgnoreFilesAndExcludes) {
  write(".plimsollignore", "drafts/\n*.json\n");
  write("drafts/a.yaml", pod("draft"));
  write("a.json", "{}");
  write("sub/.plimsollignore", "!kept.json\nlocal.yaml\n");
  write("sub/kept.json", R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "kept"}})");
  write("sub/local.yaml", pod("local"));
  write("local.yaml", pod("outer"));
  write("skipped.yaml", pod("skipped"));
  IgnoreList list(folder_.string(), "--exclude");
  list.add("skipped.*");
  const Set set = load_folder({.exclude = {list}});
  EXPECT_EQ(names(set), (std::vector<std::string>{"Pod outer", "Pod kept"}));
  EXPECT_EQ(count(set, Note::Kind::kExcluded), 4);
  // A file that is named obeys as well: pre-commit names files.
  const Set named = load({(folder_ / "drafts/a.yaml").string()}, {});
  EXPECT_TRUE(named.objects.empty());
  EXPECT_EQ(count(named, Note::Kind::kExcluded), 1);
  EXPECT_FALSE(named.expects_objects);
}

TEST_F(SourceTest, SeesLinkLoopsAndReadsNothingTwice) {
  write("deep/a.yaml", pod("a"));
  fs::create_directory_symlink(folder_, folder_ / "deep/up");
  fs::create_symlink(folder_ / "deep/a.yaml", folder_ / "deep/b.yaml");
  fs::create_directory_symlink(folder_ / "deep", folder_ / "other");
  fs::create_symlink("self.yaml", folder_ / "self.yaml");
  fs::create_symlink("nowhere", folder_ / "gone.yaml");
  fs::create_symlink("nowhere", folder_ / "gone.txt");
  const Set set = load_folder();
  EXPECT_EQ(names(set), (std::vector<std::string>{"Pod a"}));
  EXPECT_EQ(count(set, Note::Kind::kLoop), 1);
  EXPECT_EQ(count(set, Note::Kind::kRepeated), 2);
  ASSERT_EQ(set.errors.size(), 2);
  EXPECT_EQ(set.errors[0].message(), "is a link to a file that does not exist");
  EXPECT_EQ(set.errors[1].message(), "cannot be read: Too many levels of symbolic links");
}

TEST_F(SourceTest, DoesNotHangOnPipesWithinFolders) {
  write("a.yaml", pod("a"));
  ASSERT_EQ(::mkfifo((folder_ / "pipe.yaml").c_str(), 0600), 0);
  const Set set = load_folder();
  EXPECT_EQ(set.objects.size(), 1);
  EXPECT_EQ(count(set, Note::Kind::kSpecial), 1);
}

TEST_F(SourceTest, WhatCannotBeReadIsAnError) {
  write("binary.yaml", std::string_view("\x7F"
                                        "ELF\0\0\0",
                                        7));
  write("broken.yaml", "a: [1, 2\n");
  write("chart/Chart.yaml", "apiVersion: v2\nname: web\n");
  write("chart/templates/a.yaml", "{{ .Values.x }}");
  const Set set = load({folder_.string(), (folder_ / "absent.yaml").string()}, {});
  ASSERT_EQ(set.errors.size(), 4);
  EXPECT_EQ(set.errors[0].message(), "does not exist");
  EXPECT_EQ(set.errors[1].message(), "is a binary file, not YAML or JSON");
  EXPECT_NE(set.errors[2].location().line, 0);
  EXPECT_EQ(set.errors[3].message(), "cannot be rendered: validation: chart.metadata.version is required");
}

TEST_F(SourceTest, PartsOfAChartStandForIt) {
  write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
  write("web/values.yaml", "x: a\n");
  write("web/templates/a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.x }}}\n");
  write("web/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n");
  write("web/charts/sub/templates/b.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n");
  write("web/examples/pod.yaml", pod("example"));
  write("templates/pod.yaml", pod("no-chart"));
  const auto named = [&](const std::string& name) {
    std::vector<std::string> found = names(load({(folder_ / name).string()}, {}));
    std::sort(found.begin(), found.end());
    return found;
  };
  const std::vector<std::string> whole = {"Pod a", "Pod b"};
  EXPECT_EQ(named("web"), whole);
  EXPECT_EQ(named("web/templates/a.yaml"), whole);
  EXPECT_EQ(named("web/templates"), whole);
  EXPECT_EQ(named("web/values.yaml"), whole);
  EXPECT_EQ(named("web/charts/sub/templates/b.yaml"), whole);
  EXPECT_EQ(named("web/charts/sub"), std::vector<std::string>{"Pod b"});
  EXPECT_EQ(named("web/examples/pod.yaml"), std::vector<std::string>{"Pod example"});
  EXPECT_EQ(named("templates/pod.yaml"), std::vector<std::string>{"Pod no-chart"});
  const Set twice = load({(folder_ / "web/templates/a.yaml").string(), (folder_ / "web/values.yaml").string()}, {});
  EXPECT_EQ(names(twice).size(), 2);
  EXPECT_EQ(count(twice, Note::Kind::kRepeated), 1);
}

TEST_F(SourceTest, FoldersWithoutPermissionAreErrors) {
  constexpr uid_t kNobody = 65534;  // root may read everything
  write("closed/a.yaml", pod("a"));
  fs::permissions(folder_ / "closed", fs::perms::none);
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const Set set = load_folder();
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  fs::permissions(folder_ / "closed", fs::perms::owner_all);
  ASSERT_EQ(set.errors.size(), 1);
  EXPECT_EQ(set.errors[0].message(), "cannot be read: Permission denied");
}

TEST_F(SourceTest, OrderDoesNotDependOnThreads) {
  for (int i = 0; i < 200; ++i) write("f" + std::to_string(1000 + i) + ".yaml", pod("p" + std::to_string(i)));
  const std::vector<std::string> alone = names(load({folder_.string()}, {.discover = {}, .threads = 1}));
  EXPECT_EQ(alone.size(), 200);
  EXPECT_EQ(names(load({folder_.string()}, {.discover = {}, .threads = 2})), alone);
}

TEST(File, GivesLinesWhateverEndsThem) {
  const File file("x", "\xEF\xBB\xBFone\r\ntwo\rthree\nfour");
  EXPECT_EQ(file.line(1), "one");
  EXPECT_EQ(file.line(2), "two");
  EXPECT_EQ(file.line(3), "three");
  EXPECT_EQ(file.line(4), "four");
  EXPECT_EQ(file.line(5), "");
  EXPECT_EQ(file.line(0), "");
}

TEST(File, EndlessDevicesRunIntoTheLimit) {
  const auto file = read_file("/dev/zero", "zero", 1 << 20);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::kLimit);
}

}  // namespace
}  // namespace plimsoll::source
