// What templates see of the cluster: `.Capabilities`, and versions compared as Helm compares them.
//
// Source of the behaviour: helm.sh/helm/v3/pkg/chartutil/capabilities.go, Masterminds/semver v3.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::chart {

struct KubeVersion {
  std::string version = "v1.20.0";  // Helm's own default where no cluster is asked
  std::string major = "1";
  std::string minor = "20";
};

struct Capabilities {
  KubeVersion kube_version;
  std::vector<std::string> extra_api_versions;  // --api-versions
};

// "1.29", "v1.29.1+k3s2" as --kube-version takes them. Errors in Helm's words.
Result<KubeVersion> parse_kube_version(std::string_view text);

// The API versions that Helm assumes without a cluster, in its order.
std::span<const std::string_view> default_api_versions();

// `.Capabilities.HelmVersion.Version`.
inline constexpr std::string_view kHelmVersion = "v3.22";

// Whether `text` is a semantic version as Chart.yaml may have it.
bool is_version(std::string_view text);
// Whether `version` is in the range of `constraint`; false if either is malformed.
bool satisfies(std::string_view constraint, std::string_view version);

}  // namespace plimsoll::chart
