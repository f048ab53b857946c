#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/flags.h"
#include "engine/report/format.h"

// `plimsoll completion bash|zsh|fish`: scripts that complete commands, flags and the words that flags take. They are made from the
// command line's own description, so that they cannot fall behind it.
namespace plimsoll::cli {

namespace {

struct Flag {
  std::vector<std::string> names;  // with dashes
  std::string description;
  bool takes_value = false;
  bool takes_path = false;
  std::vector<std::string> words;  // values to offer
};

struct Command {
  std::string name;
  std::string description;
  std::vector<Flag> flags;
  bool takes_rule = false;
  std::vector<std::string> words;  // positional words
};

std::vector<std::string> words_of(const std::string& flag) {
  std::vector<std::string> words;
  if (flag == "--severity" || flag == "--fail-on") {
    for (const auto severity : {policy::Severity::kError, policy::Severity::kWarning, policy::Severity::kInfo}) {
      words.emplace_back(policy::severity_name(severity));
    }
  } else if (flag == "--color") {
    words = {"auto", "always", "never"};
  } else if (flag == "--pack") {
    words.emplace_back(kAutoPacks);
    for (const policy::PackInfo& pack : policy::built_in_packs()) words.push_back(pack.name);
  }
  return words;
}

std::vector<std::string> formats_of(const std::string& command) {
  if (command == "rules") return {"text", "json", "markdown", "ids"};
  if (command == "test") return {"text", "junit"};
  std::vector<std::string> words;
  for (const report::Format& format : report::formats()) words.emplace_back(format.name);
  return words;
}

std::vector<Command> commands_of(CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* subcommand : app.get_subcommands({})) {
    Command command = {.name = subcommand->get_name(), .description = subcommand->get_description(), .flags = {}, .words = {}};
    command.takes_rule = command.name == "explain";
    if (command.name == "completion") command.words = {"bash", "zsh", "fish"};
    for (const CLI::Option* option : subcommand->get_options()) {
      if (option->get_positional()) continue;
      Flag flag;
      for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
      for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
      flag.description = option->get_description();
      flag.takes_value = option->get_type_size() > 0;
      const std::string type = option->get_type_name();
      flag.takes_path = type == "FILE" || type == "PATH";
      flag.words = type == "FORMAT" ? formats_of(command.name) : words_of(flag.names.back());
      command.flags.push_back(std::move(flag));
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash_script(const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  std::string values;
  for (const Command& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    std::string flags;
    for (const Flag& flag : command.flags) {
      for (const std::string& name : flag.names) {
        flags += (flags.empty() ? "" : " ") + name;
        if (!flag.words.empty()) {
          values += fmt::format("    {}:{}) COMPREPLY=($(compgen -W {} -- \"$cur\")); return ;;\n", command.name, name,
                                shell_quoted(fmt::format("{}", fmt::join(flag.words, " "))));
        } else if (flag.takes_value && !flag.takes_path) {
          values += fmt::format("    {}:{}) return ;;\n", command.name, name);
        } else if (flag.takes_path) {
          values += fmt::format("    {}:{}) compopt -o default; return ;;\n", command.name, name);
        }
      }
    }
    std::string positional = "compopt -o default";
    if (command.takes_rule) positional = "COMPREPLY=($(compgen -W \"$(plimsoll rules --format ids 2>/dev/null)\" -- \"$cur\"))";
    if (!command.words.empty()) {
      positional = fmt::format("COMPREPLY=($(compgen -W {} -- \"$cur\"))", shell_quoted(fmt::format("{}", fmt::join(command.words, " "))));
    }
    cases += fmt::format("    {}) if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W {} -- \"$cur\")); else {}; fi ;;\n", command.name,
                         shell_quoted(flags), positional);
  }
  return fmt::format(
      "# plimsoll completion for bash: source <(plimsoll completion bash)\n"
      "_plimsoll() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}}\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W '{} --help --version' -- \"$cur\")); return; fi\n"
      "  case $command:$prev in\n{}  esac\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "complete -F _plimsoll plimsoll\n",
      names, values, cases);
}

std::string zsh_script(const std::vector<Command>& commands) {
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '[' || c == ']' || c == ':') out += '\\';
      out += c;
    }
    return out;
  };
  std::string names;
  std::string cases;
  for (const Command& command : commands) {
    names += fmt::format("    {}\n", shell_quoted(command.name + ":" + command.description));
    cases += fmt::format("    {}) _arguments", command.name);
    for (const Flag& flag : command.flags) {
      for (const std::string& name : flag.names) {
        std::string spec = "*" + name + "[" + escaped(flag.description) + "]";
        if (flag.takes_path) {
          spec += ":path:_files";
        } else if (flag.takes_value) {
          spec += fmt::format(":value:({})", fmt::join(flag.words, " "));
        }
        cases += " \\\n      " + shell_quoted(spec);
      }
    }
    const std::string positional = command.takes_rule ? "*:rule:($(plimsoll rules --format ids 2>/dev/null))"
                                   : command.words.empty()
                                       ? "*:path:_files"
                                       : fmt::format("*:word:({})", fmt::join(command.words, " "));
    cases += " \\\n      " + shell_quoted(positional) + " ;;\n";
  }
  return fmt::format(
      "#compdef plimsoll\n"
      "# plimsoll completion for zsh: plimsoll completion zsh > \"${{fpath[1]}}/_plimsoll\"\n"
      "_plimsoll() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if ((CURRENT == 2)); then _describe command commands; return; fi\n"
      "  local command=$words[2]\n"
      "  shift words; ((CURRENT--))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "compdef _plimsoll plimsoll\n",
      names, cases);
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string out =
      "# plimsoll completion for fish: plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish\n"
      "complete -c plimsoll -n __fish_use_subcommand -f\n";
  for (const Command& command : commands) {
    out += fmt::format("complete -c plimsoll -n __fish_use_subcommand -a {} -d {}\n", command.name, shell_quoted(command.description));
    const std::string condition = fmt::format("-n '__fish_seen_subcommand_from {}'", command.name);
    for (const Flag& flag : command.flags) {
      out += fmt::format("complete -c plimsoll {}", condition);
      for (const std::string& name : flag.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (flag.takes_value) out += flag.takes_path ? " -r" : " -x";
      if (!flag.words.empty()) out += " -a " + shell_quoted(fmt::format("{}", fmt::join(flag.words, " ")));
      out += " -d " + shell_quoted(flag.description) + "\n";
    }
    if (command.takes_rule) out += fmt::format("complete -c plimsoll {} -f -a '(plimsoll rules --format ids 2>/dev/null)'\n", condition);
    if (!command.words.empty()) {
      out += fmt::format("complete -c plimsoll {} -f -a {}\n", condition, shell_quoted(fmt::format("{}", fmt::join(command.words, " "))));
    }
  }
  return out;
}

}  // namespace

void add_completion_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("completion", "Print a script that completes commands and flags in a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->transform(one_of({"bash", "zsh", "fish"}));
  command->callback([shell, &app, &exit_code] {
    const std::vector<Command> commands = commands_of(app);
    exit_code = print(*shell == "bash" ? bash_script(commands) : *shell == "zsh" ? zsh_script(commands) : fish_script(commands));
  });
}

}  // namespace plimsoll::cli
