// Whole charts against `helm template`'s recorded output (charts.json): the program itself runs, in a folder made for each case.
//
//   conformance_helm_charts DIR [PROGRAM]     PROGRAM: plimsoll, beside this runner unless given
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "engine/value/base64.h"
#include "tests/conformance/runner.h"
#include "tests/temporary_folder.h"

extern char** environ;

namespace plimsoll::conformance {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = 0;
  std::string output;
  std::string errors;
};

// Runs `arguments` in `folder`, output and errors to files beside it.
Outcome run(const std::string& program, std::vector<std::string> arguments, const fs::path& folder) {
  const std::string out = (folder / ".stdout").string();
  const std::string err = (folder / ".stderr").string();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::vector<char*> argv;
  arguments.insert(arguments.begin(), program);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  Outcome outcome;
  outcome.status = posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (outcome.status != 0) {
    std::cerr << "cannot run " << program << "\n";
    std::exit(2);
  }
  int status = 0;
  waitpid(child, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.output = read_text(out);
  outcome.errors = read_text(err);
  return outcome;
}

void write_files(const Value& files, const fs::path& folder) {
  if (!files.is_map()) return;
  for (const Map::Entry& entry : *files.as_map()) {
    const fs::path path = folder / std::string(entry.key.as_string());
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    if (entry.value.is_map()) {
      out << base64::decode(entry.value["b64"].string_or()).value_or("");
    } else {
      out << entry.value.string_or();
    }
  }
}

std::vector<std::string> sorted_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    if (end > start) lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Helm's log lines begin with a line of its own source ("coalesce.go:237: ").
std::string_view without_source_line(std::string_view line) {
  const size_t go = line.find(".go:");
  if (go == std::string_view::npos || line.find(' ') < go) return line;
  return line.substr(line.find(": ") + 2);
}

// Errors say more than Helm does, behind what Helm says. True if each of Helm's lines is among ours.
bool says(std::string_view recorded, std::string_view actual) {
  const std::vector<std::string> ours = sorted_lines(actual);
  for (const std::string& line : sorted_lines(recorded)) {
    const std::string_view wanted = without_source_line(line);
    if (std::none_of(ours.begin(), ours.end(), [&](const std::string& own) { return without_source_line(own) == wanted; })) {
      return false;
    }
  }
  return true;
}

void check(const Value& test, const std::string& program, const fs::path& root, Tally& tally) {
  const std::string_view name = test["name"].string_or();
  const fs::path folder = root / std::string(name);
  fs::create_directories(folder);
  write_files(test["chart_files"], folder / "chart");
  write_files(test["extra_files"], folder);
  std::vector<std::string> arguments;
  for (const Value& argument : test["args"].items()) arguments.emplace_back(argument.string_or());
  if (!arguments.empty() && arguments[0] == "template") arguments[0] = "render";
  const Outcome outcome = run(program, std::move(arguments), folder);
  fs::remove_all(folder);

  if (const Value* error = test.find("error")) {
    // Nothing of the network is at hand, on either side: only that Helm's message names the address can be compared.
    std::string_view recorded = error->as_string();
    const size_t network = recorded.find(": HTTP request failed");
    if (network != std::string_view::npos) recorded = recorded.substr(0, recorded.rfind('\n', network));
    if (outcome.status != 0 && outcome.status < 128 && says(recorded, outcome.errors)) {
      tally.pass();
    } else {
      tally.fail(name, recorded, "exit " + std::to_string(outcome.status) + ": " + outcome.errors);
    }
    return;
  }
  if (outcome.status != 0) {
    tally.fail(name, test["output"].string_or(), "exit " + std::to_string(outcome.status) + ": " + outcome.errors);
  } else if (const Value* warnings = test.find("stderr"); warnings && !says(warnings->string_or(), outcome.errors)) {
    tally.fail(name, warnings->string_or(), outcome.errors);
  } else {
    tally.check(name, test["output"].string_or(), outcome.output);
  }
}

}  // namespace
}  // namespace plimsoll::conformance

int main(int argc, char** argv) {
  using namespace plimsoll::conformance;
  const std::string program =
      argc > 2 ? argv[2] : (fs::canonical("/proc/self/exe").parent_path() / "plimsoll").string();
  const plimsoll::TemporaryFolder root;
  Tally tally;
  for (const std::string& file : case_files(argc > 1 ? argv[1] : ".", "charts")) {
    for_each_case(file, [&](const plimsoll::Value& test) { check(test, program, root.path(), tally); });
  }
  return tally.finish();
}
