#include "cli/chart_flags.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "cli/flags.h"
#include "cli/output.h"
#include "engine/chart/load.h"

namespace plimsoll::cli {

namespace {

constexpr size_t kMaxInput = 512UL << 20;

}  // namespace

std::unique_ptr<tmpl::Host> ChartFlags::host() const {
  return seed ? std::make_unique<tmpl::SystemHost>(*seed) : std::make_unique<tmpl::SystemHost>();
}

std::vector<std::string> split_commas(const std::vector<std::string>& texts) {
  std::vector<std::string> result;
  for (const std::string& text : texts) {
    for (size_t start = 0; start <= text.size();) {
      const size_t end = std::min(text.find(',', start), text.size());
      result.push_back(text.substr(start, end - start));
      start = end + 1;
    }
  }
  return result;
}

void add_values_flags(CLI::App& command, chart::ValuesFlags& values) {
  add_repeated(command, "-f,--values", values.files, "Values file, or - for standard input")->type_name("FILE");
  add_repeated(command, "--set", values.set, "Set values: key=value,key2=value2")->type_name("VALUES");
  add_repeated(command, "--set-string", values.set_string, "Set values as strings")->type_name("VALUES");
  add_repeated(command, "--set-json", values.set_json, "Set values from JSON: key=json")->type_name("VALUES");
  add_repeated(command, "--set-file", values.set_file, "Set values from files: key=path")->type_name("VALUES");
  add_repeated(command, "--set-literal", values.set_literal, "Set a value as it is written")->type_name("VALUE");
}

void add_release_flags(CLI::App& command, chart::ReleaseOptions& release) {
  add_repeated(command, "-a,--api-versions", release.capabilities.extra_api_versions, "More API versions for .Capabilities")
      ->type_name("VERSIONS");
  command.add_flag("--is-upgrade", release.is_upgrade, "Set .Release.IsUpgrade instead of .Release.IsInstall");
  command.add_flag("--skip-schema-validation", release.skip_schema_validation,
                   "Do not validate values against values.schema.json");
}

void add_chart_flags(CLI::App& command, ChartFlags& flags) {
  add_values_flags(command, flags.release.values);
  add_release_flags(command, flags.release);
  command.add_option("-n,--namespace", flags.release.name_space, "Namespace of the release [default]")->type_name("NAME")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command.add_option("--kube-version", flags.kube_version, "Kubernetes version for .Capabilities [v1.20.0, as helm's]")
      ->type_name("VERSION")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command.add_option("--seed", flags.seed, "Make random functions and time repeatable")->type_name("N")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

Result<std::string> read_input(std::string_view path) {
  const std::string name(path);
  std::string text;
  char buffer[65536];
  const auto read_all = [&](std::istream& in) {
    while ((in.read(buffer, sizeof buffer), in.gcount() > 0) && text.size() <= kMaxInput) {
      text.append(buffer, static_cast<size_t>(in.gcount()));
    }
  };
  const bool standard_input = name.find_first_not_of(" \t") != std::string::npos && name.find('-') != std::string::npos &&
                              name.find_first_not_of(" \t-") == std::string::npos && name.find('-') == name.rfind('-');
  if (standard_input) {
    read_all(std::cin);
  } else {
    errno = 0;
    std::ifstream in(name, std::ios::binary);
    if (in) read_all(in);
    if (!in.is_open() || in.bad()) {
      const std::error_code code(errno != 0 ? errno : EIO, std::generic_category());
      std::string reason = code.message();
      std::transform(reason.begin(), reason.begin() + 1, reason.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      });
      return fail(ErrorCode::kInputOutput, "open " + name + ": " + reason);
    }
  }
  if (text.size() > kMaxInput) {
    return std::unexpected(
        Error(ErrorCode::kLimit, "larger than " + std::to_string(kMaxInput >> 20) + " MiB").in_file(name));
  }
  return text;
}

std::expected<std::unique_ptr<const chart::Release>, chart::RenderError> render_chart(const ChartFlags& flags,
                                                                                      const std::string& path) {
  chart::Warnings warnings;
  auto chart = chart::load(path, warnings);
  return render_chart(flags, std::move(chart), std::move(warnings));
}

std::expected<std::unique_ptr<const chart::Release>, chart::RenderError> render_chart(
    const ChartFlags& flags, Result<std::shared_ptr<const chart::Chart>> chart, chart::Warnings warnings) {
  chart::ReleaseOptions options = flags.release;
  options.capabilities.extra_api_versions = split_commas(options.capabilities.extra_api_versions);
  const auto failed = [](Error error) { return std::unexpected(chart::RenderError{std::move(error), false, {}}); };
  if (!flags.kube_version.empty()) {
    auto version = chart::parse_kube_version(flags.kube_version);
    if (!version) {
      return failed(std::move(version.error()).with_context("invalid kube version '" + flags.kube_version + "'"));
    }
    options.capabilities.kube_version = *std::move(version);
  }
  const std::unique_ptr<tmpl::Host> host = flags.host();
  std::expected<std::unique_ptr<const chart::Release>, chart::RenderError> release =
      chart ? chart::render(*chart, std::move(options), *host, read_input, warnings) : failed(std::move(chart.error()));
  for (const std::string& warning : warnings) print_bare(warning);
  return release;
}

}  // namespace plimsoll::cli
