// What `helm template` prints of a rendered release, and from which rendered file each piece of it comes.
//
// Source of the behaviour: helm.sh/helm/v3/cmd/helm/template.go and pkg/action (renderResources).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/chart/manifest.h"
#include "engine/value/error.h"

namespace plimsoll::chart {

struct OutputOptions {
  bool include_crds = false;
  bool hooks = true;
  bool tests = true;                   // test hooks
  std::vector<std::string> show_only;  // patterns of template names without the chart's name
};

// A stretch of the output that was copied from a rendered file.
struct OutputPiece {
  size_t begin;  // in the output
  size_t length;
  std::string_view file;  // name of the rendered file or the CRD
  size_t offset;          // in that file
};

struct TemplateOutput {
  std::string text;
  std::vector<OutputPiece> pieces;  // ascending
};

// `crds`: files of crds/ folders by their full names, in order. Error: a show_only pattern that matches nothing.
Result<TemplateOutput> template_output(const SortedManifests& sorted, const std::vector<RenderedFile>& crds,
                                       const OutputOptions& options);

// One write of --output-dir: a file's name below the folder and what is written there, or appended if the name was written before.
struct OutputWrite {
  std::string name;
  std::string text;
};
std::vector<OutputWrite> output_writes(const SortedManifests& sorted, const std::vector<RenderedFile>& crds,
                                       const OutputOptions& options);

}  // namespace plimsoll::chart
