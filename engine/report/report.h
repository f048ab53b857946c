// What a run found, before it is given a form: the one thing that all formats write.
//
//   Report report;
//   report.findings.push_back(make_finding(std::move(finding), object));
//   sort_findings(report);
//   find_format("sarif")->write(report, {});
//
// A Finding here is a policy's verdict (policy/finding.h) together with the places in files that it is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/policy/engine.h"
#include "engine/policy/finding.h"
#include "engine/source/discover.h"
#include "engine/source/object.h"
#include "engine/value/error.h"

namespace plimsoll::report {

// The object that a finding is about.
struct Subject {
  std::string api_version;
  std::string kind;
  std::string namespace_name;  // as written in the object; may be empty
  std::string name;

  // "Deployment shop/web".
  std::string description() const;
};

// One field that made a rule fail, and where it is written.
struct Mark {
  Path path;
  size_t existing = 0;  // how many leading steps of `path` exist in the object; fewer than all: a field is missing
  std::string default_value;  // of a missing field: what the API server fills in, which was judged; as JSON, may be empty
  source::Place place;  // of the field, or of the nearest existing field above it
  // A line that helps to know the place: the name of the list item (container, port, ...) that the field belongs to; 0 if none.
  uint32_t context_line = 0;
  // Of rule, file, object and path, where list items go by name instead of number: unchanged when lines move.
  std::string fingerprint;

  bool missing() const { return existing < path.steps().size(); }
  // The missing part of the path: "securityContext.runAsNonRoot".
  std::string missing_part() const;
};

// Why a finding does not count.
struct Suppression {
  enum class By : uint8_t { kAnnotation, kConfiguration, kBaseline };
  By by = By::kConfiguration;
  std::string reason;
  std::string expires;  // a date, or empty
};
// "annotation", "configuration", "baseline".
std::string_view suppression_name(Suppression::By by);

struct Finding {
  const policy::RuleInfo* rule = nullptr;
  policy::Finding::Kind kind = policy::Finding::Kind::kViolation;
  policy::Severity severity = policy::Severity::kError;
  std::string message;
  std::string reason;
  std::optional<size_t> validation;
  std::string binding;
  Subject subject;
  std::vector<Mark> marks;             // at least one
  std::vector<source::Place> related;  // of the first mark
  std::vector<std::string> variants;   // sets of values with which a chart shows it, where it was rendered with several
  std::optional<Suppression> suppression;
  size_t order = 0;  // of the object in its set

  const Mark& primary() const { return marks.front(); }
  Location location() const { return primary().place.location(); }
  const std::string& fingerprint() const { return primary().fingerprint; }
};

// A pack that judged, and why it was chosen: "asked for", "always", "3 images of lightruncom".
struct PackUse {
  std::string name;
  std::string title;
  std::string reason;
  size_t rules = 0;
};

// An object and what came of it.
struct Judged {
  Subject subject;
  Location location;
  std::string file_id;  // its file as baselines and fingerprints name it: the same wherever the program runs
  size_t rules = 0;     // that applied to it
};

struct Report {
  std::string version;  // of the program
  std::vector<std::string> paths;  // as the user gave them
  std::string config;              // the configuration file that was used, or empty
  std::shared_ptr<const policy::RuleSet> rule_set;  // keeps `rules` alive
  std::vector<PackUse> packs;
  std::vector<const policy::RuleInfo*> rules;
  std::vector<Judged> objects;
  std::vector<Finding> findings;  // suppressed ones included
  std::vector<Error> errors;      // what could not be done
  std::vector<std::string> warnings;  // about the run itself: an ignore that has expired, a baseline entry that is gone
  std::vector<source::Note> notes;
  std::vector<std::shared_ptr<const source::File>> texts;  // of files that errors may point into
  size_t files = 0;
  size_t charts = 0;
  std::vector<std::string> renders;  // "charts/web with prod.yaml", where there were several of a chart
  size_t documents = 0;
  size_t other_files = 0;
  size_t below_severity = 0;  // findings left out for being less severe than was asked for
  double seconds = 0;
  policy::Severity fail_on = policy::Severity::kError;

  struct Counts {
    size_t errors = 0, warnings = 0, infos = 0, suppressed = 0;
    size_t objects = 0;  // with a finding that is not suppressed
    size_t total() const { return errors + warnings + infos; }
  };
  Counts counts() const;
  // A finding that is not suppressed is at or above fail_on.
  bool failed() const;
};

Subject subject_of(const source::Object& object);
// `order`: of the object in Report::objects; `file_id`: as there.
Finding make_finding(policy::Finding finding, const source::Object& object, size_t order, std::string_view file_id);
// By file in the order of the set, then by line, column and rule.
void sort_findings(Report& report);
// What one template shows with several sets of values is one finding.
void merge_variants(Report& report);

}  // namespace plimsoll::report
