// The mutating rules of a RuleSet.
#include <algorithm>

#include "engine/policy/engine.h"
#include "engine/policy/mutate.h"
#include "engine/policy/ruleset.h"

namespace plimsoll::policy {

bool RuleSet::mutates() const {
  return std::ranges::any_of(state_->infos, [](const RuleInfo& info) { return info.mutations > 0; });
}

Result<MutationOutcome> RuleSet::mutate(const Request& request, const Surroundings& surroundings, const Defaulting& defaulting,
                                        Arena& arena, const MutationOptions& options) const {
  std::vector<BoundPolicy> policies;
  for (size_t i = 0; i < state_->rules.size(); ++i) {
    Rule* rule = state_->rules[i]->mutating_part();
    MatchOutcome as;
    if (rule == nullptr || (options.excepted && options.excepted(state_->infos[i]))) continue;
    if (match_rules(rule->match(), request, state_->kinds, as) == RuleAnswer::kNever) continue;
    PLIMSOLL_RETURN_IF_ERROR(state_->compiled(*rule, state_->infos[i]));
    policies.push_back({rule->owned, rule->bindings, &state_->infos[i], rule->params});
  }
  const LayeredSource objects(state_->objects, surroundings.objects);
  Surroundings own = surroundings;
  own.kinds = &state_->kinds;
  own.objects = &objects;
  return policy::mutate(request, policies, own, defaulting, arena, options.written, options.deadline);
}

Result<MutationOutcome> RuleSet::mutate(const ObjectContext& context, Arena& arena, MutationOptions options) const {
  const Defaulting& defaulting = *context.defaulting;
  const DefaultedObject seen = defaulting.decode(context.object, arena);
  if (seen.known) defaulting.admit(seen.object, arena);
  std::string scratch;
  Request request = request_to_create(seen.object, context.default_namespace, state_->kinds, scratch);
  request.user.groups = state_->user_groups;
  request.options = state_->create_options;
  options.written = context.object;
  const Surroundings surroundings{&state_->kinds, context.objects, nullptr, true, context.now};
  return mutate(request, surroundings, defaulting, arena, options);
}

}  // namespace plimsoll::policy
