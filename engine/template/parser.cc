#include "engine/template/parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/template/lexer.h"
#include "engine/template/literal.h"
#include "engine/value/go_quote.h"

namespace plimsoll::tmpl {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\v\f\x85\xA0";
constexpr int kMaxParentheses = 10'000;

bool is_empty(const Node& node) {
  switch (node.type) {
    case NodeType::kText:
      return static_cast<const TextNode&>(node).text.find_first_not_of(kSpaces) == std::string_view::npos;
    case NodeType::kList: {
      const auto nodes = static_cast<const ListNode&>(node).nodes;
      return std::all_of(nodes.begin(), nodes.end(), [](const Node* child) { return is_empty(*child); });
    }
    default: return false;
  }
}

// What all parsers of one file share.
struct File {
  Arena& arena;
  FunctionLookup& functions;
  std::string_view name;
  std::string_view text;
  const StackGuard& stack;
  Lexer lexer;
  std::vector<Template*> templates = {};
  std::string error = {};
  ErrorCode code = ErrorCode::kSyntax;
};

// Parses one template; a {{define}} or {{block}} inside gets a parser of its own on the same lexer. Methods return nullptr or
// false when the file has an error.
class TemplateParser {
 public:
  TemplateParser(File& file, std::string_view name) : file_(file), template_(file.arena.make<Template>()) {
    template_->name = name;
    template_->file = file.name;
    template_->text = file.text;
  }

  bool parse_file();

 private:
  struct Variable {
    std::string_view name;
    int32_t slot;  // -1: was only assigned to
  };

  // Tokens, with as much look-ahead as Go's parser has, for error messages tell the line of the last token read.
  const Token& next() {
    if (peeked_ > 0) --peeked_;
    else tokens_[0] = file_.lexer.next();
    return tokens_[peeked_];
  }
  void backup() { ++peeked_; }
  void backup2(const Token& token) {
    tokens_[1] = token;
    peeked_ = 2;
  }
  void backup3(const Token& second, const Token& first) {
    tokens_[1] = first;
    tokens_[2] = second;
    peeked_ = 3;
  }
  const Token& peek() {
    if (peeked_ > 0) return tokens_[peeked_ - 1];
    peeked_ = 1;
    tokens_[0] = file_.lexer.next();
    return tokens_[0];
  }
  Token next_nonspace() {
    while (true) {
      const Token& token = next();
      if (token.type != TokenType::kSpace) return token;
    }
  }
  Token peek_nonspace() {
    const Token token = next_nonspace();
    backup();
    return token;
  }

  // What a method that failed returns: nullptr or false.
  struct Failed {
    operator bool() const { return false; }
    template <typename T>
    operator T*() const {
      return nullptr;
    }
  };
  Failed fail(std::string_view message) {
    file_.error = fmt::format("template: {}:{}: {}", file_.name, tokens_[0].line, message);
    return {};
  }
  Failed unexpected(const Token& token, std::string_view context);
  Failed too_deep() {
    file_.code = ErrorCode::kLimit;
    return fail("template is nested too deeply");
  }

  template <typename T>
  T* make(NodeType type, uint32_t position) {
    T* node = file_.arena.make<T>();
    node->type = type;
    node->position = position;
    return node;
  }
  template <typename T>
  std::span<const T> keep(const std::vector<T>& items) {
    return file_.arena.copy(std::span<const T>(items));
  }
  std::span<const std::string_view> split_fields(std::string_view text);

