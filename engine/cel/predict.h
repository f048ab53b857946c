// Which alternative to take: ANTLR's adaptive LL(*) prediction. It runs all alternatives side by side over the tokens ahead until one is left,
// first without knowing the callers of the current rule (results are kept, token by token), then, where that leaves a conflict, with them.
//
// The imitation is exact in what can be seen: the alternative, and for input that fits none, the token at which that became certain.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/cel/grammar.h"

namespace plimsoll::cel {

class Predictor {
 public:
  explicit Predictor(const Grammar& grammar) : grammar_(grammar) { stacks_.push_back({}); }

  struct Input {
    std::function<TokenKind(size_t index)> token;  // by position from the decision on; endless kEnd behind the last
    std::vector<StateId> callers;                  // states behind the invocations of the current rules, innermost first
    uint8_t precedence = 0;                        // of the current rule's invocation
  };
  struct Prediction {
    size_t alternative = 0;  // from 1; 0: none fits
    size_t failure = 0;      // then the position of the token that fits none
  };
  Prediction predict(StateId decision, const Input& input);

 private:
  // Return states of the rules being simulated: an index into stacks_. 0 is the empty stack; without callers it stands for any.
  using Stack = uint32_t;
  struct StackNode {
    Stack parent = 0;
    StateId state = 0;
  };
  // A state of the simulation. Configurations that differ only in the stack are kept as one, as ANTLR does.
  struct Config {
    StateId state = 0;
    uint8_t alternative = 0;
    uint8_t precedence = 0;        // of the operator that must still be allowed; 0: none
    bool outer = false;            // has left the decision's rule
    bool unfiltered = false;       // left it through an outermost invocation of a left-recursive rule
    std::vector<Stack> stacks;     // sorted
  };
  using Configs = std::vector<Config>;
  // One configuration on its way through the network.
  struct Thread {
    StateId state;
    uint8_t alternative;
    uint8_t precedence;
    bool outer, unfiltered;
    Stack stack;
  };
  struct Closure {
    Configs* out;
    StateId decision;
    uint8_t allowed;       // precedence of the invocation
    bool with_callers;
    bool end_is_epsilon;
    std::vector<std::pair<uint64_t, uint64_t>> busy;
  };
  // What is known after some tokens, without callers.
  struct Known {
    Configs configs;
    size_t alternative = 0;          // decided
    bool conflict = false;           // callers must be consulted
    std::vector<std::pair<TokenKind, int>> next;  // index into known_, or kDead
  };
  static constexpr int kDead = -1;

  Prediction predict_with_callers(StateId decision, const Input& input);
  size_t advance(size_t known, TokenKind token, StateId decision, const Input& input, bool& dead);
  size_t remember(Configs configs);
  Configs start(StateId decision, Stack stack, bool with_callers, uint8_t allowed);
  Configs filter_precedence(const Configs& configs, uint8_t allowed) const;
  Configs reach(const Configs& from, TokenKind token, StateId decision, uint8_t allowed, bool with_callers);
  void close(Thread thread, Closure& closure, bool collect, int depth);
  void expand(const Thread& thread, Closure& closure, bool collect, int depth);
  bool may_skip_loop(const Thread& thread) const;
  void add(Configs& configs, const Thread& thread, bool with_callers) const;
  void add(Configs& configs, const Config& config, bool with_callers) const;
  bool is_prefix(Stack shorter, Stack longer) const;
  Stack push(Stack parent, StateId state);

  bool at_stop(const Config& config) const { return grammar_.state(config.state).kind == StateKind::kRuleStop; }
  bool all_at_stop(const Configs& configs) const;
  // The alternative of all configurations, or 0.
  static size_t unique_alternative(const Configs& configs);
  // Alternatives, as bits, of configurations with the same state and stacks.
  static std::vector<uint32_t> conflicts(const Configs& configs);
  bool is_conflict(const Configs& configs) const;
  // The alternative whose path has ended the decision's rule although nothing fits any more, or 0.
  static bool allowed(const Config& config, uint8_t precedence) { return config.precedence == 0 || config.precedence >= precedence; }
  size_t finished_alternative(const Configs& configs, uint8_t precedence) const;

  const Grammar& grammar_;
  std::vector<StackNode> stacks_;
  std::map<std::pair<Stack, StateId>, Stack> stack_index_;
  std::vector<std::unique_ptr<Known>> known_;
  std::map<std::string, size_t> known_index_;
  std::map<std::pair<StateId, uint8_t>, size_t> starts_;  // by decision, and precedence where it matters
};

}  // namespace plimsoll::cel
