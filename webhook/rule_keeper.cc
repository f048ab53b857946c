#include "webhook/rule_keeper.h"

#include <fmt/format.h>

#include <utility>

#include "engine/cluster/policies.h"

namespace plimsoll::webhook {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> paths_of(const RulebookSources& sources) {
  std::vector<std::string> paths;
  for (const std::string& path : {sources.config, sources.policies}) {
    if (!path.empty()) paths.push_back(path);
  }
  for (const std::string& pack : sources.packs) {
    if (pack.find('/') != std::string::npos) paths.push_back(pack);
  }
  return paths;
}

}  // namespace

RuleKeeper::RuleKeeper(RulebookSources sources, std::shared_ptr<const Rulebook> first, cluster::Client* client,
                       cluster::ViewOptions view_options, const Log& log, std::chrono::milliseconds sync_limit)
    : sources_(std::move(sources)),
      sync_limit_(sync_limit),
      log_(log),
      store_(std::move(first)),
      files_(paths_of(sources_)),
      reloads_("policies", log) {
  if (client != nullptr) {
    view_ = std::make_unique<cluster::ClusterView>(*client, view_options);
    window_.connect(*view_);
    view_->watch(watched_kinds(*store_.current()));
  }
  log_rules(*store_.current());
}

RuleKeeper::~RuleKeeper() = default;

// What the rules look at, and the rules that the cluster keeps.
std::vector<cluster::WatchedKind> RuleKeeper::watched_kinds(const Rulebook& book) {
  std::vector<cluster::WatchedKind> kinds = cluster::rule_kinds();
  kinds.insert(kinds.end(), book.asked_kinds.begin(), book.asked_kinds.end());
  return kinds;
}

void RuleKeeper::check(bool asked) {
  const bool changed = files_.changed();
  const bool cluster_changed = cluster_rules_changed();
  if (changed || cluster_changed || asked) begin();
  if (pending_) finish();
  if (view_) window_.set_ready(status().ready);
}

// Of the rules that the cluster keeps; 0 while they are not known.
uint64_t RuleKeeper::cluster_generation() const {
  if (!view_) return 0;
  uint64_t sum = 0;
  for (const cluster::WatchedKind& kind : cluster::rule_kinds()) {
    const uint64_t generation = view_->generation(kind.api_version, kind.kind);
    if (generation == 0) return 0;
    sum += generation;
  }
  return sum;
}

bool RuleKeeper::cluster_rules_changed() {
  const uint64_t present = cluster_generation();
  if (present == 0 || present == read_generation_) return false;
  const bool before = std::exchange(cluster_keeps_rules_, false);
  for (const cluster::WatchedKind& kind : cluster::rule_kinds()) {
    if (!view_->objects().all(kind.api_version, kind.kind, {}).empty()) cluster_keeps_rules_ = true;
  }
  if (before || cluster_keeps_rules_) return true;
  // There were none, and there are none.
  read_generation_ = present;
  cluster_rules_in_force_ = true;
  return false;
}

void RuleKeeper::begin() {
  const uint64_t present = cluster_generation();
  if (present == 0 && read_generation_ != 0) {
    return reloads_.note(fail(ErrorCode::kInputOutput, "the policies of the cluster are not known at the moment"));
  }
  read_generation_ = present;
  auto rules = view_ ? cluster::read_rules(view_->objects()) : cluster::ClusterRules();
  auto book = rules ? load_rulebook(sources_, store_.generation() + 1, *rules) : std::unexpected(std::move(rules).error());
  std::vector<cluster::WatchedKind> kinds = watched_kinds(*store_.current());
  if (book) {
    pending_ = {.book = *std::move(book), .with_cluster = present != 0, .deadline = Clock::now() + sync_limit_};
    const auto more = watched_kinds(*pending_->book);
    kinds.insert(kinds.end(), more.begin(), more.end());
  } else {
    pending_.reset();
    reloads_.note(std::unexpected(std::move(book).error()));
  }
  if (view_) view_->watch(kinds);
}

void RuleKeeper::finish() {
  if (view_) {
    const std::vector<cluster::WatchedKind> kinds = watched_kinds(*pending_->book);
    const cluster::ViewStatus status = view_->status(kinds);
    if (!status.ready()) {
      if (Clock::now() < pending_->deadline || std::exchange(pending_->told, true)) return;
      return reloads_.note(std::unexpected(
          Error(ErrorCode::kInputOutput, "kinds that the new policies look at are not known: " + status.detail())
              .with_remedy("they come into force when these can be listed")));
    }
    view_->watch(kinds);
    if (pending_->with_cluster) cluster_rules_in_force_ = true;
  }
  const std::shared_ptr<const Rulebook> book = std::move(pending_->book);
  pending_.reset();
  store_.replace(book);
  reloads_.note({});
  log_rules(*book);
}

RuleStatus RuleKeeper::status() const {
  RuleStatus status;
  if (!view_) return status;
  status.view = view_->status(watched_kinds(*store_.current()));
  status.missing = status.view.detail();
  if (!cluster_rules_in_force_.load()) {
    const std::string error = reloads_.state().error;
    status.missing += fmt::format("{}the policies of the cluster are not in force{}{}", status.missing.empty() ? "" : "; ",
                                  error.empty() ? "" : ": ", error);
  }
  status.ready = status.missing.empty();
  return status;
}

void RuleKeeper::log_rules(const Rulebook& book) const {
  log_.write(LogLevel::kInfo, "policies in force",
             {{"generation", static_cast<int64_t>(book.generation)},
              {"rules", static_cast<int64_t>(book.all->rules().size())}});
  if (view_) {
    for (const Error& untold : book.untold)
      log_.write(LogLevel::kWarning, "a rule does not tell what it looks at", {{"detail", untold.to_string()}});
    return;
  }
  std::string names;
  for (const policy::RuleInfo* rule : book.all->rules_that_see_others())
    names += (names.empty() ? "" : ",") + rule->qualified_id();
  if (names.empty()) return;
  log_.write(LogLevel::kWarning, "rules that look at other objects are not asked: no cluster is connected",
             {{"rules", names}});
}

}  // namespace plimsoll::webhook
