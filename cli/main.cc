#include <CLI/CLI.hpp>


#include "cli/command.h"
#include "cli/output.h"
#include "engine/value/suggest.h"

namespace plimsoll::cli {

namespace {

// CLI11's message, with what the user may have meant.
int usage_error(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  std::string message = error.what();
  std::vector<std::string> known;
  const CLI::App* command = &app;
  for (const CLI::App* subcommand : app.get_subcommands({})) {
    known.push_back(subcommand->get_name());
    if (subcommand->parsed()) command = subcommand;
  }
  if (command != &app) {
    known.clear();
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  }
  for (const std::string& argument : arguments) {
    const std::string word = argument.substr(0, argument.find('='));
    if (command != &app && !word.starts_with("--")) continue;
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    if (const std::string hint = suggestion(word, known); !hint.empty()) {
      message = "unknown " + std::string(command == &app ? "command " : "flag ") + word + hint;
      break;
    }
    if (command == &app) break;
  }
  print_message("error: " + message);
  print_message("try: plimsoll " + (command == &app ? std::string() : command->get_name() + " ") + "--help");
  return kFailure;
}

int run(int argc, char** argv) {
  CLI::App app("Says whether a Kubernetes deployment is within its limits, before it sails and at the gangway.", "plimsoll");
  app.get_formatter()->column_width(34);
  app.require_subcommand(1);
  int exit_code = kClean;
  add_lint_command(app, exit_code);
  add_fix_command(app, exit_code);
  add_render_command(app, exit_code);
  add_rules_command(app, exit_code);
  add_functions_command(app, exit_code);
  add_explain_command(app, exit_code);
  add_test_command(app, exit_code);
  add_webhook_command(app, exit_code);
  add_version_command(app, exit_code);
  add_completion_command(app, exit_code);
  if (argc == 1) return print(app.help(), kFailure);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, {argv + 1, argv + argc});
  }
  return exit_code;
}

}  // namespace

}  // namespace plimsoll::cli

int main(int argc, char** argv) {
  try {
    return plimsoll::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    plimsoll::cli::print_message("error: out of memory");
  } catch (const std::exception& error) {
    plimsoll::cli::print_message(std::string("error: ") + error.what());
  }
  return plimsoll::cli::kFailure;
}
