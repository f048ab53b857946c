#include "engine/template/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/template/executor.h"
#include "engine/template/function_table.h"
#include "engine/template/go_type.h"
#include "engine/template/parser.h"

namespace plimsoll::tmpl {
namespace {

// More slashes first, then later names first: definitions of the outer charts are parsed last and win.
std::vector<const Renderable*> parse_order(std::span<const Renderable> files) {
  std::vector<const Renderable*> order;
  for (const Renderable& file : files) order.push_back(&file);
  const auto depth = [](const Renderable* file) { return std::count(file->name.begin(), file->name.end(), '/'); };
  std::sort(order.begin(), order.end(), [&](const Renderable* a, const Renderable* b) {
    const auto x = depth(a);
    const auto y = depth(b);
    return x != y ? x > y : a->name > b->name;
  });
  return order;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator, size_t limit) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < limit) {
    const size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

// "parse error at (FILE:LINE): last part of the message", as helm shortens it.
Error parse_error(std::string_view file, const Error& cause) {
  const auto parts = split(cause.message(), ": ", SIZE_MAX);
  if (parts.size() == 1) {
    return Error(cause.code(), fmt::format("parse error in ({}): {}", file, cause.message()));
  }
  return Error(cause.code(), fmt::format("parse error at ({}): {}", parts[1], parts.back()));
}

// Only the message of `required` and `fail` is shown, at the outermost position.
Error execution_error(const Error& cause) {
  const std::string& message = cause.message();
  const auto parts = split(message, ": ", 3);
  if (parts.size() != 3 || !message.starts_with("template: ")) return cause;
  const size_t start = parts[2].find(kErrorStart);
  const size_t end = parts[2].rfind(kErrorEnd);
  if (start == std::string_view::npos || end == std::string_view::npos || end < start + kErrorStart.size()) return cause;
  const size_t begin = start + kErrorStart.size();
  return Error(cause.code(), fmt::format("execution error at ({}): {}", parts[1], parts[2].substr(begin, end - begin)));
}

bool is_partial(std::string_view name) {
  const size_t slash = name.rfind('/');
  return name.substr(slash == std::string_view::npos ? 0 : slash + 1).starts_with('_');
}

Result<std::vector<Rendered>> render_here(Arena& arena, Host& host, std::span<const Renderable> files,
                                          const RenderOptions& options, const StackGuard& stack) {
  Budget budget(options.limits);
  FunctionTable functions(arena);
  TemplateSet set;
  const auto order = parse_order(files);
  for (const Renderable* file : order) {
    const auto templates = parse(arena, functions, file->name, file->text, stack);
    if (!templates) return std::unexpected(parse_error(file->name, templates.error()));
    for (const Template* defined : *templates) set.add(*defined);
  }
  Executor executor(arena, host, budget, functions, stack, options.tracer);
  std::vector<Rendered> rendered;
  for (const Renderable* file : order) {
    if (is_partial(file->name)) continue;
    Map* info = Map::create(arena, 2);
    info->set(arena, "Name", Value::string(file->name));
    info->set(arena, "BasePath", Value::string(file->base_path));
    file->dot->set(arena, "Template", Value::map(info).with_flavour(flavour(GoType::kValues)));
    Rendered& result = rendered.emplace_back();
    result.name = file->name;
    Spans* spans = options.tracer != nullptr ? &result.spans : nullptr;
    const Value dot = Value::map(file->dot).with_flavour(flavour(GoType::kValues));
    if (auto ok = executor.execute(set, file->name, dot, result.text, spans); !ok) {
      return std::unexpected(execution_error(ok.error()));
    }
    remove_no_value(result.text, spans);
  }
  return rendered;
}

}  // namespace

void remove_no_value(std::string& text, Spans* spans) {
  size_t at = text.find(kNoValue);
  if (at == std::string::npos) return;
  std::vector<size_t> removed;
  std::string cleaned;
  size_t begin = 0;
  for (; at != std::string::npos; at = text.find(kNoValue, begin)) {
    cleaned.append(text, begin, at - begin);
    removed.push_back(at);
    begin = at + kNoValue.size();
  }
  cleaned.append(text, begin);
  text = std::move(cleaned);
  if (spans == nullptr) return;
  // Bytes removed before `position`.
  const auto shift = [&](uint32_t position) {
    const auto next = std::lower_bound(removed.begin(), removed.end(), position);
    size_t shorter = static_cast<size_t>(next - removed.begin()) * kNoValue.size();
    if (next != removed.begin()) {
      const size_t inside = position - *(next - 1);
      if (inside < kNoValue.size()) shorter -= kNoValue.size() - inside;
    }
    return static_cast<uint32_t>(position - shorter);
  };
  for (Span& span : *spans) {
    span.begin = shift(span.begin);
    span.end = shift(span.end);
  }
}

Result<std::vector<Rendered>> render(Arena& arena, Host& host, std::span<const Renderable> files,
                                     const RenderOptions& options) {
  Result<std::vector<Rendered>> result = fail(ErrorCode::kInternal, "the render did not run");
  const auto work = [&](size_t stack_bytes) {
    // Part of the stack is left for what the executor calls at its deepest.
    const StackGuard stack(stack_bytes - stack_bytes / 8);
    result = render_here(arena, host, files, options, stack);
  };
  if (!run_with_stack(options.stack_bytes, [&] { work(options.stack_bytes); })) work(StackGuard::kDefaultBytes);
  return result;
}

}  // namespace plimsoll::tmpl
