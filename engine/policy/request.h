// What admission decides about: the request, and where it happens.
//
//   Request request = request_to_create(object, "default", kinds, scratch);
//
// The linter makes requests from manifests as if they were created; the webhook takes them from AdmissionReview. Text
// and trees are borrowed.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "engine/policy/kinds.h"
#include "engine/policy/params.h"
#include "engine/policy/variable_memo.h"
#include "engine/value/value.h"

namespace plimsoll::cel {
class Authorizer;
}

namespace plimsoll::policy {

struct UserInfo {
  std::string_view name, uid;
  Value groups;  // list of strings, or null
  Value extra;   // map of lists of strings, or null
};

// The attributes of an admission request, as the API server received it (requestKind and requestResource of
// AdmissionReview).
struct Request {
  std::string_view operation;  // CREATE, UPDATE, DELETE, CONNECT
  GroupVersionKind kind;
  GroupVersionResource resource;
  // What object and old_object are, where the API server has converted them for the webhook (its matchPolicy
  // Equivalent); empty: `kind`.
  GroupVersionKind converted = {};
  std::string_view subresource;
  std::string_view namespace_name;  // empty for cluster-scoped objects; of a Namespace, its own name
  std::string_view name;
  bool dry_run = false;
  Value options;  // CreateOptions, ...; null: unknown
  UserInfo user;
  Value object;      // null for DELETE
  Value old_object;  // null for CREATE and CONNECT

  const GroupVersionKind& object_kind() const { return converted.kind.empty() ? kind : converted; }
};

// The creation of `object`, by a user named "plimsoll" who is authenticated. A namespaced object without namespace is
// put into `default_namespace`. `scratch` holds a guessed resource name.
Request request_to_create(const Value& object, std::string_view default_namespace, const KindTable& kinds,
                          std::string& scratch);

// What a request is judged with, besides the policies.
struct Surroundings {
  const KindTable* kinds = nullptr;       // required
  const ObjectSource* objects = nullptr;  // namespaces, params, and what `resources` shows; nullptr: there are none
  cel::Authorizer* authorizer = nullptr;  // nullptr: questions of `authorizer` fail
  // A namespace that `objects` does not know: true: it exists without labels of its own; false: the request fails as in
  // the server.
  bool assume_namespaces = false;
  // What a plimsoll.dev Policy sees as `now`.
  std::chrono::sys_seconds now = {};
};

// The Namespace object that CEL sees as namespaceObject and selectors match: what the API server defaults is added,
// fields that it hides are left out. `object`: as found in an ObjectSource, or null.
Value namespace_object(const Value& object, std::string_view name, Arena& arena);

// One request while it is judged: what several policies ask of it is found once.
class RequestScope {
 public:
  // All borrowed; `arena` takes what is derived, `memo` what rules share.
  RequestScope(const Request& request, const Surroundings& surroundings, Arena& arena, VariableMemo* memo = nullptr)
      : request_(request), surroundings_(surroundings), arena_(arena), memo_(memo) {}

  const Request& request() const { return request_; }
  const Surroundings& surroundings() const { return surroundings_; }
  Arena& arena() const { return arena_; }
  // nullptr: each policy computes its variables itself.
  VariableMemo* memo() const { return memo_; }

  // The Namespace of the request, as namespace_object(); nullptr if it does not exist. The request must have a
  // namespace.
  const Value* namespace_value();
  // As CEL sees it: null for cluster-scoped objects and for namespaces themselves.
  Value namespace_variable();
  // What `resources` shows; nullptr: nothing is known.
  const cel::Resources* resources() const { return surroundings_.objects; }

 private:
  const Request& request_;
  const Surroundings& surroundings_;
  Arena& arena_;
  VariableMemo* memo_;
  bool looked_up_ = false;
  Value namespace_;
};

}  // namespace plimsoll::policy
