#include <fmt/format.h>

#include <map>
#include <set>

#include "engine/report/format.h"
#include "engine/report/tree.h"
#include "engine/value/json.h"

// SARIF 2.1.0 (OASIS), in the part that GitHub code scanning reads: rules with help and tags, regions in code points,
// partialFingerprints, suppressions. A related location stands for every further place of a finding.
namespace plimsoll::report {

namespace {

constexpr std::string_view kSchema = "https://json.schemastore.org/sarif-2.1.0.json";
constexpr std::string_view kHome = "https://plimsoll.dev";

std::string_view level_of(policy::Severity severity) {
  switch (severity) {
    case policy::Severity::kError: return "error";
    case policy::Severity::kWarning: return "warning";
    case policy::Severity::kInfo: return "note";
  }
  return "none";
}

// A relative reference or a file URI with everything but unreserved characters and '/' percent-encoded (RFC 3986).
std::string uri_of(std::string_view path) {
  if (path == "<stdin>") return "stdin";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return uri;
}

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report) {}

  std::string write() {
    Value rules = rule_list();
    Value run = tree_.object()
                    .set("tool", tree_.object().set("driver", tree_.object()
                                                                  .set("name", "plimsoll")
                                                                  .set("semanticVersion", report_.version)
                                                                  .set("informationUri", kHome)
                                                                  .set("rules", rules)))
                    .set("columnKind", "unicodeCodePoints")
                    .set("originalUriBaseIds",
                         tree_.object().set("SRCROOT", tree_.object().set("description", message("where plimsoll ran"))))
                    .set("invocations", tree_.list().add(invocation()))
                    .set("results", results());
    Value log = tree_.object()
                    .set("$schema", kSchema)
                    .set("version", "2.1.0")
                    .set("runs", tree_.list().add(run));
    std::string text = json::write(log, {.indent = 2});
    text += '\n';
    return text;
  }

 private:
  Value message(std::string_view text) { return tree_.object().set("text", text); }

  Value rule_list() {
    ListBuilder list = tree_.list();
    size_t index = 0;
    for (const policy::RuleInfo* rule : report_.rules) {
      rule_index_[rule] = index++;
      list.add(rule_value(*rule));
    }
    return list;
  }

  Value rule_value(const policy::RuleInfo& rule) {
    const std::string title = rule.title.empty() ? rule.id : rule.title;
    ObjectBuilder object = tree_.object();
    object.set("id", rule.qualified_id()).set("name", rule.id).set("shortDescription", message(title));
    object.set("fullDescription", message(rule.description.empty() ? title : rule.description));
    const std::string help = rule.remediation.empty() ? title : rule.remediation;
    std::string markdown = fmt::format("**{}**\n\n{}", title, help);
    if (!rule.source.empty()) markdown += fmt::format("\n\nSource: {}", rule.source);
    object.set("help", tree_.object().set("text", help).set("markdown", markdown));
    object.set("helpUri", fmt::format("{}/rules/{}", kHome, uri_of(rule.qualified_id())));
    object.set("defaultConfiguration", tree_.object().set("level", level_of(rule.severity)));
    ListBuilder tags = tree_.list();
    std::set<std::string_view> known = {""};  // tags must be unique
    for (const std::string_view tag : {std::string_view("kubernetes"), std::string_view(rule.pack),
                                       std::string_view(rule.category), std::string_view(rule.source)}) {
      if (known.insert(tag).second) tags.add(tag);
    }
    object.set("properties", tree_.object()
                                 .set("tags", tags)
                                 .set("precision", "very-high")
                                 .set("problem.severity", rule.severity == policy::Severity::kError ? "error"
                                                          : rule.severity == policy::Severity::kWarning
                                                              ? "warning"
                                                              : "recommendation"));
    return object;
  }

  Value physical_location(const std::string& file, const yaml::Range& range) {
    ObjectBuilder artifact = tree_.object();
    artifact.set("uri", uri_of(file));
    if (!file.starts_with('/')) artifact.set("uriBaseId", "SRCROOT");
    ObjectBuilder region = tree_.object();
    region.set("startLine", range.known() ? range.line : 1);
    if (range.known() && range.column > 0) {
      region.set("startColumn", range.column);
      if (range.end_line >= range.line && range.end_column > 0) {
        region.set("endLine", range.end_line).set("endColumn", range.end_column);
      }
    }
    return tree_.object().set("artifactLocation", artifact).set("region", region);
  }

