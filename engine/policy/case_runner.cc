#include "engine/policy/case_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "engine/cel/runtime/time.h"
#include "engine/policy/default.h"
#include "engine/policy/mutate.h"
#include "engine/policy/pack.h"
#include "engine/policy/pack_params.h"
#include "engine/policy/text.h"
#include "engine/value/go_quote.h"
#include "engine/value/json.h"
#include "engine/yaml/writer.h"

namespace plimsoll::policy {
namespace {

// The present of cases that do not say another: 2027-01-01T00:00:00Z.
constexpr std::chrono::sys_days kCaseTime = std::chrono::January / 1 / 2027;

struct Expectation {
  std::string rule, object, path, message;  // object: Kind/name, or empty for any

  std::string to_string() const {
    return fmt::format("{}{}{} at {}: {}", rule, object.empty() ? "" : " on ", object, path, message);
  }
  bool met = false;
};

// What the comments of a case say.
struct CaseText {
  std::vector<Expectation> expectations;
  std::string params, namespace_labels;
  std::chrono::sys_seconds now{kCaseTime};
  bool complete = false;
};

std::optional<std::string_view> directive(std::string_view line, std::string_view name) {
  if (!line.starts_with('#')) return std::nullopt;
  line = trim_space(line.substr(1));
  if (!line.starts_with(name)) return std::nullopt;
  return trim_space(line.substr(name.size()));
}

Result<CaseText> read_comments(std::string_view text) {
  CaseText result;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim_space(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const auto params = directive(line, "params:")) result.params = *params;
    if (const auto labels = directive(line, "namespace:")) result.namespace_labels = *labels;
    if (const auto now = directive(line, "now:")) {
      const std::optional<cel::Time> time = cel::parse_time(*now);
      if (!time) return fail(ErrorCode::kSyntax, fmt::format("{} is no time such as 2027-01-01T00:00:00Z", go::quoted(*now)));
      result.now = std::chrono::sys_seconds(std::chrono::seconds(time->seconds));
    }
    if (const auto view = directive(line, "view:")) {
      if (*view != "complete") return fail(ErrorCode::kSyntax, fmt::format("view must be complete, not {}", go::quoted(*view)));
      result.complete = true;
    }
    const auto expected = directive(line, "expect:");
    if (!expected) continue;
    const size_t at = expected->find(" at ");
    const size_t on = std::min(expected->substr(0, at).find(" on "), at);
    const size_t colon = at == std::string_view::npos ? at : expected->find(": ", at);
    if (colon == std::string_view::npos) {
      return fail(ErrorCode::kSyntax,
                  fmt::format("{} is not of the form \"expect: RULE [on KIND/NAME] at PATH: MESSAGE\"", go::quoted(line)));
    }
    const std::string_view object = on < at ? trim_space(expected->substr(on + 4, at - on - 4)) : std::string_view();
    result.expectations.push_back({std::string(trim_space(expected->substr(0, on))), std::string(object),
                                   std::string(trim_space(expected->substr(at + 4, colon - at - 4))),
                                   std::string(trim_space(expected->substr(colon + 2)))});
  }
  return result;
}

// The places of a finding as a case may name them.
std::vector<std::string> places_of(const Finding& finding) {
  std::vector<std::string> places;
  for (const Blame& blame : finding.paths) {
    places.push_back(blame.path.to_string());
    Path existing = blame.path;
    while (existing.steps().size() > blame.existing) existing = existing.parent();
    if (std::string place = existing.to_string(); place != places.back()) places.push_back(std::move(place));
  }
  return places;
}

struct CaseFinding {
  Finding finding;
  std::string object;  // Kind/name
};

std::string describe(const CaseFinding& found) {
  const Finding& finding = found.finding;
  return fmt::format("{} on {} at {}: {}", finding.rule->id, found.object, places_of(finding).front(), finding.message);
}

bool meets(const CaseFinding& found, const Expectation& expectation) {
  const Finding& finding = found.finding;
  if (!expectation.object.empty() && found.object != expectation.object) return false;
  if (finding.rule->id != expectation.rule && finding.rule->qualified_id() != expectation.rule) return false;
  if (finding.message.find(expectation.message) == std::string::npos) return false;
  const std::vector<std::string> places = places_of(finding);
  return std::ranges::find(places, Path::parse(expectation.path).to_string()) != places.end();
}

class PackRunner {
 public:
  PackRunner(const PackFiles& files, const Pack& pack, std::shared_ptr<const schema::KubernetesTypes> types)
      : files_(files), pack_(pack), types_(std::move(types)) {}

  Result<RuleReport> run(const PackRule& rule);

 private:
  // A set of one rule, with the params as the pack gives them unless a case changes them.
  Result<std::shared_ptr<const RuleSet>> rule_set(const PackRule& rule, std::string_view params);
  Result<std::string> run_case(const PackRule& rule, const PackCase& source, RuleReport& report);
  Result<std::vector<CaseFinding>> judge(const RuleSet& set, const std::vector<yaml::Document>& documents, const CaseText& text,
                                     RuleReport& report);
  Result<std::string> run_mutation(const RuleSet& set, const std::vector<yaml::Document>& documents, const CaseText& text,
                                   RuleReport& report);

