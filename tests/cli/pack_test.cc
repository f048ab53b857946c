#include <gtest/gtest.h>

#include "tests/cli/program.h"

// Packs as users meet them: params with types, requirements with their rules, and pages that are current.
namespace plimsoll::cli_test {
namespace {

constexpr const char* kRequirements =
    "# Shop\n\n| id | where | requirement |\n|---|---|---|\n"
    "| SH-01 | M | Pods name their team |\n| SH-02 | M | Pods \\| name their owner |\n| SH-03 | M | Pods have a price |\n\n"
    "## Yard\n\n| no id | text |\n|---|---|\n| a word | b |\n\n"
    "```\n| id | text |\n|---|---|\n| SH-04 | in an example |\n```\n\n"
    "| id | text |\n|---|---|\n| **`YD-1`** | Ships float |\n";

std::string rule(const std::string& name, const std::string& source) {
  return "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata:\n  name: " + name +
         "\n  annotations: {plimsoll.dev/source: '" + source +
         "', plimsoll.dev/remediation: Do | so.}\nspec:\n  paramKind: {apiVersion: plimsoll.dev/v1, kind: PackParams}\n"
         "  matchConstraints:\n    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]\n"
         "  validations: [{expression: \"'team' in object.metadata.?labels.orValue({})\"}]\n";
}

class Pack : public testing::Test {
 protected:
  Pack() {
    folder_.write("shop/pack.yaml",
                  "apiVersion: plimsoll.dev/v1\nkind: Pack\nmetadata: {name: shop}\n"
                  "spec: {title: Shop, description: What the shop asks., params: params.yaml}\n");
    folder_.write("shop/params.yaml", R"(apiVersion: plimsoll.dev/v1
kind: PackParams
metadata: {name: shop}
spec:
  percent: 80
  mode: lax
  name: shop
  amounts: {web: {cpu: 100m}}
schema:
  properties:
    percent: {type: integer, minimum: 1, maximum: 100, description: A share.}
    mode: {enum: [lax, strict], description: How much.}
    name: {type: string, description: Whose.}
    amounts:
      type: object
      description: The least.
      propertyNames: {enum: [web, database]}
      additionalProperties:
        type: object
        properties: {cpu: {type: string, format: quantity}}
        additionalProperties: false
)");
    folder_.write("shop/team/policy.yaml", rule("team", "SH-01, SH-02"));
    folder_.write("shop/team/cases/pass.team.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {team: a}}}\n");
    folder_.write("shop/team/cases/fail.team.yaml",
                  "# expect: team at metadata: failed expression\n{apiVersion: v1, kind: Pod, metadata: {name: p}}\n");
    folder_.write("shop/owner/policy.yaml", rule("owner", "SH-02"));
    folder_.write("pod.yaml", kGoodPod);
    folder_.write("requirements.md", kRequirements);
  }

  // Params of the configuration, of a command line or of a document: the message that they bring.
  std::string with_config(const std::string& params) {
    folder_.write(".plimsoll.yaml", "packs: [./shop]\nparams:\n  shop:\n" + params);
    const Outcome outcome = folder_.run({"rules"});
    EXPECT_EQ(outcome.code, 2) << outcome.out;
    return outcome.err;
  }
  std::string with_flag(const std::string& param) {
    const Outcome outcome = folder_.run({"rules", "--no-config", "--pack", "./shop", "--param", param});
    EXPECT_EQ(outcome.code, 2) << outcome.out;
    return outcome.err;
  }

