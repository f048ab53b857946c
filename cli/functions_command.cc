#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "engine/cel/declare.h"
#include "engine/report/tree.h"
#include "engine/template/function_table.h"
#include "engine/value/json.h"
#include "engine/value/suggest.h"

namespace plimsoll::cli {

namespace {

struct Flags {
  std::vector<std::string> words;
  bool cel = false;
  std::string format = "text";
};

// A line of either catalogue.
struct Row {
  std::string_view name, signature, doc;
  std::string_view library = {};               // of CEL
  std::vector<std::string_view> policies = {};  // kinds of policy whose expressions may call it
};

struct PolicyKind {
  std::string_view name;
  bool mutation, deployment;
};
constexpr PolicyKind kPolicyKinds[] = {
    {"ValidatingAdmissionPolicy", false, false},
    {"MutatingAdmissionPolicy", true, false},
    {"Policy", false, true},  // plimsoll.dev/v1
};

std::vector<Row> template_rows() {
  std::vector<Row> rows;
  for (const tmpl::Function* function : tmpl::FunctionTable::catalogue()) rows.push_back({function->name, function->signature, function->doc});
  return rows;
}

// By name; operators, which are functions to CEL, and what no policy offers are left out.
std::vector<Row> cel_rows() {
  std::vector<Row> rows;
  for (const cel::LibraryTable& table : cel::library_tables()) {
    std::vector<std::string_view> policies;
    for (const PolicyKind& kind : kPolicyKinds) {
      cel::EnvironmentOptions options;
      options.mutation = kind.mutation;
      options.deployment = kind.deployment;
      if (cel::offers(table, options)) policies.push_back(kind.name);
    }
    if (policies.empty()) continue;
    for (const cel::Signature& signature : table.signatures) {
      const char first = static_cast<char>(signature.function[0] | 0x20);
      if (first >= 'a' && first <= 'z') rows.push_back({signature.function, signature.type, signature.doc, table.name, policies});
    }
  }
  std::ranges::stable_sort(rows, {}, &Row::name);
  return rows;
}

std::string as_text(const std::vector<Row>& rows) {
  size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  std::string out;
  for (const Row& row : rows) {
    out += fmt::format("{:<{}}  {}\n{:{}}  {}\n", row.name, width, row.doc, "", width, row.signature);
    if (!row.policies.empty()) out += fmt::format("{:{}}  {}: {}\n", "", width, row.library, fmt::join(row.policies, ", "));
  }
  return out;
}

std::string as_json(const std::vector<Row>& rows) {
  report::Tree tree;
  report::ListBuilder list = tree.list();
  for (const Row& row : rows) {
    auto object = tree.object().set("name", row.name).set("signature", row.signature).set("doc", row.doc).set_if("library", row.library);
    if (!row.policies.empty()) {
      report::ListBuilder policies = tree.list();
      for (const std::string_view policy : row.policies) policies.add(policy);
      object.set("policies", policies);
    }
    list.add(object);
  }
  return json::write(tree.object().set("version", 1).set("functions", list), {.indent = 2}) + "\n";
}

std::string as_markdown(const std::vector<Row>& rows, bool cel) {
  std::string out = cel ? "# Functions of CEL expressions\n\n| function | signature | what it does | library | policies |\n|---|---|---|---|---|\n"
                        : "# Functions of templates\n\n| function | signature | what it does |\n|---|---|---|\n";
  const auto cell = [](std::string_view text) {
    std::string escaped;
    for (const char c : text) {
      if (c == '|') escaped += '\\';
      escaped += c;
    }
    return escaped;
  };
  for (const Row& row : rows) {
    out += fmt::format("| `{}` | `{}` | {} |", cell(row.name), cell(row.signature), cell(row.doc));
    out += cel ? fmt::format(" {} | {} |\n", row.library, fmt::join(row.policies, ", ")) : "\n";
  }
  return out;
}

bool contains(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return !std::ranges::search(text, word, {}, lower, lower).empty();
}

// Templates' functions by their names, CEL's by any word of theirs. False, having said so, if there is none.
bool choose(const Flags& flags, std::vector<Row>& rows) {
  std::vector<Row> chosen;
  for (const std::string& word : flags.words) {
    const size_t before = chosen.size();
    for (const Row& row : rows) {
      const bool wanted = flags.cel ? contains(row.name, word) || contains(row.signature, word) || contains(row.doc, word) : row.name == word;
      if (wanted) chosen.push_back(row);
    }
    if (chosen.size() > before) continue;
    std::vector<std::string> known;
    for (const Row& row : rows) known.emplace_back(row.name);
    print_error(Error(ErrorCode::kNotFound, fmt::format("{} no function {}{}", flags.cel ? "CEL has" : "templates have", word, suggestion(word, known))));
    return false;
  }
  if (!flags.words.empty()) rows = std::move(chosen);
  return true;
}

int run(const Flags& flags) {
  std::vector<Row> rows = flags.cel ? cel_rows() : template_rows();
  if (!choose(flags, rows)) return kFailure;
  if (flags.format == "json") return print(as_json(rows));
  if (flags.format == "markdown") return print(as_markdown(rows, flags.cel));
  return print(as_text(rows));
}

}  // namespace

void add_functions_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("functions", "List the functions that templates of charts may call, or expressions of policies");
  auto flags = std::make_shared<Flags>();
  command->add_option("WORD", flags->words, "Only these; of CEL, those that mention them");
  command->add_flag("--cel", flags->cel, "Functions of CEL expressions, and which kinds of policy offer them");
  command->add_option("-o,--format,--output", flags->format, "text, json or markdown [text]")
      ->type_name("FORMAT")
      ->transform(one_of({"text", "json", "markdown"}));
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace plimsoll::cli
