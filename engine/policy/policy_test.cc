#include "engine/policy/policy.h"

#include <gtest/gtest.h>

#include "engine/value/json.h"

namespace plimsoll::policy {
namespace {

class DecodeTest : public testing::Test {
 protected:
  Policy policy(std::string_view text) { return decode_policy(*json::read(arena_, text), state_); }
  std::string failure() const {
    return state_.failure ? state_.failure->path.to_string() + ": " + state_.failure->message : "";
  }

  Arena arena_;
  DecodeState state_;
};

TEST_F(DecodeTest, AppliesTheDefaultsOfTheApi) {
  const Policy decoded = policy(R"({"metadata": {"name": "p"}, "spec": {"failurePolicy": null,
      "matchConstraints": {"resourceRules": [{"apiGroups": [""]}]}, "validations": [{"expression": "true"}]}})");
  EXPECT_EQ(failure(), "");
  EXPECT_EQ(decoded.failure_policy, "Fail");
  EXPECT_EQ(decoded.match_constraints->match_policy, "Equivalent");
  EXPECT_EQ(decoded.match_constraints->resource_rules[0].scope, "*");
  EXPECT_TRUE(decoded.match_constraints->object_selector.empty());
  EXPECT_FALSE(decoded.validations[0].reason.has_value());
}

TEST_F(DecodeTest, NamesUnknownFieldsAndWrongTypesByPath) {
  policy(R"({"metadata": {"name": "p"}, "spec": {"validation": []}})");
  EXPECT_EQ(failure(), "spec.validation: unknown field");
  state_ = {};
  policy(R"({"spec": {"validations": [{"expression": "true"}, {"expression": 1}]}})");
  EXPECT_EQ(failure(), "spec.validations[1].expression: must be a string, not a number");
  state_ = {};
  policy(R"({"spec": {"matchConstraints": {"objectSelector": {"matchLabels": {"a": ["b"]}}}}})");
  EXPECT_EQ(failure(), "spec.matchConstraints.objectSelector.matchLabels.a: must be a string, not a list");
  state_ = {};
  policy(R"({"spec": "all"})");
  EXPECT_EQ(failure(), "spec: must be an object, not a string");
}

TEST_F(DecodeTest, ReadsBindings) {
  const Binding binding = decode_binding(*json::read(arena_, R"({"metadata": {"name": "b"}, "spec": {"policyName": "p",
      "paramRef": {"name": "limits", "namespace": "ops", "parameterNotFoundAction": "Deny"}, "validationActions": ["Warn"]}})"),
                                         state_);
  EXPECT_EQ(failure(), "");
  EXPECT_EQ(binding.policy_name, "p");
  EXPECT_EQ(binding.param_ref->namespace_name, "ops");
  EXPECT_FALSE(binding.param_ref->selector.has_value());
  EXPECT_FALSE(binding.match_resources.has_value());
}

TEST_F(DecodeTest, TellsDocumentsApart) {
  const auto kind = [&](std::string_view text) { return kind_of(*json::read(arena_, text)); };
  EXPECT_EQ(kind(R"({"apiVersion": "admissionregistration.k8s.io/v1beta1", "kind": "ValidatingAdmissionPolicy"})"),
            DocumentKind::kPolicy);
  EXPECT_EQ(kind(R"({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding"})"),
            DocumentKind::kBinding);
  EXPECT_EQ(kind(R"({"apiVersion": "v1", "kind": "ConfigMap"})"), DocumentKind::kOther);
}

}  // namespace
}  // namespace plimsoll::policy
