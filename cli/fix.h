// `plimsoll fix`: what mutating rules want, as edits of the files that the objects come from.
//
//   Fix fix = plan_fix(options);
//   fix.edits;            // of files, not written yet
//   fix.report.findings;  // what rules would still find with the edits
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/lint.h"
#include "engine/report/report.h"
#include "engine/source/source_edit.h"

namespace plimsoll::cli {

struct FixOptions {
  LintOptions lint;
  std::vector<std::string> rules;  // ids; empty: all
};

// A field that a rule changes.
struct FixedField {
  const policy::RuleInfo* rule;
  report::Subject subject;
  Path path;
};

// A field that a rule would change.
struct RefusedFix {
  std::vector<const policy::RuleInfo*> rules;
  report::Subject subject;
  Path path;
  Error reason;
};

struct Fix {
  report::Report report;  // of the objects as the edits make them
  std::vector<source::FileEdit> edits;
  std::vector<FixedField> fixed;
  std::vector<RefusedFix> refused;
};

Fix plan_fix(const FixOptions& options);

// Whether a finding is of one of the rules asked for.
bool is_asked_for(const FixOptions& options, const policy::RuleInfo& rule);

}  // namespace plimsoll::cli
