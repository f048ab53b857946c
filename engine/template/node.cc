#include "engine/template/node.h"

#include <algorithm>

#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"

namespace plimsoll::tmpl {
namespace {

void write(std::string& out, const Node& node);

void write_parenthesised(std::string& out, const Node& node) {
  const bool pipe = node.type == NodeType::kPipe;
  if (pipe) out += '(';
  write(out, node);
  if (pipe) out += ')';
}

void write_fields(std::string& out, std::span<const std::string_view> fields) {
  for (const std::string_view field : fields) out.append(1, '.').append(field);
}

void write_pipe(std::string& out, const PipeNode& pipe) {
  for (size_t i = 0; i < pipe.declarations.size(); ++i) {
    if (i > 0) out += ", ";
    write(out, *pipe.declarations[i]);
  }
  if (!pipe.declarations.empty()) out += pipe.is_assign ? " = " : " := ";
  for (size_t i = 0; i < pipe.commands.size(); ++i) {
    if (i > 0) out += " | ";
    write(out, *pipe.commands[i]);
  }
}

void write_branch(std::string& out, std::string_view keyword, const BranchNode& branch) {
  out.append("{{").append(keyword).append(1, ' ');
  write_pipe(out, *branch.pipe);
  out += "}}";
  write(out, *branch.list);
  if (branch.else_list != nullptr) {
    out += "{{else}}";
    write(out, *branch.else_list);
  }
  out += "{{end}}";
}

void write(std::string& out, const Node& node) {
  switch (node.type) {
    case NodeType::kText: out += static_cast<const TextNode&>(node).text; return;
    case NodeType::kAction:
      out += "{{";
      write_pipe(out, *static_cast<const ActionNode&>(node).pipe);
      out += "}}";
      return;
    case NodeType::kIf: write_branch(out, "if", static_cast<const BranchNode&>(node)); return;
    case NodeType::kRange: write_branch(out, "range", static_cast<const BranchNode&>(node)); return;
    case NodeType::kWith: write_branch(out, "with", static_cast<const BranchNode&>(node)); return;
    case NodeType::kTemplate: {
      const auto& call = static_cast<const TemplateNode&>(node);
      out += "{{template ";
      go::append_quoted(out, call.name);
      if (call.pipe != nullptr) {
        out += ' ';
        write_pipe(out, *call.pipe);
      }
      out += "}}";
      return;
    }
    case NodeType::kBreak: out += "{{break}}"; return;
    case NodeType::kContinue: out += "{{continue}}"; return;
    case NodeType::kElse: out += "{{else}}"; return;
    case NodeType::kEnd: out += "{{end}}"; return;
    case NodeType::kList:
      for (const Node* child : static_cast<const ListNode&>(node).nodes) write(out, *child);
      return;
    case NodeType::kPipe: write_pipe(out, static_cast<const PipeNode&>(node)); return;
    case NodeType::kCommand: {
      const auto& args = static_cast<const CommandNode&>(node).args;
      for (size_t i = 0; i < args.size(); ++i) {
        if (i > 0) out += ' ';
        write_parenthesised(out, *args[i]);
      }
      return;
    }
    case NodeType::kField: write_fields(out, static_cast<const FieldNode&>(node).names); return;
    case NodeType::kVariable: {
      const auto& variable = static_cast<const VariableNode&>(node);
      out += variable.name;
      write_fields(out, variable.fields);
      return;
    }
    case NodeType::kChain: {
      const auto& chain = static_cast<const ChainNode&>(node);
      write_parenthesised(out, *chain.operand);
      write_fields(out, chain.fields);
      return;
    }
    case NodeType::kIdentifier: out += static_cast<const IdentifierNode&>(node).name; return;
    case NodeType::kDot: out += '.'; return;
    case NodeType::kNil: out += "nil"; return;
    case NodeType::kBool: out += static_cast<const BoolNode&>(node).value ? "true" : "false"; return;
    case NodeType::kNumber: out += static_cast<const NumberNode&>(node).text; return;
    case NodeType::kString: out += static_cast<const StringNode&>(node).quoted; return;
  }
}

}  // namespace

std::string node_text(const Node& node) {
  std::string out;
  write(out, node);
  return out;
}

LineColumn locate(std::string_view text, uint32_t position) {
  const std::string_view before = text.substr(0, position);
  const size_t newline = before.rfind('\n');
  const auto line = static_cast<uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
  return {line, newline == std::string_view::npos ? position : position - static_cast<uint32_t>(newline) - 1};
}

}  // namespace plimsoll::tmpl
