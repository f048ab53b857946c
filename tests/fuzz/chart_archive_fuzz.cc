// Packed charts: unpacking, loading, and a render of what loads.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/chart/archive.h"
#include "engine/chart/load.h"
#include "engine/chart/release.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  auto files = chart::unpack({reinterpret_cast<const char*>(data), size});
  if (!files) return 0;
  chart::Warnings warnings;
  auto loaded = chart::load_files(*std::move(files), "fuzz.tgz", warnings);
  if (!loaded) return 0;
  chart::ReleaseOptions options;
  options.limits = {.steps = 200'000, .output_bytes = 1U << 20, .arena_bytes = 64U << 20, .time = std::chrono::seconds(2)};
  tmpl::SystemHost host(1);
  (void)chart::render(*std::move(loaded), std::move(options), host, {}, warnings);
  return 0;
}
