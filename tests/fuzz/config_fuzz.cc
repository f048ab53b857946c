// Configuration files, and baselines, which come from the same folders.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/config.h"
#include "engine/report/baseline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)cli::parse_config(text, "/srv/.plimsoll.yaml", ".plimsoll.yaml");
  (void)report::Baseline::read(text, "baseline.json");
  return 0;
}
