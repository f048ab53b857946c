// Which rules encode which requirement, and which cases prove them: what `plimsoll rules --requirements` prints.
//
//   const RequirementMatrix matrix = make_matrix(requirements, rules, {"LR", "KL"});
//   matrix.holes();            // requirements that no rule encodes, rules without a passing or failing case, ...
//   as_text(matrix);
//
// A rule names its requirements in annotation plimsoll.dev/source: "LR-03, LR-13".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/requirements.h"
#include "engine/policy/finding.h"

namespace plimsoll::cli {

struct RequirementMatrix {
  struct Line {
    const Requirement* requirement;
    std::vector<const policy::RuleInfo*> rules;

    // "no rule", "lightrun/lightrun-spread has no failing case"; empty if the requirement is covered.
    std::vector<std::string> holes() const;
  };
  std::string file;
  std::vector<Line> lines;
  // Ids that rules name although the file has only others of their family, with the rule: ("LR-99", "lightrun/...").
  std::vector<std::pair<std::string, std::string>> unknown;

  // Lines with a hole, and unknown ids.
  size_t faults() const;
};

// `only`: prefixes of the ids to look at; empty: all. Borrows requirements and rules. kUsage if a prefix names no requirement.
Result<RequirementMatrix> make_matrix(const std::string& file, std::span<const Requirement> requirements,
                                      std::span<const policy::RuleInfo> rules, const std::vector<std::string>& only);

std::string as_text(const RequirementMatrix& matrix);
std::string as_markdown(const RequirementMatrix& matrix);
std::string as_json(const RequirementMatrix& matrix);

}  // namespace plimsoll::cli
