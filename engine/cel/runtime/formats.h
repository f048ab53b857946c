// The named formats of Kubernetes' CEL library: format.dns1123Label().validate("x"). Messages of k8s.io/apimachinery.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::cel {

struct NamedFormat {
  std::string_view function;  // "dns1123Label", after "format."
  std::string_view name;      // "DNS1123Label"
  // What is wrong with the text; empty if nothing is.
  std::vector<std::string> (*validate)(std::string_view text);
  uint64_t pattern_size;      // the length of pattern that validate() is priced with
};

std::span<const NamedFormat> named_formats();
const NamedFormat* find_format(std::string_view function);

// RFC 1123 names, for service accounts: at most 253 and 63 bytes.
bool is_dns1123_subdomain(std::string_view text);
bool is_dns1123_label(std::string_view text);

}  // namespace plimsoll::cel
