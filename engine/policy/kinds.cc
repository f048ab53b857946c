#include "engine/policy/kinds.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/policy/kinds_table.h"
#include "engine/policy/policy.h"

namespace plimsoll::policy {
namespace {

std::span<const KindRow> rows_of_kind(std::string_view kind) {
  const auto [begin, end] = std::ranges::equal_range(kKindRows, kind, {}, &KindRow::kind);
  return {begin, end};
}

const KindRow* find_row(std::string_view group, std::string_view kind) {
  for (const KindRow& row : rows_of_kind(kind)) {
    if (row.group == group) return &row;
  }
  return nullptr;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

// Resources that moved between groups, which the server's storage factory calls cohabiting.
struct Move {
  std::string_view resource, first, second;
};
constexpr Move kMoves[] = {
    {"networkpolicies", "networking.k8s.io", "extensions"},
    {"deployments", "apps", "extensions"},
    {"daemonsets", "apps", "extensions"},
    {"replicasets", "apps", "extensions"},
    {"events", "", "events.k8s.io"},
    {"podsecuritypolicies", "policy", "extensions"},
    {"ingresses", "networking.k8s.io", "extensions"},
};

std::string plural_of(std::string_view kind) {
  std::string plural;
  plural.reserve(kind.size() + 2);
  for (const char c : kind) plural.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  const auto ends_with = [&](std::string_view suffix) { return std::string_view(plural).ends_with(suffix); };
  if (ends_with("s") || ends_with("x") || ends_with("z") || ends_with("ch") || ends_with("sh")) return plural + "es";
  if (ends_with("y") && plural.size() > 1 &&
      std::string_view("aeiou").find(plural[plural.size() - 2]) == std::string_view::npos) {
    plural.pop_back();
    return plural + "ies";
  }
  return plural + "s";
}

// Operators name their cluster-scoped kinds so by custom: ClusterIssuer, ClusterPolicy, ClusterSecretStore. Cluster
// API's kinds are the exception, for there the cluster is the subject.
bool guess_namespaced(const GroupVersionKind& kind) {
  return !(kind.kind.starts_with("Cluster") && kind.kind.size() > 7) || kind.group.ends_with("cluster.x-k8s.io");
}

}  // namespace

std::string GroupVersionKind::api_version() const {
  return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

std::string GroupVersionKind::to_string() const {
  return std::string(group) + "/" + std::string(version) + ", Kind=" + std::string(kind);
}

GroupVersion split_api_version(std::string_view api_version) {
  const size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return {{}, api_version};
  return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

// Plimsoll's own kinds.
struct OwnKind {
  std::string_view kind, resource;
  bool namespaced;
};
constexpr OwnKind kOwnKinds[] = {
    {"HelmValues", "helmvalues", true},  {"Chart", "charts", false},      {"Release", "releases", true},
    {"Policy", "policies", false},       {"PackParams", "packparams", false}, {"PolicyException", "policyexceptions", true},
};

KindTable::Match KindTable::find(const GroupVersionKind& kind, std::string& scratch) const {
  if (kind.group == kOwnGroup) {
    for (const OwnKind& own : kOwnKinds) {
      if (own.kind == kind.kind) return {{kind.group, kind.version, own.resource}, own.namespaced, true};
    }
  }
  if (const KindRow* row = find_row(kind.group, kind.kind)) {
    return {{kind.group, kind.version, row->resource}, row->namespaced, true};
  }
  for (const Custom& custom : custom_) {
    if (custom.kind == kind.kind && custom.group == kind.group) {
      return {{kind.group, kind.version, custom.resource}, custom.namespaced, true};
    }
  }
  scratch = plural_of(kind.kind);
  return {{kind.group, kind.version, scratch}, guess_namespaced(kind), false};
}

bool KindTable::is_built_in(const GroupVersionKind& kind) { return find_row(kind.group, kind.kind) != nullptr; }

bool KindTable::serves(const GroupVersionKind& kind) const {
  if (const KindRow* row = find_row(kind.group, kind.kind)) return has_word(row->versions, kind.version);
  return std::ranges::any_of(custom_, [&](const Custom& custom) {
    return custom.kind == kind.kind && custom.group == kind.group &&
           std::ranges::find(custom.versions, kind.version) != custom.versions.end();
  });
}

bool KindTable::knows(const GroupVersionResource& resource) const {
  const auto is_it = [&](const auto& row) { return row.resource == resource.resource && row.group == resource.group; };
  return std::ranges::any_of(kKindRows, is_it) || std::ranges::any_of(custom_, is_it);
}

std::vector<KindTable::Equivalent> KindTable::equivalents(const GroupVersionResource& resource,
                                                          std::string_view subresource) const {
  std::vector<Equivalent> result;
  const auto add = [&](std::string_view group, std::string_view version, std::string_view plural,
                       std::string_view kind) {
    const GroupVersionResource other{group, version, plural};
    if (other == resource) return;
    result.push_back({other, subresource == "scale" ? GroupVersionKind{"autoscaling", "v1", "Scale"}
                                                    : GroupVersionKind{group, version, kind}});
  };
  std::array<std::string_view, 2> groups{resource.group, resource.group};
  for (const Move& move : kMoves) {
    if (move.resource == resource.resource && (move.first == resource.group || move.second == resource.group)) {
      groups = {move.first, move.second};
    }
  }
  for (const KindRow& row : kKindRows) {
    if (row.resource != resource.resource || (row.group != groups[0] && row.group != groups[1])) continue;
    for (std::string_view words = row.versions; !words.empty();) {
      const size_t end = std::min(words.find(' '), words.size());
      add(row.group, words.substr(0, end), row.resource, row.kind);
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }
  for (const Custom& custom : custom_) {
    if (custom.resource != resource.resource || custom.group != resource.group) continue;
    for (const std::string& version : custom.versions) add(custom.group, version, custom.resource, custom.kind);
  }
  return result;
}

void KindTable::add_definition(const Value& object) {
  if (object["kind"].string_or() != "CustomResourceDefinition") return;
  const Value spec = object["spec"];
  const Value names = spec["names"];
  Custom custom;
  custom.group = spec["group"].string_or();
  custom.kind = names["kind"].string_or();
  custom.resource = names["plural"].string_or();
  custom.namespaced = spec["scope"].string_or("Namespaced") != "Cluster";
  if (custom.group.empty() || custom.kind.empty() || custom.resource.empty()) return;
  for (const Value& version : spec["versions"].items()) {
    if (version["served"].bool_or(false)) custom.versions.emplace_back(version["name"].string_or());
  }
  if (spec["versions"].items().empty()) custom.versions.emplace_back(spec["version"].string_or());
  custom_.push_back(std::move(custom));
}

bool is_exempt(const GroupVersionResource& resource) {
  constexpr std::pair<std::string_view, std::string_view> kExempt[] = {
      {"admissionregistration.k8s.io", "mutatingadmissionpolicies"},
      {"admissionregistration.k8s.io", "mutatingadmissionpolicybindings"},
      {"admissionregistration.k8s.io", "validatingadmissionpolicies"},
      {"admissionregistration.k8s.io", "validatingadmissionpolicybindings"},
      {"authentication.k8s.io", "selfsubjectreviews"},
      {"authentication.k8s.io", "tokenreviews"},
      {"authorization.k8s.io", "localsubjectaccessreviews"},
      {"authorization.k8s.io", "selfsubjectaccessreviews"},
      {"authorization.k8s.io", "selfsubjectrulesreviews"},
      {"authorization.k8s.io", "subjectaccessreviews"},
  };
  return std::ranges::any_of(kExempt, [&](const auto& exempt) {
    return exempt.first == resource.group && exempt.second == resource.resource;
  });
}

}  // namespace plimsoll::policy
