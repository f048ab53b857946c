// What a policy says of an object: the linter's unit of output.
//
//   for (const Finding& finding : rules->evaluate(context, scratch))
//     print(finding.rule->id, finding.message, finding.paths.front().path.to_string());
//
// A finding is a verdict, never a fault of the engine: what the engine could not do is an Error (engine/value/error.h).
// One kind of verdict is in between: a policy whose own expression failed on this object (kPolicyFault), which the API
// server answers by failurePolicy: Fail refuses the request, Ignore lets it pass in silence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/path.h"

namespace plimsoll::policy {

enum class Severity : uint8_t { kInfo, kWarning, kError };

// "info", "warning", "error".
std::string_view severity_name(Severity severity);
std::optional<Severity> parse_severity(std::string_view name);

// What is known of a rule without evaluating it; from the policy's metadata and its plimsoll.dev/ annotations.
struct RuleInfo {
  std::string id;    // metadata.name of the policy
  std::string pack;  // empty for a policy of the user's own
  std::string title;
  Severity severity = Severity::kError;
  std::string category;
  std::string remediation;
  std::string source;       // the requirement it encodes: "LR-06", "Pod Security Standards"
  std::string description;  // longer text of annotation plimsoll.dev/description, may be empty
  std::string file;         // where the policy was read from
  size_t validations = 0;   // number of spec.validations
  size_t mutations = 0;     // of the MutatingAdmissionPolicy that the rule is, or has beside its validations; 0: it changes nothing
  size_t pass_cases = 0;    // cases beside the rule in its pack
  size_t fail_cases = 0;

  // "pack/id", or "id" without a pack.
  std::string qualified_id() const;
};

// A place that made a validation false. `path` may name a required field that is missing: its first `existing` steps
// are written.
struct Blame {
  Path path;
  size_t existing = 0;
  // Of a field that is not written, but for which the API server fills in a value that the validation judged: that value as JSON.
  std::string default_value = {};

  friend bool operator==(const Blame&, const Blame&) = default;
};

// validationActions of a binding.
struct Actions {
  bool deny = false, warn = false, audit = false;
};

struct Finding {
  enum class Kind : uint8_t {
    kViolation,    // a validation evaluated to false
    kPolicyFault,  // an expression failed, or a param is missing, and failurePolicy is Fail
  };

  const RuleInfo* rule = nullptr;  // lives as long as the RuleSet
  Kind kind = Kind::kViolation;
  Severity severity = Severity::kError;  // the rule's, lowered by a binding that only warns or audits
  std::string message;
  std::string reason;                // as the API server's Status: Invalid, Forbidden, ...
  std::optional<size_t> validation;  // index in spec.validations
  Actions actions = {.deny = true};  // of the bindings that found it; without a binding, deny
  std::string binding;               // name of the binding; empty for an implicit one
  std::vector<Blame> paths;          // at least one; the object's root if nothing better is known
};

}  // namespace plimsoll::policy
