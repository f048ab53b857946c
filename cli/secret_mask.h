// Texts to show in which nothing secret can be read: diffs have lines around a change that are no one's business.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::cli {

// YAML with the values of Secrets, and of values keys that name passwords and the like, as <hidden>; lines stay lines. Text that is no
// YAML (a template) as it is.
std::string without_secrets(std::string_view text);

}  // namespace plimsoll::cli
