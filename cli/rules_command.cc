#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "cli/chart_flags.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/pack_page.h"
#include "cli/requirement_matrix.h"
#include "engine/report/summary.h"
#include "engine/report/tree.h"
#include "engine/source/file.h"
#include "engine/value/json.h"

// `plimsoll rules`: what there is to judge with, and which requirements it encodes.
namespace plimsoll::cli {

namespace {

struct Flags {
  RuleSelection rules;
  std::string config;
  bool no_config = false;
  std::string format = "text";
  bool params = false;
  std::string requirements;
  std::vector<std::string> only;
};

using Rules = std::span<const policy::RuleInfo>;

std::string pack_title(const SelectedRules& selected, const std::string& pack) {
  for (const report::PackUse& use : selected.packs) {
    if (use.name == pack) return use.title;
  }
  return pack.empty() ? "policies of your own" : "";
}

std::string as_text(const SelectedRules& selected) {
  const Rules rules = selected.rules->rules();
  size_t width = 0;
  for (const policy::RuleInfo& rule : rules) width = std::max(width, rule.id.size());
  std::string out;
  const std::string* pack = nullptr;
  for (const policy::RuleInfo& rule : rules) {
    if (pack == nullptr || *pack != rule.pack) {
      if (pack != nullptr) out += '\n';
      pack = &rule.pack;
      const std::string title = pack_title(selected, rule.pack);
      out += rule.pack.empty() ? fmt::format("{}\n", title)
             : title.empty()   ? fmt::format("{}\n", rule.pack)
                               : fmt::format("{} - {}\n", rule.pack, title);
    }
    // What only mutates finds nothing, hence has no severity.
    const std::string_view severity = rule.validations > 0 ? policy::severity_name(rule.severity) : "mutates";
    const std::string_view repairs = rule.validations > 0 && rule.mutations > 0 ? " (with a mutation)" : "";
    out += fmt::format("  {:<{}}  {:<7}  {}{}\n", rule.id, width, severity, rule.title, repairs);
  }
  return out + fmt::format("\n{} in {}; plimsoll explain RULE tells more\n", report::plural(rules.size(), "rule"),
                           report::plural(selected.packs.size(), "pack"));
}

// A page for each pack that was asked for: those that it extends have their own.
std::string as_markdown(const SelectedRules& selected) {
  std::string out;
  const auto rules_of = [&](std::string_view pack) {
    std::vector<const policy::RuleInfo*> rules;
    for (const policy::RuleInfo& rule : selected.rules->rules()) {
      if (rule.pack == pack) rules.push_back(&rule);
    }
    return rules;
  };
  for (const policy::PackInfo& pack : selected.rules->packs()) {
    const auto use = std::find_if(selected.packs.begin(), selected.packs.end(),
                                  [&](const report::PackUse& known) { return known.name == pack.name; });
    if (use == selected.packs.end() || use->reason == kExtendedReason) continue;
    out += (out.empty() ? "" : "\n") + pack_page(pack, rules_of(pack.name));
  }
  if (const auto own = rules_of({}); !own.empty()) {
    out += fmt::format("{}# Policies of your own\n\n{}", out.empty() ? "" : "\n", rules_table(own));
  }
  return out;
}

std::string as_json(const SelectedRules& selected) {
  report::Tree tree;
  report::ListBuilder rules = tree.list();
  for (const policy::RuleInfo& rule : selected.rules->rules()) {
    rules.add(tree.object()
                  .set("id", rule.id)
                  .set("pack", rule.pack)
                  .set("title", rule.title)
                  .set("severity", policy::severity_name(rule.severity))
                  .set("category", rule.category)
                  .set("remediation", rule.remediation)
                  .set("source", rule.source)
                  .set("description", rule.description)
                  .set("validations", rule.validations)
                  .set("mutations", rule.mutations)
                  .set("file", rule.file));
  }
  report::ListBuilder packs = tree.list();
  for (const report::PackUse& pack : selected.packs) {
    packs.add(tree.object().set("name", pack.name).set("title", pack.title).set("rules", pack.rules));
  }
  return json::write(tree.object().set("version", 1).set("packs", packs).set("rules", rules), {.indent = 2}) + "\n";
}

std::string as_ids(const SelectedRules& selected) {
  std::string out;
  for (const policy::RuleInfo& rule : selected.rules->rules()) out += rule.qualified_id() + "\n";
  return out;
}

std::string params_as_json(const SelectedRules& selected) {
  report::Tree tree;
  report::ListBuilder packs = tree.list();
  for (const policy::PackInfo& pack : selected.rules->packs()) {
    report::ListBuilder params = tree.list();
    for (const policy::ParamInfo& param : pack.params) {
      params.add(tree.object()
                     .set("name", param.name)
                     .set("type", param.type)
                     .set("default", param.default_value)
                     .set("description", param.description));
    }
    packs.add(tree.object().set("name", pack.name).set("params", params));
  }
  return json::write(tree.object().set("version", 1).set("packs", packs), {.indent = 2}) + "\n";
}

int print_params(const Flags& flags, const SelectedRules& selected) {
  if (flags.format == "json") return print(params_as_json(selected));
  std::string out;
  for (const policy::PackInfo& pack : selected.rules->packs()) {
    if (pack.params.empty() && selected.rules->packs().size() > 1) continue;
    out += (out.empty() ? "" : "\n") + params_text(pack);
  }
  return print(out);
}

int print_matrix(const Flags& flags, const SelectedRules& selected) {
  const auto file = source::read_file(flags.requirements, flags.requirements);
  if (!file) {
    print_error(file.error());
    return kFailure;
  }
  const auto requirements = read_requirements((*file)->text(), flags.requirements);
  if (!requirements) {
    print_error(requirements.error());
    return kFailure;
  }
  const auto matrix = make_matrix(flags.requirements, *requirements, selected.rules->rules(), split_commas(flags.only));
  if (!matrix) {
    print_error(matrix.error());
    return kFailure;
  }
  return print(flags.format == "json"       ? as_json(*matrix)
               : flags.format == "markdown" ? as_markdown(*matrix)
                                            : as_text(*matrix),
               matrix->faults() == 0 ? kClean : kFindings);
}

int run(Flags flags) {
  const auto selected = select_known_rules(std::move(flags.rules), flags.config, flags.no_config);
  if (!selected) {
    print_error(selected.error());
    return kFailure;
  }
  if (!flags.requirements.empty()) return print_matrix(flags, *selected);
  if (flags.params) return print_params(flags, *selected);
  if (flags.format == "json") return print(as_json(*selected));
  if (flags.format == "markdown") return print(as_markdown(*selected));
  if (flags.format == "ids") return print(as_ids(*selected));
  return print(as_text(*selected));
}

}  // namespace

void add_rules_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("rules", "List the rules there are");
  command->footer(
      "Without --pack or --policy: all built-in packs, and what the configuration names.\n"
      "Markdown is a page for each pack, as rules/PACK/README.md.\n"
      "Exit code of --requirements: 1 if one has no rule, or a rule lacks a passing or failing case.");
  auto flags = std::make_shared<Flags>();
  add_rule_flags(*command, flags->rules, flags->config, flags->no_config);
  command->add_option("-o,--format,--output", flags->format, "text, json, markdown or ids [text]")
      ->type_name("FORMAT")
      ->transform(one_of({"text", "json", "markdown", "ids"}));
  auto* params = command->add_flag("--params", flags->params, "List the params of packs: type, default and meaning");
  auto* requirements = command->add_option("--requirements", flags->requirements,
                                           "Which rules encode the requirements of this Markdown file (tables whose first column is an id)")
                           ->type_name("FILE")
                           ->excludes(params);
  add_repeated(*command, "--only", flags->only, "Only requirements whose id begins so: LR,KL")->type_name("PREFIX")->needs(requirements);
  command->callback([flags, &exit_code] { exit_code = run(std::move(*flags)); });
}

}  // namespace plimsoll::cli
