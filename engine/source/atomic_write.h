// Files are replaced whole or not at all.
//
//   Result<void> kept = write_atomically("/var/lib/plimsoll/tls.key", key, 0600);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::source {

// All of `text` to an open descriptor; `name` is for the error.
Result<void> write_all(int descriptor, std::string_view text, const std::string& name);

// Makes the file or replaces its content: written to a new file beside it, which nobody but its owner can read until it has `mode`,
// flushed, and renamed.
Result<void> write_atomically(const std::string& path, std::string_view text, unsigned mode);

// Replaces the content of a file, which must be `before`, by `after`, as write_atomically() does, and keeps the old one's mode and
// owner. Of a symbolic link the file it leads to is replaced. kInvalid if that lies in none of `roots` (files, or folders with all
// below), or if the file has changed since it was read.
Result<void> replace_file(const std::string& path, std::string_view before, std::string_view after, const std::vector<std::string>& roots);

}  // namespace plimsoll::source