  bool add();
  bool parse_definition();
  const ListNode* item_list(const Node*& end);
  const Node* text_or_action();
  const Node* action();
  const PipeNode* pipeline(std::string_view context, TokenType end);
  bool declarations(std::string_view context, PipeNode& pipe, std::vector<VariableNode*>& declared);
  void finish_declarations(const PipeNode& pipe, std::span<VariableNode* const> declared);
  // The innermost declared variable of this name; -1: none.
  int32_t find_slot(std::string_view name) const;
  bool check_pipeline(const PipeNode& pipe, std::string_view context);
  const Node* control(NodeType type, std::string_view context);
  const Node* else_control();
  const Node* loop_exit(NodeType type, const Token& keyword, std::string_view what);
  const Node* block_control();
  const Node* template_control();
  bool template_name(const Token& token, std::string_view context, std::string_view& name);
  const CommandNode* command();
  const Node* operand(bool& found);
  const Node* term(bool& found);
  const Node* identifier(const Token& token);
  const Node* parenthesised(const Token& token);
  const Node* number(const Token& token);
  const Node* string(const Token& token);
  VariableNode* use_variable(uint32_t position, std::string_view text);

  File& file_;
  Template* template_;
  Token tokens_[3];
  int peeked_ = 0;
  std::vector<Variable> variables_ = {{"$", 0}};
  int32_t live_slots_ = 1;
  uint32_t action_line_ = 0;
  int range_depth_ = 0;
  int paren_depth_ = 0;
};

TemplateParser::Failed TemplateParser::unexpected(const Token& token, std::string_view context) {
  if (token.type == TokenType::kError) {
    std::string message(token.text);
    if (action_line_ != 0 && action_line_ != token.line) {
      const std::string started = fmt::format(" started at {}:{}", file_.name, action_line_);
      message += token.text.ends_with(" action") ? started : " in action" + started;
    }
    return fail(message);
  }
  return fail(fmt::format("unexpected {} in {}", describe(token), context));
}

std::span<const std::string_view> TemplateParser::split_fields(std::string_view text) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t dot = text.find('.');
    fields.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return keep(fields);
    text.remove_prefix(dot + 1);
  }
}

// Installs the finished template; one name may be defined once in a file, unless all but one definition are empty.
bool TemplateParser::add() {
  template_->empty = is_empty(*template_->root);
  for (Template*& other : file_.templates) {
    if (other->name != template_->name) continue;
    if (other->empty) {
      other = template_;
      return true;
    }
    if (template_->empty) return true;
    fail(fmt::format("template: multiple definition of template {}", go::quoted(template_->name)));
    return false;
  }
  file_.templates.push_back(template_);
  return true;
}

bool TemplateParser::parse_file() {
  std::vector<const Node*> nodes;
  auto* root = make<ListNode>(NodeType::kList, peek().position);
  while (peek().type != TokenType::kEnd) {
    if (peek().type == TokenType::kLeftDelimiter) {
      const Token delimiter = next();
      if (next_nonspace().type == TokenType::kDefine) {
        TemplateParser definition(file_, "definition");
        if (!definition.parse_definition()) return false;
        continue;
      }
      backup2(delimiter);
    }
    const Node* node = text_or_action();
    if (node == nullptr) return false;
    if (node->type == NodeType::kEnd || node->type == NodeType::kElse) {
      return fail("unexpected " + node_text(*node));
    }
    nodes.push_back(node);
  }
  root->nodes = keep(nodes);
  template_->root = root;
  // The main template is the first of the list, even where a definition of the same name came before.
  if (!add()) return false;
  auto& all = file_.templates;
  const auto main = std::find_if(all.begin(), all.end(), [&](const Template* t) { return t->name == template_->name; });
  std::rotate(all.begin(), main, main + 1);
  return true;
}

bool TemplateParser::parse_definition() {
  constexpr std::string_view kContext = "define clause";
  const Token name = next_nonspace();
  if (!template_name(name, kContext, template_->name)) return false;
  const Token close = next_nonspace();
  if (close.type != TokenType::kRightDelimiter) return unexpected(close, kContext);
  const Node* end = nullptr;
  template_->root = item_list(end);
  if (template_->root == nullptr) return false;
  if (end->type != NodeType::kEnd) {
    return fail(fmt::format("unexpected {} in {}", node_text(*end), kContext));
  }
  return add();
}

