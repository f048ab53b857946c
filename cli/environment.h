// Environment variables.
#pragma once

#include <string>

namespace plimsoll::cli {

// Empty if it is not set.
std::string environment(const char* name);

}  // namespace plimsoll::cli
