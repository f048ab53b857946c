#include "engine/report/format.h"
#include "engine/report/summary.h"
#include "engine/report/tree.h"
#include "engine/value/json.h"

namespace plimsoll::report {

namespace {

constexpr int kSchemaVersion = 1;
constexpr std::string_view kSchemaId = "https://plimsoll.dev/schemas/report.v1.json";

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kSyntax: return "syntax";
    case ErrorCode::kType: return "type";
    case ErrorCode::kInvalid: return "invalid";
    case ErrorCode::kNotFound: return "not-found";
    case ErrorCode::kEvaluation: return "evaluation";
    case ErrorCode::kLimit: return "limit";
    case ErrorCode::kInputOutput: return "input-output";
    case ErrorCode::kUsage: return "usage";
    case ErrorCode::kInternal: return "internal";
  }
  return "internal";
}

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report) {}

  std::string write() {
    const Report::Counts counts = report_.counts();
    Value document =
        tree_.object()
            .set("$schema", kSchemaId)
            .set("version", kSchemaVersion)
            .set("tool", tree_.object().set("name", "plimsoll").set("version", report_.version))
            .set("summary", tree_.object()
                                .set("errors", counts.errors)
                                .set("warnings", counts.warnings)
                                .set("infos", counts.infos)
                                .set("ignored", counts.suppressed)
                                .set("belowSeverity", report_.below_severity)
                                .set("fatalErrors", report_.errors.size())
                                .set("objects", report_.objects.size())
                                .set("objectsWithFindings", counts.objects)
                                .set("documents", report_.documents)
                                .set("files", report_.files)
                                .set("otherFiles", report_.other_files)
                                .set("rules", report_.rules.size())
                                .set("failOn", policy::severity_name(report_.fail_on))
                                .set("failed", report_.failed())
                                .set("complete", report_.errors.empty())
                                .set("seconds", report_.seconds))
            .set("configuration", report_.config)
            .set("packs", packs())
            .set("findings", findings())
            .set("unjudged", unjudged_kinds())
            .set("errors", errors())
            .set("warnings", warnings())
            .set("notes", notes());
    std::string text = json::write(document, {.indent = 2});
    text += '\n';
    return text;
  }

 private:
  Value packs() {
    ListBuilder list = tree_.list();
    for (const PackUse& pack : report_.packs) {
      list.add(tree_.object()
                   .set("name", pack.name)
                   .set("title", pack.title)
                   .set("reason", pack.reason)
                   .set("rules", pack.rules));
    }
    return list;
  }

  void add_location(ObjectBuilder& object, const source::Place& place) {
    object.set("file", place.file ? std::string_view(place.file->name()) : "");
    if (!place.range.known()) return;
    object.set("line", place.range.line)
        .set("column", place.range.column)
        .set("endLine", place.range.end_line)
        .set("endColumn", place.range.end_column);
  }

  Value findings() {
    ListBuilder list = tree_.list();
    for (const Finding& finding : report_.findings) list.add(finding_value(finding));
    return list;
  }

  Value finding_value(const Finding& finding) {
    const policy::RuleInfo& rule = *finding.rule;
    ObjectBuilder object = tree_.object();
    object.set("rule", rule.id).set_if("pack", rule.pack).set_if("title", rule.title);
    object.set("severity", policy::severity_name(finding.severity));
    object.set("message", finding.message);
    add_location(object, finding.primary().place);
    object.set("path", finding.primary().path.to_string());
    object.set("object", tree_.object()
                             .set("apiVersion", finding.subject.api_version)
                             .set("kind", finding.subject.kind)
                             .set_if("namespace", finding.subject.namespace_name)
                             .set("name", finding.subject.name));
    ListBuilder places = tree_.list();
    for (const Mark& mark : finding.marks) {
      ObjectBuilder place = tree_.object();
      place.set("path", mark.path.to_string()).set("pointer", mark.path.to_json_pointer());
      place.set("missing", mark.missing()).set_if("default", mark.default_value);
      add_location(place, mark.place);
      place.set("fingerprint", mark.fingerprint);
      places.add(place);
    }
    object.set("places", places);
    if (!finding.related.empty()) {
      ListBuilder related = tree_.list();
      for (const source::Place& place : finding.related) {
        ObjectBuilder item = tree_.object();
        item.set("message", place.note).set_if("role", source::role_name(place.role)).set_if("valuesKey", place.values_key);
        if (place.file) add_location(item, place);
        if (place.role == source::Place::Role::kRendered && place.file && !place.hidden) item.set("text", place.file->line(place.range.line));
        related.add(item);
      }
      object.set("related", related);
    }
    if (!finding.variants.empty()) {
      ListBuilder variants = tree_.list();
      for (const std::string& variant : finding.variants) variants.add(variant);
      object.set("valueSets", variants);
    }
    object.set_if("category", rule.category).set_if("remediation", rule.remediation).set_if("source", rule.source);
    object.set_if("reason", finding.reason);
    if (finding.validation) object.set("validation", *finding.validation);
    object.set_if("binding", finding.binding);
    object.set("policyFault", finding.kind == policy::Finding::Kind::kPolicyFault);
    object.set("fingerprint", finding.fingerprint());
    if (finding.suppression) {
      object.set("ignored", tree_.object()
                                .set("by", suppression_name(finding.suppression->by))
                                .set("reason", finding.suppression->reason)
                                .set_if("expires", finding.suppression->expires));
    }
    return object;
  }

  Value unjudged_kinds() {
    ListBuilder list = tree_.list();
    for (const Unjudged& kind : unjudged(report_)) {
      list.add(tree_.object().set("apiVersion", kind.api_version).set("kind", kind.kind).set("count", kind.count));
    }
    return list;
  }

  void set_location(ObjectBuilder& object, const Location& location) {
    object.set_if("file", location.file);
    if (location.line != 0) object.set("line", location.line);
    if (location.column != 0) object.set("column", location.column);
  }

  Value errors() {
    ListBuilder list = tree_.list();
    for (const Error& error : report_.errors) {
      ObjectBuilder object = tree_.object();
      object.set("code", error_code_name(error.code())).set("message", error.message());
      set_location(object, error.location());
      list.add(object.set_if("fragment", error.fragment()).set_if("remedy", error.remedy()));
    }
    return list;
  }

  Value warnings() {
    ListBuilder list = tree_.list();
    for (const std::string& warning : report_.warnings) list.add(warning);
    return list;
  }

  Value notes() {
    ListBuilder list = tree_.list();
    for (const source::Note& note : report_.notes) {
      ObjectBuilder object = tree_.object();
      object.set("kind", source::note_kind_name(note.kind)).set("message", note.message);
      set_location(object, note.location);
      list.add(object);
    }
    return list;
  }

  const Report& report_;
  Tree tree_;
};

}  // namespace

std::string write_json(const Report& report, const Style&) { return Writer(report).write(); }

}  // namespace plimsoll::report
