#include "cli/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/chart_flags.h"
#include "cli/exceptions.h"
#include "cli/object_set.h"
#include "engine/edit/editor.h"
#include "engine/policy/exception.h"
#include "engine/policy/mutate.h"
#include "engine/value/suggest.h"

namespace plimsoll::cli {

namespace {

bool overlap(const Path& a, const Path& b) { return a.starts_with(b) || b.starts_with(a); }

class Fixer {
 public:
  Fixer(const FixOptions& options, Fix& fix) : options_(options), fix_(fix) {}

  void run(LintInput& input, report::Report& report) {
    if (auto known = check_rules(input.rules); !known) {
      report.errors.push_back(std::move(known.error()));
      return;
    }
    auto types = schema::KubernetesTypes::load(input.kube_version);
    if (!types) {
      report.errors.push_back(std::move(types.error()));
      return;
    }
    const ObjectSet set(input.objects, std::string(input.default_namespace), std::move(*types));
    std::vector<source::WantedObject> wanted;
    std::vector<policy::MutationOutcome> outcomes;
    std::vector<size_t> positions;
    for (size_t i = 0; i < input.objects.size(); ++i) {
      const source::Object& object = input.objects[i];
      if (object.is_pseudo()) continue;
      auto outcome = mutate(input, set, object);
      if (!outcome) {
        // A rule at fault is so for every object.
        const bool told = std::any_of(report.errors.begin(), report.errors.end(), [&](const Error& error) {
          return error.to_string() == outcome.error().to_string();
        });
        if (!told) report.errors.push_back(std::move(outcome.error()));
        continue;
      }
      if (!settled(object, *outcome)) continue;
      wanted.push_back({&object, outcome->written});
      outcomes.push_back(std::move(*outcome));
      positions.push_back(i);
    }
    const chart::FileReader read_file = read_input;
    source::SourceEdits edits = source::edit_sources(wanted, read_file);
    for (source::RefusedEdit& refused : edits.refused) {
      fix_.refused.push_back({rules_of(outcomes[refused.object], refused.path), report::subject_of(*wanted[refused.object].object),
                              refused.path, refused.reason});
    }
    for (size_t i = 0; i < wanted.size(); ++i) apply(i, wanted[i], outcomes[i], edits, input.objects[positions[i]]);
    fix_.edits = std::move(edits.files);
  }

 private:
  Result<void> check_rules(const policy::RuleSet& rules) const {
    for (const std::string& id : options_.rules) {
      if (rules.find(id) != nullptr) continue;
      std::vector<std::string> known;
      for (const policy::RuleInfo& rule : rules.rules()) known.push_back(rule.id);
      return std::unexpected(Error(ErrorCode::kUsage, fmt::format("no rule {} is in force{}", id, suggestion(id, known)))
                                 .with_remedy("plimsoll rules lists them; --pack adds a pack"));
    }
    return {};
  }

  Result<policy::MutationOutcome> mutate(const LintInput& input, const ObjectSet& set, const source::Object& object) {
    std::vector<policy::Exception> exceptions;
    if (auto own = policy::exceptions_of(object.root())) exceptions = std::move(*own);  // a broken one is told of with the findings
    for (const Ignore& ignore : input.config.ignores) exceptions.push_back(ignore.exception);
    const std::string name = object.name(), day = today();
    const policy::ExceptionSubject subject{object.kind(), name, object.namespace_name(), {}};
    policy::MutationOptions mutation;
    mutation.excepted = [&](const policy::RuleInfo& rule) {
      if (!is_asked_for(options_, rule)) return true;
      const policy::ExceptionMatch match = policy::find_exception(exceptions, rule, subject, day);
      return match.exception != nullptr && !match.expired;
    };
    return input.rules.mutate(set.context(object), arena_, mutation);
  }

  // False: nothing is to be done, or the rules do not agree on it.
  bool settled(const source::Object& object, const policy::MutationOutcome& outcome) {
    const auto refuse = [&](std::vector<const policy::RuleInfo*> rules, std::string message) {
      const Location place = object.locate({}).primary.location();
      fix_.refused.push_back({std::move(rules), report::subject_of(object), {},
                              Error(ErrorCode::kInvalid, std::move(message)).at(place.line, place.column).in_file(place.file)});
      return false;
    };
    if (!outcome.allowed) return refuse({}, outcome.message);
    if (!outcome.conflicts.empty()) {
      const policy::Conflict& conflict = outcome.conflicts[0];
      return refuse({conflict.first_rule, conflict.second_rule},
                    fmt::format("{} and {} want different values of {}", conflict.first, conflict.second, conflict.place));
    }
    return outcome.changed() && !equal(object.root(), outcome.written);
  }

  static std::vector<const policy::RuleInfo*> rules_of(const policy::MutationOutcome& outcome, const Path& path) {
    std::vector<const policy::RuleInfo*> rules;
    for (const policy::Change& change : outcome.changes) {
      if (change.rule == nullptr || !overlap(change.difference.path, path)) continue;
      if (std::find(rules.begin(), rules.end(), change.rule) == rules.end()) rules.push_back(change.rule);
    }
    return rules;
  }

  // What the object will be, and which rules' changes are in it.
  void apply(size_t index, const source::WantedObject& wanted, const policy::MutationOutcome& outcome, const source::SourceEdits& edits,
             source::Object& object) {
    std::vector<Path> refused;
    for (auto edit = std::ranges::lower_bound(edits.refused, index, {}, &source::RefusedEdit::object);
         edit != edits.refused.end() && edit->object == index; ++edit) {
      refused.push_back(edit->path);
    }
    const auto is_refused = [&](const Path& path) {
      return std::any_of(refused.begin(), refused.end(), [&](const Path& one) { return overlap(one, path); });
    };
    const report::Subject subject = report::subject_of(object);
    std::set<std::pair<const policy::RuleInfo*, Path>> seen;
    for (const policy::Change& change : outcome.changes) {
      const Path& path = change.difference.path;
      if (change.rule == nullptr || is_refused(path) || !seen.insert({change.rule, path}).second) continue;
      fix_.fixed.push_back({change.rule, subject, path});
    }
    Value root = wanted.wanted;
    if (!refused.empty()) {
      std::vector<edit::TreeChange> changes = edit::changes_between(object.root(), wanted.wanted);
      std::erase_if(changes, [&](const edit::TreeChange& change) { return is_refused(change.path); });
      auto partly = edit::with_changes(object.root(), changes, arena_);
      root = partly ? *partly : object.root();
    }
    object = object.with_root(root);
  }

  const FixOptions& options_;
  Fix& fix_;
  Arena arena_;  // of the objects that are judged in the end
};

}  // namespace

bool is_asked_for(const FixOptions& options, const policy::RuleInfo& rule) {
  if (options.rules.empty()) return true;
  return std::any_of(options.rules.begin(), options.rules.end(),
                     [&](const std::string& id) { return id == rule.id || id == rule.qualified_id(); });
}

Fix plan_fix(const FixOptions& options) {
  Fix fix;
  Fixer fixer(options, fix);
  fix.report = run_lint(options.lint, [&](LintInput& input, report::Report& report) { fixer.run(input, report); });
  std::erase_if(fix.report.findings, [&](const report::Finding& finding) { return !is_asked_for(options, *finding.rule); });
  return fix;
}

}  // namespace plimsoll::cli
