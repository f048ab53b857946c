// Which resource a kind is, and which resources are the same thing under another group or version.
//
//   KindTable kinds;                                        // Kubernetes' own; custom ones are added from their
//   definitions KindTable::Match pod = kinds.find("v1", "Pod"); pod.resource; // {"", "v1", "pods"}, pod.namespaced ==
//   true
//
// Sources: the discovery documents of Kubernetes 1.36 and what earlier minors served; equivalence as the API server's
// EquivalentResourceMapper has it (all versions of a group's resource, and the resources that moved between groups).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/value.h"

namespace plimsoll::policy {

// Names borrow their text.
struct GroupVersionKind {
  std::string_view group, version, kind;

  friend bool operator==(const GroupVersionKind&, const GroupVersionKind&) = default;
  // "apps/v1, Kind=Deployment", as Go prints it.
  std::string to_string() const;
  // "apps/v1", or "v1" for the core group.
  std::string api_version() const;
};

struct GroupVersionResource {
  std::string_view group, version, resource;

  friend bool operator==(const GroupVersionResource&, const GroupVersionResource&) = default;
};

struct GroupVersion {
  std::string_view group, version;
};
// Splits "apps/v1"; "v1" is of the core group.
GroupVersion split_api_version(std::string_view api_version);

class KindTable {
 public:
  struct Match {
    GroupVersionResource resource;
    bool namespaced = true;
    bool known = false;  // false: the resource is guessed from the kind's name
  };
  struct Equivalent {
    GroupVersionResource resource;
    GroupVersionKind kind;
  };

  KindTable() = default;
  KindTable(const KindTable&) = delete;
  KindTable& operator=(const KindTable&) = delete;

  // The resource of a kind. A version that is not in the table, past or future, counts as known if the group and kind
  // are. A kind that is not known at all gets its plural by English rules and is taken for namespaced. `resource` of a
  // guess is stored in `scratch`.
  Match find(const GroupVersionKind& kind, std::string& scratch) const;
  // Whether the kind is, or once was, Kubernetes' own.
  static bool is_built_in(const GroupVersionKind& kind);
  // Whether the API server of 1.36, or an added definition, serves this very kind.
  bool serves(const GroupVersionKind& kind) const;

  // Whether it is Kubernetes' own, or an added definition's.
  bool knows(const GroupVersionResource& resource) const;
  // Other resources that name the same objects, in the order in which the API server knows them. Not `resource` itself.
  std::vector<Equivalent> equivalents(const GroupVersionResource& resource, std::string_view subresource) const;

  // Learns the kinds of a CustomResourceDefinition; other objects are ignored.
  void add_definition(const Value& object);

 private:
  struct Custom {
    std::string group, kind, resource;
    bool namespaced = true;
    std::vector<std::string> versions;  // served
  };
  std::deque<Custom> custom_;  // stable addresses: matches borrow their text
};

// The object as another version or group of its kind would show it; nullopt where their shapes differ in a way that is
// not known here. `arena` takes what is new; the rest is shared. Fields follow Kubernetes' own conversion.
std::optional<Value> convert_object(const Value& object, const GroupVersionKind& from, const GroupVersionKind& to,
                                    Arena& arena);

// True for the resources that no admission policy may judge: policies themselves and reviews of access (the exclusions
// of pkg/kubeapiserver/admission/exclusion).
bool is_exempt(const GroupVersionResource& resource);

}  // namespace plimsoll::policy
