// The program's commands. Each adds itself to the command line and, when it is the chosen one, runs and sets the exit code.
#pragma once

namespace CLI {
class App;
}

namespace plimsoll::cli {

inline constexpr char kVersion[] = PLIMSOLL_VERSION;

void add_lint_command(CLI::App& app, int& exit_code);
void add_fix_command(CLI::App& app, int& exit_code);
void add_render_command(CLI::App& app, int& exit_code);
void add_rules_command(CLI::App& app, int& exit_code);
void add_functions_command(CLI::App& app, int& exit_code);
void add_explain_command(CLI::App& app, int& exit_code);
void add_test_command(CLI::App& app, int& exit_code);
void add_webhook_command(CLI::App& app, int& exit_code);
void add_version_command(CLI::App& app, int& exit_code);
// Knows the others through `app`, hence comes last.
void add_completion_command(CLI::App& app, int& exit_code);

}  // namespace plimsoll::cli
