// Helm's functions that need the executor or the cluster: include, tpl, required, fail, lookup (pkg/engine/engine.go).
#include <fmt/format.h>

#include "engine/template/executor.h"
#include "engine/template/function_table.h"
#include "engine/template/render.h"
#include "engine/value/go_quote.h"

namespace plimsoll::tmpl {
namespace {

// `required` and `fail` mark their message so that the outermost error shows nothing else.
std::unexpected<Error> marked(std::string_view message) {
  return go_error(fmt::format("{}{}{}", kErrorStart, message, kErrorEnd));
}

Result<Value> required(CallContext&, std::span<const Value> args) {
  const Value& value = args[1];
  const bool nothing = value.is_null() && value.flavour() <= flavour(GoType::kInterface);
  if (nothing || (value.is_string() && value.size() == 0)) return marked(args[0].as_string());
  return value;
}

Result<Value> fail_render(CallContext&, std::span<const Value> args) { return marked(args[0].as_string()); }

Result<Value> lookup(CallContext& context, std::span<const Value> args) {
  auto found = context.host.lookup(context.arena, args[0].as_string(), args[1].as_string(), args[2].as_string(),
                                   args[3].as_string());
  if (!found || found->is_map()) return found;
  return Value::map(Map::create(context.arena));
}

constexpr BuiltinRow kExecutorFunctions[] = {
    {{"fail", "(string) (string, error)", "Ends the render with this message.", fail_render, Trace::kNone}},
    {{"include", "(string, interface {}) (string, error)", "The output of a named template as text."},
     nullptr,
     Special::kInclude},
    {{"lookup", "(string, string, string, string) (map[string]interface {}, error)",
      "An object of the cluster by apiVersion, kind, namespace and name; an empty map offline.", lookup,
      Trace::kNone}},
    {{"required", "(string, interface {}) (interface {}, error)",
      "The value; ends the render with the message if it is nil or empty.", required}},
    {{"tpl", "(string, interface {}) (string, error)", "The output of a text run as a template."},
     nullptr,
     Special::kTpl},
};

}  // namespace

std::span<const BuiltinRow> executor_functions() { return kExecutorFunctions; }

// Runs a template into a text of its own. `is_tpl`: "<no value>" is removed from it.
Result<Value> Executor::run_nested(const Template& target, const Value& data, bool is_tpl, OriginId tpl_origin) {
  if (buffers_used_ == buffers_.size()) buffers_.push_back(std::make_unique<std::string>());
  std::string& buffer = *buffers_[buffers_used_++];
  buffer.clear();
  Spans spans;
  std::string* const out = std::exchange(out_, &buffer);
  Spans* const outer_spans = std::exchange(spans_, tracer_ != nullptr ? &spans : nullptr);
  const OriginId reads = reads_;
  const FrameId trace =
      tracer_ != nullptr ? tracer_->enter(frame_->trace, call_position_, target, tpl_origin) : 0;
  const bool nothing = data.is_null() && data.flavour() <= flavour(GoType::kInterface);
  const bool ok = run(target, nothing ? Operand::invalid() : Operand{data}, 0, trace);
  out_ = out;
  spans_ = outer_spans;
  reads_ = reads;
  --buffers_used_;
  if (!ok) return std::unexpected(std::move(error_));
  if (is_tpl) remove_no_value(buffer, tracer_ != nullptr ? &spans : nullptr);
  if (!arena_.can_allocate(buffer.size())) return fail(ErrorCode::kLimit, "the render needs too much memory");
  const std::string_view text = arena_.copy(buffer);
  if (tracer_ != nullptr) tracer_->record_text(text, std::move(spans), tpl_origin);
  return Value::string(text);
}

Result<Value> Executor::include(std::string_view name, const Value& data) {
  // A call more than the limit in a row fails; the count is taken back on the way out, but not by such a failure.
  uint32_t& count = included_[name];
  if (count > budget_.limits().include_depth) {
    return go_error(fmt::format("rendering template has a nested reference name: {}: unable to execute template", name));
  }
  ++count;
  const Template* target = set_->find(name);
  Result<Value> result =
      target == nullptr
          ? go_error(fmt::format("template: no template {} associated with template \"gotpl\"", go::quoted(name)))
          : run_nested(*target, data, false, 0);
  --included_[name];
  return result;
}

Result<Value> Executor::tpl(std::string_view text, const Value& data) {
  auto parsed = parsed_texts_.find(text);
  if (parsed == parsed_texts_.end()) {
    auto templates = parse(arena_, functions_, "gotpl", text, stack_);
    if (!templates) {
      return fail(templates.error().code(),
                  fmt::format("cannot parse template {}: {}", go::quoted(text), templates.error().message()));
    }
    parsed = parsed_texts_.emplace(text, std::move(*templates)).first;
  }
  if (tpl_depth_ >= budget_.limits().tpl_depth) {
    return fail(ErrorCode::kLimit, fmt::format("tpl runs texts in each other more than {} levels deep; does a value run itself?",
                                               tpl_depth_));
  }
  const auto& templates = parsed->second;
  // What the text defines is seen by itself and by what it includes only.
  TemplateSet extended(set_);
  for (const Template* defined : templates) extended.add(*defined);
  TemplateSet* const outer = std::exchange(set_, &extended);
  const OriginId origin = tracer_ != nullptr ? tracer_->origin_of(Value::string(text)) : 0;
  ++tpl_depth_;
  Result<Value> result = run_nested(*templates.front(), data, true, origin);
  --tpl_depth_;
  set_ = outer;
  if (result) return result;
  return fail(result.error().code(), fmt::format("error during tpl function execution for {}: {}", go::quoted(text),
                                                 result.error().message()));
}

}  // namespace plimsoll::tmpl
