// Templates: lexing, parsing and a run with a few values.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/chart/values.h"
#include "engine/template/host.h"
#include "engine/template/provenance.h"
#include "engine/template/render.h"
#include "engine/yaml/document.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto values = yaml::read("{Values: {a: 1, b: [x, y], c: {d: 'e'}, n: null}, Release: {Name: r}}");
  if (!values) return 0;
  Arena arena;
  const Value dot = chart::copy_tree(arena, values->root());
  tmpl::SystemHost host(1);
  tmpl::Tracer tracer(arena);
  tracer.mark_values(dot);
  tmpl::RenderOptions options;
  options.limits = {.steps = 200'000, .output_bytes = 1U << 20, .arena_bytes = 64U << 20, .time = std::chrono::seconds(2)};
  options.tracer = &tracer;
  const tmpl::Renderable files[] = {{"c/templates/x.yaml", text, "c/templates", dot.as_map()}};
  const auto rendered = tmpl::render(arena, host, files, options);
  if (!rendered) return 0;
  for (const tmpl::Rendered& file : *rendered) (void)tracer.lines(file.text, file.spans);
  return 0;
}
