// Runs templates: text/template's exec.go over compiled nodes. template.h is the interface for others.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/template/function.h"
#include "engine/template/function_table.h"
#include "engine/template/node.h"
#include "engine/template/provenance.h"
#include "engine/template/signature.h"
#include "engine/template/stack_guard.h"
#include "engine/template/template_set.h"

namespace plimsoll::tmpl {

// A reflect.Value: a value and what is known of it statically.
struct Operand {
  Value value;
  bool boxed = false;        // its static type is interface {}: an element of a map[string]interface {}, say
  bool addressable = false;  // a field of a pointed-to struct, which has the methods of the pointer too

  static Operand invalid() { return {typed_nil(GoType::kInvalid)}; }
  bool is_valid() const { return !value.is_null() || value.flavour() != flavour(GoType::kInvalid); }
  // A nil interface.
  bool is_nil_interface() const { return boxed && value.is_null() && value.flavour() <= flavour(GoType::kInterface); }
};

// reflect.Type.String() of the static type.
std::string_view static_type_name(const Operand& operand);
// The value inside an interface; a nil interface becomes invalid.
Operand unbox(Operand operand);
// reflect.Zero of an element type.
Operand zero_operand(GoType type);
// An element of a container whose element type is `element`.
inline Operand element_operand(GoType element, const Value& value) {
  return {value, element == GoType::kInterface, false};
}
// The struct that a pointer points to.
Operand dereference(const Operand& pointer);
// What printing an action shows: pointers followed, String() of pointers honoured; "<no value>" for nothing.
bool append_printable(std::string& out, const Operand& operand);

class Executor {
 public:
  Executor(Arena& arena, Host& host, Budget& budget, FunctionTable& functions, const StackGuard& stack,
           Tracer* tracer = nullptr)
      : arena_(arena), host_(host), budget_(budget), functions_(functions), stack_(stack), tracer_(tracer) {}

  // The output of template `name` of `set` run on `dot`. Errors are those of Go's Template.ExecuteTemplate.
  Result<void> execute(TemplateSet& set, std::string_view name, const Value& dot, std::string& out, Spans* spans);

  Arena& arena() { return arena_; }
  // What a builtin fails with: the text of the Go error it returns.
  bool builtin_error(std::string message) {
    call_error_ = Error(ErrorCode::kEvaluation, std::move(message));
    return false;
  }

 private:
  enum class Flow : uint8_t { kNormal, kBreak, kContinue, kFailed };

  // The execution of one template.
  struct Frame {
    const Template* target;
    const Node* node;   // Go's s.node: what error messages point at
    size_t slots;       // index of the first variable in slots_
    uint32_t depth;     // of nested {{template}}
    FrameId trace = 0;  // while tracing
  };

  void at(const Node& node) { frame_->node = &node; }
  bool error(std::string_view message, ErrorCode code = ErrorCode::kEvaluation);
  bool out_of_budget();
  Flow failed(bool ok) { return ok ? Flow::kNormal : Flow::kFailed; }

  bool run(const Template& target, const Operand& dot, uint32_t depth, FrameId trace);
  Flow walk(const Operand& dot, const Node& node);
  Flow walk_list(const Operand& dot, const ListNode& list);
  Flow walk_branch(const Operand& dot, const BranchNode& branch);
  Flow walk_range(const Operand& dot, const BranchNode& range);
  Flow iterate(const Operand& dot, const BranchNode& range, const Operand& subject, bool& ran);
  Flow one_iteration(const BranchNode& range, const Operand& index, const Operand& element);
  bool walk_template(const Operand& dot, const TemplateNode& call);
  bool print_value(const ActionNode& action, const Operand& operand);

  bool evaluate_pipeline(const Operand& dot, const PipeNode& pipe, Operand& result);
  bool evaluate_command(const Operand& dot, const CommandNode& command, const Operand* piped, Operand& result);
  bool evaluate_field_chain(const Operand& dot, const Operand& receiver, const Node& node,
                            std::span<const std::string_view> names, std::span<const Node* const> args,
                            const Operand* piped, Operand& result);
  bool evaluate_field(const Operand& dot, std::string_view name, const Node& node, std::span<const Node* const> args,
                      const Operand* piped, const Operand& receiver, Operand& result);
  bool evaluate_variable(const Operand& dot, const VariableNode& variable, std::span<const Node* const> args,
                         const Operand* piped, Operand& result);
  bool evaluate_chain(const Operand& dot, const ChainNode& chain, std::span<const Node* const> args,
                      const Operand* piped, Operand& result);
  bool evaluate_function(const Operand& dot, const IdentifierNode& identifier, const Node& command,
                         std::span<const Node* const> args, const Operand* piped, Operand& result);
  bool ideal_constant(const NumberNode& number, Operand& result);
  bool not_a_function(std::span<const Node* const> args, const Operand* piped);
  Operand* variable_slot(const VariableNode& variable);
  bool set_variable(const VariableNode& variable, const Operand& value);

  // exec.go's evalCall. `receiver`: of a method, which is then the first argument.
  bool call(const Operand& dot, const FunctionEntry& entry, const Node& node, std::string_view name,
            std::span<const Node* const> args, const Operand* piped, const Value* receiver, Operand& result);
  bool call_short_circuit(const Operand& dot, const FunctionEntry& entry, std::span<const Node* const> args,
                          const Operand* piped, bool stop_at, Operand& result);
  bool invoke(const FunctionEntry& entry, const Node& node, std::string_view name, std::span<Operand> args,
              const Value* receiver, Operand& result);
  bool evaluate_argument(const Operand& dot, const TypeRef& type, const Node& node, Operand& result);
  bool evaluate_literal(const TypeRef& type, const Node& node, Operand& result);
  bool validate(Operand& operand, const TypeRef& type);
  const FunctionEntry* method_entry(const GoMethod& method);

  // Helm's include and tpl (helm_functions.cc).
  Result<Value> include(std::string_view name, const Value& data);
  Result<Value> tpl(std::string_view text, const Value& data);
  Result<Value> run_nested(const Template& target, const Value& data, bool is_tpl, OriginId tpl_origin);

  Arena& arena_;
  Host& host_;
  Budget& budget_;
  FunctionTable& functions_;
  const StackGuard& stack_;
  Tracer* tracer_;
  std::shared_ptr<RegexCache> regexes_;

  TemplateSet* set_ = nullptr;
  Frame* frame_ = nullptr;
  std::string* out_ = nullptr;
  Spans* spans_ = nullptr;
  OriginId reads_ = 0;  // of the action that runs, while tracing
  std::vector<Operand> slots_;
  Error error_{ErrorCode::kInternal, {}};
  Error call_error_{ErrorCode::kInternal, {}};
  std::vector<std::unique_ptr<std::string>> buffers_;  // reused outputs of nested templates
  size_t buffers_used_ = 0;
  std::unordered_map<std::string_view, uint32_t> included_;  // helm's includedNames
  std::unordered_map<const GoMethod*, const FunctionEntry*> methods_;
  std::unordered_map<std::string_view, std::vector<const Template*>> parsed_texts_;  // of tpl
  uint32_t tpl_depth_ = 0;
  uint32_t call_position_ = 0;                                                        // of the include or tpl at work
};

}  // namespace plimsoll::tmpl
