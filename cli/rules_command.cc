#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/flags.h"
#include "engine/report/summary.h"
#include "engine/report/tree.h"
#include "engine/value/json.h"

// `plimsoll rules`: what there is to judge with.
namespace plimsoll::cli {

namespace {

struct Flags {
  RuleSelection rules;
  std::string config;
  bool no_config = false;
  std::string format = "text";
};

using Rules = std::span<const policy::RuleInfo>;

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

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
    out += fmt::format("  {:<{}}  {:<7}  {}\n", rule.id, width, policy::severity_name(rule.severity), rule.title);
  }
  return out + fmt::format("\n{} in {}; plimsoll explain RULE tells more\n", report::plural(rules.size(), "rule"),
                           report::plural(selected.packs.size(), "pack"));
}

std::string as_markdown(const SelectedRules& selected) {
  std::string out = "# Rules\n";
  const std::string* pack = nullptr;
  for (const policy::RuleInfo& rule : selected.rules->rules()) {
    if (pack == nullptr || *pack != rule.pack) {
      pack = &rule.pack;
      out += fmt::format("\n## {}\n\n{}\n\n| rule | severity | category | what it asks | source |\n|---|---|---|---|---|\n",
                         rule.pack.empty() ? "Policies of your own" : rule.pack, pack_title(selected, rule.pack));
    }
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", rule.id, policy::severity_name(rule.severity), cell(rule.category),
                       cell(rule.title), cell(rule.source));
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

int run(Flags flags) {
  const auto selected = select_known_rules(std::move(flags.rules), flags.config, flags.no_config);
  if (!selected) {
    print_error(selected.error());
    return kFailure;
  }
  if (flags.format == "json") return print(as_json(*selected));
  if (flags.format == "markdown") return print(as_markdown(*selected));
  if (flags.format == "ids") return print(as_ids(*selected));
  return print(as_text(*selected));
}

}  // namespace

void add_rules_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("rules", "List the rules there are");
  command->footer("Without --pack or --policy: all built-in packs, and what the configuration names.");
  auto flags = std::make_shared<Flags>();
  add_rule_flags(*command, flags->rules, flags->config, flags->no_config);
  command->add_option("-o,--format,--output", flags->format, "text, json, markdown or ids [text]")
      ->type_name("FORMAT")
      ->transform(one_of({"text", "json", "markdown", "ids"}));
  command->callback([flags, &exit_code] { exit_code = run(std::move(*flags)); });
}

}  // namespace plimsoll::cli
