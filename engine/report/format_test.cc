#include "engine/report/format.h"

#include <gtest/gtest.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <set>
#include <sstream>

#include "engine/report/baseline.h"
#include "engine/report/sample.h"
#include "engine/report/schema_check.h"
#include "engine/source/manifest.h"
#include "engine/value/json.h"

namespace plimsoll::report {
namespace {

TEST(Json, FollowsItsSchema) {
  const auto sample = make_sample();
  const std::string text = write_json(sample->report, {});
  EXPECT_EQ(schema_errors(source_file("schemas/report.v1.schema.json"), text), std::vector<std::string>());
  Arena arena;
  const Value root = *json::read(arena, text);
  EXPECT_EQ(root["summary"]["errors"].as_int(), 1);
  EXPECT_EQ(root["summary"]["ignored"].as_int(), 1);
  EXPECT_FALSE(root["summary"]["complete"].as_bool());
  const Value finding = root["findings"].items()[1];
  EXPECT_EQ(finding["rule"].as_string(), "no-privileged");
  EXPECT_EQ(finding["line"].as_int(), 13);
  EXPECT_EQ(finding["endColumn"].as_int(), 29);
  EXPECT_EQ(finding["places"].size(), 2);
  EXPECT_EQ(finding["places"].items()[1]["pointer"].as_string(), "/spec/template/spec/containers/1/securityContext/privileged");
}

TEST(Json, SchemaRefusesWhatIsNotAReport) {
  EXPECT_FALSE(schema_errors(source_file("schemas/report.v1.schema.json"), R"({"version": 1})").empty());
}

TEST(Sarif, FollowsTheSchema) {
  const auto sample = make_sample();
  const std::string text = write_sarif(sample->report, {});
  EXPECT_EQ(schema_errors(source_file("schemas/sarif-subset.schema.json"), text), std::vector<std::string>());
  Arena arena;
  const Value run = (*json::read(arena, text))["runs"].items()[0];
  const Value result = run["results"].items()[1];
  EXPECT_EQ(result["ruleId"].as_string(), "shop/no-privileged");
  EXPECT_EQ(run["tool"]["driver"]["rules"].items()[static_cast<size_t>(result["ruleIndex"].as_int())]["id"].as_string(),
            "shop/no-privileged");
  const Value place = result["locations"].items()[0]["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"]["uri"].as_string(), "deploy%20dir/web%2C1.yaml");
  EXPECT_EQ(place["region"]["startLine"].as_int(), 13);
  EXPECT_EQ(place["region"]["startColumn"].as_int(), 25);
  EXPECT_EQ(place["region"]["endColumn"].as_int(), 29);
  EXPECT_EQ(result["relatedLocations"].size(), 1);
  EXPECT_FALSE(run["invocations"].items()[0]["executionSuccessful"].as_bool());
  EXPECT_EQ(run["results"].items()[0]["suppressions"].items()[0]["kind"].as_string(), "inSource");
}

TEST(Junit, IsXmlThatCounts) {
  const auto sample = make_sample();
  sample->report.fail_on = policy::Severity::kError;
  std::istringstream text(write_junit(sample->report, {}));
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(text, tree);
  const auto& suites = tree.get_child("testsuites");
  EXPECT_EQ(suites.get<int>("<xmlattr>.tests"), 5);
  EXPECT_EQ(suites.get<int>("<xmlattr>.failures"), 1);
  EXPECT_EQ(suites.get<int>("<xmlattr>.errors"), 1);
  int cases = 0, failures = 0, errors = 0, skipped = 0, outputs = 0;
  for (const auto& [name, suite] : suites) {
    if (name != "testsuite") continue;
    for (const auto& [child, test] : suite) {
      if (child != "testcase") continue;
      ++cases;
      EXPECT_LE(test.count("failure") + test.count("error") + test.count("skipped"), 1);
      failures += static_cast<int>(test.count("failure"));
      errors += static_cast<int>(test.count("error"));
      skipped += static_cast<int>(test.count("skipped"));
      outputs += static_cast<int>(test.count("system-out"));
    }
  }
  EXPECT_EQ(cases, 5);
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(errors, 1);
  EXPECT_EQ(skipped, 2);  // the ignored finding, and the object without a rule
  EXPECT_EQ(outputs, 1);  // the warning
}

TEST(Github, EscapesWhatTheRunnerWouldMisread) {
  const auto sample = make_sample();
  const std::string text = write_github(sample->report, {});
  EXPECT_NE(text.find("::error file=deploy dir/web%2C1.yaml,line=13,endLine=13,col=25,endColumn=29,title=shop/no-privileged::"
                      "privileged containers: app, side%0ADeployment shop/web: "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("::warning "), std::string::npos);
  EXPECT_NE(text.find("100%25 "), std::string::npos);
  EXPECT_NE(text.find("::error file=broken.yaml,line=3,col=4,title=cannot be judged::the quote has no end"), std::string::npos);
  // Each command is one line: nothing from the input may start another.
  std::istringstream lines(text);
  size_t commands = 0;
  for (std::string line; std::getline(lines, line);) commands += line.starts_with("::") ? 1 : 0;
  EXPECT_EQ(commands, 4);
}

TEST(Formats, AreFoundByName) {
  for (const Format& format : formats()) EXPECT_EQ(find_format(format.name), &format);
  EXPECT_EQ(find_format("xml"), nullptr);
}

TEST(Baseline, MakesWhatIsKnownNotCount) {
  const auto sample = make_sample();
  const std::string text = write_baseline(sample->report);
  auto baseline = Baseline::read(text, "b.json");
  ASSERT_TRUE(baseline);
  EXPECT_EQ(baseline->size(), 3);  // two places of one finding, one of another; not the one that is ignored
  baseline->apply(sample->report);
  EXPECT_EQ(sample->report.counts().total(), 0);
  EXPECT_FALSE(sample->report.failed());
  EXPECT_EQ(baseline->repaired(sample->report), 0);
  // What a baseline hides it keeps when it is written again.
  EXPECT_EQ(write_baseline(sample->report), text);
}

TEST(Baseline, LeavesNewPlacesOfAKnownFinding) {
  const auto before = make_sample();
  Report& report = before->report;
  for (Finding& finding : report.findings) {
    if (finding.marks.size() == 2) finding.marks.pop_back();
  }
  auto baseline = Baseline::read(write_baseline(report), "b.json");
  const auto after = make_sample();
  baseline->apply(after->report);
  ASSERT_EQ(after->report.counts().errors, 1);
  for (const Finding& finding : after->report.findings) {
    if (finding.suppression) continue;
    ASSERT_EQ(finding.marks.size(), 1);
    EXPECT_EQ(finding.location().line, 15);
  }
}

TEST(Baseline, RefusesOtherFiles) {
  EXPECT_FALSE(Baseline::read("{", "b.json"));
  EXPECT_FALSE(Baseline::read("[]", "b.json"));
  EXPECT_FALSE(Baseline::read(R"({"version": 2, "findings": []})", "b.json"));
  EXPECT_FALSE(Baseline::read(R"({"version": 1, "findings": [{}]})", "b.json"));
}

TEST(Fingerprint, StaysWhenNamedItemsMove) {
  const auto sample = make_sample();
  std::set<std::string> fingerprints;
  for (const Finding& finding : sample->report.findings) {
    for (const Mark& mark : finding.marks) fingerprints.insert(mark.fingerprint);
  }
  EXPECT_EQ(fingerprints.size(), 4);

  auto file = std::make_shared<const source::File>("elsewhere.yaml",
                                                   "# moved\n\napiVersion: apps/v1\nkind: Deployment\n"
                                                   "metadata: {name: web, namespace: shop}\n"
                                                   "spec: {template: {spec: {containers: [{name: first},"
                                                   " {name: app, securityContext: {privileged: true}}]}}}\n");
  const source::Manifests manifests = source::read_manifests(file);
  policy::Finding finding;
  finding.rule = &sample->rules[0];
  finding.validation = 0;
  finding.paths = {{Path::parse("spec.template.spec.containers[1].securityContext.privileged"), 7}};
  EXPECT_TRUE(fingerprints.contains(make_finding(finding, manifests.objects.at(0), 0, "web.yaml").fingerprint()));
  finding.paths = {{Path::parse("spec.template.spec.containers[0].securityContext.privileged"), 7}};
  EXPECT_FALSE(fingerprints.contains(make_finding(finding, manifests.objects.at(0), 0, "web.yaml").fingerprint()));
}

}  // namespace
}  // namespace plimsoll::report
