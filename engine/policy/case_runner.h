// Runs the cases of rule packs: rules/<pack>/<rule>/cases/{pass,fail,mutate}.*.yaml.
//
//   Result<PackReport> report = run_cases(PackFiles::built_in(), "lightrun");
//   for (const RuleReport& rule : report->rules)
//     for (const CaseResult& result : rule.cases) if (!result.failure.empty()) print(result.path, result.failure);
//
// A pass case must give no finding of its rule. A fail case says in comments which findings it must give, and no others
// of its rule:
//
//   # expect: <rule> at <path>: <part of the message>
//   # expect: <rule> on <Kind>/<name> at <path>: <part of the message>     where a case has several objects
//   # params: {"profile": "production"}     params of the pack that the case changes
//   # namespace: {"env": "prod"}            labels of the objects' namespaces
//   # now: 2027-01-01T00:00:00Z             the present, which is this one unless said
//   # view: complete                        what the case does not hold does not exist, as in a cluster
//
// <path> is that of the offending field or, where a field is missing, of the nearest ancestor that exists. The documents
// of a file are a set: a rule judges each that it matches and sees all of them, Namespaces among them; the expectations
// are of all together.
//
// A mutate case holds pairs of documents: an object, and what the rule makes of it. That must be what `plimsoll render --enforce` would
// print, the rule must have no finding in it, and mutating it once more must change nothing. Both may be the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/engine.h"
#include "engine/policy/pack_archive.h"

namespace plimsoll::policy {

struct CaseResult {
  std::string name;     // "fail.no-limits"
  std::string path;     // lightrun/lightrun-spread/cases/fail.no-limits.yaml
  std::string failure;  // empty if the case holds
};

struct RuleReport {
  RuleInfo rule;
  std::vector<CaseResult> cases;
  size_t pass_cases = 0;
  size_t fail_cases = 0;
  size_t mutate_cases = 0;
  // By validation: whether some case made it false.
  std::vector<bool> violated;

  // What a rule must have cases of, and has none: "pass", "fail", "mutate".
  std::vector<std::string_view> missing() const;
};

struct PackReport {
  std::string pack, title;
  std::vector<std::string> faults;  // of the pack's params.yaml
  std::vector<RuleReport> rules;  // without those of extended packs
};

// An error if the pack cannot be loaded or a rule does not compile; failing cases are in the report.
Result<PackReport> run_cases(const PackFiles& files, std::string_view pack);

}  // namespace plimsoll::policy
