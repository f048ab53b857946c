#include <limits>

#include "engine/template/functions/families.h"
#include "engine/template/go_format.h"

namespace plimsoll::tmpl {

Result<std::string_view> to_words(CallContext& context, const Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bytes()) return value.as_bytes();
  std::string text;
  if (!append_value(text, value)) {
    return fail(ErrorCode::kLimit, "value is nested too deeply to print (or contains itself)");
  }
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, text.size()));
  return context.arena.copy(text);
}

Result<List*> to_word_list(CallContext& context, const Value& value) {
  List* words = List::create(context.arena);
  if (kind_of(value) != GoKind::kSlice) {
    if (value.is_null() && kind_of(value) == GoKind::kInvalid) return words;
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view text, to_words(context, value));
    words->push_back(context.arena, Value::string(text));
    return words;
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const auto items, slice_items(context, value, ""));
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, items.size() * sizeof(Value)));
  for (const Value& item : items) {
    if (item.is_null() && item.flavour() == 0) continue;
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view text, to_words(context, item));
    words->push_back(context.arena, Value::string(text));
  }
  return words;
}

Result<std::span<const Value>> slice_items(CallContext& context, const Value& value, std::string_view refusal) {
  const GoKind kind = kind_of(value);
  if (kind == GoKind::kInvalid) return go_error(std::string(kNilDereference));
  if (kind != GoKind::kSlice) return go_error(std::string(refusal) + std::string(kind_text(kind)));
  if (!value.is_bytes()) return items_of(value);
  const std::string_view bytes = value.as_bytes();
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, bytes.size() * sizeof(Value)));
  List* list = List::create(context.arena, bytes.size());
  for (const char byte : bytes) {
    list->push_back(context.arena,
                    Value::uinteger(static_cast<unsigned char>(byte)).with_flavour(flavour(GoType::kUint8)));
  }
  return std::span<const Value>(list->items());
}

Result<void> check_room(CallContext& context, size_t bytes) {
  if (!context.can_allocate(bytes)) {
    return fail(ErrorCode::kLimit, "result of " + std::string(context.function_name) + " is too large (" +
                                       std::to_string(bytes) + " bytes)");
  }
  return {};
}

Result<void> charge(CallContext& context, uint64_t steps) {
  if (!context.budget.charge(steps)) return std::unexpected(context.budget.error());
  return {};
}

Result<std::string_view> repeat_text(CallContext& context, std::string_view text, int64_t count) {
  if (count < 0) return go_error("strings: negative Repeat count");
  int64_t size = 0;
  if (__builtin_mul_overflow(count, static_cast<int64_t>(text.size()), &size)) {
    return go_error("strings: Repeat output length overflow");
  }
  PLIMSOLL_RETURN_IF_ERROR(check_room(context, static_cast<size_t>(size)));
  char* data = context.arena.allocate_array<char>(static_cast<size_t>(size));
  for (int64_t i = 0; i < count && size > 0; ++i) std::memcpy(data + i * static_cast<int64_t>(text.size()), text.data(), text.size());
  return std::string_view(data, static_cast<size_t>(size));
}

}  // namespace plimsoll::tmpl
