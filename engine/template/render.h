// Helm's engine: parses the templates of a chart and its subcharts into one set and runs each file that is no partial
// (pkg/engine/engine.go).
//
//   std::vector<Renderable> files = {{.name = "c/templates/x.yaml", .text = text, .base_path = "c/templates", .dot = dot}};
//   RenderOptions options;
//   auto rendered = render(arena, host, files, options);
//   rendered->at(0).text;
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/template/budget.h"
#include "engine/template/host.h"
#include "engine/template/provenance.h"
#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

// One template file. Text and name are borrowed and must outlive the render and its result.
struct Renderable {
  std::string_view name;       // with the charts' names: c/charts/sub/templates/x.yaml
  std::string_view text;
  std::string_view base_path;  // .Template.BasePath: c/templates
  Map* dot = nullptr;          // what the file's chart sees: Values, Chart, Release, ...; "Template" is set while it runs
};

struct Rendered {
  std::string_view name;
  std::string text;
  Spans spans;  // with a tracer: see provenance.h
};

struct RenderOptions {
  Limits limits;
  // Stack for parsing and running, so that deep recursion ends in an error and not in a crash. Only touched pages cost.
  size_t stack_bytes = 256UL << 20;
  // To record where output comes from; mark the values first. nullptr: off, at no cost.
  Tracer* tracer = nullptr;
};

// The rendered files in helm's order (deepest paths first, which is also the order of parsing), partials (_*) left out. Errors
// have helm's words: "parse error at (c/templates/x.yaml:1): ..." and "execution error at (...): ..." of `required` and `fail`.
Result<std::vector<Rendered>> render(Arena& arena, Host& host, std::span<const Renderable> files,
                                     const RenderOptions& options = {});

// Between these, an error's text holds the message of `required` or `fail`.
inline constexpr std::string_view kErrorStart = "HELM_ERR_START";
inline constexpr std::string_view kErrorEnd = "HELM_ERR_END";
// What a missing value prints as, which Helm removes from all output.
inline constexpr std::string_view kNoValue = "<no value>";

// Removes "<no value>" from `text`; spans are moved along if given.
void remove_no_value(std::string& text, Spans* spans);

}  // namespace plimsoll::tmpl
