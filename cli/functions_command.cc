#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "engine/value/suggest.h"
#include "engine/report/tree.h"
#include "engine/template/function_table.h"
#include "engine/value/json.h"

namespace plimsoll::cli {

namespace {

using Functions = std::vector<const tmpl::Function*>;

struct Flags {
  std::vector<std::string> names;
  std::string format = "text";
};

std::string as_text(const Functions& functions) {
  size_t width = 0;
  for (const tmpl::Function* function : functions) width = std::max(width, function->name.size());
  std::string out;
  for (const tmpl::Function* function : functions) {
    out += fmt::format("{:<{}}  {}\n{:{}}  {}\n", function->name, width, function->doc, "", width, function->signature);
  }
  return out;
}

std::string as_json(const Functions& functions) {
  report::Tree tree;
  report::ListBuilder list = tree.list();
  for (const tmpl::Function* function : functions) {
    list.add(tree.object().set("name", function->name).set("signature", function->signature).set("doc", function->doc));
  }
  return json::write(tree.object().set("version", 1).set("functions", list), {.indent = 2}) + "\n";
}

std::string as_markdown(const Functions& functions) {
  std::string out = "# Functions of templates\n\n| function | signature | what it does |\n|---|---|---|\n";
  const auto cell = [](std::string_view text) {
    std::string escaped;
    for (const char c : text) {
      if (c == '|') escaped += '\\';
      escaped += c;
    }
    return escaped;
  };
  for (const tmpl::Function* function : functions) {
    out += fmt::format("| `{}` | `{}` | {} |\n", cell(function->name), cell(function->signature), cell(function->doc));
  }
  return out;
}

int run(const Flags& flags) {
  Functions functions = tmpl::FunctionTable::catalogue();
  if (!flags.names.empty()) {
    Functions chosen;
    for (const std::string& name : flags.names) {
      const auto found = std::find_if(functions.begin(), functions.end(), [&](const auto* known) { return known->name == name; });
      if (found == functions.end()) {
        std::vector<std::string> known;
        for (const tmpl::Function* function : functions) known.emplace_back(function->name);
        print_error(Error(ErrorCode::kNotFound, fmt::format("templates have no function {}{}", name, suggestion(name, known))));
        return kFailure;
      }
      chosen.push_back(*found);
    }
    functions = std::move(chosen);
  }
  if (flags.format == "json") return print(as_json(functions));
  if (flags.format == "markdown") return print(as_markdown(functions));
  return print(as_text(functions));
}

}  // namespace

void add_functions_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("functions", "List the functions that templates of charts may call");
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->names, "Only these");
  command->add_option("-o,--format,--output", flags->format, "text, json or markdown [text]")
      ->type_name("FORMAT")
      ->transform(one_of({"text", "json", "markdown"}));
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace plimsoll::cli
