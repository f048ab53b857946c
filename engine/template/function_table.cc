#include "engine/template/function_table.h"

#include <algorithm>

namespace plimsoll::tmpl {

FunctionTable::FunctionTable(Arena& arena) : arena_(arena) {
  slots_.reserve(512);
  // Later rows replace earlier ones: sprig has a `slice` of its own, helm a `fail`.
  for (const BuiltinRow& row : builtin_functions()) slots_[row.function.name] = {&row.function, &row};
  for (const FunctionFamily& family : sprig_families()) {
    for (const Function& function : family) slots_[function.name] = {&function};
  }
  for (const BuiltinRow& row : executor_functions()) slots_[row.function.name] = {&row.function, &row};
}

const FunctionEntry* FunctionTable::find(std::string_view name) {
  const auto found = slots_.find(name);
  if (found == slots_.end()) return nullptr;
  Slot& slot = found->second;
  if (slot.entry == nullptr) {
    auto* entry = arena_.make<FunctionEntry>();
    entry->function = slot.function;
    entry->signature = read_signature(arena_, slot.function->signature);
    if (slot.row != nullptr) {
      entry->builtin = slot.row->call;
      entry->special = slot.row->special;
    }
    slot.entry = entry;
  }
  return slot.entry;
}

std::vector<const Function*> FunctionTable::catalogue() {
  Arena arena;
  const FunctionTable table(arena);
  std::vector<const Function*> rows;
  for (const auto& [name, slot] : table.slots_) rows.push_back(slot.function);
  std::sort(rows.begin(), rows.end(), [](const Function* a, const Function* b) { return a->name < b->name; });
  return rows;
}

}  // namespace plimsoll::tmpl
