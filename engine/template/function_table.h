// All functions by name: text/template's own, the executor's (include, tpl, ...) and the families of sprig and helm. Signatures
// are read when a template first names the function.
#pragma once

#include <string_view>
#include <unordered_map>

#include "engine/template/parser.h"
#include "engine/template/signature.h"
#include "engine/value/arena.h"

namespace plimsoll::tmpl {

// A builtin of text/template: a row whose implementation sees operands.
struct BuiltinRow {
  Function function;
  Builtin call = nullptr;
  Special special = Special::kNone;
};

std::span<const BuiltinRow> builtin_functions();   // builtins.cc
std::span<const BuiltinRow> executor_functions();  // helm_functions.cc

class FunctionTable : public FunctionLookup {
 public:
  // `arena` must outlive the templates parsed with this table.
  explicit FunctionTable(Arena& arena);
  const FunctionEntry* find(std::string_view name) override;

  // A row for each function that templates may call, sorted by name: the catalogue for documentation.
  static std::vector<const Function*> catalogue();

 private:
  struct Slot {
    const Function* function = nullptr;
    const BuiltinRow* row = nullptr;
    const FunctionEntry* entry = nullptr;
  };
  Arena& arena_;
  std::unordered_map<std::string_view, Slot> slots_;
};

}  // namespace plimsoll::tmpl
