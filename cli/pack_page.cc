#include "cli/pack_page.h"

#include <fmt/format.h>

#include "engine/report/terminal.h"

namespace plimsoll::cli {

namespace {

constexpr size_t kWidth = 100;

std::string code(std::string_view text) { return text.empty() ? std::string() : fmt::format("`{}`", markdown_cell(text)); }

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "`" : "`, `") + part;
  return out + "`";
}

}  // namespace

std::string markdown_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string params_text(const policy::PackInfo& pack) {
  std::string out = fmt::format("{}{}{}\n", pack.name, pack.title.empty() ? "" : " - ", report::visible(pack.title));
  if (pack.params.empty()) return out + "  no params\n";
  for (const policy::ParamInfo& param : pack.params) {
    out += fmt::format("\n  {}: {}\n", report::visible(param.name), report::visible(param.type));
    if (!param.description.empty()) out += fmt::format("      {}\n", report::wrap(param.description, kWidth, "      "));
    out += fmt::format("      default: {}\n", report::wrap(param.default_value, kWidth, "      "));
  }
  return out + fmt::format("\nSet one with --param {}.NAME=VALUE, or in .plimsoll.yaml under params.{}\n", pack.name, pack.name);
}

std::string rules_table(std::span<const policy::RuleInfo* const> rules) {
  std::string out = "| rule | severity | mutates | what it asks | source | what to do |\n|---|---|---|---|---|---|\n";
  for (const policy::RuleInfo* rule : rules) {
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", rule->id, rule->validations > 0 ? policy::severity_name(rule->severity) : "",
                       rule->mutations > 0 ? "yes" : "", markdown_cell(rule->title), markdown_cell(rule->source),
                       markdown_cell(rule->remediation));
  }
  return out;
}

std::string pack_page(const policy::PackInfo& pack, std::span<const policy::RuleInfo* const> rules) {
  std::string out = fmt::format("# {}\n\n{}{}", pack.title, pack.description, pack.description.empty() ? "" : "\n\n");
  out += fmt::format("    plimsoll lint PATH --pack {}\n\n", pack.name);
  if (!pack.match.empty()) {
    out += "`lint` takes the pack without a flag where it finds";
    for (size_t i = 0; i < pack.match.size(); ++i) {
      const std::string& match = pack.match[i];
      const size_t blank = match.find(' ');
      out += fmt::format("{} {} `{}`", i == 0 ? "" : i + 1 == pack.match.size() ? " or" : ",", match.substr(0, blank),
                         blank == std::string::npos ? "" : match.substr(blank + 1));
    }
    out += ".\n\n";
  }
  if (!pack.extends.empty()) out += fmt::format("Its rules come on top of those of {}.\n\n", joined(pack.extends));
  if (!pack.params.empty()) {
    out += fmt::format(
        "## Params\n\nSet with `--param {0}.NAME=VALUE`, or under `params.{0}` in `.plimsoll.yaml`.\n\n"
        "| param | takes | default | meaning |\n|---|---|---|---|\n",
        pack.name);
    for (const policy::ParamInfo& param : pack.params) {
      out += fmt::format("| `{}` | {} | {} | {} |\n", param.name, markdown_cell(param.type), code(param.default_value),
                         markdown_cell(param.description));
    }
    out += '\n';
  }
  return out + "## Rules\n\n" + rules_table(rules);
}

}  // namespace plimsoll::cli
