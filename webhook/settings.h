// How strictly the webhook judges, from its configuration file (schemas/plimsoll-webhook.schema.json, docs/webhook.md).
//
//   Result<Settings> settings = read_settings("/etc/plimsoll/webhook.yaml");
//   Mode mode = settings->mode_of(rule, "dev-shop");
//
//   apiVersion: plimsoll.dev/v1
//   kind: WebhookConfiguration
//   packs: [pod-security-restricted]
//   exemptNamespaces: [kube-system, plimsoll-system, node-*]
//   modes:                                    # the first that fits counts; without one, a rule does what it asks for
//     - {rule: pss-restricted-*, namespaces: [dev-*], mode: warn}
//   exceptions:
//     - {rule: pss-baseline-host-path, kind: Pod, name: backup-*, namespace: ops, reason: OPS-12, expires:
//     "2027-03-31"}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/exception.h"
#include "engine/policy/finding.h"
#include "engine/policy/pack_params.h"
#include "engine/value/error.h"

namespace plimsoll::webhook {

// The most that comes of a violation.
enum class Mode { kOff, kAudit, kWarn, kDeny };

struct Settings {
  std::vector<std::string> packs;  // names, or absolute paths of folders
  std::vector<policy::ParamSetting> params;
  std::string kube_version;
  std::vector<std::string> exempt_namespaces = {"kube-system"};  // patterns with *
  // Rule and namespace of each pattern, and the mode at the same index.
  std::vector<policy::Exception> mode_patterns;
  std::vector<Mode> modes;
  std::vector<policy::Exception> exceptions;
  // Whether an object's own annotation plimsoll.dev/ignore counts: whoever may create objects can then except them.
  bool object_exceptions = false;

  Mode mode_of(const policy::RuleInfo& rule, std::string_view namespace_name) const;
  bool is_exempt(std::string_view namespace_name) const;
};

// Errors carry file, line and column.
Result<Settings> read_settings(const std::string& path);
Result<Settings> parse_settings(std::string_view text, const std::string& path);

}  // namespace plimsoll::webhook
