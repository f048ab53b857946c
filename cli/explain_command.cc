#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/pack_page.h"
#include "engine/policy/pack_archive.h"
#include "engine/report/summary.h"
#include "engine/report/terminal.h"
#include "engine/source/file.h"
#include "engine/value/suggest.h"
#include "engine/yaml/document.h"

// `plimsoll explain RULE`: what a rule asks, why, what to do, and how it decides; of a pack, which params it takes.
namespace plimsoll::cli {

namespace {

constexpr size_t kWidth = 100;
constexpr std::string_view kIndent = "  ";

struct Flags {
  std::string rule;
  RuleSelection rules;
  std::string config;
  bool no_config = false;
  std::string color = "auto";
};

class Page {
 public:
  Page(const policy::RuleInfo& rule, bool color) : rule_(rule), paint_(color) {}

  std::string write() {
    out_ += paint_(report::Color::kBold, rule_.qualified_id()) + "\n";
    if (!rule_.title.empty()) paragraph(rule_.title);
    out_ += '\n';
    if (rule_.validations > 0) fact("severity", policy::severity_name(rule_.severity));
    if (rule_.mutations > 0) fact("mutates", "with plimsoll render --enforce, plimsoll fix, and in the webhook");
    fact("category", rule_.category);
    fact("source", rule_.source);
    fact("policy", rule_.file);
    section("Why", rule_.description);
    section("What to do", rule_.remediation);
    if (const std::string text = policy_text(); !text.empty()) write_policy(text);
    write_example();
    if (rule_.validations > 0) out_ += fmt::format("\nTo accept a finding, annotate the object:\n  plimsoll.dev/ignore: \"{}: the reason\"\n", rule_.id);
    return std::move(out_);
  }

 private:
  void heading(std::string_view title) { out_ += "\n" + paint_(report::Color::kBold, title) + "\n"; }
  void paragraph(std::string_view text) { out_ += std::string(kIndent) + report::wrap(text, kWidth, kIndent) + "\n"; }
  void fact(std::string_view name, std::string_view value) {
    if (!value.empty()) out_ += fmt::format("  {:<9} {}\n", name, report::visible(value));
  }
  void section(std::string_view title, std::string_view text) {
    if (text.empty()) return;
    heading(title);
    paragraph(text);
  }
  // Code keeps its lines.
  void code(std::string_view text) {
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    std::string block;
    report::append_visible(block, text, true);
    out_ += "    ";
    for (const char c : block) out_ += c == '\n' ? std::string("\n    ") : std::string(1, c);
    out_ += '\n';
  }

  static std::string text_of(const policy::PackFiles& files, std::string_view pack, const std::string& path) {
    for (const policy::PackFiles::File& file : files.of_pack(pack)) {
      if (file.path == path) return std::string(file.text);
    }
    const auto file = source::read_file(path, path);
    return file ? (*file)->text() : std::string();
  }

  // With the mutation that stands beside it in a pack.
  std::string policy_text() const {
    const policy::PackFiles files = policy::PackFiles::built_in();
    std::string text = text_of(files, rule_.pack, rule_.file);
    const size_t slash = rule_.file.rfind('/');
    if (rule_.mutations > 0 && rule_.validations > 0 && !rule_.pack.empty() && slash != std::string::npos) {
      text += "\n---\n" + text_of(files, rule_.pack, rule_.file.substr(0, slash) + "/mutation.yaml");
    }
    return text;
  }

  void write_policy(const std::string& text) {
    const auto documents = yaml::read_stream(text, {.file = rule_.file});
    if (!documents) return;
    for (const yaml::Document& document : *documents) {
      if (document.root()["metadata"]["name"].string_or() != rule_.id) continue;
      const Value spec = document.root()["spec"];
      if (!spec["validations"].is_list() && !spec["mutations"].is_list()) continue;
      write_resources(spec["matchConstraints"]["resourceRules"]);
      write_expressions("Only if", spec["matchConditions"], "name");
      write_expressions("With", spec["variables"], "name");
      write_expressions("It holds that", spec["validations"], "message");
      write_mutations(spec["mutations"]);
    }
  }

