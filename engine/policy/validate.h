// What the API server would say to the creation of a policy or binding.
//
//   std::vector<FieldError> errors = validate_policy(policy);
//   creation_message("ValidatingAdmissionPolicy", policy.metadata.name, errors);
//   // ValidatingAdmissionPolicy.admissionregistration.k8s.io "x" is invalid: spec.validations[0].expression: Invalid
//   value: ...
//
// Types and unknown fields are refused earlier, by decode_policy(). Source:
// k8s.io/kubernetes/pkg/apis/admissionregistration/validation of 1.36.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/policy.h"

namespace plimsoll::policy {

// One cause of a refusal, as apimachinery's field.Error.
struct FieldError {
  enum class Type : uint8_t { kRequired, kInvalid, kNotSupported, kDuplicate, kForbidden, kTooMany };
  Type type;
  std::string field;   // "spec.validations[0].expression"
  std::string value;   // the bad value as JSON or quoted text; empty for kRequired and kForbidden
  std::string detail;  // may be empty
  // Place of a compile error within the expression, 0 if unknown.
  uint32_t line = 0;
  uint32_t column = 0;

  // "Invalid value: \"x\": must be ..."
  std::string body() const;
  // "spec.x: Invalid value: ..."
  std::string to_string() const;
  // Reason of the StatusCause: "FieldValueInvalid".
  std::string_view cause() const;
};

class PolicyCompiler;

// Empty if the policy would be accepted. `compiler`: one that serves other policies, too, so that its environments are made once.
std::vector<FieldError> validate_policy(const Policy& policy, PolicyCompiler& compiler);
std::vector<FieldError> validate_policy(const Policy& policy);
std::vector<FieldError> validate_binding(const Binding& binding);

// The Status message of a refusal.
std::string creation_message(std::string_view kind, std::string_view name, std::span<const FieldError> errors);

}  // namespace plimsoll::policy
