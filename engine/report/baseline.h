// Findings that are known and do not count: a project starts to use the linter without first repairing everything.
//
//   write_file(".plimsoll-baseline.json", write_baseline(report));         // --write-baseline
//   Result<Baseline> baseline = Baseline::read(text, ".plimsoll-baseline.json");
//   baseline->apply(report);                                               // known findings are suppressed
//
// An entry is recognised by its fingerprint, which does not change when lines move, containers are reordered or the program runs
// in another folder. The other fields are for people who read the file.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/report/report.h"

namespace plimsoll::report {

class Baseline {
 public:
  // `file`: for messages.
  static Result<Baseline> read(std::string_view text, std::string_view file);

  // Suppresses findings all of whose places are known. A finding with a new place keeps just its new places.
  void apply(Report& report);
  size_t size() const { return entries_.size(); }
  // Entries that no finding used, though their file was read and their rule judged it: their fault was repaired. 0 if findings were
  // left out for their severity, for nobody knows then.
  size_t repaired(const Report& report) const;

 private:
  struct Entry {
    std::string file;
    std::string rule;
    bool used = false;
  };
  std::map<std::string, Entry, std::less<>> entries_;  // by fingerprint
};

// All findings that are not suppressed by other means, sorted, one entry for each place.
std::string write_baseline(const Report& report);

}  // namespace plimsoll::report
