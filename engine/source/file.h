// A text that was read, with access to its lines for reports.
//
//   Result<std::shared_ptr<const File>> file = read_file("/srv/deploy.yaml", "deploy.yaml");
//   (*file)->line(3);   // "  name: web"
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::source {

class File {
 public:
  File(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

  // As the user named it: relative to the working directory where it lies below it, "<stdin>" for standard input.
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  // Line `number` from 1 without its end; empty beyond the end. Thread-safe.
  std::string_view line(uint32_t number) const;

 private:
  std::string name_;
  std::string text_;
  mutable std::once_flag indexed_;
  mutable std::vector<uint32_t> line_starts_;  // made when the first line is asked for
};

inline constexpr size_t kMaxFileBytes = 256UL << 20;

// Errors: kInputOutput with the system's words, kLimit beyond `max_bytes` (so that a device without end is no trap).
Result<std::shared_ptr<const File>> read_file(const std::string& path, const std::string& name,
                                              size_t max_bytes = kMaxFileBytes);
// All of standard input, named "<stdin>".
Result<std::shared_ptr<const File>> read_stdin(size_t max_bytes = kMaxFileBytes);

// True if `text` is no text: a NUL byte near its start, and no UTF-16 byte order mark.
bool is_binary(std::string_view text);

}  // namespace plimsoll::source
