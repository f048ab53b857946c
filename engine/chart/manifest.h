// Rendered templates as Helm sorts them: split into documents, hooks apart, in the order of installation.
//
// Source of the behaviour: helm.sh/helm/v3/pkg/releaseutil.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chart/load.h"
#include "engine/value/error.h"
#include "engine/yaml/document.h"

namespace plimsoll::chart {

// One document of a rendered template.
struct Manifest {
  std::string template_name;   // "top/templates/x.yaml"
  std::string_view text;       // trimmed; part of the rendered file
  size_t offset = 0;           // of `text` in the rendered file
  std::string kind;
  std::string api_version;
  std::vector<std::string> hook_events;  // empty: no hook
  // The document as YAML, with positions relative to `text`; its root is null if the text holds only comments.
  std::shared_ptr<const yaml::Document> document;

  bool is_test() const;
};

// A rendered file, by name.
struct RenderedFile {
  std::string name;
  std::string text;
};

// Splits a stream at its "---" lines as Helm does (the pieces are trimmed, empty ones left out). The result views `text`.
std::vector<std::string_view> split_manifests(std::string_view text);

struct SortedManifests {
  std::vector<Manifest> manifests;
  std::vector<Manifest> hooks;
};

// `files` must outlive the result. Error: the first document that is no YAML or has no proper head, in Helm's words, with the
// place in the rendered file.
Result<SortedManifests> sort_manifests(const std::vector<RenderedFile>& files, Warnings& warnings);

}  // namespace plimsoll::chart
