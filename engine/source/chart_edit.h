// Changes of a chart's objects as edits of its values files and templates; part of source_edit.h.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/edit/editor.h"
#include "engine/source/rendered_chart.h"
#include "engine/source/source_edit.h"

namespace plimsoll::source {

class ChartEditor {
 public:
  // All borrowed; what comes of it is added to `edits`.
  ChartEditor(std::span<const WantedObject> objects, const chart::FileReader& read_file, SourceEdits& edits)
      : objects_(objects), read_file_(read_file), edits_(edits) {}

  // `members`: the objects that the chart rendered.
  void run(const RenderedChart& chart, std::span<const size_t> members);

 private:
  std::span<const WantedObject> objects_;
  const chart::FileReader& read_file_;
  SourceEdits& edits_;
};

}  // namespace plimsoll::source
