#include "cli/enforce.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "cli/exceptions.h"
#include "cli/object_set.h"
#include "cli/pack_choice.h"
#include "engine/policy/exception.h"
#include "engine/source/manifest.h"
#include "engine/yaml/writer.h"

namespace plimsoll::cli {

namespace {

// A document of the output, where its text stands, and the objects in it.
struct Piece {
  std::string template_name;
  std::string_view text, result;  // as rendered, and as rules want it
  yaml::Document document;
  size_t first = 0, count = 0;  // of its objects among all
};

class Enforcer {
 public:
  Enforcer(const chart::Release& release, const EnforceOptions& options) : release_(release), options_(options) {}

  Result<Enforced> run();

 private:
  Result<void> read(const std::string& name, std::string_view text);
  Result<void> mutate(Piece& piece, const ObjectSet& set);
  // The value at a place of a document with the objects in it, in their order, as rules want them.
  Result<Value> mutate_value(const Piece& piece, const Value& value, size_t& next, const ObjectSet& set);
  Result<Value> mutate_object(const Piece& piece, const source::Object& object, const ObjectSet& set);
  std::vector<policy::Exception> exceptions_of(const source::Object& object) const;
  Result<void> judge();

  const chart::Release& release_;
  const EnforceOptions& options_;
  Configuration config_;
  std::shared_ptr<const policy::RuleSet> rules_;
  std::shared_ptr<const schema::KubernetesTypes> types_;
  std::vector<Piece> pieces_;
  std::vector<source::Object> objects_;
  Enforced result_;
};

Result<void> Enforcer::read(const std::string& name, std::string_view text) {
  auto document = yaml::read(text, {.file = name});
  // Helm's own reading lets equal keys pass.
  if (!document) document = yaml::read(text, {.file = name, .dialect = yaml::Dialect::kGo});
  if (!document) return std::unexpected(std::move(document.error()));
  Piece piece{name, text, text, *document, objects_.size(), 0};
  source::Manifests& found = result_.inputs.emplace_back();
  if (document->root().is_map() || document->root().is_list()) {
    source::add_objects(std::make_shared<source::File>(name, std::string(text)), *document, found);
  }
  if (!found.errors.empty()) return std::unexpected(std::move(found.errors.front()));
  piece.count = found.objects.size();
  objects_.insert(objects_.end(), found.objects.begin(), found.objects.end());
  pieces_.push_back(std::move(piece));
  return {};
}

std::vector<policy::Exception> Enforcer::exceptions_of(const source::Object& object) const {
  std::vector<policy::Exception> all;
  if (auto own = policy::exceptions_of(object.root())) all = std::move(*own);  // a broken one is told of with the findings
  for (const Ignore& ignore : config_.ignores) all.push_back(ignore.exception);
  return all;
}

Result<Value> Enforcer::mutate_object(const Piece& piece, const source::Object& object, const ObjectSet& set) {
  const std::vector<policy::Exception> exceptions = exceptions_of(object);
  const std::string name = object.name(), day = today();
  const policy::ExceptionSubject subject{object.kind(), name, object.namespace_name(), {}};
  policy::MutationOptions options;
  options.excepted = [&](const policy::RuleInfo& rule) {
    const policy::ExceptionMatch match = policy::find_exception(exceptions, rule, subject, day);
    return match.exception != nullptr && !match.expired;
  };
  PLIMSOLL_ASSIGN_OR_RETURN(policy::MutationOutcome outcome, rules_->mutate(set.context(object), *result_.arena, options));
  if (!outcome.changed() && outcome.allowed) return object.root();
  const Value written = outcome.allowed ? outcome.written : object.root();
  const bool secret = object.kind() == "Secret";
  result_.objects.push_back({piece.template_name, report::subject_of(object), secret, object.root(), written, std::move(outcome)});
  return written;
}

// Objects come in the order in which the document has them: a list's items, those of lists within it included.
Result<Value> Enforcer::mutate_value(const Piece& piece, const Value& value, size_t& next, const ObjectSet& set) {
  if (next == piece.first + piece.count) return value;
  const Value root = objects_[next].root();
  if (value.is_map() && root.is_map() && value.as_map() == root.as_map()) return mutate_object(piece, objects_[next++], set);
  const Value items = value.is_list() ? value : value["items"];
  List* changed = nullptr;
  for (size_t i = 0; i < items.size(); ++i) {
    const Value item = items.items()[i];
    PLIMSOLL_ASSIGN_OR_RETURN(const Value result, mutate_value(piece, item, next, set));
    if (!result.is_map() || result.as_map() == item.as_map()) continue;
    if (changed == nullptr) changed = List::copy_of(*result_.arena, items.items());
    (*changed)[i] = result;
  }
  if (changed == nullptr) return value;
  if (value.is_list()) return Value::list(changed);
  Map* copy = Map::copy_of(*result_.arena, *value.as_map());
  copy->set(*result_.arena, "items", Value::list(changed));
  return Value::map(copy);
}

Result<void> Enforcer::mutate(Piece& piece, const ObjectSet& set) {
  size_t next = piece.first;
  const Value root = piece.document.root();
  PLIMSOLL_ASSIGN_OR_RETURN(const Value result, mutate_value(piece, root, next, set));
  if (result.is_map() ? result.as_map() == root.as_map() : !result.is_list() || result.as_list() == root.as_list()) return {};
  PLIMSOLL_ASSIGN_OR_RETURN(std::string written, yaml::write(result));
  while (written.ends_with('\n')) written.pop_back();
  piece.result = result_.texts.emplace_back(std::move(written));
  return {};
}

// What the rules still find in the result.
Result<void> Enforcer::judge() {
  result_.inputs.emplace_back();
  source::Manifests& found = result_.inputs.back();
  const auto add = [&](const std::string& name, std::string_view text) {
    source::Manifests read = source::read_manifests(std::make_shared<source::File>(name, std::string(text)));
    std::move(read.objects.begin(), read.objects.end(), std::back_inserter(found.objects));
    std::move(read.errors.begin(), read.errors.end(), std::back_inserter(found.errors));
  };
  for (const chart::RenderedFile& crd : result_.crds) add(crd.name, crd.text);
  for (const auto* list : {&result_.manifests.manifests, &result_.manifests.hooks}) {
    for (const chart::Manifest& manifest : *list) add(manifest.template_name, manifest.text);
  }
  report::Report& report = result_.report;
  report.errors = std::move(found.errors);
  const ObjectSet set(found.objects, options_.namespace_name, types_);
  policy::EvaluationScratch scratch;
  for (size_t i = 0; i < found.objects.size(); ++i) {
    const source::Object& object = found.objects[i];
    report.objects.push_back(
        {.subject = report::subject_of(object), .location = object.locate({}).primary.location(), .file_id = {}, .rules = 0});
    PLIMSOLL_ASSIGN_OR_RETURN(std::vector<policy::Finding> findings, rules_->evaluate(set.context(object), scratch));
    for (policy::Finding& finding : findings) report.findings.push_back(report::make_finding(std::move(finding), object, i, {}));
  }
  for (const report::Finding& finding : report.findings) {
    if (std::ranges::find(report.rules, finding.rule) == report.rules.end()) report.rules.push_back(finding.rule);
  }
  apply_exceptions(config_, found.objects, today(), report);
  return {};
}

Result<Enforced> Enforcer::run() {
  PLIMSOLL_ASSIGN_OR_RETURN(config_, configuration_for(options_.config, options_.no_config, {options_.chart}));
  result_.manifests = release_.manifests();
  result_.crds = release_.crds();
  std::vector<size_t> crd_ends;  // number of pieces up to the end of each file of crds/
  for (const chart::RenderedFile& crd : release_.crds()) {
    for (const std::string_view text : chart::split_manifests(crd.text)) PLIMSOLL_RETURN_IF_ERROR(read(crd.name, text));
    crd_ends.push_back(pieces_.size());
  }
  for (const auto* list : {&release_.manifests().manifests, &release_.manifests().hooks}) {
    for (const chart::Manifest& manifest : *list) PLIMSOLL_RETURN_IF_ERROR(read(manifest.template_name, manifest.text));
  }

  PLIMSOLL_ASSIGN_OR_RETURN(const PackMatches matches, PackMatches::load());
  PLIMSOLL_ASSIGN_OR_RETURN(SelectedRules selected, select_rules(options_.rules, config_, matches, objects_));
  rules_ = selected.rules;
  result_.report.packs = std::move(selected.packs);
  result_.report.rule_set = rules_;
  const std::string& version = options_.rules.kube_version.empty() ? config_.kube_version : options_.rules.kube_version;
  chart::KubeVersion parsed;
  if (!version.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(parsed, chart::parse_kube_version(version));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(types_, version.empty() ? schema::KubernetesTypes::load()
                                                    : schema::KubernetesTypes::load(fmt::format("{}.{}", parsed.major, parsed.minor)));
  const ObjectSet set(objects_, options_.namespace_name, types_);

  for (Piece& piece : pieces_) PLIMSOLL_RETURN_IF_ERROR(mutate(piece, set));
  size_t next = 0;
  for (size_t i = 0; i < crd_ends.size(); ++i) {
    std::string text;
    std::string_view rest = release_.crds()[i].text;
    for (; next < crd_ends[i]; ++next) {
      const Piece& piece = pieces_[next];
      const auto before = static_cast<size_t>(piece.text.data() - rest.data());
      text += rest.substr(0, before);
      text += piece.result;
      rest.remove_prefix(before + piece.text.size());
    }
    result_.crds[i].text = text += rest;
  }
  for (auto* list : {&result_.manifests.manifests, &result_.manifests.hooks}) {
    for (chart::Manifest& manifest : *list) manifest.text = pieces_[next++].result;
  }
  PLIMSOLL_RETURN_IF_ERROR(judge());
  return std::move(result_);
}

}  // namespace

Result<Enforced> enforce(const chart::Release& release, const EnforceOptions& options) { return Enforcer(release, options).run(); }

}  // namespace plimsoll::cli
