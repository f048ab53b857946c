#include "webhook/rule_keeper.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "engine/cluster/fake_cluster.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;
using cluster::FakeCluster;

// The spec of a Policy for Pods with this validation.
std::string spec(std::string_view expression) {
  return fmt::format(R"("spec":{{"matchConstraints":{{"resourceRules":[{{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],
      "resources":["pods"]}}]}},"validations":[{{"expression":"{}"}}]}})", expression);
}

class RuleKeeperTest : public testing::Test {
 protected:
  RuleKeeperTest() {
    cluster_.serve("plimsoll.dev/v1", "Policy", "policies");
    cluster_.serve("plimsoll.dev/v1", "PackParams", "packparams");
    cluster_.serve("plimsoll.dev/v1", "PolicyException", "policyexceptions");
    cluster_.serve("v1", "Namespace", "namespaces");
    cluster_.serve("v1", "ConfigMap", "configmaps");
    cluster_.serve("v1", "Secret", "secrets");
    cluster_.set("namespaces", "", "shop", "");
    cluster_.set("configmaps", "shop", "known", "");
  }

  void start(std::chrono::milliseconds sync_limit = 10s, size_t memory = 256UL << 20) {
    client_ = std::make_unique<cluster::Client>(cluster_.access());
    keeper_ = std::make_unique<RuleKeeper>(RulebookSources(), *load_rulebook({}, 1), client_.get(),
                                           cluster::ViewOptions{.memory_limit = memory, .first_backoff = 5ms, .longest_backoff = 20ms, .absent_check = 20ms}, log_,
                                           sync_limit);
  }
  bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000; ++i) {
      keeper_->check(false);
      if (condition()) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }
  bool in_force(std::string_view rule) { return keeper_->store().current()->all->find(rule) != nullptr; }
  uint64_t failed() { return keeper_->reloads().state().failed; }
  std::string error() { return keeper_->reloads().state().error; }
  bool sees(std::string_view kind, std::string_view name) {
    const auto objects = keeper_->window().objects();
    return objects && objects->get("v1", kind, "shop", name) != nullptr;
  }

  FakeCluster cluster_;
  Log log_{LogFormat::kText, LogLevel::kError};
  std::unique_ptr<cluster::Client> client_;
  std::unique_ptr<RuleKeeper> keeper_;
};

TEST_F(RuleKeeperTest, PoliciesOfTheClusterAreInForceBeforeItIsReady) {
  cluster_.set("policies", "", "first", spec("resources.get('v1', 'ConfigMap', 'shop', 'known').hasValue()"));
  start();
  EXPECT_FALSE(keeper_->status().ready);
  ASSERT_TRUE(eventually([&] { return keeper_->status().ready; })) << keeper_->status().missing;
  EXPECT_TRUE(in_force("first"));
  EXPECT_TRUE(sees("ConfigMap", "known"));
  cluster_.set("policies", "", "second", spec("false"));
  EXPECT_TRUE(eventually([&] { return in_force("second"); }));
  cluster_.remove("policies", "", "first");
  EXPECT_TRUE(eventually([&] { return !in_force("first"); }));
  EXPECT_FALSE(keeper_->view()->objects().complete("v1", "ConfigMap")) << "nobody asks for it any more";
  EXPECT_EQ(failed(), 0U);
}

TEST_F(RuleKeeperTest, WithoutPoliciesInTheClusterNothingIsMissing) {
  start();
  ASSERT_TRUE(eventually([&] { return keeper_->window().ready(); })) << keeper_->status().missing;
  EXPECT_EQ(keeper_->store().generation(), 1U);
}

TEST_F(RuleKeeperTest, ABadPolicyAtTheStartKeepsItFromBeingReadyUntilItIsMended) {
  cluster_.set("policies", "", "good", spec("false"));
  cluster_.set("policies", "", "bad", spec("object.metadata.name +"));
  start();
  ASSERT_TRUE(eventually([&] { return failed() == 1; }));
  const RuleStatus status = keeper_->status();
  EXPECT_FALSE(status.ready);
  EXPECT_NE(status.missing.find("the policies of the cluster are not in force: Policy/bad"), std::string::npos) << status.missing;
  EXPECT_NE(status.missing.find("spec.validations[0].expression"), std::string::npos) << status.missing;
  for (int i = 0; i < 20; ++i) keeper_->check(false);
  EXPECT_FALSE(keeper_->window().ready());
  cluster_.set("policies", "", "bad", spec("true"));
  ASSERT_TRUE(eventually([&] { return keeper_->window().ready(); })) << keeper_->status().missing;
  EXPECT_TRUE(in_force("good"));
  EXPECT_TRUE(in_force("bad"));
}

TEST_F(RuleKeeperTest, AnExceptionThatCannotBeReadIsNamedAndTheOldRulesStay) {
  cluster_.set("policies", "", "first", spec("false"));
  start();
  ASSERT_TRUE(eventually([&] { return keeper_->window().ready(); }));
  cluster_.set("policyexceptions", "shop", "broken", R"("spec":{"rule":"first","reason":"x","expires":"soon"})");
  ASSERT_TRUE(eventually([&] { return failed() == 1; }));
  EXPECT_NE(error().find("PolicyException/shop/broken"), std::string::npos) << error();
  EXPECT_TRUE(keeper_->status().ready);
  EXPECT_TRUE(in_force("first"));
  cluster_.remove("policyexceptions", "shop", "broken");
  EXPECT_TRUE(eventually([&] { return error().empty(); }));
}

