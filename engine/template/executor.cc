// Walking the nodes of a template. Pipelines and fields are in evaluate.cc, calls in call.cc.
#include "engine/template/executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"

namespace plimsoll::tmpl {
namespace {

constexpr size_t kMaxTemplateDepth = 100'000;

}  // namespace

// Go's state.errorf: the place, the template and the node at work before the message.
bool Executor::error(std::string_view message, ErrorCode code) {
  const Template& target = *frame_->target;
  if (frame_->node == nullptr) {
    error_ = Error(code, fmt::format("template: {}: {}", target.name, message));
    return false;
  }
  const LineColumn place = locate(target.text, frame_->node->position);
  error_ = Error(code, fmt::format("template: {}:{}:{}: executing {} at <{}>: {}", target.file, place.line, place.column,
                                   go::quoted(target.name), node_text(*frame_->node), message));
  return false;
}

bool Executor::out_of_budget() {
  const Error spent = budget_.error();
  return error(spent.message(), spent.code());
}

Result<void> Executor::execute(TemplateSet& set, std::string_view name, const Value& dot, std::string& out,
                               Spans* spans) {
  const Template* target = set.find(name);
  if (target == nullptr) {
    return fail(ErrorCode::kEvaluation,
                fmt::format("template: no template {} associated with template \"gotpl\"", go::quoted(name)));
  }
  set_ = &set;
  out_ = &out;
  spans_ = spans;
  const FrameId trace = tracer_ != nullptr ? tracer_->enter(0, 0, *target) : 0;
  if (!run(*target, {dot}, 0, trace)) return std::unexpected(std::move(error_));
  return {};
}

bool Executor::run(const Template& target, const Operand& dot, uint32_t depth, FrameId trace) {
  Frame frame{&target, nullptr, slots_.size(), depth, trace};
  Frame* const caller = std::exchange(frame_, &frame);
  bool ok = true;
  if (stack_.exhausted()) {
    ok = error("templates are nested too deeply", ErrorCode::kLimit);
  } else {
    slots_.resize(frame.slots + target.slots, Operand::invalid());
    slots_[frame.slots] = dot;
    ok = walk_list(dot, *target.root) != Flow::kFailed;
    slots_.resize(frame.slots);
  }
  frame_ = caller;
  return ok;
}

Executor::Flow Executor::walk_list(const Operand& dot, const ListNode& list) {
  for (const Node* node : list.nodes) {
    if (const Flow flow = walk(dot, *node); flow != Flow::kNormal) return flow;
  }
  return Flow::kNormal;
}

Executor::Flow Executor::walk(const Operand& dot, const Node& node) {
  at(node);
  if (!budget_.charge(1)) return failed(out_of_budget());
  switch (node.type) {
    case NodeType::kText: {
      const std::string_view text = static_cast<const TextNode&>(node).text;
      const size_t begin = out_->size();
      *out_ += text;
      if (tracer_ != nullptr && spans_ != nullptr) {
        tracer_->wrote_literal(*spans_, begin, out_->size(), frame_->trace, node.position);
      }
      return failed(budget_.charge_output(text.size()) || out_of_budget());
    }
    case NodeType::kAction: {
      const auto& action = static_cast<const ActionNode&>(node);
      Operand result;
      reads_ = 0;
      if (!evaluate_pipeline(dot, *action.pipe, result)) return Flow::kFailed;
      if (!action.pipe->declarations.empty()) return Flow::kNormal;
      return failed(print_value(action, result));
    }
    case NodeType::kIf:
    case NodeType::kWith: return walk_branch(dot, static_cast<const BranchNode&>(node));
    case NodeType::kRange: return walk_range(dot, static_cast<const BranchNode&>(node));
    case NodeType::kTemplate: return failed(walk_template(dot, static_cast<const TemplateNode&>(node)));
    case NodeType::kBreak: return Flow::kBreak;
    case NodeType::kContinue: return Flow::kContinue;
    case NodeType::kList: return walk_list(dot, static_cast<const ListNode&>(node));
    default: return failed(error("unknown node: " + node_text(node)));
  }
}

Executor::Flow Executor::walk_branch(const Operand& dot, const BranchNode& branch) {
  if (stack_.exhausted()) return failed(error("templates are nested too deeply", ErrorCode::kLimit));
  Operand value;
  reads_ = 0;
  if (!evaluate_pipeline(dot, *branch.pipe, value)) return Flow::kFailed;
  const OriginId outer = tracer_ != nullptr ? tracer_->enter_condition(reads_) : 0;
  Flow flow = Flow::kNormal;
  if (is_true(value.value)) {
    flow = walk_list(branch.type == NodeType::kWith ? value : dot, *branch.list);
  } else if (branch.else_list != nullptr) {
    flow = walk_list(dot, *branch.else_list);
  }
  if (tracer_ != nullptr) tracer_->leave_condition(outer);
  return flow;
}

Executor::Flow Executor::walk_range(const Operand& dot, const BranchNode& range) {
  if (stack_.exhausted()) return failed(error("templates are nested too deeply", ErrorCode::kLimit));
  Operand subject;
  reads_ = 0;
  if (!evaluate_pipeline(dot, *range.pipe, subject)) return Flow::kFailed;
  const OriginId outer = tracer_ != nullptr ? tracer_->enter_condition(reads_) : 0;
  bool ran = false;
  Flow flow = iterate(dot, range, subject, ran);
  if (flow == Flow::kBreak) {
    flow = Flow::kNormal;
  } else if (flow == Flow::kNormal && !ran && range.else_list != nullptr) {
    flow = walk_list(dot, *range.else_list);
  }
  if (tracer_ != nullptr) tracer_->leave_condition(outer);
  return flow;
}

Executor::Flow Executor::iterate(const Operand&, const BranchNode& range, const Operand& subject, bool& ran) {
  const Value& value = subject.value;
  const GoKind kind = kind_of(value);
  const auto step = [&](const Operand& index, const Operand& element) {
    ran = true;
    const Flow flow = one_iteration(range, index, element);
    return flow == Flow::kContinue ? Flow::kNormal : flow;
  };
  if (is_signed_kind(kind) || is_unsigned_kind(kind)) {
    if (range.pipe->declarations.size() > 1) {
      return failed(error(fmt::format("can't use {} to iterate over more than one variable", to_text(value))));
    }
    const uint64_t end = value.is_uint() ? value.as_uint() : static_cast<uint64_t>(std::max<int64_t>(value.as_int(), 0));
    for (uint64_t i = 0; i < end; ++i) {
      const Value number = value.is_uint() ? Value::uinteger(i) : Value::integer(static_cast<int64_t>(i));
      const Flow flow = step(Operand::invalid(), {number.with_flavour(value.flavour())});
      if (flow != Flow::kNormal) return flow;
    }
    return Flow::kNormal;
  }
  if (kind == GoKind::kSlice) {
    if (value.is_bytes()) {
      const std::string_view bytes = value.as_bytes();
      for (size_t i = 0; i < bytes.size(); ++i) {
        const uint64_t byte = static_cast<unsigned char>(bytes[i]);
        const Flow flow = step({go_int(static_cast<int64_t>(i))},
                               {Value::uinteger(byte).with_flavour(flavour(GoType::kUint8))});
        if (flow != Flow::kNormal) return flow;
      }
      return Flow::kNormal;
    }
    const GoType element = type_info(go_type(value)).element;
    for (size_t i = 0; i < value.size(); ++i) {
      Operand item = element_operand(element, (*value.as_list())[i]);
      item.addressable = true;
      const Flow flow = step({go_int(static_cast<int64_t>(i))}, item);
      if (flow != Flow::kNormal) return flow;
    }
    return Flow::kNormal;
  }
  if (kind == GoKind::kMap) {
    if (value.size() == 0) return Flow::kNormal;
    const GoType element = type_info(go_type(value)).element;
    // The body may change the map: iterate over what it held at the start.
    const auto sorted = std::as_const(*value.as_map()).sorted(arena_);
    auto* entries = arena_.allocate_array<Map::Entry>(sorted.size());
    for (size_t i = 0; i < sorted.size(); ++i) entries[i] = *sorted[i];
    for (size_t i = 0; i < sorted.size(); ++i) {
      const Flow flow = step({entries[i].key}, element_operand(element, entries[i].value));
      if (flow != Flow::kNormal) return flow;
    }
    return Flow::kNormal;
  }
  if (kind == GoKind::kInvalid) return Flow::kNormal;
  return failed(error("range can't iterate over " + to_text(value)));
}

Executor::Flow Executor::one_iteration(const BranchNode& range, const Operand& index, const Operand& element) {
  if (!budget_.charge(1)) return failed(out_of_budget());
  const auto variables = range.pipe->declarations;
  if (!variables.empty()) {
    if (!set_variable(*variables.back(), element)) return Flow::kFailed;
    if (variables.size() > 1 && !set_variable(*variables.front(), index)) return Flow::kFailed;
  }
  return walk_list(element, *range.list);
}

bool Executor::walk_template(const Operand& dot, const TemplateNode& call) {
  const Template* target = set_->find(call.name);
  if (target == nullptr) return error(fmt::format("template {} not defined", go::quoted(call.name)));
  if (frame_->depth == kMaxTemplateDepth) {
    return error(fmt::format("exceeded maximum template depth ({})", kMaxTemplateDepth));
  }
  Operand argument = Operand::invalid();
  if (call.pipe != nullptr && !evaluate_pipeline(dot, *call.pipe, argument)) return false;
  const FrameId trace = tracer_ != nullptr ? tracer_->enter(frame_->trace, call.position, *target) : 0;
  return run(*target, argument, frame_->depth + 1, trace);
}

bool Executor::print_value(const ActionNode& action, const Operand& operand) {
  at(action);
  const size_t begin = out_->size();
  if (!append_printable(*out_, operand)) {
    return error("value is too large or too deep to print", ErrorCode::kLimit);
  }
  if (tracer_ != nullptr && spans_ != nullptr) {
    tracer_->wrote_value(*spans_, begin, out_->size(), frame_->trace, action.position, operand.value, reads_);
  }
  return budget_.charge_output(out_->size() - begin) || out_of_budget();
}

}  // namespace plimsoll::tmpl
