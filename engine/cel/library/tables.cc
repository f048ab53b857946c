#include "engine/cel/declare.h"
#include "engine/cel/library/library.h"

namespace plimsoll::cel {

// In the order in which the API server's environment adds its libraries (pkg/cel/environment/base.go): the checker tries the
// overloads of a function in this order.
std::vector<LibraryTable> library_tables() {
  return {
      {.name = "standard", .signatures = library::standard(), .kubernetes = true},
      {.name = "kubernetes.url", .signatures = library::url(), .kubernetes = true},
      {.name = "kubernetes.regex", .signatures = library::regex(), .kubernetes = true},
      {.name = "kubernetes.lists", .signatures = library::k8s_lists(), .kubernetes = true},
      {.name = "kubernetes.authorizer", .signatures = library::authorizer(), .kubernetes = true},
      {.name = "optional", .signatures = library::optional(), .kubernetes = true},
      {.name = "kubernetes.quantity", .signatures = library::quantity(), .kubernetes = true},
      {.name = "strings", .signatures = library::strings(), .kubernetes = true},
      {.name = "sets", .signatures = library::sets(), .kubernetes = true},
      {.name = "kubernetes.ip", .signatures = library::ip(), .kubernetes = true},
      {.name = "kubernetes.cidr", .signatures = library::cidr(), .kubernetes = true},
      {.name = "kubernetes.format", .signatures = library::format(), .kubernetes = true},
      {.name = "two-variable comprehensions", .signatures = library::two_var(), .kubernetes = true},
      {.name = "kubernetes.semver", .signatures = library::semver(), .kubernetes = true},
      {.name = "lists", .signatures = library::lists(), .kubernetes = true},
      {.name = "kubernetes.jsonpatch", .signatures = library::jsonpatch(), .kubernetes = true, .mutation = true},
      {.name = "strings of later versions", .signatures = library::strings_extended()},
      {.name = "math", .signatures = library::math()},
      {.name = "encoders", .signatures = library::encoders(), .deployment = true},
      {.name = "regex", .signatures = library::regex_extended()},
      {.name = "deployment", .signatures = library::deployment(), .extended = false, .deployment = true},
  };
}

bool offers(const LibraryTable& table, const EnvironmentOptions& options) {
  if (table.mutation && !options.mutation) return false;
  if (table.deployment && options.deployment) return true;
  return options.library == Library::kExtended ? table.extended : table.kubernetes;
}

}  // namespace plimsoll::cel