const ListNode* TemplateParser::item_list(const Node*& end) {
  if (file_.stack.exhausted()) return too_deep();
  std::vector<const Node*> nodes;
  auto* list = make<ListNode>(NodeType::kList, peek_nonspace().position);
  while (peek_nonspace().type != TokenType::kEnd) {
    const Node* node = text_or_action();
    if (node == nullptr) return nullptr;
    if (node->type == NodeType::kEnd || node->type == NodeType::kElse) {
      end = node;
      list->nodes = keep(nodes);
      return list;
    }
    nodes.push_back(node);
  }
  return fail("unexpected EOF");
}

const Node* TemplateParser::text_or_action() {
  const Token token = next_nonspace();
  switch (token.type) {
    case TokenType::kText: {
      auto* text = make<TextNode>(NodeType::kText, token.position);
      text->text = token.text;
      return text;
    }
    case TokenType::kLeftDelimiter: {
      action_line_ = token.line;
      const Node* node = action();
      action_line_ = 0;
      return node;
    }
    default: return unexpected(token, "input");
  }
}

const Node* TemplateParser::action() {
  const Token token = next_nonspace();
  switch (token.type) {
    case TokenType::kBlock: return block_control();
    case TokenType::kBreak: return loop_exit(NodeType::kBreak, token, "{{break}}");
    case TokenType::kContinue: return loop_exit(NodeType::kContinue, token, "{{continue}}");
    case TokenType::kElse: return else_control();
    case TokenType::kEndKeyword: {
      const Token close = next_nonspace();
      if (close.type != TokenType::kRightDelimiter) return unexpected(close, "end");
      return make<Node>(NodeType::kEnd, close.position);
    }
    case TokenType::kIf: return control(NodeType::kIf, "if");
    case TokenType::kRange: return control(NodeType::kRange, "range");
    case TokenType::kTemplate: return template_control();
    case TokenType::kWith: return control(NodeType::kWith, "with");
    default: break;
  }
  backup();
  auto* node = make<ActionNode>(NodeType::kAction, peek().position);
  node->pipe = pipeline("command", TokenType::kRightDelimiter);
  return node->pipe == nullptr ? nullptr : node;
}

const Node* TemplateParser::loop_exit(NodeType type, const Token& keyword, std::string_view what) {
  const Token close = next_nonspace();
  if (close.type != TokenType::kRightDelimiter) return unexpected(close, what);
  if (range_depth_ == 0) return fail(fmt::format("{} outside {{{{range}}}}", what));
  return make<Node>(type, keyword.position);
}

// $x := or $i, $x := or $x = before the commands. The names are known from here on, but mean an outer variable or none until the
// commands are evaluated: {{ $x := add $x 1 }}.
bool TemplateParser::declarations(std::string_view context, PipeNode& pipe, std::vector<VariableNode*>& declared) {
  const auto declare = [&](const Token& name) {
    auto* variable = make<VariableNode>(NodeType::kVariable, name.position);
    const auto fields = split_fields(name.text);
    variable->name = fields[0];
    variable->fields = fields.subspan(1);
    variable->slot = find_slot(variable->name);
    variables_.push_back({variable->name, -1});
    declared.push_back(variable);
  };
  while (true) {
    const Token variable = peek_nonspace();
    if (variable.type != TokenType::kVariable) return true;
    next();
    // Space is a token, so in "$x foo" three tokens of look-ahead tell that $x is an argument and no declaration.
    const Token after = peek();
    const Token following = peek_nonspace();
    if (following.type == TokenType::kAssign || following.type == TokenType::kDeclare) {
      pipe.is_assign = following.type == TokenType::kAssign;
      next_nonspace();
      declare(variable);
      return true;
    }
    if (following.type == TokenType::kChar && following.text == ",") {
      next_nonspace();
      declare(variable);
      if (context != "range" || declared.size() >= 2) {
        return fail(fmt::format("too many declarations in {}", context));
      }
      const TokenType type = peek_nonspace().type;
      if (type != TokenType::kVariable && type != TokenType::kRightDelimiter && type != TokenType::kRightParen) {
        return fail("range can only initialize variables");
      }
      continue;
    }
    if (after.type == TokenType::kSpace) backup3(variable, after);
    else backup2(variable);
    return true;
  }
}

