#include "engine/template/functions/merge.h"

#include "engine/template/functions/families.h"
#include "engine/template/go_value.h"

namespace plimsoll::tmpl {
namespace {

constexpr int kMaxDepth = 10'000;

// mergo's isEmptyValue: the zero of its type, or nothing in it. Structs, and pointers to them, are never empty.
bool is_empty(const Value& value) { return !is_true(value); }

Result<void> merge_at(CallContext& context, Map& target, const Map& source, MergeMode mode, int depth) {
  if (depth > kMaxDepth) return fail(ErrorCode::kLimit, "maps to merge are nested too deeply (or contain themselves)");
  if (&target == &source) return {};
  PLIMSOLL_RETURN_IF_ERROR(charge(context, source.size() + 1));
  const bool overwrite = mode == MergeMode::kOverwrite;
  // By index: a map within `source` may be `target` itself, whose entries move when it grows.
  for (size_t i = 0; i < source.size(); ++i) {
    const Map::Entry entry = source.begin()[i];
    const Value* const found = target.find(entry.key);
    if (entry.value.is_null() && entry.value.flavour() == 0) {
      if (overwrite) target.set(context.arena, entry.key, entry.value);
      continue;
    }
    if (found != nullptr) {
      const Value present = *found;
      const bool both_maps = present.is_map() && entry.value.is_map();
      if (both_maps) {
        PLIMSOLL_RETURN_IF_ERROR(merge_at(context, *present.as_map(), *entry.value.as_map(), mode, depth + 1));
      }
      // Asked after the merge, which may have filled it.
      if (!is_empty(present) && (both_maps || !overwrite)) continue;
    }
    target.set(context.arena, entry.key, entry.value);
  }
  return {};
}

}  // namespace

Result<void> merge_maps(CallContext& context, Map& target, const Map& source, MergeMode mode) {
  return merge_at(context, target, source, mode, 0);
}

}  // namespace plimsoll::tmpl
