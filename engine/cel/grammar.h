// CEL's grammar as data, for the careful parser: the rules as a tree of elements, and the same rules as the network of states that
// ANTLR's prediction and error recovery are defined on ("ATN": https://www.antlr.org/papers/allstar-techreport.pdf).
//
// Why imitate ANTLR: which tokens a message lists as expected, and whether it says "extraneous", "missing" or "no viable alternative",
// depends on the state the generated parser was in. States exist only where they can be observed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/cel/lex.h"

namespace plimsoll::cel {

// A set of token kinds. End of input is bit 0, so that it is listed first; kRuleMayEnd says that a rule may end.
using TokenSet = uint64_t;
inline constexpr TokenSet kRuleMayEnd = uint64_t{1} << 63;
constexpr TokenSet token_set(TokenKind kind) {
  return kind == TokenKind::kEnd ? 1 : uint64_t{1} << static_cast<unsigned>(kind);
}
// "'+'", or "{'+', '-'}".
std::string describe(TokenSet tokens);

enum class Rule : uint8_t {
  kStart,
  kExpr,
  kConditionalOr,
  kConditionalAnd,
  kRelation,
  kCalc,
  kUnary,
  kMember,
  kPrimary,
  kExprList,
  kListInit,
  kFieldInitializerList,
  kOptField,
  kMapInitializerList,
  kEscapeIdent,
  kOptExpr,
  kLiteral,
};
inline constexpr size_t kRules = static_cast<size_t>(Rule::kLiteral) + 1;
std::string_view rule_name(Rule rule);

// Which alternative of a rule was taken.
enum class Label : uint8_t {
  kNone,
  kMemberExpr,
  kLogicalNot,
  kNegate,
  kPrimaryExpr,
  kSelect,
  kMemberCall,
  kIndex,
  kIdent,
  kGlobalCall,
  kNested,
  kCreateList,
  kCreateStruct,
  kCreateMessage,
  kConstantLiteral,
  kSimpleIdentifier,
  kEscapedIdentifier,
  kLiteralValue,
};

// What a token or sub-rule is to its rule.
enum class Slot : uint8_t {
  kNone,
  kOperand,    // the (first) operand, element or key
  kSecond,     // the operand or value behind an operator
  kThird,
  kOperator,
  kOptional,   // the question mark of optional syntax
  kName,
  kLeadingDot,
  kSign,
  kArguments,  // a list of expressions, entries or fields
};

using StateId = uint16_t;

enum class StateKind : uint8_t {
  kBasic,
  kRuleStart,
  kRuleStop,
  kBlockStart,
  kStarBlockStart,
  kPlusBlockStart,
  kBlockEnd,
  kStarLoopEntry,
  kStarLoopBack,
  kPlusLoopBack,
  kLoopEnd,
};

struct Transition {
  enum class Kind : uint8_t { kEpsilon, kTokens, kRule, kPrecedence };
  Kind kind = Kind::kEpsilon;
  StateId target = 0;
  TokenSet tokens = 0;
  uint8_t precedence = 0;     // kPrecedence: of the operator; kRule: the least that operators may have
  StateId follow = 0;         // kRule
  bool outermost_return = false;  // from a rule's stop state to behind an invocation with precedence 0
};

struct State {
  StateKind kind = StateKind::kBasic;
  Rule rule = Rule::kStart;
  bool precedence_decision = false;
  StateId block_end = 0;  // of block starts
  std::vector<Transition> transitions;

  bool epsilon_only() const {
    return !transitions.empty() && transitions[0].kind != Transition::Kind::kTokens;
  }
};

struct Element;

struct Alternative {
  std::vector<Element> elements;
  Label label = Label::kNone;
  TokenSet first = 0;
};

struct Element {
  enum class Kind : uint8_t { kTokens, kRule, kPrecedence, kChoice, kOptional, kStar, kPlus };
  Kind kind = Kind::kTokens;
  Slot slot = Slot::kNone;
  TokenSet tokens = 0;
  Rule rule = Rule::kStart;
  uint8_t precedence = 0;
  // One token of lookahead decides; otherwise prediction does.
  bool simple = true;
  std::vector<Alternative> alternatives = {};

  StateId state = 0;     // the element itself; the block start or loop entry
  StateId block = 0;     // loops: the block start
  StateId back = 0;      // loops: the state after an iteration
};

struct RuleBody {
  Alternative body;
  // relation, calc and member: their last element is the loop over operators, whose every iteration wraps what came before.
  bool left_recursive = false;
};

class Grammar {
 public:
  Grammar();

  const RuleBody& rule(Rule rule) const { return rules_[static_cast<size_t>(rule)]; }
  const State& state(StateId id) const { return states_[id]; }
  StateId start_state(Rule rule) const { return starts_[static_cast<size_t>(rule)]; }

  // Tokens that may come at a state; kRuleMayEnd if the rule may end there.
  TokenSet next_tokens(StateId state) const;

 private:
  struct Handle {
    StateId left, right;
  };

  void define(Rule rule, Alternative body, bool left_recursive = false);
  StateId add_state(StateKind kind);
  void add_transition(StateId from, Transition transition) { states_[from].transitions.push_back(transition); }
  void add_epsilon(StateId from, StateId to) {
    Transition transition;
    transition.target = to;
    add_transition(from, transition);
  }
  Handle connect(Alternative& alternative);
  Handle connect(Element& element);
  Handle connect_block(Element& element, StateKind start_kind);
  void compute_first(Alternative& alternative);
  TokenSet compute_next(StateId state, std::vector<uint8_t>& visited) const;

  std::vector<State> states_;
  std::vector<RuleBody> rules_;
  std::vector<StateId> starts_, stops_;
  std::vector<TokenSet> next_;
  Rule current_ = Rule::kStart;
};

}  // namespace plimsoll::cel
