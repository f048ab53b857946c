// Every pack's mutations on every manifest at hand: the result is compliant where a rule repairs what it refuses, a second mutation
// changes nothing, and what no rule changes is the very object that was given.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <string>

#include "engine/policy/default.h"
#include "engine/policy/engine.h"
#include "engine/policy/mutate.h"
#include "engine/source/source.h"

namespace plimsoll {
namespace {


class Corpus : public testing::TestWithParam<const char*> {
 protected:
  struct Counts {
    size_t objects = 0, changed = 0, changes = 0;
  };

  static void expect_compliant(const policy::RuleSet& rules, const std::vector<source::Object>& objects, Counts& counts) {
    policy::ObjectIndex index;
    schema::TypeCatalog catalog(*schema::KubernetesTypes::load());
    for (const source::Object& object : objects) {
      index.add(object.root(), "default");
      catalog.add_definition(object.root());
    }
    const policy::Defaulting defaulting(catalog, {.default_namespace = {}, .objects = &index, .keep_status = true});
    policy::EvaluationScratch scratch;
    for (const source::Object& object : objects) {
      Arena arena;
      policy::ObjectContext context = {.object = object.root(), .objects = &index, .defaulting = &defaulting};
      const auto outcome = rules.mutate(context, arena);
      ASSERT_TRUE(outcome) << outcome.error().to_string();
      ASSERT_TRUE(outcome->allowed) << object.description() << ": " << outcome->message;
      for (const policy::Conflict& conflict : outcome->conflicts) {
        ADD_FAILURE() << object.description() << ": " << conflict.first << " and " << conflict.second << " disagree about " << conflict.place;
      }
      ++counts.objects;
      counts.changed += outcome->changed() ? 1 : 0;
      counts.changes += outcome->changes.size();
      if (!outcome->changed()) {
        EXPECT_EQ(outcome->written.as_map(), object.root().as_map()) << object.description();
      }

      context.object = outcome->written;
      const auto again = rules.mutate(context, arena);
      ASSERT_TRUE(again) << again.error().to_string();
      for (const policy::Change& change : again->changes) {
        ADD_FAILURE() << object.description() << ": " << change.policy << " changes " << change.difference.place << " once more";
      }
      const auto findings = rules.evaluate(context, scratch);
      ASSERT_TRUE(findings) << findings.error().to_string();
      for (const policy::Finding& finding : *findings) {
        if (finding.rule->mutations > 0) {
          ADD_FAILURE() << object.description() << ": " << finding.rule->id << " still finds: " << finding.message;
        }
      }
    }
  }
};

TEST_P(Corpus, MutationsMakeItCompliantOnce) {
  const std::filesystem::path path = std::filesystem::path(PLIMSOLL_SOURCE_DIR) / GetParam();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there: its manifests were not mutated";
  const source::Set set = source::load({path.string()}, {});
  ASSERT_FALSE(set.objects.empty());
  for (const char* const pack : {"pod-security-baseline", "pod-security-restricted", "lightrun"}) {
    policy::RuleSetBuilder builder;
    ASSERT_TRUE(builder.add_pack(pack));
    const auto rules = builder.build();
    ASSERT_TRUE(rules) << rules.error().to_string();
    Counts counts;
    expect_compliant(**rules, set.objects, counts);
    std::cout << GetParam() << ", " << pack << ": " << counts.changes << " changes in " << counts.changed << " of " << counts.objects
              << " objects\n";
  }
}

INSTANTIATE_TEST_SUITE_P(Manifests, Corpus,
                         testing::Values("fixtures/lightrun", "charts/lightrun", "../shared/real/kelemetry-default.yaml",
                                         "../shared/real/kubiya-runner.yaml", "../shared/real/lightrun-default.yaml",
                                         "../shared/real/lightrun-hardened.yaml", "../shared/real/workloads.yaml"));

}  // namespace
}  // namespace plimsoll