TEST_F(RuleKeeperTest, AKindThatMayNotBeListedLeavesTheOldRulesInForce) {
  cluster_.set("policies", "", "first", spec("resources.list('v1', 'ConfigMap').size() == 0"));
  start(50ms);
  ASSERT_TRUE(eventually([&] { return keeper_->window().ready(); }));
  cluster_.refuse("secrets", 403);
  const uint64_t generation = keeper_->store().generation();
  cluster_.set("policies", "", "first", spec("resources.list('v1', 'Secret').size() == 0"));
  ASSERT_TRUE(eventually([&] { return failed() >= 1 && error().find("Secret") != std::string::npos && error().find("403") != std::string::npos; })) << error();
  EXPECT_EQ(keeper_->store().generation(), generation);
  EXPECT_TRUE(keeper_->status().ready) << keeper_->status().missing;
  EXPECT_TRUE(sees("ConfigMap", "known")) << "what the old rules look at is still there";
  cluster_.set("configmaps", "shop", "later", "");
  EXPECT_TRUE(eventually([&] { return sees("ConfigMap", "later"); })) << "and still watched";
  // Once the account may list it, the new rules are in force by themselves.
  cluster_.refuse("secrets", 0);
  EXPECT_TRUE(eventually([&] { return keeper_->store().generation() == generation + 1; }));
  EXPECT_TRUE(error().empty());
  EXPECT_FALSE(sees("ConfigMap", "known")) << "nobody asks for it any more";
}

TEST_F(RuleKeeperTest, AKindThatDoesNotComeInTimeLeavesTheOldRulesInForce) {
  cluster_.refuse("secrets", FakeCluster::kSilent);
  start(50ms);
  ASSERT_TRUE(eventually([&] { return keeper_->window().ready(); }));
  cluster_.set("policies", "", "late", spec("resources.list('v1', 'Secret').size() == 0"));
  ASSERT_TRUE(eventually([&] { return failed() == 1; }));
  EXPECT_NE(error().find("Secret (v1): not listed yet"), std::string::npos) << error();
  EXPECT_TRUE(keeper_->status().ready);
  EXPECT_FALSE(in_force("late"));
  cluster_.refuse("secrets", 0);
  EXPECT_TRUE(eventually([&] { return in_force("late"); }));
}

TEST_F(RuleKeeperTest, AKindBeyondTheMemoryCrowdsOutNoneThatIsInForce) {
  cluster_.set("policies", "", "first", spec("resources.list('v1', 'ConfigMap').size() == 0"));
  for (int i = 0; i < 1500; ++i) cluster_.set("secrets", "shop", fmt::format("s{}", i), R"("type":")" + std::string(2000, 'x') + "\"");
  start(50ms, 2UL << 20);
  ASSERT_TRUE(eventually([&] { return keeper_->window().ready(); }));
  cluster_.set("policies", "", "second", spec("resources.list('v1', 'Secret').size() == 0"));
  ASSERT_TRUE(eventually([&] { return failed() >= 1; }));
  EXPECT_TRUE(eventually([&] { return keeper_->view()->status({{"v1", "Secret"}}).detail().find("limit of 2 MiB") != std::string::npos; }));
  for (int i = 0; i < 50; ++i) cluster_.set("configmaps", "shop", fmt::format("more{}", i), "");
  EXPECT_TRUE(eventually([&] { return sees("ConfigMap", "more49"); }));
  EXPECT_TRUE(keeper_->status().ready) << keeper_->status().missing;
  EXPECT_TRUE(in_force("first"));
  EXPECT_FALSE(in_force("second"));
}

// A kind that rules in force look at, and that grows beyond the limit.
TEST_F(RuleKeeperTest, NotReadyWhileWhatRulesLookAtDoesNotFit) {
  cluster_.set("policies", "", "first", spec("resources.list('v1', 'Secret').size() == 0"));
  start(50ms, 1UL << 20);
  ASSERT_TRUE(eventually([&] { return keeper_->window().ready(); }));
  for (int i = 0; i < 1000; ++i) cluster_.set("secrets", "shop", fmt::format("s{}", i), R"("type":")" + std::string(2000, 'x') + "\"");
  ASSERT_TRUE(eventually([&] { return !keeper_->window().ready(); }));
  const auto missing = [&](std::string_view text) { return keeper_->status().missing.find(text) != std::string::npos; };
  EXPECT_TRUE(eventually([&] { return missing("Secret (v1): ") && missing("the limit of 1 MiB") && missing("--cache-memory"); })) << keeper_->status().missing;
  for (int i = 1; i < 1000; ++i) cluster_.remove("secrets", "shop", fmt::format("s{}", i));
  EXPECT_TRUE(eventually([&] { return keeper_->window().ready(); })) << keeper_->status().missing;
  EXPECT_TRUE(sees("Secret", "s0"));
}

}  // namespace
}  // namespace plimsoll::webhook
