// Which functions exist, with which overloads: the tables that the checker reads and the runtime implements.
//
//   auto functions = std::make_shared<const FunctionDeclarations>(options);
//   auto declarations = Declarations::create(options, functions);
//   for (const Overload& overload : (*declarations)->find_function("startsWith")->overloads) overload.signature->id;  // "starts_with_string"
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
  bool kubernetes = false;  // Library::kKubernetes offers it
  bool extended = true;     // Library::kExtended offers it
  bool deployment = false;  // EnvironmentOptions::deployment offers it, whichever the library
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

// The functions of the libraries that options ask for. Immutable, shared by the environments that have the same.
class FunctionDeclarations {
 public:
  explicit FunctionDeclarations(const EnvironmentOptions& options);
  const FunctionDeclaration* find(std::string_view name) const;

 private:
  Arena arena_;
  std::unordered_map<std::string_view, FunctionDeclaration> functions_;
};

// The names of one environment. Immutable.
class Declarations {
 public:
  // Errors (kInvalid): a variable's or object's name is declared twice.
  static Result<std::shared_ptr<const Declarations>> create(EnvironmentOptions options, std::shared_ptr<const FunctionDeclarations> functions);
  // All of `base`, and more object types.
  static Result<std::shared_ptr<const Declarations>> extend(std::shared_ptr<const Declarations> base, std::span<const ObjectDeclaration> objects);

  // Fully qualified names only; the checker tries the container's prefixes.
  const FunctionDeclaration* find_function(std::string_view name) const { return functions_->find(name); }
  // Variables first, then types.
  const Identifier* find_identifier(std::string_view name, Identifier& storage, Arena& arena) const;
  // Whether `message` can be selected from or constructed field by field.
  bool is_message(std::string_view message) const;
  // A field with no type at all (`type` nullptr) is JSONPatch's way of saying that there is none.
  bool find_field(std::string_view message, std::string_view field, Field& result) const;

  const EnvironmentOptions& options() const { return *options_; }
  const std::shared_ptr<const FunctionDeclarations>& functions() const { return functions_; }
  bool is_lazy(uint32_t variable) const { return options_->variables[variable].lazy; }

 private:
  Declarations(std::shared_ptr<const EnvironmentOptions> options, std::shared_ptr<const FunctionDeclarations> functions)
      : options_(std::move(options)), functions_(std::move(functions)) {}
  Result<void> add_objects(std::span<const ObjectDeclaration> objects);
  void add_type(std::string_view name, const Term* type);
  void add_builtin_types();
  void add_message(std::string_view name, std::initializer_list<std::pair<std::string_view, const Term*>> fields);

  std::shared_ptr<const EnvironmentOptions> options_;
  std::shared_ptr<const FunctionDeclarations> functions_;
  std::shared_ptr<const Declarations> base_;  // asked for what is not here
  Arena arena_;
  std::unordered_map<std::string_view, Identifier> identifiers_;
  std::unordered_map<std::string_view, std::unordered_map<std::string_view, Field>> messages_;
};

}  // namespace plimsoll::cel