// The commands of a declaring pipeline are read: its names now mean the new variables.
void TemplateParser::finish_declarations(const PipeNode& pipe, std::span<VariableNode* const> declared) {
  if (pipe.is_assign) return;
  for (VariableNode* variable : declared) {
    variable->slot = live_slots_++;
    variables_.push_back({variable->name, variable->slot});
  }
  template_->slots = std::max(template_->slots, static_cast<uint32_t>(live_slots_));
}

const PipeNode* TemplateParser::pipeline(std::string_view context, TokenType end) {
  auto* pipe = make<PipeNode>(NodeType::kPipe, peek_nonspace().position);
  std::vector<VariableNode*> declared;
  if (!declarations(context, *pipe, declared)) return nullptr;
  std::vector<const CommandNode*> commands;
  while (true) {
    const Token token = next_nonspace();
    if (token.type == end) {
      pipe->commands = keep(commands);
      pipe->declarations = keep(std::vector<const VariableNode*>(declared.begin(), declared.end()));
      finish_declarations(*pipe, declared);
      return check_pipeline(*pipe, context) ? pipe : nullptr;
    }
    switch (token.type) {
      case TokenType::kBool:
      case TokenType::kCharConstant:
      case TokenType::kComplex:
      case TokenType::kDot:
      case TokenType::kField:
      case TokenType::kIdentifier:
      case TokenType::kNumber:
      case TokenType::kNil:
      case TokenType::kRawString:
      case TokenType::kString:
      case TokenType::kVariable:
      case TokenType::kLeftParen: {
        backup();
        const CommandNode* stage = command();
        if (stage == nullptr) return nullptr;
        commands.push_back(stage);
        break;
      }
      default: return unexpected(token, context);
    }
  }
}

bool TemplateParser::check_pipeline(const PipeNode& pipe, std::string_view context) {
  if (pipe.commands.empty()) return fail(fmt::format("missing value for {}", context));
  for (size_t i = 1; i < pipe.commands.size(); ++i) {
    switch (pipe.commands[i]->args[0]->type) {
      case NodeType::kBool:
      case NodeType::kDot:
      case NodeType::kNil:
      case NodeType::kNumber:
      case NodeType::kString: return fail(fmt::format("non executable command in pipeline stage {}", i + 1));
      default: break;
    }
  }
  return true;
}

// if, range and with. The variables of the whole construct end with it.
const Node* TemplateParser::control(NodeType type, std::string_view context) {
  if (file_.stack.exhausted()) return too_deep();
  const size_t variables = variables_.size();
  const int32_t slots = live_slots_;
  const PipeNode* pipe = pipeline(context, TokenType::kRightDelimiter);
  if (pipe == nullptr) return nullptr;
  auto* branch = make<BranchNode>(type, pipe->position);
  branch->pipe = pipe;
  range_depth_ += type == NodeType::kRange ? 1 : 0;
  const Node* end = nullptr;
  branch->list = item_list(end);
  if (branch->list == nullptr) return nullptr;
  range_depth_ -= type == NodeType::kRange ? 1 : 0;
  if (end->type == NodeType::kElse) {
    const TokenType chained = type == NodeType::kIf ? TokenType::kIf : TokenType::kWith;
    if (type != NodeType::kRange && peek().type == chained) {
      // {{else if}}: an if of its own inside the else, which ends with the same {{end}}.
      next();
      auto* list = make<ListNode>(NodeType::kList, end->position);
      const Node* nested = control(type, context);
      if (nested == nullptr) return nullptr;
      list->nodes = keep(std::vector<const Node*>{nested});
      branch->else_list = list;
    } else {
      branch->else_list = item_list(end);
      if (branch->else_list == nullptr) return nullptr;
      if (end->type != NodeType::kEnd) return fail("expected end; found " + node_text(*end));
    }
  }
  variables_.resize(variables);
  live_slots_ = slots;
  return branch;
}

