// Runs the program as a user does, in a folder of its own.
//
//   Folder folder;
//   folder.write("pod.yaml", "...");
//   Outcome outcome = folder.run({"lint", "pod.yaml"});
//   outcome.code; outcome.out; outcome.err;
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/arena.h"
#include "engine/value/value.h"
#include "tests/temporary_folder.h"

namespace plimsoll::cli_test {

struct Outcome {
  int code = -1;  // of exit; 128 + the signal's number if one ended it
  std::string out;
  std::string err;
  double seconds = 0;
  long peak_kib = 0;
};

struct RunOptions {
  std::string input;      // standard input
  std::vector<std::string> environment;  // NAME=value
  bool as_nobody = false;  // without root's right to read everything
};

class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path path(const std::string& name = {}) const;
  void write(const std::string& name, std::string_view text) const;
  std::string read(const std::string& name) const;
  Outcome run(std::vector<std::string> arguments, const RunOptions& options = {}) const;
  // In another folder.
  static Outcome run_in(const std::filesystem::path& folder, std::vector<std::string> arguments, const RunOptions& options = {});

 private:
  const TemporaryFolder temporary_;
  std::filesystem::path path_;  // canonical
};

// A Pod that pod-security-baseline objects to: spec.hostNetwork is true in line 6.
extern const char kBadPod[];
// One that it does not.
extern const char kGoodPod[];
// A policy of the user's own that asks for the label "team".
extern const char kTeamPolicy[];

bool contains(const std::string& text, std::string_view part);
// JSON text as a Value in `arena`; null, and a failed test, if it is none.
Value parse_json(Arena& arena, const std::string& text);
// A file of the source tree.
std::filesystem::path source_path(const std::string& name);
std::string read_text(const std::filesystem::path& path);

}  // namespace plimsoll::cli_test
