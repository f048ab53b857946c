#include "cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/source/atomic_write.h"

namespace plimsoll::cli {

namespace {

Result<void> write_named(const std::string& path, std::string_view text, int mode) {
  const auto failure = [&] {
    return std::unexpected(
        Error(ErrorCode::kInputOutput, fmt::format("cannot be written: {}", std::strerror(errno))).in_file(path));
  };
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0666);
  if (fd < 0) return failure();
  Result<void> written = source::write_all(fd, text, path);
  if (::close(fd) != 0 && written) return failure();
  return written;
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool use_color(ColorMode mode) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  if (is_set("NO_COLOR")) return false;
  if (is_set("CLICOLOR_FORCE")) return true;
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (terminal == nullptr || std::string_view(terminal) != "dumb");
}

Result<void> write_stdout(std::string_view text) { return source::write_all(STDOUT_FILENO, text, "<stdout>"); }

Result<void> write_file(const std::string& path, std::string_view text) { return write_named(path, text, O_TRUNC); }

Result<void> append_file(const std::string& path, std::string_view text) { return write_named(path, text, O_APPEND); }

void print_error(const Error& error) { print_message("error: " + error.to_string()); }

void print_message(std::string_view text) { print_bare(fmt::format("plimsoll: {}", text)); }

void print_bare(std::string_view text) {
  const std::string line = fmt::format("{}\n", text);
  // Nobody is left to be told if this fails.
  if (const auto written = source::write_all(STDERR_FILENO, line, "<stderr>"); !written) return;
}

int print(std::string_view text, ExitCode code) {
  const Result<void> written = write_stdout(text);
  if (written) return code;
  print_error(written.error());
  return kFailure;
}

}  // namespace plimsoll::cli
