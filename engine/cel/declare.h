// Which functions exist, with which overloads: the tables that the checker reads and the runtime implements.
//
//   const Declarations declarations(environment_options);
//   for (const Overload& overload : declarations.find_function("startsWith")->overloads) overload.signature->id;  // "starts_with_string"
//
// A library is a constexpr table of Signatures, one line of doc each (engine/cel/library/*.cc). Overload ids are those of cel-go
// and Kubernetes, for the runtime dispatches on them and cost is priced by them. Signatures are static: a pointer to one identifies the
// overload for the life of the process.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/cel/cel.h"
#include "engine/cel/term.h"

namespace plimsoll::cel {

struct Signature {
  std::string_view function;  // "startsWith", "optional.of", "_+_"
  std::string_view id;        // cel-go's overload id: "starts_with_string", "add_int64"
  std::string_view type;      // "string.(string) -> bool" for members, "(int, int) -> int" for others; A, B, K, V are type parameters
  std::string_view doc;       // one line, input == output where that says it
};

struct LibraryTable {
  std::string_view name;  // "strings", "k8s.quantity"
  std::span<const Signature> signatures;
  bool kubernetes = false;  // what Library::kKubernetes offers; kExtended has all
  bool mutation = false;    // only with EnvironmentOptions::mutation
};

// All libraries, standard first. An overload id appears once, but for the former names of `in`.
std::vector<LibraryTable> library_tables();
bool offers(const LibraryTable& table, const EnvironmentOptions& options);

struct Overload {
  const Signature* signature = nullptr;
  bool member = false;
  uint32_t type_variables = 0;              // parameters number them from 0
  const Term* result = nullptr;
  std::span<const Term* const> arguments = {};  // the target first, if a member
};

struct FunctionDeclaration {
  std::string_view name;
  std::vector<Overload> overloads;
};

// What a name means.
struct Identifier {
  enum class Kind : uint8_t { kVariable, kType, kConstant };
  Kind kind = Kind::kVariable;
  uint32_t index = 0;           // number of the variable
  int64_t constant = 0;         // value of a protobuf enum
  const Term* type = nullptr;   // of a type name: type(T)
};

// A field of a declared object or well-known message.
struct Field {
  const Term* type = nullptr;
  uint32_t index = 0;
};

// The names of one environment. Immutable.
class Declarations {
 public:
  // Errors (kInvalid): a variable's or object's name is declared twice.
  static Result<std::unique_ptr<const Declarations>> create(const EnvironmentOptions& options);

  // Fully qualified names only; the checker tries the container's prefixes.
  const FunctionDeclaration* find_function(std::string_view name) const;
  // Variables first, then types.
  const Identifier* find_identifier(std::string_view name, Identifier& storage, Arena& arena) const;
  // Whether `message` can be selected from or constructed field by field.
  bool is_message(std::string_view message) const;
  // A field with no type at all (`type` nullptr) is JSONPatch's way of saying that there is none.
  bool find_field(std::string_view message, std::string_view field, Field& result) const;

  const EnvironmentOptions& options() const { return options_; }
  bool is_lazy(uint32_t variable) const { return options_.variables[variable].lazy; }

 private:
  explicit Declarations(const EnvironmentOptions& options) : options_(options) {}
  void add_type(std::string_view name, const Term* type);
  void add_builtin_types();
  void add_message(std::string_view name, std::initializer_list<std::pair<std::string_view, const Term*>> fields);
  void add_signature(const Signature& signature);

  EnvironmentOptions options_;
  Arena arena_;
  std::unordered_map<std::string_view, FunctionDeclaration> functions_;
  std::unordered_map<std::string_view, Identifier> identifiers_;
  std::unordered_map<std::string_view, std::unordered_map<std::string_view, Field>> messages_;
};

}  // namespace plimsoll::cel
