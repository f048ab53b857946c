// Two versions of a text as a unified diff, as diff -u and git diff print it and patch reads it.
//
//   unified_diff(before, after, {.before_name = "a/deploy.yaml", .after_name = "b/deploy.yaml"});
//   // --- a/deploy.yaml
//   // +++ b/deploy.yaml
//   // @@ -4,3 +4,4 @@
//   //  spec:
//   // +  replicas: 2
//
// Empty if the texts are equal. Lines end with LF; a CR before it is part of the line. Source of the form: POSIX diff, -u, with
// the names and the note about a missing last line end as GNU diff writes them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plimsoll {

struct UnifiedDiffOptions {
  std::string_view before_name = "a";
  std::string_view after_name = "b";
  size_t context = 3;  // equal lines around a change
};

std::string unified_diff(std::string_view before, std::string_view after, const UnifiedDiffOptions& options);

}  // namespace plimsoll