const Node* TemplateParser::else_control() {
  const Token following = peek_nonspace();
  if (following.type == TokenType::kIf || following.type == TokenType::kWith) {
    return make<Node>(NodeType::kElse, following.position);
  }
  const Token close = next_nonspace();
  if (close.type != TokenType::kRightDelimiter) return unexpected(close, "else");
  return make<Node>(NodeType::kElse, close.position);
}

const Node* TemplateParser::block_control() {
  constexpr std::string_view kContext = "block clause";
  const Token token = next_nonspace();
  std::string_view name;
  if (!template_name(token, kContext, name)) return nullptr;
  const PipeNode* pipe = pipeline(kContext, TokenType::kRightDelimiter);
  if (pipe == nullptr) return nullptr;
  TemplateParser block(file_, name);
  const Node* end = nullptr;
  block.template_->root = block.item_list(end);
  if (block.template_->root == nullptr) return nullptr;
  if (end->type != NodeType::kEnd) {
    return fail(fmt::format("unexpected {} in {}", node_text(*end), kContext));
  }
  if (!block.add()) return nullptr;
  auto* call = make<TemplateNode>(NodeType::kTemplate, token.position);
  call->name = name;
  call->pipe = pipe;
  return call;
}

const Node* TemplateParser::template_control() {
  constexpr std::string_view kContext = "template clause";
  const Token token = next_nonspace();
  auto* call = make<TemplateNode>(NodeType::kTemplate, token.position);
  if (!template_name(token, kContext, call->name)) return nullptr;
  if (next_nonspace().type != TokenType::kRightDelimiter) {
    backup();
    call->pipe = pipeline(kContext, TokenType::kRightDelimiter);
    if (call->pipe == nullptr) return nullptr;
  }
  return call;
}

bool TemplateParser::template_name(const Token& token, std::string_view context, std::string_view& name) {
  if (token.type != TokenType::kString && token.type != TokenType::kRawString) {
    return unexpected(token, context);
  }
  const auto text = unquote(token.text);
  if (!text) return fail("invalid syntax");
  name = file_.arena.copy(*text);
  return true;
}

const CommandNode* TemplateParser::command() {
  auto* node = make<CommandNode>(NodeType::kCommand, peek_nonspace().position);
  std::vector<const Node*> args;
  while (true) {
    peek_nonspace();
    bool found = false;
    const Node* arg = operand(found);
    if (found && arg == nullptr) return nullptr;
    if (found) args.push_back(arg);
    const Token token = next();
    if (token.type == TokenType::kSpace) continue;
    if (token.type == TokenType::kRightDelimiter || token.type == TokenType::kRightParen) {
      backup();
    } else if (token.type != TokenType::kPipe) {
      return unexpected(token, "operand");
    }
    break;
  }
  if (args.empty()) return fail("empty command");
  node->args = keep(args);
  return node;
}

// A term and the fields after it. `found` false: what follows is no operand.
const Node* TemplateParser::operand(bool& found) {
  const Node* node = term(found);
  if (node == nullptr || peek().type != TokenType::kField) return node;
  const uint32_t position = peek().position;
  std::vector<std::string_view> fields;
  while (peek().type == TokenType::kField) fields.push_back(next().text.substr(1));
  switch (node->type) {
    case NodeType::kField: {
      const auto& first = static_cast<const FieldNode&>(*node);
      fields.insert(fields.begin(), first.names.begin(), first.names.end());
      auto* field = make<FieldNode>(NodeType::kField, position);
      field->names = keep(fields);
      return field;
    }
    case NodeType::kVariable: {
      const auto& first = static_cast<const VariableNode&>(*node);
      fields.insert(fields.begin(), first.fields.begin(), first.fields.end());
      auto* variable = make<VariableNode>(NodeType::kVariable, position);
      variable->name = first.name;
      variable->slot = first.slot;
      variable->fields = keep(fields);
      return variable;
    }
    case NodeType::kBool:
    case NodeType::kString:
    case NodeType::kNumber:
    case NodeType::kNil:
    case NodeType::kDot: return fail("unexpected . after term " + go::quoted(node_text(*node)));
    default: {
      auto* chain = make<ChainNode>(NodeType::kChain, position);
      chain->operand = node;
      chain->fields = keep(fields);
      return chain;
    }
  }
}

