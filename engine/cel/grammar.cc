#include "engine/cel/grammar.h"

#include <array>
#include <utility>

namespace plimsoll::cel {
namespace {

using enum TokenKind;

constexpr std::array<std::string_view, 38> kTokenNames = {
    "<EOF>", "'=='",  "'!='", "'in'", "'<'",    "'<='",    "'>='",   "'>'", "'&&'", "'||'", "'['",       "']'",     "'{'",
    "'}'",   "'('",   "')'",  "'.'",  "','",    "'-'",     "'!'",    "'?'", "':'",  "'+'",  "'*'",       "'/'",     "'%'",
    "'true'", "'false'", "'null'", "WHITESPACE", "COMMENT", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER",
    "ESC_IDENTIFIER"};

Element token(TokenKind kind, Slot slot = Slot::kNone) {
  Element element;
  element.tokens = token_set(kind);
  element.slot = slot;
  return element;
}

Element one_of(std::initializer_list<TokenKind> kinds, Slot slot) {
  Element element;
  for (const TokenKind kind : kinds) element.tokens |= token_set(kind);
  element.slot = slot;
  return element;
}

Element ref(Rule rule, Slot slot = Slot::kNone, uint8_t precedence = 0) {
  Element element;
  element.kind = Element::Kind::kRule;
  element.rule = rule;
  element.slot = slot;
  element.precedence = precedence;
  return element;
}

Element precedence(uint8_t level) {
  Element element;
  element.kind = Element::Kind::kPrecedence;
  element.precedence = level;
  return element;
}

Alternative alternative(std::vector<Element> elements, Label label = Label::kNone) {
  Alternative result;
  result.elements = std::move(elements);
  result.label = label;
  return result;
}

Element block(Element::Kind kind, std::vector<Alternative> alternatives, bool simple = true) {
  Element element;
  element.kind = kind;
  element.simple = simple;
  element.alternatives = std::move(alternatives);
  return element;
}
Element optional(std::vector<Element> elements) {
  return block(Element::Kind::kOptional, {alternative(std::move(elements))});
}
Element star(std::vector<Element> elements, bool simple = true) {
  return block(Element::Kind::kStar, {alternative(std::move(elements))}, simple);
}
Element plus(std::vector<Element> elements, bool simple = true) {
  return block(Element::Kind::kPlus, {alternative(std::move(elements))}, simple);
}

// The loop of a left-recursive rule: operators by falling precedence.
Element operators(std::vector<Alternative> alternatives) {
  return block(Element::Kind::kStar, std::move(alternatives), false);
}

}  // namespace

std::string describe(TokenSet tokens) {
  std::string result;
  size_t count = 0;
  for (size_t i = 0; i < kTokenNames.size(); ++i) {
    if ((tokens >> i & 1) == 0) continue;
    if (count++ > 0) result += ", ";
    result += kTokenNames[i];
  }
  return count == 1 ? result : "{" + result + "}";
}

std::string_view rule_name(Rule rule) {
  constexpr std::string_view kNames[] = {"start",  "expr",     "conditionalOr", "conditionalAnd",       "relation", "calc",
                                         "unary",  "member",   "primary",       "exprList",             "listInit", "fieldInitializerList",
                                         "optField", "mapInitializerList", "escapeIdent", "optExpr",    "literal"};
  return kNames[static_cast<size_t>(rule)];
}

Grammar::Grammar() : rules_(kRules), starts_(kRules), stops_(kRules) {
  using enum Slot;
  for (size_t i = 0; i < kRules; ++i) {
    current_ = static_cast<Rule>(i);
    starts_[i] = add_state(StateKind::kRuleStart);
    stops_[i] = add_state(StateKind::kRuleStop);
  }
  define(Rule::kStart, alternative({ref(Rule::kExpr, kOperand), token(kEnd)}));
  define(Rule::kExpr, alternative({ref(Rule::kConditionalOr, kOperand),
                                   optional({token(kQuestion, kOperator), ref(Rule::kConditionalOr, kSecond), token(kColon),
                                             ref(Rule::kExpr, kThird)})}));
  define(Rule::kConditionalOr, alternative({ref(Rule::kConditionalAnd, kOperand),
                                            star({token(kOr, kOperator), ref(Rule::kConditionalAnd, kSecond)})}));
  define(Rule::kConditionalAnd, alternative({ref(Rule::kRelation, kOperand),
                                             star({token(kAnd, kOperator), ref(Rule::kRelation, kSecond)})}));
  define(Rule::kRelation,
         alternative({ref(Rule::kCalc, kOperand),
                      operators({alternative({precedence(1),
                                              one_of({kLess, kLessEqual, kGreaterEqual, kGreater, kEqual, kNotEqual, kIn}, kOperator),
                                              ref(Rule::kRelation, kSecond, 2)})})}),
         true);
  define(Rule::kCalc,
         alternative({ref(Rule::kUnary, kOperand),
                      operators({alternative({precedence(2), one_of({kStar, kSlash, kPercent}, kOperator), ref(Rule::kCalc, kSecond, 3)}),
                                 alternative({precedence(1), one_of({kPlus, kMinus}, kOperator), ref(Rule::kCalc, kSecond, 2)})})}),
         true);
  define(Rule::kUnary,
         alternative({block(Element::Kind::kChoice,
                            {alternative({ref(Rule::kMember, kOperand)}, Label::kMemberExpr),
                             alternative({plus({token(kNot, kOperator)}), ref(Rule::kMember, kOperand)}, Label::kLogicalNot),
                             alternative({plus({token(kMinus, kOperator)}, false), ref(Rule::kMember, kOperand)}, Label::kNegate)},
                            false)}));
  define(Rule::kMember,
         alternative({ref(Rule::kPrimary, kOperand),
                      operators({alternative({precedence(3), token(kDot, kOperator), optional({token(kQuestion, Slot::kOptional)}),
                                              ref(Rule::kEscapeIdent, kName)},
                                             Label::kSelect),
                                 alternative({precedence(2), token(kDot), token(kIdentifier, kName), token(kLeftParen, kOperator),
                                              optional({ref(Rule::kExprList, kArguments)}), token(kRightParen)},
                                             Label::kMemberCall),
                                 alternative({precedence(1), token(kLeftBracket, kOperator), optional({token(kQuestion, Slot::kOptional)}),
                                              ref(Rule::kExpr, kSecond), token(kRightBracket)},
                                             Label::kIndex)})},
                     Label::kPrimaryExpr),
         true);
  const auto leading_dot = [] { return optional({token(kDot, kLeadingDot)}); };
  const auto trailing_comma = [] { return optional({token(kComma)}); };
  define(
      Rule::kPrimary,
      alternative({block(
          Element::Kind::kChoice,
          {alternative({leading_dot(), token(kIdentifier, kName)}, Label::kIdent),
           alternative({leading_dot(), token(kIdentifier, kName), token(kLeftParen, kOperator),
                        optional({ref(Rule::kExprList, kArguments)}), token(kRightParen)},
                       Label::kGlobalCall),
           alternative({token(kLeftParen), ref(Rule::kExpr, kOperand), token(kRightParen)}, Label::kNested),
           alternative({token(kLeftBracket, kOperator), optional({ref(Rule::kListInit, kArguments)}), trailing_comma(),
                        token(kRightBracket)},
                       Label::kCreateList),
           alternative({token(kLeftBrace, kOperator), optional({ref(Rule::kMapInitializerList, kArguments)}), trailing_comma(),
                        token(kRightBrace)},
                       Label::kCreateStruct),
           alternative({leading_dot(), token(kIdentifier, kName), star({token(kDot), token(kIdentifier, kName)}),
                        token(kLeftBrace, kOperator), optional({ref(Rule::kFieldInitializerList, kArguments)}), trailing_comma(),
                        token(kRightBrace)},
                       Label::kCreateMessage),
           alternative({ref(Rule::kLiteral, kOperand)}, Label::kConstantLiteral)},
          false)}));
  define(Rule::kExprList, alternative({ref(Rule::kExpr, kOperand), star({token(kComma), ref(Rule::kExpr, kOperand)})}));
  define(Rule::kListInit, alternative({ref(Rule::kOptExpr, kOperand), star({token(kComma), ref(Rule::kOptExpr, kOperand)}, false)}));
  const auto entries = [](Rule key) {
    std::vector<Element> first = {ref(key, kOperand), token(kColon, kOperator), ref(Rule::kExpr, kSecond)};
    std::vector<Element> next = first;
    next.insert(next.begin(), token(kComma));
    first.push_back(star(std::move(next), false));
    return alternative(std::move(first));
  };
  define(Rule::kFieldInitializerList, entries(Rule::kOptField));
  define(Rule::kOptField, alternative({optional({token(kQuestion, Slot::kOptional)}), ref(Rule::kEscapeIdent, kName)}));
  define(Rule::kMapInitializerList, entries(Rule::kOptExpr));
  define(Rule::kEscapeIdent,
         alternative({block(Element::Kind::kChoice, {alternative({token(kIdentifier, kName)}, Label::kSimpleIdentifier),
                                                     alternative({token(TokenKind::kEscapedIdentifier, kName)}, Label::kEscapedIdentifier)})}));
  define(Rule::kOptExpr, alternative({optional({token(kQuestion, Slot::kOptional)}), ref(Rule::kExpr, kOperand)}));
  const auto sign = [] { return optional({token(kMinus, kSign)}); };
  std::vector<Alternative> literals = {alternative({sign(), token(kInt, kName)}, Label::kLiteralValue),
                                       alternative({token(kUint, kName)}, Label::kLiteralValue),
                                       alternative({sign(), token(kDouble, kName)}, Label::kLiteralValue)};
  for (const TokenKind kind : {kString, kBytes, kTrue, kFalse, kNull}) {
    literals.push_back(alternative({token(kind, kName)}, Label::kLiteralValue));
  }
  define(Rule::kLiteral, alternative({block(Element::Kind::kChoice, std::move(literals), false)}));

  // Behind a rule comes what follows any of its invocations.
  for (StateId id = 0; id < states_.size(); ++id) {
    for (size_t i = 0; i < states_[id].transitions.size(); ++i) {
      const Transition call = states_[id].transitions[i];
      if (call.kind != Transition::Kind::kRule) continue;
      const auto callee = static_cast<size_t>(states_[call.target].rule);
      Transition back;
      back.target = call.follow;
      back.outermost_return = rules_[callee].left_recursive && call.precedence == 0;
      add_transition(stops_[callee], back);
    }
  }
  next_.resize(states_.size());
  for (StateId id = 0; id < states_.size(); ++id) {
    std::vector<uint8_t> visited(states_.size());
    next_[id] = compute_next(id, visited);
  }
  for (RuleBody& rule : rules_) compute_first(rule.body);
}

StateId Grammar::add_state(StateKind kind) {
  State state;
  state.kind = kind;
  state.rule = current_;
  states_.push_back(std::move(state));
  return static_cast<StateId>(states_.size() - 1);
}

void Grammar::define(Rule rule, Alternative body, bool left_recursive) {
  current_ = rule;
  RuleBody& entry = rules_[static_cast<size_t>(rule)];
  entry.body = std::move(body);
  entry.left_recursive = left_recursive;
  const Handle handle = connect(entry.body);
  if (left_recursive) states_[entry.body.elements.back().state].precedence_decision = true;
  add_epsilon(starts_[static_cast<size_t>(rule)], handle.left);
  add_epsilon(handle.right, stops_[static_cast<size_t>(rule)]);
}

// A sequence. A token or rule leads straight to the next element; other elements end in a state of their own.
Grammar::Handle Grammar::connect(Alternative& sequence) {
  std::vector<Handle> handles;
  for (Element& element : sequence.elements) handles.push_back(connect(element));
  for (size_t i = 0; i + 1 < handles.size(); ++i) {
    const bool direct = states_[handles[i].left].kind == StateKind::kBasic;
    if (direct) {
      Transition& transition = states_[handles[i].left].transitions[0];
      if (transition.kind == Transition::Kind::kRule) {
        transition.follow = handles[i + 1].left;
      } else {
        transition.target = handles[i + 1].left;
      }
    } else {
      add_epsilon(handles[i].right, handles[i + 1].left);
    }
  }
  return {handles.front().left, handles.back().right};
}

Grammar::Handle Grammar::connect(Element& element) {
  switch (element.kind) {
    case Element::Kind::kTokens:
    case Element::Kind::kRule:
    case Element::Kind::kPrecedence: {
      const Handle handle{add_state(StateKind::kBasic), add_state(StateKind::kBasic)};
      element.state = handle.left;
      Transition transition;
      transition.target = handle.right;
      transition.precedence = element.precedence;
      if (element.kind == Element::Kind::kTokens) {
        transition.kind = Transition::Kind::kTokens;
        transition.tokens = element.tokens;
      } else if (element.kind == Element::Kind::kRule) {
        transition.kind = Transition::Kind::kRule;
        transition.target = starts_[static_cast<size_t>(element.rule)];
        transition.follow = handle.right;
      } else {
        transition.kind = Transition::Kind::kPrecedence;
      }
      add_transition(handle.left, transition);
      return handle;
    }
    case Element::Kind::kChoice: {
      const Handle handle = connect_block(element, StateKind::kBlockStart);
      element.state = handle.left;
      return handle;
    }
    case Element::Kind::kOptional: {
      const Handle handle = connect_block(element, StateKind::kBlockStart);
      element.state = handle.left;
      add_epsilon(handle.left, handle.right);
      return handle;
    }
    case Element::Kind::kStar: {
      const Handle block = connect_block(element, StateKind::kStarBlockStart);
      const StateId entry = add_state(StateKind::kStarLoopEntry);
      const StateId end = add_state(StateKind::kLoopEnd);
      const StateId back = add_state(StateKind::kStarLoopBack);
      add_epsilon(entry, block.left);
      add_epsilon(entry, end);
      add_epsilon(block.right, back);
      add_epsilon(back, entry);
      element.state = entry;
      element.block = block.left;
      element.back = back;
      return {entry, end};
    }
    case Element::Kind::kPlus: {
      const Handle block = connect_block(element, StateKind::kPlusBlockStart);
      const StateId back = add_state(StateKind::kPlusLoopBack);
      const StateId end = add_state(StateKind::kLoopEnd);
      add_epsilon(block.right, back);
      add_epsilon(back, block.left);
      add_epsilon(back, end);
      element.state = block.left;
      element.block = block.left;
      element.back = back;
      return {block.left, end};
    }
  }
  return {};
}

Grammar::Handle Grammar::connect_block(Element& element, StateKind start_kind) {
  std::vector<Handle> handles;
  for (Alternative& choice : element.alternatives) handles.push_back(connect(choice));
  const Handle block{add_state(start_kind), add_state(StateKind::kBlockEnd)};
  for (size_t i = 0; i < handles.size(); ++i) {
    add_epsilon(block.left, handles[i].left);
    // A last token or rule leads straight to the block's end, so that stacks of different alternatives may be the same.
    const StateId last = element.alternatives[i].elements.back().state;
    if (states_[last].kind == StateKind::kBasic) {
      Transition& transition = states_[last].transitions[0];
      (transition.kind == Transition::Kind::kRule ? transition.follow : transition.target) = block.right;
    } else {
      add_epsilon(handles[i].right, block.right);
    }
  }
  states_[block.left].block_end = block.right;
  return block;
}

void Grammar::compute_first(Alternative& sequence) {
  for (Element& element : sequence.elements) {
    for (Alternative& inner : element.alternatives) compute_first(inner);
  }
  sequence.first = next_[sequence.elements.front().state];
}

TokenSet Grammar::next_tokens(StateId state) const { return next_[state]; }

// No rule can be empty, so what follows a rule's invocation never matters.
TokenSet Grammar::compute_next(StateId id, std::vector<uint8_t>& visited) const {
  if (visited[id]) return 0;
  visited[id] = 1;
  const State& state = states_[id];
  if (state.kind == StateKind::kRuleStop) return kRuleMayEnd;
  TokenSet result = 0;
  for (const Transition& transition : state.transitions) {
    result |= transition.kind == Transition::Kind::kTokens ? transition.tokens : compute_next(transition.target, visited);
  }
  return result;
}

}  // namespace plimsoll::cel
