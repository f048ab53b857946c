// Role-based access control over ClusterRoles and ClusterRoleBindings, enough for the recorded server's fixed roles.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/value/value.h"

namespace plimsoll::conformance {

class RbacAuthorizer final : public cel::Authorizer {
 public:
  // `objects`: list of roles and bindings; borrowed.
  explicit RbacAuthorizer(const Value& objects) : objects_(objects) {}

  void set_user(std::string_view name, const Value& groups) {
    user_ = name;
    groups_.clear();
    for (const Value& group : groups.items()) groups_.emplace_back(group.string_or());
  }

  Decision authorize(const Attributes& attributes, Arena&) override {
    std::string user = user_;
    std::vector<std::string> groups = groups_;
    if (!attributes.service_account_name.empty()) {
      const std::string space(attributes.service_account_namespace);
      user = "system:serviceaccount:" + space + ":" + std::string(attributes.service_account_name);
      groups = {"system:serviceaccounts", "system:serviceaccounts:" + space};
    }
    if (std::ranges::find(groups, "system:masters") != groups.end()) return allowed();
    for (const Value& binding : objects_.items()) {
      if (binding["kind"].string_or() != "ClusterRoleBinding" || !names(binding, user, groups)) continue;
      for (const Value& role : objects_.items()) {
        if (role["kind"].string_or() != "ClusterRole") continue;
        if (role["metadata"]["name"].string_or() != binding["roleRef"]["name"].string_or()) continue;
        for (const Value& rule : role["rules"].items()) {
          if (allows(rule, attributes)) return allowed();
        }
      }
    }
    return {};
  }

 private:
  static Decision allowed() {
    Decision decision;
    decision.allowed = true;
    return decision;
  }

  static bool lists(const Value& items, std::string_view wanted) {
    return std::ranges::any_of(
        items.items(), [&](const Value& item) { return item.string_or() == "*" || item.string_or() == wanted; });
  }

  static bool names(const Value& binding, const std::string& user, const std::vector<std::string>& groups) {
    return std::ranges::any_of(binding["subjects"].items(), [&](const Value& subject) {
      const std::string_view name = subject["name"].string_or();
      if (subject["kind"].string_or() == "User") return name == user;
      return subject["kind"].string_or() == "Group" && std::ranges::find(groups, name) != groups.end();
    });
  }

  static bool allows(const Value& rule, const cel::Authorizer::Attributes& attributes) {
    if (!lists(rule["verbs"], attributes.verb)) return false;
    if (!attributes.path.empty()) return lists(rule["nonResourceURLs"], attributes.path);
    std::string resource(attributes.resource);
    if (!attributes.subresource.empty()) resource += "/" + std::string(attributes.subresource);
    const bool named = rule["resourceNames"].size() == 0 || lists(rule["resourceNames"], attributes.name);
    return named && lists(rule["apiGroups"], attributes.group) && lists(rule["resources"], resource);
  }

  Value objects_;
  std::string user_;
  std::vector<std::string> groups_;
};

}  // namespace plimsoll::conformance