  void write_mutations(const Value& mutations) {
    if (mutations.size() == 0) return;
    heading("It makes");
    for (const Value& mutation : mutations.items()) {
      const bool patch = mutation["patchType"].string_or() == "JSONPatch";
      code(mutation[patch ? "jsonPatch" : "applyConfiguration"]["expression"].string_or());
    }
  }

  void write_resources(const Value& rules) {
    std::vector<std::string> resources;
    for (const Value& rule : rules.items()) {
      for (const Value& group : rule["apiGroups"].items()) {
        for (const Value& resource : rule["resources"].items()) {
          const std::string_view suffix = group.string_or();
          resources.push_back(suffix.empty() || suffix == "*" ? std::string(resource.string_or())
                                                              : fmt::format("{}.{}", resource.string_or(), suffix));
        }
      }
    }
    section("Applies to", fmt::format("{}", fmt::join(resources, ", ")));
  }

  void write_expressions(std::string_view title, const Value& list, std::string_view label) {
    if (list.size() == 0) return;
    heading(title);
    for (const Value& item : list.items()) {
      if (const std::string_view text = item[label].string_or(); !text.empty()) paragraph(text);
      code(item["expression"].string_or());
    }
  }

  // The shortest failing case is the best example.
  void write_example() {
    const policy::PackFiles files = policy::PackFiles::built_in();
    const size_t slash = rule_.file.rfind('/');
    if (slash == std::string::npos) return;
    const std::string prefix = rule_.file.substr(0, slash) + "/cases/fail.";
    std::string_view best;
    for (const policy::PackFiles::File& file : files.of_pack(rule_.pack)) {
      if (file.path.starts_with(prefix) && (best.empty() || file.text.size() < best.size())) best = file.text;
    }
    if (best.empty()) return;
    heading("Example that it refuses");
    while (best.starts_with('#')) best.remove_prefix(std::min(best.size(), best.find('\n') + 1));
    code(best);
  }

  const policy::RuleInfo& rule_;
  report::Painter paint_;
  std::string out_;
};

std::string pack_text(const policy::PackInfo& pack, const policy::RuleSet& set) {
  std::string out = params_text(pack);
  if (!pack.description.empty()) {
    out.insert(out.find('\n') + 1, fmt::format("  {}\n", report::wrap(pack.description, kWidth, kIndent)));
  }
  size_t rules = 0;
  for (const policy::RuleInfo& rule : set.rules()) rules += rule.pack == pack.name ? 1 : 0;
  return out + fmt::format("\n{}; plimsoll rules --pack {} lists {}\n", report::plural(rules, "rule"), pack.name,
                           rules == 1 ? "it" : "them");
}

int run(Flags flags) {
  const auto selected = select_known_rules(std::move(flags.rules), flags.config, flags.no_config);
  if (!selected) {
    print_error(selected.error());
    return kFailure;
  }
  const policy::RuleInfo* rule = selected->rules->find(flags.rule);
  if (rule == nullptr) {
    std::vector<std::string> ids;
    for (const policy::PackInfo& pack : selected->rules->packs()) {
      if (pack.name == flags.rule) return print(pack_text(pack, *selected->rules));
      ids.push_back(pack.name);
    }
    for (const policy::RuleInfo& known : selected->rules->rules()) {
      ids.push_back(flags.rule.find('/') == std::string::npos ? known.id : known.qualified_id());
    }
    print_message(fmt::format("error: there is no rule or pack \"{}\"{} (plimsoll rules lists them)", flags.rule, suggestion(flags.rule, ids)));
    return kFailure;
  }
  return print(Page(*rule, use_color(color_mode(flags.color))).write());
}

}  // namespace

void add_explain_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("explain", "Tell all about a rule (what it asks, why, and what to do) or a pack and its params");
  auto flags = std::make_shared<Flags>();
  command->add_option("RULE", flags->rule, "A rule's id, pack/id, or a pack's name")->required();
  add_rule_flags(*command, flags->rules, flags->config, flags->no_config);
  add_color_flag(*command, flags->color);
  command->callback([flags, &exit_code] { exit_code = run(std::move(*flags)); });
}

}  // namespace plimsoll::cli
