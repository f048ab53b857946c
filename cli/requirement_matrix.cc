#include "cli/requirement_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "cli/pack_page.h"
#include "engine/report/summary.h"
#include "engine/report/terminal.h"
#include "engine/report/tree.h"
#include "engine/value/json.h"
#include "engine/value/suggest.h"

namespace plimsoll::cli {

namespace {

std::vector<std::string> ids_in(std::string_view source) {
  std::vector<std::string> ids;
  while (!source.empty()) {
    const size_t end = std::min(source.find_first_of(",; \t\n"), source.size());
    if (end > 0) ids.emplace_back(source.substr(0, end));
    source.remove_prefix(std::min(end + 1, source.size()));
  }
  return ids;
}

// "LR-" of LR-06: what ids of one document have in common; empty if there is no number at the end.
std::string family_of(std::string_view id) {
  const size_t last = id.find_last_not_of("0123456789");
  if (last == std::string_view::npos || last + 1 == id.size()) return {};
  return std::string(id.substr(0, last + 1));
}

struct Totals {
  size_t holes = 0;
  std::set<const policy::RuleInfo*> rules;
  size_t pass_cases = 0;
  size_t fail_cases = 0;
};

Totals totals_of(const RequirementMatrix& matrix) {
  Totals totals;
  for (const RequirementMatrix::Line& line : matrix.lines) {
    if (!line.holes().empty()) ++totals.holes;
    totals.rules.insert(line.rules.begin(), line.rules.end());
  }
  for (const policy::RuleInfo* rule : totals.rules) {
    totals.pass_cases += rule->pass_cases;
    totals.fail_cases += rule->fail_cases;
  }
  return totals;
}

std::string summary_of(const RequirementMatrix& matrix) {
  const Totals totals = totals_of(matrix);
  return fmt::format("{}, {} with a hole; {} with {} passing and {} failing cases", report::plural(matrix.lines.size(), "requirement"),
                     totals.holes, report::plural(totals.rules.size(), "rule"), totals.pass_cases, totals.fail_cases);
}

std::string unknown_text(const RequirementMatrix& matrix, const std::pair<std::string, std::string>& unknown) {
  return fmt::format("{} is the source of {}, but {} has no such requirement", unknown.first, unknown.second, matrix.file);
}

constexpr size_t kTextWidth = 72;

}  // namespace

std::vector<std::string> RequirementMatrix::Line::holes() const {
  if (rules.empty()) return {"no rule"};
  std::vector<std::string> holes;
  for (const policy::RuleInfo* rule : rules) {
    const std::string id = rule->qualified_id();
    if (rule->pass_cases == 0) holes.push_back(fmt::format("{} has no passing case", id));
    if (rule->fail_cases == 0) holes.push_back(fmt::format("{} has no failing case", id));
  }
  return holes;
}

size_t RequirementMatrix::faults() const { return totals_of(*this).holes + unknown.size(); }

Result<RequirementMatrix> make_matrix(const std::string& file, std::span<const Requirement> requirements,
                                      std::span<const policy::RuleInfo> rules, const std::vector<std::string>& only) {
  const auto wanted = [&](std::string_view id) {
    return only.empty() || std::ranges::any_of(only, [&](const std::string& prefix) { return has_prefix(id, prefix); });
  };
  for (const std::string& prefix : only) {
    const auto named = [&](const Requirement& requirement) { return has_prefix(requirement.id, prefix); };
    if (std::ranges::any_of(requirements, named)) continue;
    std::vector<std::string> families;
    for (const Requirement& requirement : requirements) {
      std::string family = family_of(requirement.id);
      while (!family.empty() && (family.back() == '-' || family.back() == '.')) family.pop_back();
      if (!family.empty() && std::ranges::find(families, family) == families.end()) families.push_back(std::move(family));
    }
    return std::unexpected(Error(ErrorCode::kUsage, fmt::format("--only {}: {} has no such requirement{}", prefix, file,
                                                                suggestion(prefix, families)))
                               .with_remedy(fmt::format("its ids begin with {}", fmt::join(families, ", "))));
  }
  RequirementMatrix matrix{file, {}, {}};
  std::unordered_map<std::string_view, size_t> lines;  // by id
  std::set<std::string> families;
  std::set<std::string_view> known;
  for (const Requirement& requirement : requirements) {
    known.insert(requirement.id);
    families.insert(family_of(requirement.id));
    if (!wanted(requirement.id)) continue;
    lines.emplace(requirement.id, matrix.lines.size());
    matrix.lines.push_back({&requirement, {}});
  }
  for (const policy::RuleInfo& rule : rules) {
    for (const std::string& id : ids_in(rule.source)) {
      if (const auto line = lines.find(id); line != lines.end()) {
        std::vector<const policy::RuleInfo*>& of_line = matrix.lines[line->second].rules;
        if (std::ranges::find(of_line, &rule) == of_line.end()) of_line.push_back(&rule);
      } else if (const std::string family = family_of(id);
                 !family.empty() && !known.contains(id) && families.contains(family) && wanted(id)) {
        matrix.unknown.emplace_back(id, rule.qualified_id());
      }
    }
  }
  return matrix;
}

std::string as_text(const RequirementMatrix& matrix) {
  size_t id_width = 0, rule_width = 0;
  for (const RequirementMatrix::Line& line : matrix.lines) {
    id_width = std::max(id_width, report::display_width(line.requirement->id));
    for (const policy::RuleInfo* rule : line.rules) rule_width = std::max(rule_width, rule->qualified_id().size());
  }
  std::string out;
  const std::string* section = nullptr;
  for (const RequirementMatrix::Line& line : matrix.lines) {
    if (section == nullptr || *section != line.requirement->section) {
      out += fmt::format("{}{}\n", section == nullptr ? "" : "\n", report::visible(line.requirement->section));
      section = &line.requirement->section;
    }
    std::string id = report::visible(line.requirement->id);
    if (line.rules.empty()) {
      std::string text = report::visible(line.requirement->text);
      if (const size_t end = text.find(' ', kTextWidth); end != std::string::npos) text = text.substr(0, end) + " ...";
      out += fmt::format("  {:<{}}  HOLE: no rule: {}\n", id, id_width, text);
    }
    for (const policy::RuleInfo* rule : line.rules) {
      const char* hole = rule->pass_cases == 0 && rule->fail_cases == 0 ? "  HOLE: no case"
                         : rule->pass_cases == 0                        ? "  HOLE: no passing case"
                         : rule->fail_cases == 0                        ? "  HOLE: no failing case"
                                                                        : "";
      out += fmt::format("  {:<{}}  {:<{}}  {:>2} pass  {:>2} fail{}\n", id, id_width, rule->qualified_id(), rule_width,
                         rule->pass_cases, rule->fail_cases, hole);
      id.clear();
    }
  }
  out += '\n';
  for (const auto& unknown : matrix.unknown) out += report::visible(unknown_text(matrix, unknown)) + "\n";
  return out + summary_of(matrix) + "\n";
}

std::string as_markdown(const RequirementMatrix& matrix) {
  std::string out = "# Requirements and the rules that encode them\n";
  const std::string* section = nullptr;
  for (const RequirementMatrix::Line& line : matrix.lines) {
    const Requirement& requirement = *line.requirement;
    if (section == nullptr || *section != requirement.section) {
      section = &requirement.section;
      out += fmt::format("\n## {}\n\n| id | requirement | rules | passing | failing |\n|---|---|---|---|---|\n", *section);
    }
    std::string rules, passing, failing;
    for (const policy::RuleInfo* rule : line.rules) {
      const char* separator = rules.empty() ? "" : "<br>";
      rules += fmt::format("{}`{}`", separator, rule->qualified_id());
      passing += fmt::format("{}{}", separator, rule->pass_cases);
      failing += fmt::format("{}{}", separator, rule->fail_cases);
    }
    const std::vector<std::string> holes = line.holes();
    if (!holes.empty()) rules += fmt::format("{}**hole: {}**", rules.empty() ? "" : "<br>", fmt::join(holes, "; "));
    out += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_cell(requirement.id), markdown_cell(requirement.text), rules, passing,
                       failing);
  }
  out += '\n';
  for (const auto& unknown : matrix.unknown) out += fmt::format("- {}\n", unknown_text(matrix, unknown));
  return out + (matrix.unknown.empty() ? "" : "\n") + summary_of(matrix) + "\n";
}

