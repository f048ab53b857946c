// What the runtime knows about functions: implementations by overload id, guards on argument types, prices.
//
// A library's file in functions/ is a table of Bindings. An id is an overload's ("string_trim") or, where one implementation serves all
// overloads and looks at its arguments itself, the function's ("_+_"). An implementation gets arguments that fit the overload's
// declared types and are no errors.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/cel/frame.h"
#include "engine/cel/program.h"
#include "engine/cel/runtime/values.h"

namespace plimsoll::cel {

using Function = Value (*)(Frame& frame, const Value* arguments, size_t count);

struct Binding {
  std::string_view id;
  Function function;
  // Takes its arguments as a list in cel-go: evaluation stops at the first that is an error, and such a call costs nothing.
  bool variadic = false;
  // cel-go leaves the check of argument types to the implementation.
  bool unguarded = false;
};

// The argument types that an overload accepts at run time; element types are checked on a container's first element, as in cel-go.
struct Guard {
  enum class Kind : uint8_t { kAny, kNull, kBool, kInt, kUint, kDouble, kString, kBytes, kList, kMap, kNamed };
  Kind kind = Kind::kAny;
  std::string_view name;                        // kNamed: the type's name
  const Guard* element = nullptr;               // kList
  const Guard *key = nullptr, *value = nullptr;  // kMap

  bool admits(const Value& argument) const;
};

struct Implementation {
  std::string_view id;
  const Binding* binding;
  std::vector<const Guard*> guards;  // the target of a member first

  bool admits(const Value* arguments, size_t count) const;
};

struct FunctionEntry {
  std::string_view name;
  const Binding* singleton = nullptr;  // bound by the function's name
  std::vector<Implementation> overloads;
};

class FunctionTable {
 public:
  explicit FunctionTable(const EnvironmentOptions& options);
  const FunctionEntry* find(std::string_view name) const;
  Library library() const { return library_; }

 private:
  Library library_;
  Arena arena_;
  std::unordered_map<std::string_view, FunctionEntry> functions_;
};

// "no such overload: name(int, string)".
Value no_such_overload(Frame& frame, std::string_view function, const Value* arguments, size_t count);

namespace functions {
std::span<const Binding> operators();
std::span<const Binding> conversions();
std::span<const Binding> times();
std::span<const Binding> strings();
std::span<const Binding> string_format();
std::span<const Binding> string_format_extended();
std::span<const Binding> regex();
std::span<const Binding> lists();
std::span<const Binding> sets();
std::span<const Binding> maps();
std::span<const Binding> optionals();
std::span<const Binding> urls();
std::span<const Binding> addresses();
std::span<const Binding> quantities();
std::span<const Binding> semvers();
std::span<const Binding> formats();
std::span<const Binding> authorizers();
std::span<const Binding> math();
std::span<const Binding> encoders();
std::span<const Binding> resources();
std::span<const Binding> network_policies();
std::span<const Binding> certificates();
std::span<const Binding> java_options();
std::span<const Binding> secrets();
std::span<const Binding> documents();
}  // namespace functions

}  // namespace plimsoll::cel