  Folder folder_;
};

TEST_F(Pack, ParamsOfWrongTypeAreRefusedWithTheirPlace) {
  EXPECT_EQ(with_config("    percent: eighty\n"),
            "plimsoll: error: .plimsoll.yaml:4:14: param shop.percent: got \"eighty\", want integer from 1 to 100\n");
  EXPECT_EQ(with_config("    mode: lax\n    percent: 0\n"),
            "plimsoll: error: .plimsoll.yaml:5:14: param shop.percent: got 0, want integer from 1 to 100\n");
  EXPECT_EQ(with_config("    amounts:\n      web:\n        cpu: lots\n"),
            "plimsoll: error: .plimsoll.yaml:6:14: param shop.amounts.web.cpu: got \"lots\", want quantity\n");
  EXPECT_EQ(with_flag("shop.mode=strickt"), "plimsoll: error: param shop.mode: got \"strickt\", want lax or strict\n");
  EXPECT_EQ(with_flag("shop.amounts.web.cpu=[1]"), "plimsoll: error: param shop.amounts.web.cpu: got [1], want quantity\n");
  EXPECT_EQ(with_flag("shop.amounts[0]=1").substr(0, 58), "plimsoll: error: param shop.amounts has no param 0; its pa");
}

TEST_F(Pack, UnknownParamsAreRefusedWithTheNearest) {
  EXPECT_EQ(with_config("    percend: 1\n"),
            "plimsoll: error: .plimsoll.yaml:4:5: pack shop has no param percend; did you mean \"percent\"?; its params: percent, "
            "mode, name, amounts\n");
  EXPECT_EQ(with_config("    amounts: {data-base: {cpu: 1m}}\n"),
            "plimsoll: error: .plimsoll.yaml:4:15: param shop.amounts has no param data-base; did you mean \"database\"?; its params: "
            "web, database\n");
  EXPECT_NE(with_flag("shop.amounts.web.cpus=1m").find("param shop.amounts.web has no param cpus; did you mean \"cpu\"?"),
            std::string::npos);
  EXPECT_NE(with_flag("shob.mode=lax").find("param shob.mode names no pack in use; did you mean \"shop\"?"), std::string::npos);
}

TEST_F(Pack, ParamsObjectsSetParams) {
  folder_.write("params.yaml", "apiVersion: plimsoll.dev/v1\nkind: PackParams\nmetadata: {name: shop}\nspec:\n  percent: 101\n");
  Outcome outcome = folder_.run({"rules", "--pack", "./shop", "--policy", "params.yaml"});
  EXPECT_EQ(outcome.err, "plimsoll: error: params.yaml:5:12: param shop.percent: got 101, want integer from 1 to 100\n");
  // The command line goes before it.
  outcome = folder_.run({"rules", "--pack", "./shop", "--policy", "params.yaml", "--param", "shop.percent=99"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(Pack, WordsOfACommandLineAreTextWhereTextIsWanted) {
  EXPECT_EQ(folder_.run({"rules", "--pack", "./shop", "--param", "shop.name=007"}).code, 0);
  EXPECT_EQ(folder_.run({"rules", "--pack", "./shop", "--param", "shop.name=null"}).code, 0);
  EXPECT_EQ(folder_.run({"rules", "--pack", "./shop", "--param", "shop.percent='7'"}).code, 2);
}

TEST_F(Pack, ListsParams) {
  const Outcome outcome = folder_.run({"explain", "shop", "--pack", "./shop"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* part : {"percent: integer from 1 to 100\n      A share.\n      default: 80", "mode: lax or strict",
                           "amounts: map of {cpu: quantity}", "2 rules"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << outcome.out;
  }
  Arena arena;
  const Value json = parse_json(arena, folder_.run({"rules", "--params", "--pack", "./shop", "-o", "json"}).out);
  EXPECT_EQ(json["packs"].items()[0]["params"].items()[1]["type"].string_or(), "lax or strict");
}

TEST_F(Pack, RequirementsShowTheirRulesAndHoles) {
  const Outcome text = folder_.run({"rules", "--pack", "./shop", "--requirements", "requirements.md"});
  EXPECT_EQ(text.code, 1) << text.err;
  EXPECT_EQ(text.out,
            "Shop\n"
            "  SH-01  shop/team    1 pass   1 fail\n"
            "  SH-02  shop/owner   0 pass   0 fail  HOLE: no case\n"
            "         shop/team    1 pass   1 fail\n"
            "  SH-03  HOLE: no rule: Pods have a price\n"
            "\nYard\n"
            "  YD-1   HOLE: no rule: Ships float\n"
            "\n4 requirements, 3 with a hole; 2 rules with 1 passing and 1 failing cases\n");
  const auto only = [&](const std::string& prefix) {
    return folder_.run({"rules", "--pack", "./shop", "--requirements", "requirements.md", "--only", prefix, "-o", "json"});
  };
  const Outcome covered = only("SH-01");
  EXPECT_EQ(covered.code, 0) << covered.out;
  Arena arena;
  const Value matrix = parse_json(arena, covered.out);
  EXPECT_EQ(matrix["requirements"].size(), 1U);
  EXPECT_EQ(matrix["requirements"].items()[0]["rules"].items()[0]["failCases"].int_or(0), 1);
  EXPECT_EQ(parse_json(arena, only("SH,YD").out)["requirements"].size(), 4U);
  EXPECT_EQ(only("S").code, 2);
  const Outcome markdown = folder_.run({"rules", "--pack", "./shop", "--requirements", "requirements.md", "-o", "markdown"});
  EXPECT_NE(markdown.out.find("| SH-02 | Pods \\| name their owner | `shop/owner`<br>`shop/team`<br>**hole: shop/owner has no passing case; "
                              "shop/owner has no failing case** | 0<br>1 | 0<br>1 |\n"),
            std::string::npos)
      << markdown.out;
}

TEST_F(Pack, SourcesThatNoRequirementHasAreReported) {
  folder_.write("shop/owner/policy.yaml", rule("owner", "SH-99"));
  const Outcome outcome = folder_.run({"rules", "--pack", "./shop", "--requirements", "requirements.md", "--only", "SH"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.out.find("SH-99 is the source of shop/owner, but requirements.md has no such requirement\n"), std::string::npos)
      << outcome.out;
  EXPECT_EQ(folder_.run({"rules", "--requirements", "pod.yaml"}).code, 2);
  folder_.write("twice.md", "| id | text |\n|---|---|\n| A-1 | a |\n| A-1 | b |\n");
  EXPECT_EQ(folder_.run({"rules", "--requirements", "twice.md"}).err, "plimsoll: error: twice.md:4:1: id A-1 is already that of line 3\n");
}

TEST_F(Pack, PagesAreGeneratedAndCurrent) {
  const Outcome page = folder_.run({"rules", "--pack", "./shop", "-o", "markdown"});
  EXPECT_NE(page.out.find("# Shop\n\nWhat the shop asks.\n"), std::string::npos) << page.out;
  EXPECT_NE(page.out.find("| `amounts` | map of {cpu: quantity} | `{\"web\":{\"cpu\":\"100m\"}}` | The least. |\n"), std::string::npos)
      << page.out;
  EXPECT_NE(page.out.find("| `team` | error |  | team | SH-01, SH-02 | Do \\| so. |\n"), std::string::npos) << page.out;
  size_t packs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("rules"))) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    const Outcome current = folder_.run({"rules", "--no-config", "--pack", name, "--output", "markdown"});
    EXPECT_EQ(read_text(entry.path() / "README.md"), current.out)
        << "write it anew: plimsoll rules --pack " << name << " --output markdown > rules/" << name << "/README.md";
    ++packs;
  }
  EXPECT_GE(packs, 3U);
}

}  // namespace
}  // namespace plimsoll::cli_test
