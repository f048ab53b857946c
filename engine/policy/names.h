// What Kubernetes accepts as names, labels and keys. Each function gives the API server's complaints, none if the value
// is well formed.
//
// Source: k8s.io/apimachinery/pkg/api/validate/content.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::policy {

std::vector<std::string> dns1123_subdomain_errors(std::string_view value);
std::vector<std::string> dns1035_label_errors(std::string_view value);
// A label key or qualified name: an optional DNS subdomain and '/', then a name.
std::vector<std::string> label_key_errors(std::string_view value);
std::vector<std::string> label_value_errors(std::string_view value);
// What may stand as one segment of a URL path.
std::vector<std::string> path_segment_errors(std::string_view value);
// An identifier that CEL does not reserve.
bool is_cel_identifier(std::string_view value);

}  // namespace plimsoll::policy
