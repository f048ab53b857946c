#include "engine/cel/parse_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>

#include "engine/cel/parse.h"
#include "engine/cel/predict.h"

namespace plimsoll::cel {
namespace {

// cel-go's limits on what it tries to make sense of.
constexpr size_t kMaxSyntaxErrors = 100;
constexpr size_t kMaxRecoveries = 30;
constexpr size_t kMaxSkippedTokens = 256;

// The tokens of a text, read as they are looked at, so that their errors come in the order in which a reader meets them.
class TokenStream {
 public:
  using Report = std::function<void(uint32_t offset, std::string message)>;

  TokenStream(std::string_view source, Report report) : source_(source), lexer_(source), report_(std::move(report)) {}

  const Token& at(size_t index) {
    while (tokens_.size() <= index) {
      if (!tokens_.empty() && tokens_.back().kind == TokenKind::kEnd) return tokens_.back();
      const Token token = lexer_.next();
      if (token.kind != TokenKind::kInvalid) {
        tokens_.push_back(token);
        continue;
      }
      invalid_.push_back(token);
      report_(token.offset, "token recognition error at: '" + std::string(token.text(source_)) + "'");
    }
    return tokens_[index];
  }

  // The text of tokens `from` to `to` and what is between them, but for what is no token.
  std::string text_between(size_t from, size_t to) {
    const Token first = at(from);
    Token last = at(to);
    std::string result;
    size_t begin = first.offset;
    const size_t end = last.kind == TokenKind::kEnd ? source_.size() : last.offset + last.size;
    for (const Token& hole : invalid_) {
      if (hole.offset < begin || hole.offset >= end) continue;
      result += source_.substr(begin, hole.offset - begin);
      begin = hole.offset + hole.size;
    }
    return result += source_.substr(begin, end - begin);
  }

  std::string display(const Token& token) const {
    return token.kind == TokenKind::kEnd ? quote("<EOF>") : quote(token.text(source_));
  }

  static std::string quote(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
      switch (c) {
        case '\t': result += "\\t"; break;
        case '\n': result += "\\n"; break;
        case '\r': result += "\\r"; break;
        default: result += c;
      }
    }
    return result + "'";
  }

 private:
  std::string_view source_;
  Lexer lexer_;
  Report report_;
  std::vector<Token> tokens_;
  std::vector<Token> invalid_;
};

// Runs the grammar's rules over the tokens. The error handling is that of ANTLR's DefaultErrorStrategy with cel-go's limits:
// delete one token too many, insert one that is missing, else skip to something that may follow one of the rules in progress.
class TreeParser {
 public:
  TreeParser(std::string_view source, Issues& issues)
      : issues_(issues), predictor_(grammar_), tokens_(source, [this](uint32_t offset, std::string message) {
          syntax_error(offset, std::move(message));
        }) {}

  ParseTree parse() {
    tree_.root = parse_rule(Rule::kStart, 0);
    if (aborted_) tree_.root = nullptr;
    return std::move(tree_);
  }

 private:
  struct Failure {
    enum class Kind : uint8_t { kMismatch, kNoAlternative, kPredicate };
    Kind kind;
    size_t start = 0;     // kNoAlternative: where the decision began
    size_t offending = 0;
    TokenSet expected = 0;
    std::string message = {};
  };

  const Token& look(size_t ahead = 0) { return tokens_.at(index_ + ahead); }
  TokenKind kind(size_t ahead = 0) { return look(ahead).kind; }

  Context* parse_rule(Rule rule, uint8_t precedence);
  void run_left_recursive(const RuleBody& rule, Context* parent, StateId invoking_state);
  bool run(const std::vector<Element>& elements);
  // Rules nest through these: what needs room on the stack is in functions of its own, which are not inlined.
  bool run(const Element& element);
  [[gnu::noinline]] bool run_tokens(const Element& element);
  [[gnu::noinline]] bool run_precedence(const Element& element);
  [[gnu::noinline]] size_t choose(const Element& element);
  [[gnu::noinline]] static void add_child(Context& context, Slot slot, Context* child);
  [[gnu::noinline]] Context* new_context(Rule rule, Context* parent, StateId invoking_state);
  bool run_star(const Element& loop);
  bool run_plus(const Element& loop);
  bool run_operator(const Element& loop, Context* parent, StateId invoking_state);
  [[gnu::noinline]] size_t predict(StateId decision);
  // Tries to stay in step at a decision; false: given up.
  [[gnu::noinline]] bool sync(StateId state);