  const PackFiles& files_;
  const Pack& pack_;
  std::shared_ptr<const schema::KubernetesTypes> types_;
  std::shared_ptr<const RuleSet> plain_;  // of the current rule, without changed params
  EvaluationScratch scratch_;
};

Result<std::shared_ptr<const RuleSet>> PackRunner::rule_set(const PackRule& rule, std::string_view params) {
  if (params.empty() && plain_) return plain_;
  RuleSetBuilder builder;
  PLIMSOLL_RETURN_IF_ERROR(builder.add_pack_files(files_, pack_.name));
  builder.restrict_to(rule.policy.metadata.name);
  if (!params.empty()) {
    Arena arena;
    PLIMSOLL_ASSIGN_OR_RETURN(const Value changes, json::read(arena, params));
    if (!changes.is_map()) return fail(ErrorCode::kSyntax, "params of a case must be a JSON object");
    for (const Map::Entry& entry : *changes.as_map()) {
      PLIMSOLL_RETURN_IF_ERROR(
          builder.override_param(fmt::format("{}.{}", pack_.name, entry.key.string_or()), json::write(entry.value)));
    }
  }
  PLIMSOLL_ASSIGN_OR_RETURN(std::shared_ptr<const RuleSet> set, builder.build());
  if (params.empty()) plain_ = set;
  return set;
}

// The objects of a case and their namespaces, with the labels that the case gives them.
Result<void> add_objects(const std::vector<yaml::Document>& documents, const CaseText& text, Arena& arena, ObjectIndex& objects) {
  PLIMSOLL_ASSIGN_OR_RETURN(
      const Value labels,
      json::read(arena, text.namespace_labels.empty() ? "{}" : std::string_view(text.namespace_labels)));
  for (const yaml::Document& document : documents) {
    Map* metadata = Map::create(arena);
    metadata->set(arena, "name", Value::string(document.root()["metadata"]["namespace"].string_or("default")));
    metadata->set(arena, "labels", labels);
    Map* space = Map::create(arena);
    space->set(arena, "apiVersion", Value::string("v1"));
    space->set(arena, "kind", Value::string("Namespace"));
    space->set(arena, "metadata", Value::map(metadata));
    objects.add(Value::map(space));
  }
  // After the namespaces, so that those of the case itself count.
  for (const yaml::Document& document : documents) objects.add(document.root(), "default");
  return {};
}

Result<std::vector<CaseFinding>> PackRunner::judge(const RuleSet& set, const std::vector<yaml::Document>& documents,
                                                   const CaseText& text, RuleReport& report) {
  Arena arena;
  ObjectIndex objects;
  objects.set_complete(text.complete);
  PLIMSOLL_RETURN_IF_ERROR(add_objects(documents, text, arena, objects));
  std::vector<CaseFinding> all;
  const schema::TypeCatalog catalog(types_);
  const Defaulting defaulting(catalog, {.default_namespace = {}, .objects = &objects, .keep_status = true});
  Coverage coverage;
  for (const yaml::Document& document : documents) {
    const ObjectContext context = {.object = document.root(), .objects = &objects, .now = text.now, .defaulting = &defaulting};
    PLIMSOLL_ASSIGN_OR_RETURN(std::vector<Finding> findings, set.evaluate(context, scratch_, &coverage));
    const std::string name = fmt::format("{}/{}", document.root()["kind"].string_or(),
                                         document.root()["metadata"]["name"].string_or());
    for (Finding& finding : findings) all.push_back({std::move(finding), name});
  }
  const std::vector<size_t>& violated = coverage.rules.front().violated;
  for (size_t i = 0; i < violated.size(); ++i) report.violated[i] = report.violated[i] || violated[i] > 0;
  return all;
}

// A document as people compare it.
std::string text_of(const Value& object) { return yaml::write(object).value_or("(cannot be written)"); }

Result<std::string> PackRunner::run_mutation(const RuleSet& set, const std::vector<yaml::Document>& documents, const CaseText& text,
                                             RuleReport& report) {
  if (!set.mutates()) return std::string("the rule has no mutations");
  if (documents.size() % 2 != 0) return std::string("a mutate case holds pairs of documents: an object and what becomes of it");
  std::vector<yaml::Document> inputs, expected;
  for (size_t i = 0; i < documents.size(); ++i) (i % 2 == 0 ? inputs : expected).push_back(documents[i]);
  Arena arena;
  ObjectIndex objects;
  PLIMSOLL_RETURN_IF_ERROR(add_objects(inputs, text, arena, objects));
  const schema::TypeCatalog catalog(types_);
  const Defaulting defaulting(catalog, {.default_namespace = {}, .objects = &objects, .keep_status = true});
  for (size_t i = 0; i < inputs.size(); ++i) {
    ObjectContext context = {.object = inputs[i].root(), .objects = &objects, .now = text.now, .defaulting = &defaulting};
    PLIMSOLL_ASSIGN_OR_RETURN(const MutationOutcome outcome, set.mutate(context, arena));
    if (!outcome.allowed) return "refused: " + outcome.message;
    if (!equal(outcome.written, expected[i].root())) {
      return fmt::format("expected:\n{}but it became:\n{}", text_of(expected[i].root()), text_of(outcome.written));
    }
    context.object = outcome.written;
    PLIMSOLL_ASSIGN_OR_RETURN(const MutationOutcome again, set.mutate(context, arena));
    if (again.changed()) return "a second mutation changes " + again.changes.front().difference.place;
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const std::vector<CaseFinding> findings, judge(set, expected, text, report));
  return findings.empty() ? std::string() : "finding after the mutation: " + describe(findings.front());
}

// What is wrong with the case; empty if nothing.
Result<std::string> PackRunner::run_case(const PackRule& rule, const PackCase& source, RuleReport& report) {
  PLIMSOLL_ASSIGN_OR_RETURN(CaseText text, read_comments(source.text));
  PLIMSOLL_ASSIGN_OR_RETURN(const auto set, rule_set(rule, text.params));
  PLIMSOLL_ASSIGN_OR_RETURN(const std::vector<yaml::Document> documents,
                            yaml::read_stream(source.text, {.file = std::string(source.path)}));
  if (documents.empty()) return fail(ErrorCode::kInvalid, "the case holds no object");
  if (source.name.starts_with("mutate.")) return run_mutation(*set, documents, text, report);
  PLIMSOLL_ASSIGN_OR_RETURN(const std::vector<CaseFinding> findings, judge(*set, documents, text, report));
  if (source.name.starts_with("pass.")) {
    return findings.empty() ? std::string() : "unexpected finding: " + describe(findings.front());
  }
  if (text.expectations.empty()) return std::string("a fail case must say what to expect");
  std::string unexpected;
  for (const CaseFinding& finding : findings) {
    bool wanted = false;
    for (Expectation& expectation : text.expectations) {
      if (!meets(finding, expectation)) continue;
      expectation.met = wanted = true;
    }
    if (!wanted)
      unexpected += fmt::format("{}unexpected finding: {}", unexpected.empty() ? "" : "\n", describe(finding));
  }
  std::string failure;
  for (const Expectation& expectation : text.expectations) {
    if (expectation.met) continue;
    failure += fmt::format("{}missing: {}", failure.empty() ? "" : "\n", expectation.to_string());
  }
  if (!unexpected.empty()) failure += (failure.empty() ? "" : "\n") + unexpected;
  return failure;
}

Result<RuleReport> PackRunner::run(const PackRule& rule) {
  plain_ = nullptr;
  PLIMSOLL_ASSIGN_OR_RETURN(RuleInfo info, rule_info(rule.policy, pack_.name, rule.document.file()));
  if (rule.repair) info.mutations = rule.repair->policy.mutations.size();
  RuleReport report{std::move(info), {}, 0, 0, 0, std::vector<bool>(rule.policy.validations.size())};
  for (const PackCase& source : rule.cases) {
    CaseResult& result = report.cases.emplace_back(CaseResult{source.name, std::string(source.path), {}});
    if (source.name.starts_with("pass.")) {
      ++report.pass_cases;
    } else if (source.name.starts_with("fail.")) {
      ++report.fail_cases;
    } else if (source.name.starts_with("mutate.")) {
      ++report.mutate_cases;
    } else {
      result.failure = "the name of a case begins with pass., fail. or mutate.";
      continue;
    }
    Result<std::string> failure = run_case(rule, source, report);
    result.failure = failure ? *std::move(failure) : failure.error().to_string();
  }
  return report;
}

}  // namespace

std::vector<std::string_view> RuleReport::missing() const {
  std::vector<std::string_view> result;
  if (rule.validations > 0 && pass_cases == 0) result.push_back("pass");
  if (rule.validations > 0 && fail_cases == 0) result.push_back("fail");
  if (rule.mutations > 0 && mutate_cases == 0) result.push_back("mutate");
  return result;
}

Result<PackReport> run_cases(const PackFiles& files, std::string_view name) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Pack pack, load_pack(files, name));
  PackReport report{pack.name, pack.title, {}, {}};
  if (pack.params) {
    for (const Error& fault : check_params(*pack.params)) report.faults.push_back(fault.to_string());
  }
  PLIMSOLL_ASSIGN_OR_RETURN(auto types, schema::KubernetesTypes::load());
  PackRunner runner(files, pack, std::move(types));
  for (const PackRule& rule : pack.rules) {
    PLIMSOLL_ASSIGN_OR_RETURN(RuleReport result, runner.run(rule));
    report.rules.push_back(std::move(result));
  }
  return report;
}

}  // namespace plimsoll::policy
