// Where results and messages go.
#pragma once

#include <string>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::cli {

// What the program tells its caller.
enum ExitCode : int {
  kClean = 0,     // nothing at or above the threshold
  kFindings = 1,  // something at or above it
  kFailure = 2,   // the work could not be done, or not wholly
};

enum class ColorMode { kAuto, kAlways, kNever };

// Whether to colour standard output; kAuto asks whether it is a terminal, and NO_COLOR, CLICOLOR_FORCE and TERM.
bool use_color(ColorMode mode);

// kInputOutput if not all could be written (a full disk, say).
Result<void> write_stdout(std::string_view text);
Result<void> write_file(const std::string& path, std::string_view text);
Result<void> append_file(const std::string& path, std::string_view text);
// "plimsoll: error: ..." on standard error.
void print_error(const Error& error);
void print_message(std::string_view text);
// A line on standard error without the program's name: where another program's form is kept.
void print_bare(std::string_view text);
// write_stdout for a command's whole answer; kFailure, with a message, if it fails.
int print(std::string_view text, ExitCode code = kClean);

}  // namespace plimsoll::cli
