#include "engine/policy/field_errors.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/value/go_quote.h"

namespace plimsoll::policy {

FieldErrors FieldErrors::at(std::string_view name) const {
  FieldErrors child = *this;
  if (!child.path_.empty()) child.path_ += '.';
  child.path_ += name;
  return child;
}

FieldErrors FieldErrors::at(size_t index) const {
  FieldErrors child = *this;
  child.path_ += fmt::format("[{}]", index);
  return child;
}

FieldError& FieldErrors::add(FieldError::Type type, std::string value, std::string_view detail) const {
  return errors_->emplace_back(FieldError{type, path_, std::move(value), std::string(detail)});
}

FieldError& FieldErrors::required(std::string_view detail) const {
  return add(FieldError::Type::kRequired, {}, detail);
}

FieldError& FieldErrors::invalid(std::string_view value, std::string_view detail) const {
  return add(FieldError::Type::kInvalid, go::quoted(value), detail);
}

FieldError& FieldErrors::invalid_json(std::string value, std::string_view detail) const {
  return add(FieldError::Type::kInvalid, std::move(value), detail);
}

FieldError& FieldErrors::not_supported(std::string_view value, std::span<const std::string_view> supported) const {
  std::string detail = "supported values: ";
  for (const std::string_view item : supported) {
    if (!detail.ends_with(": ")) detail += ", ";
    detail += go::quoted(item);
  }
  return add(FieldError::Type::kNotSupported, go::quoted(value), detail);
}

FieldError& FieldErrors::duplicate(std::string_view value) const {
  return add(FieldError::Type::kDuplicate, go::quoted(value), {});
}

FieldError& FieldErrors::forbidden(std::string_view detail) const {
  return add(FieldError::Type::kForbidden, {}, detail);
}

FieldError& FieldErrors::too_many(size_t count, size_t limit) const {
  return add(FieldError::Type::kTooMany, fmt::format("{}", count), fmt::format("must have at most {} items", limit));
}

void FieldErrors::invalid_each(std::string_view value, std::span<const std::string> complaints) const {
  for (const std::string& complaint : complaints) invalid(value, complaint);
}

std::string FieldError::body() const {
  std::string_view name;
  switch (type) {
    case Type::kRequired:
      name = "Required value";
      break;
    case Type::kInvalid:
      name = "Invalid value";
      break;
    case Type::kNotSupported:
      name = "Unsupported value";
      break;
    case Type::kDuplicate:
      name = "Duplicate value";
      break;
    case Type::kForbidden:
      name = "Forbidden";
      break;
    case Type::kTooMany:
      name = "Too many";
      break;
  }
  std::string text(name);
  if (!value.empty()) text += ": " + value;
  if (!detail.empty()) text += ": " + detail;
  return text;
}

std::string FieldError::to_string() const { return field + ": " + body(); }

std::string_view FieldError::cause() const {
  switch (type) {
    case Type::kRequired:
      return "FieldValueRequired";
    case Type::kInvalid:
      return "FieldValueInvalid";
    case Type::kNotSupported:
      return "FieldValueNotSupported";
    case Type::kDuplicate:
      return "FieldValueDuplicate";
    case Type::kForbidden:
      return "FieldValueForbidden";
    case Type::kTooMany:
      return "FieldValueTooMany";
  }
  return {};
}

std::string creation_message(std::string_view kind, std::string_view name, std::span<const FieldError> errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) {
    std::string text = error.to_string();
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
  }
  const std::string joined = texts.size() == 1 ? texts.front() : fmt::format("[{}]", fmt::join(texts, ", "));
  return fmt::format("{}.{} {} is invalid: {}", kind, kPolicyGroup, go::quoted(name), joined);
}

}  // namespace plimsoll::policy
