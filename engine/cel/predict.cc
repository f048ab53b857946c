#include "engine/cel/predict.h"

#include <algorithm>
#include <bit>

namespace plimsoll::cel {

Predictor::Stack Predictor::push(Stack parent, StateId state) {
  const auto [entry, added] = stack_index_.try_emplace({parent, state}, static_cast<Stack>(stacks_.size()));
  if (added) stacks_.push_back({parent, state});
  return entry->second;
}

bool Predictor::is_prefix(Stack shorter, Stack longer) const {
  while (shorter != 0) {
    if (longer == 0 || stacks_[shorter].state != stacks_[longer].state) return false;
    shorter = stacks_[shorter].parent;
    longer = stacks_[longer].parent;
  }
  return true;
}

void Predictor::add(Configs& configs, const Thread& thread, bool with_callers) const {
  add(configs,
      Config{thread.state, thread.alternative, thread.precedence, thread.outer, thread.unfiltered, {thread.stack}}, with_callers);
}

void Predictor::add(Configs& configs, const Config& config, bool with_callers) const {
  const auto same = std::find_if(configs.begin(), configs.end(), [&](const Config& other) {
    return other.state == config.state && other.alternative == config.alternative && other.precedence == config.precedence;
  });
  if (same == configs.end()) {
    configs.push_back(config);
    return;
  }
  same->outer = same->outer || config.outer;
  same->unfiltered = same->unfiltered || config.unfiltered;
  for (const Stack stack : config.stacks) {
    auto& stacks = same->stacks;
    if (!with_callers) {
      // The empty stack stands for all callers, so a stack covers those that go on below it.
      if (std::any_of(stacks.begin(), stacks.end(), [&](Stack other) { return is_prefix(other, stack); })) continue;
      std::erase_if(stacks, [&](Stack other) { return is_prefix(stack, other); });
    }
    const auto place = std::lower_bound(stacks.begin(), stacks.end(), stack);
    if (place == stacks.end() || *place != stack) stacks.insert(place, stack);
  }
}

// Follows a thread over transitions that consume nothing. `collect`: operators' precedence still counts, as it does at a decision's start.
void Predictor::close(Thread thread, Closure& closure, bool collect, int depth) {
  std::vector<Thread> pending = {thread};
  while (!pending.empty()) {
    Thread current = pending.back();
    pending.pop_back();
    if (grammar_.state(current.state).kind == StateKind::kRuleStop) {
      if (current.stack != 0) {
        current.state = stacks_[current.stack].state;
        current.stack = stacks_[current.stack].parent;
        pending.push_back(current);
        continue;
      }
      if (closure.with_callers) {
        add(*closure.out, current, true);
        continue;
      }
    }
    expand(current, closure, collect, depth);
  }
}

void Predictor::expand(const Thread& thread, Closure& closure, bool collect, int depth) {
  const State& state = grammar_.state(thread.state);
  if (!state.epsilon_only()) add(*closure.out, thread, closure.with_callers);
  const bool falls_off = state.kind == StateKind::kRuleStop;
  for (size_t i = 0; i < state.transitions.size(); ++i) {
    if (i == 0 && may_skip_loop(thread)) continue;
    const Transition& transition = state.transitions[i];
    Thread next = thread;
    next.state = transition.target;
    int next_depth = depth;
    bool consumes_end = false;
    switch (transition.kind) {
      case Transition::Kind::kEpsilon: break;
      case Transition::Kind::kTokens:
        if (!closure.end_is_epsilon || (transition.tokens & token_set(TokenKind::kEnd)) == 0) continue;
        consumes_end = true;
        break;
      case Transition::Kind::kRule:
        next.stack = push(thread.stack, transition.follow);
        if (next_depth >= 0) ++next_depth;
        break;
      case Transition::Kind::kPrecedence:
        if (collect && depth == 0) {
          if (closure.with_callers) {
            if (transition.precedence < closure.allowed) continue;
          } else {
            next.precedence = transition.precedence;
          }
        }
        break;
    }
    if (falls_off) {
      const State& decision = grammar_.state(closure.decision);
      if (decision.precedence_decision && transition.outermost_return && decision.rule == state.rule) next.unfiltered = true;
      next.outer = true;
      --next_depth;
    }
    if (falls_off || consumes_end) {
      const std::pair<uint64_t, uint64_t> key{
          static_cast<uint64_t>(next.state) << 32 | static_cast<uint64_t>(next.alternative) << 16 | next.precedence, next.stack};
      if (std::find(closure.busy.begin(), closure.busy.end(), key) != closure.busy.end()) continue;
      closure.busy.push_back(key);
    }
    close(next, closure, collect, next_depth);
  }
}

// In the right operand of an operator, the loop over further operators need not be entered: the loop around it will take them.
bool Predictor::may_skip_loop(const Thread& thread) const {
  const State& entry = grammar_.state(thread.state);
  if (entry.kind != StateKind::kStarLoopEntry || !entry.precedence_decision || thread.stack == 0) return false;
  const StateId back = stacks_[thread.stack].state;
  const State& follow = grammar_.state(back);
  if (follow.rule != entry.rule || follow.transitions.size() != 1) return false;
  if (follow.transitions[0].kind != Transition::Kind::kEpsilon) return false;
  const StateId block_end = grammar_.state(entry.transitions[0].target).block_end;
  return back == block_end || follow.transitions[0].target == block_end;
}

Predictor::Configs Predictor::start(StateId decision, Stack stack, bool with_callers, uint8_t allowed) {
  Configs configs;
  const State& state = grammar_.state(decision);
  for (size_t i = 0; i < state.transitions.size(); ++i) {
    Closure closure{&configs, decision, allowed, with_callers, false, {}};
    close({state.transitions[i].target, static_cast<uint8_t>(i + 1), 0, false, false, stack}, closure, true, 0);
  }
  return configs;
}

// Drops operators that bind less than the invocation allows, and leaving the loop where entering it leads to the same.
Predictor::Configs Predictor::filter_precedence(const Configs& configs, uint8_t precedence) const {
  Configs result;
  std::map<StateId, const Config*> entering;
  for (const Config& config : configs) {
    if (config.alternative != 1 || !allowed(config, precedence)) continue;
    entering[config.state] = &config;
    Config kept = config;
    kept.precedence = 0;
    add(result, kept, false);
  }
  for (const Config& config : configs) {
    if (config.alternative == 1) continue;
    const auto same = entering.find(config.state);
    if (!config.unfiltered && same != entering.end() && same->second->stacks == config.stacks) continue;
    add(result, config, false);
  }
  return result;
}

Predictor::Configs Predictor::reach(const Configs& from, TokenKind token, StateId decision, uint8_t allowed, bool with_callers) {
  const bool at_end = token == TokenKind::kEnd;
  const TokenSet wanted = token_set(token);
  Configs moved;
  Configs stopped;
  for (const Config& config : from) {
    if (at_stop(config)) {
      if (with_callers || at_end) stopped.push_back(config);
      continue;
    }
    for (const Transition& transition : grammar_.state(config.state).transitions) {
      if (transition.kind != Transition::Kind::kTokens || (transition.tokens & wanted) == 0) continue;
      Config next = config;
      next.state = transition.target;
      add(moved, next, with_callers);
    }
  }
  if (stopped.empty() && !at_end && (moved.size() == 1 || unique_alternative(moved) != 0)) return moved;
  Configs result;
  Closure closure{&result, decision, allowed, with_callers, at_end, {}};
  for (const Config& config : moved) {
    for (const Stack stack : config.stacks) {
      close({config.state, config.alternative, config.precedence, config.outer, config.unfiltered, stack}, closure, false, 0);
    }
  }
  if (at_end) std::erase_if(result, [&](const Config& config) { return !at_stop(config); });
  const bool any_stop = std::any_of(result.begin(), result.end(), [&](const Config& config) { return at_stop(config); });
  if (!with_callers || !any_stop) {
    for (const Config& config : stopped) add(result, config, with_callers);
  }
  return result;
}

bool Predictor::all_at_stop(const Configs& configs) const {
  return std::all_of(configs.begin(), configs.end(), [&](const Config& config) { return at_stop(config); });
}

size_t Predictor::unique_alternative(const Configs& configs) {
  size_t result = 0;
  for (const Config& config : configs) {
    if (result != 0 && result != config.alternative) return 0;
    result = config.alternative;
  }
  return result;
}

std::vector<uint32_t> Predictor::conflicts(const Configs& configs) {
  std::map<std::pair<StateId, std::vector<Stack>>, uint32_t> alternatives;
  for (const Config& config : configs) alternatives[{config.state, config.stacks}] |= 1U << config.alternative;
  std::vector<uint32_t> result;
  for (const auto& [key, bits] : alternatives) result.push_back(bits);
  return result;
}

bool Predictor::is_conflict(const Configs& configs) const {
  if (all_at_stop(configs)) return true;
  const auto sets = conflicts(configs);
  if (std::none_of(sets.begin(), sets.end(), [](uint32_t bits) { return std::popcount(bits) > 1; })) return false;
  std::map<StateId, uint32_t> by_state;
  for (const Config& config : configs) by_state[config.state] |= 1U << config.alternative;
  return std::none_of(by_state.begin(), by_state.end(), [](const auto& entry) { return std::popcount(entry.second) == 1; });
}

size_t Predictor::finished_alternative(const Configs& configs, uint8_t precedence) const {
  for (const bool valid : {true, false}) {
    size_t result = 0;
    for (const Config& config : configs) {
      if (allowed(config, precedence) != valid) continue;
      const bool at_bottom = at_stop(config) && std::find(config.stacks.begin(), config.stacks.end(), 0U) != config.stacks.end();
      if (config.outer || at_bottom) result = result == 0 ? config.alternative : std::min<size_t>(result, config.alternative);
    }
    if (result != 0) return result;
  }
  return 0;
}

size_t Predictor::remember(Configs configs) {
  std::string key;
  const auto append = [&key](uint32_t number) { key.append(reinterpret_cast<const char*>(&number), sizeof(number)); };
  for (const Config& config : configs) {
    append(config.state);
    append(static_cast<uint32_t>(config.alternative << 16 | config.precedence << 8 | config.outer << 1 | config.unfiltered));
    append(static_cast<uint32_t>(config.stacks.size()));
    for (const Stack stack : config.stacks) append(stack);
  }
  const auto [entry, added] = known_index_.try_emplace(std::move(key), known_.size());
  if (added) {
    known_.push_back(std::make_unique<Known>());
    Known& known = *known_.back();
    known.configs = std::move(configs);
    known.alternative = unique_alternative(known.configs);
    known.conflict = known.alternative == 0 && is_conflict(known.configs);
  }
  return entry->second;
}

size_t Predictor::advance(size_t known, TokenKind token, StateId decision, const Input& input, bool& dead) {
  int target = kDead;
  const auto& next = known_[known]->next;
  const auto found = std::find_if(next.begin(), next.end(), [&](const auto& edge) { return edge.first == token; });
  if (found != next.end()) {
    target = found->second;
  } else {
    Configs configs = reach(known_[known]->configs, token, decision, input.precedence, false);
    if (!configs.empty()) target = static_cast<int>(remember(std::move(configs)));
    known_[known]->next.emplace_back(token, target);
  }
  dead = target == kDead;
  return dead ? known : static_cast<size_t>(target);
}

Predictor::Prediction Predictor::predict(StateId decision, const Input& input) {
  const bool filtered = grammar_.state(decision).precedence_decision;
  const auto [entry, added] = starts_.try_emplace({decision, filtered ? input.precedence : 0}, 0);
  if (added) {
    Configs configs = start(decision, 0, false, input.precedence);
    if (filtered) configs = filter_precedence(configs, input.precedence);
    entry->second = remember(std::move(configs));
  }
  size_t current = entry->second;
  for (size_t position = 0;; ++position) {
    bool dead = false;
    const size_t next = advance(current, input.token(position), decision, input, dead);
    if (dead) return {finished_alternative(known_[current]->configs, input.precedence), position};
    current = next;
    const Known& known = *known_[current];
    if (known.conflict) return predict_with_callers(decision, input);
    if (known.alternative != 0) {
      const bool possible = std::any_of(known.configs.begin(), known.configs.end(),
                                        [&](const Config& config) { return allowed(config, input.precedence); });
      return {possible ? known.alternative : 0, possible ? position : 0};
    }
  }
}

Predictor::Prediction Predictor::predict_with_callers(StateId decision, const Input& input) {
  Stack stack = 0;
  for (auto caller = input.callers.rbegin(); caller != input.callers.rend(); ++caller) stack = push(stack, *caller);
  Configs current = start(decision, stack, true, input.precedence);
  for (size_t position = 0;; ++position) {
    Configs next = reach(current, input.token(position), decision, input.precedence, true);
    if (next.empty()) return {finished_alternative(current, input.precedence), position};
    if (const size_t only = unique_alternative(next); only != 0) return {only, position};
    size_t resolved = 0;
    bool viable = true;
    for (const uint32_t bits : conflicts(next)) {
      const auto least = static_cast<size_t>(std::countr_zero(bits));
      if (resolved == 0) resolved = least;
      viable = viable && resolved == least;
    }
    if (viable) return {resolved, position};
    current = std::move(next);
  }
}

}  // namespace plimsoll::cel
