// What mutating rules make of a rendered chart, for `plimsoll render --enforce`.
//
//   Result<Enforced> enforced = enforce(release, options);
//   chart::template_output(enforced->manifests, enforced->crds, output);   // documents that no rule changed stay byte for byte
//   for (const EnforcedObject& object : enforced->objects) object.outcome.changes;
//   enforced->report;                                                      // what the same rules still find in the result
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "cli/rule_selection.h"
#include "engine/chart/release.h"
#include "engine/policy/mutate.h"
#include "engine/report/report.h"

namespace plimsoll::cli {

struct EnforceOptions {
  RuleSelection rules;
  std::string config;
  bool no_config = false;
  std::string chart;           // its path: the configuration is looked for above it
  std::string namespace_name;  // of objects that name none
};

// An object that rules changed, or refused to let pass, or disagree about.
struct EnforcedObject {
  std::string template_name;
  report::Subject subject;
  bool secret = false;  // its values must not be shown
  Value before, after;  // as written
  policy::MutationOutcome outcome;
};

struct Enforced {
  chart::SortedManifests manifests;
  std::vector<chart::RenderedFile> crds;
  std::vector<EnforcedObject> objects;
  report::Report report;  // of the result; exceptions are applied

  // Keep the above alive.
  std::deque<std::string> texts;
  std::vector<source::Manifests> inputs;
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
};

// An error: a rule or the configuration is broken, or an object cannot be read.
Result<Enforced> enforce(const chart::Release& release, const EnforceOptions& options);

}  // namespace plimsoll::cli
