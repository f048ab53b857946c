#include "engine/report/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "engine/report/tree.h"
#include "engine/value/json.h"

namespace plimsoll::report {

namespace {

constexpr int64_t kVersion = 1;

}  // namespace

Result<Baseline> Baseline::read(std::string_view text, std::string_view file) {
  Arena arena;
  auto root = json::read(arena, text);
  if (!root) return std::unexpected(std::move(root.error()).with_context("not a baseline").in_file(file));
  const auto invalid = [&](std::string message) {
    return std::unexpected(Error(ErrorCode::kInvalid, std::move(message))
                               .in_file(file)
                               .with_remedy("--write-baseline writes it anew"));
  };
  const Value version = (*root)["version"];
  const Value findings = (*root)["findings"];
  if (!version.is_int() || !findings.is_list()) return invalid("not a baseline: version and findings are missing");
  if (version.as_int() != kVersion) return invalid(fmt::format("a baseline of version {} is unknown", version.as_int()));
  Baseline baseline;
  for (const Value& finding : findings.items()) {
    const std::string_view fingerprint = finding["fingerprint"].string_or();
    if (fingerprint.empty()) return invalid("an entry of the baseline has no fingerprint");
    baseline.entries_.try_emplace(std::string(fingerprint), Entry{.file = std::string(finding["file"].string_or()), .rule = std::string(finding["rule"].string_or())});
  }
  return baseline;
}

void Baseline::apply(Report& report) {
  for (Finding& finding : report.findings) {
    if (finding.suppression) continue;
    std::vector<Mark> unknown;
    for (const Mark& mark : finding.marks) {
      const auto entry = entries_.find(mark.fingerprint);
      if (entry == entries_.end()) {
        unknown.push_back(mark);
      } else {
        entry->second.used = true;
      }
    }
    if (unknown.empty()) {
      finding.suppression = Suppression{.by = Suppression::By::kBaseline, .reason = "known finding", .expires = {}};
    } else {
      finding.marks = std::move(unknown);
    }
  }
}

size_t Baseline::repaired(const Report& report) const {
  if (report.below_severity > 0) return 0;
  std::set<std::string_view> files;
  for (const Judged& object : report.objects) files.insert(object.file_id);
  std::set<std::string> rules;
  for (const policy::RuleInfo* rule : report.rules) rules.insert(rule->qualified_id());
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return !entry.second.used && files.contains(entry.second.file) && rules.contains(entry.second.rule);
  }));
}

std::string write_baseline(const Report& report) {
  // Sorted by what people read first, so that a version control system shows small differences.
  using Row = std::tuple<std::string, std::string, std::string, std::string, std::string>;
  std::set<Row> rows;
  for (const Finding& finding : report.findings) {
    if (finding.suppression && finding.suppression->by != Suppression::By::kBaseline) continue;
    const std::string& file = finding.order < report.objects.size() ? report.objects[finding.order].file_id : finding.location().file;
    for (const Mark& mark : finding.marks) {
      rows.emplace(file, finding.subject.description(), finding.rule->qualified_id(), mark.path.to_string(), mark.fingerprint);
    }
  }
  Tree tree;
  ListBuilder findings = tree.list();
  for (const auto& [file, object, rule, path, fingerprint] : rows) {
    findings.add(tree.object().set("file", file).set("object", object).set("rule", rule).set("path", path).set("fingerprint", fingerprint));
  }
  Value document = tree.object().set("version", Value::integer(kVersion)).set("findings", findings);
  return json::write(document, {.indent = 2}) + "\n";
}

}  // namespace plimsoll::report
