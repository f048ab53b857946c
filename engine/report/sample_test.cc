#include "engine/report/sample.h"

#include "engine/source/manifest.h"

namespace plimsoll::report {

namespace {

policy::Finding finding(const policy::RuleInfo& rule, std::string message, std::vector<policy::Blame> paths) {
  policy::Finding result;
  result.rule = &rule;
  result.severity = rule.severity;
  result.message = std::move(message);
  result.reason = "Invalid";
  result.validation = 0;
  result.paths = std::move(paths);
  return result;
}

}  // namespace

std::unique_ptr<Sample> make_sample() {
  auto sample = std::make_unique<Sample>();
  policy::RuleInfo privileged;
  privileged.id = "no-privileged";
  privileged.pack = "shop";
  privileged.title = "No container is privileged";
  privileged.category = "security";
  privileged.remediation = "Remove privileged, or set it to false.";
  privileged.source = "SHOP-1";
  policy::RuleInfo requests;
  requests.id = "requests";
  requests.title = "Containers ask for <memory> & more";
  requests.severity = policy::Severity::kWarning;
  sample->rules = {privileged, requests};

  auto file = std::make_shared<const source::File>("deploy dir/web,1.yaml", kSampleText);
  const source::Manifests manifests = source::read_manifests(file);
  const source::Object& object = manifests.objects.at(0);
  Report& report = sample->report;
  report.version = "1.2.3";
  report.files = 1;
  report.documents = 1;
  report.seconds = 0.0123;
  report.packs = {{.name = "shop", .title = "Shop", .reason = "asked for", .rules = 1}};
  for (const policy::RuleInfo& rule : sample->rules) report.rules.push_back(&rule);
  report.objects = {{.subject = subject_of(object), .location = {.file = file->name(), .line = 2, .column = 7}, .file_id = "web.yaml", .rules = 2},
                    {.subject = {.api_version = "v1", .kind = "ConfigMap", .namespace_name = "", .name = "c"},
                     .location = {.file = "c.yaml", .line = 1, .column = 1},
                     .file_id = "c.yaml",
                     .rules = 0}};
  const auto add = [&](policy::Finding found) {
    report.findings.push_back(make_finding(std::move(found), object, 0, "web.yaml"));
  };
  const auto container = [](size_t i) { return Path::parse("spec.template.spec.containers").index(i); };
  add(finding(sample->rules[1], "no memory is asked for\n\x1b[31m100% \xE2\x80\xAE forged, it's <b>\"\xFF",
              {{container(1).key("resources").key("requests"), 5}}));
  add(finding(sample->rules[0], "privileged containers: app, side",
              {{container(0).key("securityContext").key("privileged"), 7},
               {container(1).key("securityContext").key("privileged"), 7}}));
  add(finding(sample->rules[0], "known", {{container(0).key("image"), 6}}));
  report.findings.back().suppression =
      Suppression{.by = Suppression::By::kAnnotation, .reason = "agreed", .expires = "2099-01-01"};
  sort_findings(report);
  report.errors.push_back(Error(ErrorCode::kSyntax, "the quote has no end").at(3, 4).in_file("broken.yaml").with_fragment("\"x"));
  report.notes.push_back({source::Note::Kind::kNoManifest, {.file = "values.yaml", .line = 1, .column = 1}, "no Kubernetes object"});
  report.warnings.push_back("an ignore has expired");
  return sample;
}

}  // namespace plimsoll::report
