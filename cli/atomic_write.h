// Files are replaced whole or not at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::cli {

// Replaces the content of a file, which must be `before`, by `after`: written to a new file beside it, flushed, given the old one's
// mode and owner, and renamed. Of a symbolic link the file it leads to is replaced. kInvalid if that lies in none of `roots` (files,
// or folders with all below), or if the file has changed since it was read.
Result<void> replace_file(const std::string& path, std::string_view before, std::string_view after, const std::vector<std::string>& roots);

}  // namespace plimsoll::cli