  // The rendered text is no file that a viewer could open: its line comes along.
  Value rendered_location(const source::Place& place) {
    ObjectBuilder region = tree_.object();
    region.set("startLine", place.range.line);
    if (!place.hidden) region.set("snippet", message(place.file->line(place.range.line)));
    return tree_.object()
        .set("artifactLocation", tree_.object().set("uri", "rendered:/" + uri_of(place.file->name())))
        .set("region", region);
  }

  Value location(const source::Place& place, std::string_view note, const Finding* finding) {
    ObjectBuilder object = tree_.object();
    if (place.role == source::Place::Role::kRendered) {
      object.set("physicalLocation", rendered_location(place));
    } else if (place.file) {
      object.set("physicalLocation", physical_location(place.file->name(), place.range));
    }
    if (finding != nullptr) {
      const std::string path = finding->primary().path.to_string();
      object.set("logicalLocations",
                 tree_.list().add(tree_.object()
                                      .set("fullyQualifiedName", path.empty() ? finding->subject.description()
                                                                              : finding->subject.description() + ": " + path)
                                      .set("kind", "object")));
    }
    if (!note.empty()) object.set("message", message(note));
    return object;
  }

  Value results() {
    ListBuilder list = tree_.list();
    std::map<std::string, size_t> seen;
    for (const Finding& finding : report_.findings) list.add(result(finding, ++seen[finding.fingerprint()]));
    return list;
  }

  Value result(const Finding& finding, size_t occurrence) {
    ObjectBuilder object = tree_.object();
    object.set("ruleId", finding.rule->qualified_id());
    if (const auto index = rule_index_.find(finding.rule); index != rule_index_.end()) {
      object.set("ruleIndex", index->second);
    }
    object.set("level", level_of(finding.severity));
    object.set("message", message(fmt::format("{}\n{}", finding.message, finding.subject.description())));
    object.set("locations", tree_.list().add(location(finding.primary().place, {}, &finding)));
    ListBuilder related = tree_.list();
    for (size_t i = 1; i < finding.marks.size(); ++i) {
      related.add(location(finding.marks[i].place, finding.marks[i].path.to_string(), nullptr));
    }
    for (const source::Place& place : finding.related) related.add(location(place, place.note, nullptr));
    if (!related.empty()) object.set("relatedLocations", related);
    // GitHub follows an alert by primaryLocationLineHash; ours does not depend on lines.
    object.set("partialFingerprints",
               tree_.object()
                   .set("primaryLocationLineHash", fmt::format("{}:{}", finding.fingerprint(), occurrence))
                   .set("plimsollFinding/v1", finding.fingerprint()));
    if (finding.suppression) {
      const bool in_source = finding.suppression->by == Suppression::By::kAnnotation;
      object.set("suppressions", tree_.list().add(tree_.object()
                                                      .set("kind", in_source ? "inSource" : "external")
                                                      .set("status", "accepted")
                                                      .set_if("justification", finding.suppression->reason)));
    }
    ObjectBuilder properties = tree_.object();
    properties.set("object", finding.subject.description()).set("path", finding.primary().path.to_string());
    object.set("properties", properties.set_if("remediation", finding.rule->remediation));
    return object;
  }

  Value invocation() {
    ListBuilder notifications = tree_.list();
    for (const Error& error : report_.errors) {
      ObjectBuilder item = tree_.object();
      item.set("level", "error").set("message", message(error.message()));
      if (!error.location().file.empty()) {
        const yaml::Range range = {.line = error.location().line, .column = error.location().column};
        item.set("locations", tree_.list().add(tree_.object().set("physicalLocation",
                                                                  physical_location(error.location().file, range))));
      }
      notifications.add(item);
    }
    for (const std::string& warning : report_.warnings) {
      notifications.add(tree_.object().set("level", "warning").set("message", message(warning)));
    }
    for (const source::Note& note : report_.notes) {
      ObjectBuilder item = tree_.object();
      item.set("level", "note").set("message", message(note.location.to_string() + ": " + note.message));
      notifications.add(item);
    }
    return tree_.object()
        .set("executionSuccessful", report_.errors.empty())
        .set("toolExecutionNotifications", notifications);
  }

  const Report& report_;
  Tree tree_;
  std::map<const policy::RuleInfo*, size_t> rule_index_;
};

}  // namespace

std::string write_sarif(const Report& report, const Style&) { return Writer(report).write(); }

}  // namespace plimsoll::report
