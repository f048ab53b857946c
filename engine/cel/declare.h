// Which functions exist, with which overloads: the tables that the checker reads and the runtime implements.
//
//   const Declarations declarations(environment_options);
//   for (const Overload& overload : declarations.function("startsWith")->overloads) overload.signature->id;  // "starts_with_string"
//
// A library is a constexpr table of Signatures, one line of doc each (engine/cel/library/*.cc). Overload ids are those of cel-go
// and Kubernetes, for the runtime dispatches on them and cost is priced by them. Signatures are static: a pointer to one identifies the
// overload for the life of the process.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/cel.h"

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

}  // namespace plimsoll::cel
