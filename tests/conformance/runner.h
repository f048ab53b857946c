// What the conformance runners share: reading recorded cases, counting, and the closing line.
//
//   int main(int argc, char** argv) {
//     conformance::Tally tally;
//     for (const auto& file : conformance::case_files(argv[1], "yaml")) {
//       conformance::for_each_case(file, [&](const Value& test) { tally.check(test["name"].string_or(), ...); });
//     }
//     return tally.finish();
//   }
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/json.h"
#include "engine/value/value.h"

namespace plimsoll::conformance {

inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Counts cases and prints the ones that fail, with what was expected and what came.
class Tally {
 public:
  void pass() { ++passed_; }
  void fail(std::string_view name, std::string_view expected, std::string_view actual) {
    ++failed_;
    std::cout << "FAIL " << name << "\n  expected: " << expected << "\n  actual:   " << actual << "\n";
  }
  void check(std::string_view name, std::string_view expected, std::string_view actual) {
    if (expected == actual) {
      pass();
    } else {
      fail(name, expected, actual);
    }
  }
  // Prints "N passed, N failed"; the exit status of the runner. A run without a case has failed.
  int finish() const {
    std::cout << passed_ << " passed, " << failed_ << " failed\n";
    return failed_ == 0 && passed_ > 0 ? 0 : 1;
  }

 private:
  size_t passed_ = 0;
  size_t failed_ = 0;
};

// The one argument of a runner: a folder of cases, or a file. Anything else ends the run with status 2.
inline std::string path_argument(int argc, char** argv, std::string_view runner) {
  if (argc != 2) {
    std::cerr << "usage: " << runner << " DIR|FILE\n";
    std::exit(2);
  }
  return argv[1];
}

// The *.json files of a folder whose names start with `prefix`, sorted; the file itself if `path` is one.
inline std::vector<std::string> case_files(const std::string& path, std::string_view prefix) {
  std::vector<std::string> files;
  if (std::filesystem::is_regular_file(path)) return {path};
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".json")) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Calls `visit` with each element of a file's JSON array. A file that cannot be read ends the run with status 2.
inline void for_each_case(const std::string& file, const std::function<void(const Value& test)>& visit) {
  Arena arena;
  const Result<Value> cases = json::read(arena, read_text(file));
  if (!cases) {
    std::cerr << file << ": " << cases.error().to_string() << "\n";
    std::exit(2);
  }
  for (const Value& test : cases->items()) visit(test);
}

}  // namespace plimsoll::conformance
