// Runs the cases of rule packs: rules/<pack>/<rule>/cases/{pass,fail}.*.yaml.
//
//   Result<PackReport> report = run_cases(PackFiles::built_in(), "lightrun");
//   for (const RuleReport& rule : report->rules)
//     for (const CaseResult& result : rule.cases) if (!result.failure.empty()) print(result.path, result.failure);
//
// A pass case must give no finding of its rule. A fail case says in comments which findings it must give, and no others
// of its rule:
//
//   # expect: <rule> at <path>: <part of the message>
//   # params: {"profile": "production"}     params of the pack that the case changes
//   # namespace: {"env": "prod"}            labels of the object's namespace
//
// <path> is that of the offending field or, where a field is missing, of the nearest ancestor that exists. A file may
// hold several documents: the expectations are of all together. Cases of other kinds (mutate.*) are not this runner's.
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
  // By validation: whether some case made it false.
  std::vector<bool> violated;

  bool complete() const { return pass_cases > 0 && fail_cases > 0; }
};

struct PackReport {
  std::string pack, title;
  std::vector<RuleReport> rules;  // without those of extended packs
};

// An error if the pack cannot be loaded or a rule does not compile; failing cases are in the report.
Result<PackReport> run_cases(const PackFiles& files, std::string_view pack);

}  // namespace plimsoll::policy
