#include "engine/chart/capabilities.h"

#include <algorithm>

#include "engine/value/go_quote.h"
#include "engine/value/semver.h"

namespace plimsoll::chart {

namespace {

constexpr std::string_view kDefaultApiVersions[] = {
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::span<const std::string_view> default_api_versions() { return kDefaultApiVersions; }

// k8s.io/apimachinery/pkg/util/version.ParseGeneric: numbers joined by dots, and anything behind them.
Result<KubeVersion> parse_kube_version(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty() && (rest[0] == ' ' || (rest[0] >= '\t' && rest[0] <= '\r'))) rest.remove_prefix(1);
  if (rest.starts_with('v')) rest.remove_prefix(1);
  std::vector<std::string_view> numbers;
  while (!rest.empty() && is_digit(rest[0])) {
    const auto end = static_cast<size_t>(std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
    numbers.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
    if (rest.size() < 2 || rest[0] != '.' || !is_digit(rest[1])) break;
    rest.remove_prefix(1);
  }
  if (numbers.empty() || rest.find('\n') != std::string_view::npos) {
    return fail(ErrorCode::kUsage, "could not parse " + go::quoted(text) + " as version");
  }
  if (numbers.size() < 2) return fail(ErrorCode::kUsage, "illegal version string " + go::quoted(text));
  if (numbers[0].size() > 1 && numbers[0][0] == '0') {
    return fail(ErrorCode::kUsage,
                "illegal zero-prefixed version component " + go::quoted(numbers[0]) + " in " + go::quoted(text));
  }
  KubeVersion version;
  version.version = "v";
  for (std::string_view number : numbers) {
    while (number.size() > 1 && number[0] == '0') number.remove_prefix(1);
    if (number.size() > 18) return fail(ErrorCode::kUsage, "illegal non-numeric version component " + go::quoted(number) + " in " + go::quoted(text));
    if (version.version.size() > 1) version.version += '.';
    version.version += number;
  }
  version.major = numbers[0];
  version.minor = version.version.substr(version.major.size() + 2);
  version.minor = version.minor.substr(0, version.minor.find('.'));
  return version;
}

bool is_version(std::string_view text) { return semver::parse_version(text).has_value(); }

bool satisfies(std::string_view constraint, std::string_view version) {
  const auto parsed = semver::parse_version(version);
  if (!parsed) return false;
  const auto range = semver::Constraint::parse(constraint);
  return range && range->check(*parsed);
}

}  // namespace plimsoll::chart
