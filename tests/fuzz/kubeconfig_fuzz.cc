// Kubeconfig files: access to a server, or an error that names the file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/cluster/access.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto access = plimsoll::cluster::parse_kubeconfig({reinterpret_cast<const char*>(data), size}, "config");
  if (access ? access->host.empty() || access->port.empty() : access.error().location().file != "config") __builtin_trap();
  return 0;
}
