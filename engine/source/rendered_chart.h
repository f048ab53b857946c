// The objects of a rendered chart, each of which knows the template line and the values that made its fields.
//
//   Manifests manifests;
//   add_objects(std::make_shared<RenderedChart>(std::move(release), ""), true, manifests);
//   manifests.objects[0].locate(Path::parse("spec.replicas"));
//   // primary: charts/web/templates/deployment.yaml:9:13
//   // related: the includes that lead there; values.yaml:3:15 "values key replicas"; the rendered line
//
// Needs a release that was rendered with ReleaseOptions::trace. A place is worked out when somebody asks: the position in the
// rendered text leads to the span that wrote it (template/provenance.h), and that to the template and the values.
#pragma once

#include <memory>
#include <string>

#include "engine/chart/release.h"
#include "engine/source/manifest.h"
#include "engine/source/values_place.h"

namespace plimsoll::source {

class RenderedChart {
 public:
  // `variant`: Origin::variant() of its objects.
  RenderedChart(std::shared_ptr<const chart::Release> release, std::string variant)
      : release_(std::move(release)), variant_(std::move(variant)), locator_(release_->locator()) {}

  const chart::Release& release() const { return *release_; }
  const std::shared_ptr<const chart::Release>& shared_release() const { return release_; }
  const std::string& variant() const { return variant_; }

  // Where bytes [begin, end) of the rendered file come from. `whole_begin`, `whole_end`: the node they stand for, if they are
  // just its key. `secret`: no text of it may be shown. Thread-safe.
  struct Target {
    size_t begin = 0, end = 0;
    size_t whole_begin = 0, whole_end = 0;
    bool secret = false;
  };
  Places locate(const chart::RenderedFile& file, const Target& target) const;
  const chart::RenderedFile* file(std::string_view name) const;

 private:
  Place template_place(const tmpl::SourcePlace& source, size_t length, bool literal) const;

  std::shared_ptr<const chart::Release> release_;
  std::string variant_;
  chart::ValuesLocator locator_;
  ShownTexts texts_;
};

// Adds the manifests and hooks of the release, and the files of crds/, which no values change. What a stricter reading than Helm's refuses (equal keys, say) is a warning,
// and Helm's reading counts.
void add_objects(const std::shared_ptr<const RenderedChart>& chart, bool with_crds, Manifests& manifests);

}  // namespace plimsoll::source
