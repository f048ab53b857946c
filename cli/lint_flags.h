// Flags of the commands that judge objects: what is read, and how charts are rendered.
#pragma once

#include "cli/lint.h"

namespace CLI {
class App;
}

namespace plimsoll::cli {

// --exclude, --namespace, values and release flags, --chart, --ci-values, --jobs.
void add_input_flags(CLI::App& command, LintOptions& options);

}  // namespace plimsoll::cli
