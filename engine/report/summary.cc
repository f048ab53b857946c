#include "engine/report/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace plimsoll::report {

namespace {

std::string join(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

std::string duration(double seconds) {
  if (seconds < 0.01) return fmt::format("{:.1f} ms", seconds * 1000);
  return seconds < 1 ? fmt::format("{:.0f} ms", seconds * 1000) : fmt::format("{:.2f} s", seconds);
}

}  // namespace

std::string plural(size_t count, std::string_view noun) {
  const bool es = noun.ends_with('s') || noun.ends_with("ch") || noun.ends_with('x');
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : es ? "es" : "s");
}

std::string summary_line(const Report& report) {
  const Report::Counts counts = report.counts();
  std::vector<std::string> found;
  if (counts.errors > 0) found.push_back(plural(counts.errors, "error"));
  if (counts.warnings > 0) found.push_back(plural(counts.warnings, "warning"));
  if (counts.infos > 0) found.push_back(plural(counts.infos, "info"));
  if (!report.errors.empty()) found.push_back(plural(report.errors.size(), "fatal error"));
  const std::string objects = counts.objects > 0
                                  ? fmt::format("{} of {}", counts.objects, plural(report.objects.size(), "object"))
                                  : plural(report.objects.size(), "object");
  std::vector<std::string> sources;
  if (report.charts > 0) sources.push_back(plural(report.charts, "chart"));
  if (report.files > 0 || report.charts == 0) sources.push_back(plural(report.files, "file"));
  return fmt::format("{} in {}; {}, {}, {}", found.empty() ? "no findings" : join(found), objects, join(sources),
                     plural(report.rules.size(), "rule"), duration(report.seconds));
}

std::vector<Unjudged> unjudged(const Report& report) {
  std::map<std::pair<std::string_view, std::string_view>, size_t> kinds;
  for (const Judged& object : report.objects) {
    if (object.rules == 0) ++kinds[{object.subject.kind, object.subject.api_version}];
  }
  std::vector<Unjudged> result;
  for (const auto& [kind, count] : kinds) result.push_back({std::string(kind.second), std::string(kind.first), count});
  std::stable_sort(result.begin(), result.end(), [](const Unjudged& a, const Unjudged& b) { return a.count > b.count; });
  return result;
}

std::vector<std::string> summary_details(const Report& report) {
  std::vector<std::string> lines;
  std::vector<std::string> parts;
  for (const PackUse& pack : report.packs) parts.push_back(fmt::format("{} ({})", pack.name, pack.reason));
  if (!parts.empty()) lines.push_back("packs: " + join(parts));
  if (!report.config.empty()) lines.push_back("configuration: " + report.config);

  if (!report.renders.empty()) lines.push_back("rendered: " + join(report.renders));

  parts.clear();
  size_t total = 0;
  constexpr size_t kShownKinds = 8;
  for (const Unjudged& kind : unjudged(report)) {
    total += kind.count;
    if (parts.size() < kShownKinds) {
      parts.push_back(fmt::format("{} {}", kind.count, kind.kind));
    } else if (parts.size() == kShownKinds) {
      parts.push_back("...");
    }
  }
  if (total > 0) lines.push_back(fmt::format("no rule applies to {}: {}", plural(total, "object"), join(parts)));

  const Report::Counts counts = report.counts();
  if (counts.suppressed > 0) {
    std::map<std::string_view, size_t> by;
    for (const Finding& finding : report.findings) {
      if (finding.suppression) ++by[suppression_name(finding.suppression->by)];
    }
    parts.clear();
    for (const auto& [name, count] : by) parts.push_back(fmt::format("{} by {}", count, name));
    lines.push_back(fmt::format("ignored: {} (--show-ignored shows them)", join(parts)));
  }

  if (report.below_severity > 0) {
    lines.push_back(fmt::format("not shown: {} below the severity asked for", plural(report.below_severity, "finding")));
  }
  std::map<source::Note::Kind, size_t> notes;
  for (const source::Note& note : report.notes) ++notes[note.kind];
  parts.clear();
  for (const auto& [kind, count] : notes) {
    switch (kind) {
      case source::Note::Kind::kExcluded: parts.push_back(fmt::format("{} excluded", plural(count, "path"))); break;
      case source::Note::Kind::kRepeated: parts.push_back(fmt::format("{} read before", plural(count, "path"))); break;
      case source::Note::Kind::kLoop: parts.push_back(plural(count, "link loop")); break;
      case source::Note::Kind::kSpecial: parts.push_back(plural(count, "special file")); break;
      case source::Note::Kind::kNoManifest:
        parts.push_back(fmt::format("{} not of Kubernetes", plural(count, "document")));
        break;
      case source::Note::Kind::kEmpty: parts.push_back(plural(count, "empty file")); break;
      case source::Note::Kind::kLibrary: parts.push_back(plural(count, "library chart")); break;
      case source::Note::Kind::kNoCiValues: parts.push_back(fmt::format("ci values of {}", plural(count, "chart"))); break;
    }
  }
  if (!parts.empty()) lines.push_back(fmt::format("not judged: {} (--verbose names them)", join(parts)));
  return lines;
}

}  // namespace plimsoll::report
