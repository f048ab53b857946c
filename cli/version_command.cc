#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/output.h"

namespace plimsoll::cli {

void add_version_command(CLI::App& app, int& exit_code) {
  const std::string text = fmt::format("plimsoll {}", kVersion);
  app.set_version_flag("--version", text, "Print the version");
  app.add_subcommand("version", "Print the version")->callback([text, &exit_code] { exit_code = print(text + "\n"); });
}

}  // namespace plimsoll::cli
