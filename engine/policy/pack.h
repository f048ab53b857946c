// A rule pack as data: rules/<pack>/pack.yaml, params.yaml, and <rule>/{policy.yaml, mutation.yaml, cases/*.yaml}.
//
//   Result<Pack> pack = load_pack(PackFiles::built_in(), "pod-security-baseline");
//   pack->rules[0].policy.metadata.name;
//
//   apiVersion: plimsoll.dev/v1
//   kind: Pack
//   metadata: {name: lightrun}
//   spec:
//     title: Lightrun server
//     description: ...
//     extends: [other-pack]            # their rules are part of this pack
//     params: params.yaml              # kind PackParams (pack_params.h); policies with that paramKind get it
//     match:                           # what the pack is about, for choosing packs automatically
//       charts: [lightrun]             # names of charts
//       labels: {app: lightrun-*}
//       images: [lightruncom/*]
//       values: [[general.mq, general.db_local]]   # values that have all keys of one entry; []: those of any chart
//
// policy.yaml is a ValidatingAdmissionPolicy or a MutatingAdmissionPolicy. mutation.yaml is a MutatingAdmissionPolicy of the same name that
// repairs what policy.yaml refuses: both are one rule.
//
// A folder of rules without pack.yaml is a pack by the name of the folder. Packs have no bindings: every rule applies
// to whatever its matchConstraints name, with action Deny.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/policy/finding.h"
#include "engine/policy/pack_archive.h"
#include "engine/policy/pack_info.h"
#include "engine/policy/policy.h"
#include "engine/value/error.h"
#include "engine/yaml/document.h"

namespace plimsoll::policy {

struct PackCase {
  std::string name;       // "fail.no-limits"
  std::string_view path;  // pack/rule/cases/fail.no-limits.yaml
  std::string_view text;
};

struct PackRule {
  Policy policy;
  yaml::Document document;
  std::vector<PackCase> cases = {};
  // Of mutation.yaml.
  struct Repair {
    Policy policy;
    yaml::Document document;
  };
  std::optional<Repair> repair = {};
  // Rule of an extended pack that this one is the stricter form of (annotation plimsoll.dev/overrides); empty for none.
  std::string overrides = {};
};

struct Pack {
  std::string name, title, description;
  std::vector<std::string> extends;
  struct Match {
    std::vector<std::string> charts, images;
    std::vector<std::pair<std::string, std::string>> labels;
    std::vector<std::vector<std::string>> values;
  } match;
  std::optional<yaml::Document> params;
  std::vector<PackRule> rules;  // by folder name
};

// What a pack's own file says of it, without its rules.
Result<Pack> load_pack_manifest(const PackFiles& files, std::string_view name);

// values.yaml: a tree of the values keys that the pack knows, for files whose chart is not at hand; nullopt if it has none. What
// stands below an empty map, null or a scalar is left to the chart.
Result<std::optional<yaml::Document>> load_pack_values(const PackFiles& files, std::string_view name);

// Errors name the file, line and column. kNotFound if `files` have no such pack.
Result<Pack> load_pack(const PackFiles& files, std::string_view name);

PackInfo describe_pack(const Pack& pack);

// What the annotations of a policy say about it; `file` is where it was read from.
Result<RuleInfo> rule_info(const Policy& policy, std::string_view pack, std::string_view file);

// A decode failure as an error with its place in the document.
Error error_at(const yaml::Document& document, const DecodeFailure& failure);

}  // namespace plimsoll::policy