std::string as_json(const RequirementMatrix& matrix) {
  report::Tree tree;
  report::ListBuilder lines = tree.list(), unknown = tree.list();
  for (const RequirementMatrix::Line& line : matrix.lines) {
    report::ListBuilder rules = tree.list(), holes = tree.list();
    for (const policy::RuleInfo* rule : line.rules) {
      rules.add(tree.object()
                    .set("id", rule->id)
                    .set("pack", rule->pack)
                    .set("severity", policy::severity_name(rule->severity))
                    .set("passCases", rule->pass_cases)
                    .set("failCases", rule->fail_cases));
    }
    for (const std::string& hole : line.holes()) holes.add(hole);
    lines.add(tree.object()
                  .set("id", line.requirement->id)
                  .set("section", line.requirement->section)
                  .set("line", line.requirement->line)
                  .set("requirement", line.requirement->text)
                  .set("rules", rules)
                  .set("holes", holes));
  }
  for (const auto& [id, rule] : matrix.unknown) unknown.add(tree.object().set("id", id).set("rule", rule));
  const Totals totals = totals_of(matrix);
  const Value summary = tree.object()
                            .set("requirements", matrix.lines.size())
                            .set("holes", totals.holes)
                            .set("rules", totals.rules.size())
                            .set("passCases", totals.pass_cases)
                            .set("failCases", totals.fail_cases);
  return json::write(tree.object()
                         .set("version", 1)
                         .set("file", matrix.file)
                         .set("requirements", lines)
                         .set("unknown", unknown)
                         .set("summary", summary),
                     {.indent = 2}) +
         "\n";
}

}  // namespace plimsoll::cli