  [[gnu::noinline]] void finish_rule();
  void recover();
  Context::Part recover_inline();
  bool delete_token();
  void report_unwanted();
  void skip_until(TokenSet follow, bool limited);
  bool count_recovery();
  void consume() {
    if (kind() != TokenKind::kEnd) ++index_;
  }
  bool consume_limited();
  void matched() {
    recovering_ = false;
    last_error_states_.clear();
    last_error_index_ = std::nullopt;
  }
  TokenSet expected_tokens() const;
  TokenSet tokens_after(StateId state) const;
  TokenSet recovery_set() const;
  void report(const Failure& failure);
  void syntax_error(uint32_t offset, std::string message);
  void abort() {
    aborted_ = true;
    issues_.close();
  }
  void abort_with(std::string message) {
    issues_.report(kNowhere, std::move(message));
    abort();
  }
  void mismatch() { failure_ = Failure{Failure::Kind::kMismatch, index_, index_, expected_tokens()}; }

  bool enter(Rule rule);
  void leave(Rule rule) {
    size_t& depth = depths_[static_cast<size_t>(rule)];
    if (depth > 0) --depth;
  }
  StateId follow_of(StateId invoking_state) const { return grammar_.state(invoking_state).transitions[0].follow; }

  Issues& issues_;
  Grammar grammar_;
  Predictor predictor_;
  TokenStream tokens_;
  ParseTree tree_;
  size_t index_ = 0;
  StateId state_ = 0;
  Context* context_ = nullptr;
  std::vector<uint8_t> precedences_;
  std::optional<Failure> failure_;
  bool aborted_ = false;
  bool recovering_ = false;
  std::optional<size_t> last_error_index_;
  std::set<StateId> last_error_states_;
  std::array<size_t, kRules> depths_{};
  size_t syntax_errors_ = 0;
  size_t recoveries_ = 0;
  size_t skipped_ = 0;
};

void TreeParser::syntax_error(uint32_t offset, std::string message) {
  if (aborted_) return;
  if (syntax_errors_ >= kMaxSyntaxErrors) {
    issues_.report(offset, fmt::format("Syntax error: More than {} syntax errors", kMaxSyntaxErrors));
    return abort();
  }
  ++syntax_errors_;
  issues_.report(offset, "Syntax error: " + message);
}

bool TreeParser::enter(Rule rule) {
  if (++depths_[static_cast<size_t>(rule)] <= kMaxNesting) return true;
  abort_with(fmt::format("expression recursion limit exceeded: {}", kMaxNesting));
  return false;
}

Context* TreeParser::parse_rule(Rule rule, uint8_t precedence) {
  Context* parent = context_;
  const StateId invoking_state = state_;
  context_ = new_context(rule, parent, invoking_state);
  state_ = grammar_.start_state(rule);
  context_->start = look().offset;
  if (!enter(rule) || aborted_) return context_;

  const RuleBody& body = grammar_.rule(rule);
  context_->label = body.body.label;
  if (body.left_recursive) {
    precedences_.push_back(precedence);
    run_left_recursive(body, parent, invoking_state);
    precedences_.pop_back();
  } else {
    run(body.body.elements);
  }
  if (aborted_) return context_;
  finish_rule();
  Context* result = context_;
  leave(rule);
  context_ = parent;
  if (!body.left_recursive) state_ = invoking_state;
  return result;
}

Context* TreeParser::new_context(Rule rule, Context* parent, StateId invoking_state) {
  tree_.contexts.push_back(std::make_unique<Context>());
  Context* context = tree_.contexts.back().get();
  context->rule = rule;
  context->parent = parent;
  context->invoking_state = invoking_state;
  context->is_root = parent == nullptr;
  return context;
}

// Reports what stopped the rule, if anything did, and finds a place to go on from.
void TreeParser::finish_rule() {
  if (!failure_) return;
  report(*failure_);
  if (!aborted_) recover();
  failure_ = std::nullopt;
}

void TreeParser::run_left_recursive(const RuleBody& rule, Context* parent, StateId invoking_state) {
  const auto& elements = rule.body.elements;
  if (!run(elements.front())) return;
  const Element& loop = elements.back();
  state_ = loop.state;
  if (!sync(loop.state)) return;
  size_t choice = predict(loop.state);
  while (choice == 1) {
    if (!run_operator(loop, parent, invoking_state)) return;
    if (!sync(loop.back)) return;
    choice = predict(loop.state);
  }
}

// One operator and its right side; what was parsed so far becomes the left side of a new context.
bool TreeParser::run_operator(const Element& loop, Context* parent, StateId invoking_state) {
  const Rule rule = context_->rule;
  leave(rule);
  const Alternative* alternative = &loop.alternatives.front();
  if (loop.alternatives.size() > 1) {
    if (!sync(loop.block)) return false;
    const size_t choice = predict(loop.block);
    if (choice == 0) return false;
    alternative = &loop.alternatives[choice - 1];
  }
  Context* outer = new_context(rule, parent, invoking_state);
  outer->label = alternative->label;
  outer->start = context_->start;
  add_child(*outer, Slot::kOperand, context_);
  context_->parent = outer;
  context_->invoking_state = grammar_.start_state(rule);
  context_ = outer;
  return enter(rule) && run(alternative->elements);
}

bool TreeParser::run(const std::vector<Element>& elements) {
  for (const Element& element : elements) {
    if (!run(element)) return false;
  }
  return true;
}

bool TreeParser::run(const Element& element) {
  switch (element.kind) {
    case Element::Kind::kTokens: return run_tokens(element);
    case Element::Kind::kRule: {
      state_ = element.state;
      Context* context = context_;
      Context* child = parse_rule(element.rule, element.precedence);
      if (aborted_) return false;
      add_child(*context, element.slot, child);
      return true;
    }
    case Element::Kind::kPrecedence: return run_precedence(element);
    case Element::Kind::kChoice: {
      if (!sync(element.state)) return false;
      const size_t choice = element.simple ? choose(element) : predict(element.state);
      if (choice == 0) return false;
      const Alternative& alternative = element.alternatives[choice - 1];
      if (alternative.label != Label::kNone) context_->label = alternative.label;
      return run(alternative.elements);
    }
    case Element::Kind::kOptional:
      if (!sync(element.state)) return false;
      if ((element.alternatives[0].first & token_set(kind())) == 0) return true;
      return run(element.alternatives[0].elements);
    case Element::Kind::kStar: return run_star(element);
    case Element::Kind::kPlus: return run_plus(element);
  }
  return false;
}

// The alternative that starts with the token ahead.
size_t TreeParser::choose(const Element& element) {
  for (size_t i = 0; i < element.alternatives.size(); ++i) {
    if ((element.alternatives[i].first & token_set(kind())) != 0) return i + 1;
  }
  failure_ = Failure{Failure::Kind::kNoAlternative, index_, index_};
  return 0;
}

bool TreeParser::run_precedence(const Element& element) {
  state_ = element.state;
  if (element.precedence >= precedences_.back()) return true;
  failure_ = Failure{Failure::Kind::kPredicate, index_, index_, 0,
                     fmt::format("failed predicate: {{p.Precpred(p.GetParserRuleContext(), {})}}?", element.precedence)};
  return false;
}

void TreeParser::add_child(Context& context, Slot slot, Context* child) { context.parts.push_back({.slot = slot, .child = child}); }

bool TreeParser::run_tokens(const Element& element) {
  state_ = element.state;
  Context::Part part{.slot = element.slot, .token = look()};
  if ((element.tokens & token_set(kind())) != 0) {
    matched();
    consume();
  } else {
    part = recover_inline();
    if (failure_ || aborted_) return false;
    part.slot = element.slot;
  }
  if (element.slot != Slot::kNone) context_->parts.push_back(part);
  return true;
}

bool TreeParser::run_star(const Element& loop) {
  const Alternative& body = loop.alternatives[0];
  if (!sync(loop.state)) return false;
  const auto goes_on = [&] {
    if (loop.simple) return (body.first & token_set(kind())) != 0;
    return predict(loop.state) == 1;
  };
  while (goes_on()) {
    if (!run(body.elements) || !sync(loop.back)) return false;
  }
  return !failure_ && !aborted_;
}

bool TreeParser::run_plus(const Element& loop) {
  const Alternative& body = loop.alternatives[0];
  if (!sync(loop.state)) return false;
  do {
    if (!run(body.elements) || !sync(loop.back)) return false;
    if (loop.simple) {
      if ((body.first & token_set(kind())) == 0) return true;
    } else {
      const size_t choice = predict(loop.back);
      if (choice == 0) return false;
      if (choice != 1) return true;
    }
  } while (!aborted_);
  return false;
}

size_t TreeParser::predict(StateId decision) {
  Predictor::Input input;
  input.token = [this](size_t ahead) { return kind(ahead); };
  for (const Context* context = context_; context != nullptr && !context->is_root; context = context->parent) {
    input.callers.push_back(follow_of(context->invoking_state));
  }
  if (!precedences_.empty()) input.precedence = precedences_.back();
  const Predictor::Prediction prediction = predictor_.predict(decision, input);
  if (prediction.alternative == 0) {
    failure_ = Failure{Failure::Kind::kNoAlternative, index_, index_ + prediction.failure};
  }
  return aborted_ ? 0 : prediction.alternative;
}

bool TreeParser::sync(StateId state) {
  state_ = state;
  if (aborted_) return false;
  if (recovering_) return true;
  const TokenSet next = grammar_.next_tokens(state);
  if ((next & (kRuleMayEnd | token_set(kind()))) != 0) return !aborted_;
  switch (grammar_.state(state).kind) {
    case StateKind::kBlockStart:
    case StateKind::kStarBlockStart:
    case StateKind::kPlusBlockStart:
    case StateKind::kStarLoopEntry:
      skipped_ = 0;
      if (!delete_token()) mismatch();
      break;
    case StateKind::kPlusLoopBack:
    case StateKind::kStarLoopBack:
      report_unwanted();
      skip_until(expected_tokens() | recovery_set(), false);
      break;
    default: break;
  }
  return !failure_ && !aborted_;
}

// If the token after this one is what is expected, this one is too much.
bool TreeParser::delete_token() {
  if ((expected_tokens() & token_set(kind(1))) == 0) return false;
  report_unwanted();
  if (aborted_ || !consume_limited()) return true;
  matched();
  return true;
}

void TreeParser::report_unwanted() {
  if (recovering_) return;
  recovering_ = true;
  syntax_error(look().offset, fmt::format("extraneous input {} expecting {}", tokens_.display(look()), describe(expected_tokens())));
}

Context::Part TreeParser::recover_inline() {
  if (!count_recovery()) return {};
  skipped_ = 0;
  if (delete_token()) {
    const Context::Part part{.token = look()};
    if (!aborted_) consume_limited();
    return part;
  }
  // If this token fits behind the one that is expected, that one is missing.
  const StateId next = grammar_.state(state_).transitions[0].target;
  if ((tokens_after(next) & token_set(kind())) != 0) {
    if (!recovering_) {
      recovering_ = true;
      syntax_error(look().offset, fmt::format("missing {} at {}", describe(expected_tokens()), tokens_.display(look())));
    }
    Token made_up = look();
    if (made_up.kind == TokenKind::kEnd && index_ > 0) made_up = tokens_.at(index_ - 1);
    return {.token = made_up, .missing = true};
  }
  mismatch();
  return {};
}

bool TreeParser::count_recovery() {
  if (recoveries_ < kMaxRecoveries) {
    ++recoveries_;
    return true;
  }
  syntax_error(look().offset, fmt::format("error recovery attempt limit exceeded: {}", kMaxRecoveries));
  abort();
  return false;
}

bool TreeParser::consume_limited() {
  if (skipped_++ >= kMaxSkippedTokens) {
    abort_with(fmt::format("error recovery token lookahead limit exceeded: {}", kMaxSkippedTokens));
    return false;
  }
  consume();
  return true;
}

void TreeParser::recover() {
  if (!count_recovery()) return;
  skipped_ = 0;
  // A second failure at the same place and state: without progress this would never end.
  if (last_error_index_ == index_ && last_error_states_.contains(state_) && !consume_limited()) return;
  last_error_index_ = index_;
  last_error_states_.insert(state_);
  skip_until(recovery_set(), true);
}

void TreeParser::skip_until(TokenSet follow, bool limited) {
  while (!aborted_ && kind() != TokenKind::kEnd && (follow & token_set(kind())) == 0) {
    if (!limited) {
      consume();
    } else if (!consume_limited()) {
      return;
    }
  }
}

TokenSet TreeParser::expected_tokens() const {
  TokenSet following = grammar_.next_tokens(state_);
  TokenSet expected = following;
  for (const Context* context = context_; (following & kRuleMayEnd) != 0; context = context->parent) {
    if (context == nullptr || context->is_root) return (expected & ~kRuleMayEnd) | token_set(TokenKind::kEnd);
    following = grammar_.next_tokens(follow_of(context->invoking_state));
    expected |= following;
  }
  return expected & ~kRuleMayEnd;
}

// What may come at a state of the current rule, its callers included.
TokenSet TreeParser::tokens_after(StateId state) const {
  TokenSet following = grammar_.next_tokens(state);
  TokenSet result = following;
  for (const Context* context = context_; (following & kRuleMayEnd) != 0; context = context->parent) {
    if (context == nullptr || context->is_root) return result | token_set(TokenKind::kEnd);
    following = grammar_.next_tokens(follow_of(context->invoking_state));
    result |= following;
  }
  return result;
}

TokenSet TreeParser::recovery_set() const {
  TokenSet result = 0;
  for (const Context* context = context_; context != nullptr && !context->is_root; context = context->parent) {
    result |= grammar_.next_tokens(follow_of(context->invoking_state));
  }
  return result & ~kRuleMayEnd;
}

void TreeParser::report(const Failure& failure) {
  if (recovering_) return;
  recovering_ = true;
  const Token offending = tokens_.at(failure.offending);
  switch (failure.kind) {
    case Failure::Kind::kMismatch:
      return syntax_error(offending.offset, fmt::format("mismatched input {} expecting {}", tokens_.display(offending),
                                                        describe(failure.expected)));
    case Failure::Kind::kPredicate:
      return syntax_error(offending.offset, fmt::format("rule {} {}", rule_name(context_->rule), failure.message));
    case Failure::Kind::kNoAlternative: {
      const Token first = tokens_.at(failure.start);
      const std::string text =
          first.kind == TokenKind::kEnd ? "<EOF>" : tokens_.text_between(failure.start, failure.offending);
      // cel-go words it differently for a keyword used as a field name.
      for (const std::string_view keyword : {"true", "false", "null"}) {
        if (text.ends_with(keyword) && text.size() == keyword.size() + 1) {
          return syntax_error(offending.offset, fmt::format("mismatched input '{}' expecting IDENTIFIER", keyword));
        }
      }
      return syntax_error(offending.offset, "no viable alternative at input " + TokenStream::quote(text));
    }
  }
}

}  // namespace

ParseTree parse_tree(std::string_view source, Issues& issues) { return TreeParser(source, issues).parse(); }

}  // namespace plimsoll::cel
