#include "engine/policy/schema_findings.h"

#include <fmt/format.h>

#include <string>

#include "engine/value/suggest.h"

namespace plimsoll::policy {
namespace {

// The type of what stands at the first `steps` steps of a path; nullptr if there is none.
const schema::Type* type_at(const schema::Type* type, const Path& path, size_t steps) {
  for (size_t i = 0; i < steps && type != nullptr; ++i) {
    const auto* key = std::get_if<std::string>(&path.steps()[i]);
    const schema::Field* field = key != nullptr ? type->field(*key) : nullptr;
    type = field != nullptr ? field->type : type->element;
  }
  return type;
}

std::string near_field(const schema::Type* type, const Path& path) {
  const auto* name = path.empty() ? nullptr : std::get_if<std::string>(&path.steps().back());
  const schema::Type* parent = name != nullptr ? type_at(type, path, path.steps().size() - 1) : nullptr;
  if (parent == nullptr) return {};
  std::vector<std::string> fields;
  for (const schema::Field& field : parent->fields) fields.emplace_back(field.name);
  return suggestion(*name, fields);
}

Finding finding_at(const RuleInfo& rule, std::string message, const Path& path) {
  Finding finding;
  finding.rule = &rule;
  finding.severity = rule.severity;
  finding.message = std::move(message);
  finding.reason = "Invalid";
  finding.paths.push_back({path, path.steps().size()});
  return finding;
}

}  // namespace

SchemaRules schema_rules() {
  SchemaRules rules;
  rules.unknown_field.id = "unknown-field";
  rules.unknown_field.title = "Every field is one that Kubernetes knows";
  rules.unknown_field.severity = Severity::kWarning;
  rules.unknown_field.description =
      "The API server drops fields that the kind does not have in the Kubernetes version at hand: what was meant by them does not happen, "
      "and nobody is told.";
  rules.unknown_field.remediation = "Correct the name, move the field to where it belongs, or take it out.";
  rules.wrong_type.id = "wrong-type";
  rules.wrong_type.title = "Every value is of its field's type";
  rules.wrong_type.severity = Severity::kError;
  rules.wrong_type.description = "The API server refuses an object with a value of another type than the field has.";
  rules.wrong_type.remediation = "Write a value of the type that the message names; a text that looks like a number needs quotes.";
  for (RuleInfo* rule : {&rules.unknown_field, &rules.wrong_type}) {
    rule->pack = "kubernetes";
    rule->category = "Schema";
    rule->source = "Kubernetes API";
    rule->validations = 1;
  }
  return rules;
}

void add_schema_findings(const SchemaRules& rules, const schema::TypeCatalog& catalog, const DefaultedObject& seen,
                         std::vector<Finding>& findings) {
  if (!seen.known || (seen.report.unknown.empty() && !seen.report.mismatch)) return;
  if (const auto& mismatch = seen.report.mismatch) {
    findings.push_back(finding_at(rules.wrong_type, "the API server refuses the object: " + mismatch->message, mismatch->path));
  }
  const GroupVersionKind kind = kind_of_object(seen.object);
  const schema::Type* type = catalog.find(kind.group, kind.version, kind.kind).type;
  for (const Path& path : seen.report.unknown) {
    findings.push_back(finding_at(rules.unknown_field,
                                  fmt::format("unknown field {}, which the API server drops{}", path.to_string(), near_field(type, path)),
                                  path));
  }
}

}  // namespace plimsoll::policy