const Node* TemplateParser::term(bool& found) {
  found = true;
  const Token token = next_nonspace();
  switch (token.type) {
    case TokenType::kIdentifier: return identifier(token);
    case TokenType::kDot: return make<Node>(NodeType::kDot, token.position);
    case TokenType::kNil: return make<Node>(NodeType::kNil, token.position);
    case TokenType::kVariable: return use_variable(token.position, token.text);
    case TokenType::kField: {
      auto* field = make<FieldNode>(NodeType::kField, token.position);
      field->names = split_fields(token.text.substr(1));
      return field;
    }
    case TokenType::kBool: {
      auto* node = make<BoolNode>(NodeType::kBool, token.position);
      node->value = token.text == "true";
      return node;
    }
    case TokenType::kCharConstant:
    case TokenType::kComplex:
    case TokenType::kNumber: return number(token);
    case TokenType::kLeftParen: return parenthesised(token);
    case TokenType::kString:
    case TokenType::kRawString: return string(token);
    default: break;
  }
  backup();
  found = false;
  return nullptr;
}

const Node* TemplateParser::identifier(const Token& token) {
  const FunctionEntry* function = file_.functions.find(token.text);
  if (function == nullptr) return fail(fmt::format("function {} not defined", go::quoted(token.text)));
  auto* node = make<IdentifierNode>(NodeType::kIdentifier, token.position);
  node->name = token.text;
  node->function = function;
  return node;
}

const Node* TemplateParser::parenthesised(const Token&) {
  if (paren_depth_ >= kMaxParentheses) return fail("max expression depth exceeded");
  if (file_.stack.exhausted()) return too_deep();
  ++paren_depth_;
  const PipeNode* pipe = pipeline("parenthesized pipeline", TokenType::kRightParen);
  --paren_depth_;
  return pipe;
}

const Node* TemplateParser::number(const Token& token) {
  auto* node = make<NumberNode>(NodeType::kNumber, token.position);
  node->text = token.text;
  const auto read = read_number(*node, token.text, token.type);
  if (!read) return fail(read.error().message());
  return node;
}

const Node* TemplateParser::string(const Token& token) {
  const auto text = unquote(token.text);
  if (!text) return fail("invalid syntax");
  auto* node = make<StringNode>(NodeType::kString, token.position);
  node->quoted = token.text;
  // Mostly the literal is the text.
  const std::string_view inner = token.text.substr(1, token.text.size() - 2);
  node->text = *text == inner ? inner : file_.arena.copy(*text);
  return node;
}

int32_t TemplateParser::find_slot(std::string_view name) const {
  for (size_t i = variables_.size(); i-- > 0;) {
    if (variables_[i].name == name && variables_[i].slot >= 0) return variables_[i].slot;
  }
  return -1;
}

VariableNode* TemplateParser::use_variable(uint32_t position, std::string_view text) {
  const auto fields = split_fields(text);
  const auto same_name = [&](const Variable& variable) { return variable.name == fields[0]; };
  if (std::none_of(variables_.begin(), variables_.end(), same_name)) {
    return fail(fmt::format("undefined variable {}", go::quoted(fields[0])));
  }
  auto* node = make<VariableNode>(NodeType::kVariable, position);
  node->name = fields[0];
  node->slot = find_slot(fields[0]);
  node->fields = fields.subspan(1);
  return node;
}

}  // namespace

Result<std::vector<const Template*>> parse(Arena& arena, FunctionLookup& functions, std::string_view name,
                                           std::string_view text, const StackGuard& stack) {
  File file{arena, functions, name, text, stack, Lexer(text)};
  TemplateParser parser(file, name);
  if (!parser.parse_file()) return fail(file.code, std::move(file.error));
  return std::vector<const Template*>(file.templates.begin(), file.templates.end());
}

}  // namespace plimsoll::tmpl
