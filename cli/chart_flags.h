// Flags of the commands that render charts: values, the release, the cluster.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/chart/release.h"
#include "engine/template/host.h"

namespace CLI {
class App;
}

namespace plimsoll::cli {

struct ChartFlags {
  chart::ReleaseOptions release;
  std::string kube_version;
  std::optional<uint64_t> seed;

  std::unique_ptr<tmpl::Host> host() const;
};

// -f and the --set family.
void add_values_flags(CLI::App& command, chart::ValuesFlags& values);
// --api-versions, --is-upgrade, --skip-schema-validation.
void add_release_flags(CLI::App& command, chart::ReleaseOptions& release);
// pflag's StringSlice: one text may hold several, separated by commas.
std::vector<std::string> split_commas(const std::vector<std::string>& texts);

// -f, the --set family, --namespace, --kube-version, --api-versions, --is-upgrade, --skip-schema-validation, --seed.
void add_chart_flags(CLI::App& command, ChartFlags& flags);

// Reads a file, or standard input for "-": for values files and --set-file.
Result<std::string> read_input(std::string_view path);

// Loads and renders; prints warnings as Helm logs them.
std::expected<std::unique_ptr<const chart::Release>, chart::RenderError> render_chart(const ChartFlags& flags,
                                                                                      const std::string& path);
// The same for a chart at hand, or what went wrong when it was loaded, with warnings so far.
std::expected<std::unique_ptr<const chart::Release>, chart::RenderError> render_chart(
    const ChartFlags& flags, Result<std::shared_ptr<const chart::Chart>> chart, chart::Warnings warnings);

}  // namespace plimsoll::cli
