// Collects FieldErrors along a field path.
//
//   FieldErrors errors;
//   errors.at("spec").at("validations").at(0).required("expression is not specified");
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/policy/validate.h"

namespace plimsoll::policy {

class FieldErrors {
 public:
  explicit FieldErrors(std::vector<FieldError>& errors) : errors_(&errors) {}

  FieldErrors at(std::string_view name) const;
  FieldErrors at(size_t index) const;

  FieldError& required(std::string_view detail = {}) const;
  // `value` is quoted; invalid_json() takes it as it stands.
  FieldError& invalid(std::string_view value, std::string_view detail) const;
  FieldError& invalid_json(std::string value, std::string_view detail) const;
  FieldError& not_supported(std::string_view value, std::span<const std::string_view> supported) const;
  FieldError& duplicate(std::string_view value) const;
  FieldError& forbidden(std::string_view detail) const;
  FieldError& too_many(size_t count, size_t limit) const;
  // One invalid() for each complaint.
  void invalid_each(std::string_view value, std::span<const std::string> complaints) const;

 private:
  FieldError& add(FieldError::Type type, std::string value, std::string_view detail) const;

  std::vector<FieldError>* errors_;
  std::string path_;
};

}  // namespace plimsoll::policy
