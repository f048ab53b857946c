// Cases are files in testdata/: what is asked, the text before and after, and what is refused.
//
//   === adds a key behind its siblings
//   set spec.replicas = 2
//   === before [crlf] [bom] [open]        crlf: lines end so; bom: a byte order mark; open: no last line end
//   spec:
//     paused: false
//   === after
//   ...
//   === refused spec.replicas: part of the reason
//
// "@1 set ..." is about the second document.
#include "engine/edit/editor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace plimsoll::edit {
namespace {

struct Case {
  std::string name;
  std::vector<std::string> edits;
  std::string before, after;
  std::vector<std::string> refused;
};

std::string with_form(std::string text, const std::string& form) {
  if (form.find("open") != std::string::npos && text.ends_with('\n')) text.pop_back();
  if (form.find("crlf") != std::string::npos) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    text = out;
  }
  return form.find("bom") != std::string::npos ? "\xEF\xBB\xBF" + text : text;
}

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  std::string line, form, after_form;
  enum { kEdits, kBefore, kAfter } part = kEdits;
  const auto finish = [&] {
    if (cases.empty()) return;
    Case& done = cases.back();
    if (part == kBefore) done.after = done.before;
    done.before = with_form(done.before, form);
    done.after = with_form(done.after, form);
  };
  while (std::getline(file, line)) {
    if (line.starts_with("=== before")) {
      part = kBefore;
      form = line.substr(10);
    } else if (line == "=== after") {
      part = kAfter;
    } else if (line.starts_with("=== refused ")) {
      cases.back().refused.push_back(line.substr(12));
    } else if (line.starts_with("=== ")) {
      finish();
      cases.emplace_back();
      cases.back().name = path.filename().string() + ": " + line.substr(4);
      part = kEdits;
      form.clear();
    } else if (part == kEdits) {
      if (!line.empty() && !cases.empty()) cases.back().edits.push_back(line);
    } else {
      (part == kBefore ? cases.back().before : cases.back().after) += line + "\n";
    }
  }
  finish();
  return cases;
}

struct Asked {
  size_t document = 0;
  TreeChange change;
};

Asked read_edit(std::string text, Arena& arena) {
  Asked asked;
  if (text.starts_with('@')) {
    asked.document = static_cast<size_t>(text[1] - '0');
    text = text.substr(3);
  }
  const size_t blank = text.find(' ');
  const std::string verb = text.substr(0, blank);
  const size_t equals = text.find(" = ");
  asked.change.path = Path::parse(text.substr(blank + 1, equals == std::string::npos ? equals : equals - blank - 1));
  if (verb == "set") {
    const auto value = yaml::read_go(arena, text.substr(equals + 3));
    EXPECT_TRUE(value) << text;
    if (value) asked.change.value = *value;
  } else {
    EXPECT_EQ(verb, "remove");
  }
  return asked;
}

void run_case(const Case& one) {
  SCOPED_TRACE(one.name);
  const auto documents = yaml::read_stream(one.before, {.file = "f.yaml"});
  ASSERT_TRUE(documents) << documents.error().to_string();
  Arena arena;
  std::map<size_t, std::vector<TreeChange>> changes;
  for (const std::string& text : one.edits) {
    const Asked asked = read_edit(text, arena);
    changes[asked.document].push_back(asked.change);
  }
  std::vector<Target> targets;
  for (const auto& [document, list] : changes) {
    const auto wanted = with_changes((*documents)[document].root(), list, arena);
    ASSERT_TRUE(wanted) << wanted.error().to_string();
    targets.push_back({document, *wanted});
  }
  const auto edited = edit(*documents, targets);
  if (!edited) {
    ASSERT_FALSE(one.refused.empty()) << edited.error().to_string();
    EXPECT_NE(edited.error().to_string().find(one.refused[0]), std::string::npos) << edited.error().to_string();
    return;
  }
  EXPECT_EQ(edited->text, one.after);
  std::vector<std::string> refused;
  for (const Refusal& refusal : edited->refusals) {
    refused.push_back(refusal.path.to_string() + ": " + refusal.reason.to_string());
    EXPECT_NE(refusal.reason.location().line, 0U);
  }
  ASSERT_EQ(refused.size(), one.refused.size()) << ::testing::PrintToString(refused);
  for (size_t i = 0; i < refused.size(); ++i) {
    const size_t colon = one.refused[i].find(": ");
    EXPECT_TRUE(refused[i].starts_with(one.refused[i].substr(0, colon + 2))) << refused[i];
    EXPECT_NE(refused[i].find(one.refused[i].substr(colon + 2)), std::string::npos) << refused[i];
  }
}

TEST(Editor, Cases) {
  size_t count = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PLIMSOLL_SOURCE_DIR "/engine/edit/testdata")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    for (const Case& one : read_cases(file)) {
      run_case(one);
      ++count;
    }
  }
  EXPECT_GT(count, 50U);
}

// An edit to what the text says already is none.
TEST(Editor, LeavesTextAloneThatSaysWhatIsWanted) {
  const std::string text = "a: 1 # one\nb: {c: [2]}\n";
  const auto documents = yaml::read_stream(text);
  const auto edited = edit(*documents, std::vector<Target>{{0, (*documents)[0].root()}});
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->text, text);
  EXPECT_TRUE(edited->splices.empty());
}

}  // namespace
}  // namespace plimsoll::edit
