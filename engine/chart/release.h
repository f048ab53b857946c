// A chart rendered with values for one release: what `helm template` does, kept with all that led to it.
//
//   chart::Warnings warnings;
//   auto chart = chart::load("charts/lightrun", warnings);
//   chart::ReleaseOptions options{.name = "lightrun", .name_space = "observability"};
//   auto release = chart::render(*chart, options, read_file);
//   template_output((*release)->manifests(), (*release)->crds(), {}).text;
//
// Source of the behaviour: helm.sh/helm/v3/pkg/engine, pkg/action (Install), cmd/helm/template.go.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/chart/capabilities.h"
#include "engine/chart/chart.h"
#include "engine/chart/manifest.h"
#include "engine/chart/release_chart.h"
#include "engine/chart/values.h"
#include "engine/chart/values_origin.h"
#include "engine/template/budget.h"
#include "engine/template/host.h"
#include "engine/template/provenance.h"

namespace plimsoll::chart {

struct ReleaseOptions {
  std::string name = "release-name";
  std::string name_space = "default";
  ValuesFlags values;
  Capabilities capabilities;
  bool is_upgrade = false;
  bool skip_schema_validation = false;
  bool crds = true;    // keep the files of crds/, which may be large
  bool trace = false;  // record where output comes from
  tmpl::Limits limits;
};

class Release;

// A failed render. `while_rendering` says whether templates had begun: Helm then offers its --debug flag.
struct RenderError {
  Error error;
  bool while_rendering = false;
  // Further lines about it, beyond Helm's words: an excerpt of the rendered text.
  std::vector<std::string> details = {};
  bool in_rendered_text = false;  // the error's place is in a rendered file, not in a template
  // Of values that a schema refuses: each violation by itself, where the value is set.
  std::vector<Error> violations = {};
  // The release as far as it came: nullptr, or one whose values are known but which lacks files and manifests.
  std::shared_ptr<const Release> release = nullptr;
};

class Release {
 public:
  explicit Release(ReleaseOptions options) : options_(std::move(options)) {}

  // Rendered files by name, in the order of execution; NOTES.txt left out.
  const std::vector<RenderedFile>& files() const { return files_; }
  const SortedManifests& manifests() const { return manifests_; }
  // Files of crds/ folders, in order.
  const std::vector<RenderedFile>& crds() const { return crds_; }
  const ReleaseChart& chart() const { return *chart_; }
  const UserValues& user_values() const { return user_values_; }
  // The values of the root chart and its subcharts as templates find them: defaults, and the user's laid over them. A copy
  // that no template changed while tracing (templates may `set` in what they see).
  const Value& values() const { return given_values_.is_null() ? values_ : given_values_; }
  const ReleaseOptions& options() const { return options_; }

  // The spans of a rendered file; empty without ReleaseOptions::trace.
  const tmpl::Spans& spans(std::string_view file) const;
  const tmpl::Tracer* tracer() const { return tracer_.get(); }
  ValuesLocator locator() const { return ValuesLocator(chart_.get(), user_values_); }
  // The text of a template by its full name ("top/templates/x.yaml"), and the file it was read from; nullptr if there is none.
  const File* template_file(std::string_view name) const;
  // Path of the file that `name` was read from: "charts/top/templates/x.yaml".
  std::string template_path(std::string_view name) const;

 private:
  friend class Renderer;
  ReleaseOptions options_;
  Arena arena_;
  std::shared_ptr<ReleaseChart> chart_;
  UserValues user_values_;
  Value values_;
  Value given_values_;
  std::vector<RenderedFile> files_;
  std::vector<tmpl::Spans> spans_;  // one for each file while tracing
  std::vector<RenderedFile> crds_;
  SortedManifests manifests_;
  std::unique_ptr<tmpl::Tracer> tracer_;
};

// The name that --name-template makes, as Helm does ("web-{{ randAlpha 4 | lower }}").
Result<std::string> release_name(const std::string& name_template, tmpl::Host& host);

// Renders. `read_file` reads values files and --set-file arguments; `host` gives randomness and time. Warnings of the way
// there are in `warnings` also when it fails.
std::expected<std::unique_ptr<const Release>, RenderError> render(std::shared_ptr<const Chart> chart, ReleaseOptions options,
                                                                  tmpl::Host& host, const FileReader& read_file,
                                                                  Warnings& warnings);

}  // namespace plimsoll::chart
