#include "engine/source/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace plimsoll::source {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Error system_error(const std::string& name, int code) {
  return Error(ErrorCode::kInputOutput, fmt::format("cannot be read: {}", std::strerror(code))).in_file(name);
}

Result<std::shared_ptr<const File>> read_all(int fd, const std::string& name, size_t max_bytes) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return std::unexpected(system_error(name, errno));
  if (S_ISDIR(status.st_mode)) return std::unexpected(system_error(name, EISDIR));
  const auto too_large = [&] {
    return std::unexpected(
        Error(ErrorCode::kLimit, fmt::format("is larger than {} MiB", max_bytes >> 20)).in_file(name));
  };
  const size_t expected = S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) : 0;
  if (expected > max_bytes) return too_large();

  constexpr size_t kChunk = 64UL << 10;
  std::string text;
  text.resize(expected == 0 ? kChunk : expected + 1);
  size_t used = 0;
  while (true) {
    if (used == text.size()) {
      if (used > max_bytes) return too_large();
      text.resize(text.size() * 2);
    }
    const ssize_t count = ::read(fd, text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(system_error(name, errno));
    if (count == 0) break;
    used += static_cast<size_t>(count);
  }
  if (used > max_bytes) return too_large();
  text.resize(used);
  if (text.capacity() > used + kChunk) text.shrink_to_fit();
  return std::make_shared<const File>(name, std::move(text));
}

}  // namespace

std::string_view File::line(uint32_t number) const {
  std::call_once(indexed_, [this] {
    line_starts_.push_back(0);
    // A lone carriage return ends a line, too, for YAML says so.
    const std::string_view breaks = text_.find('\r') == std::string::npos ? "\n" : "\r\n";
    for (size_t i = text_.find_first_of(breaks); i != std::string::npos; i = text_.find_first_of(breaks, i + 1)) {
      if (text_[i] == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n') ++i;
      line_starts_.push_back(static_cast<uint32_t>(i + 1));
    }
  });
  if (number == 0 || number > line_starts_.size()) return {};
  const size_t start = line_starts_[number - 1];
  const size_t end = number < line_starts_.size() ? line_starts_[number] - 1 : text_.size();
  std::string_view line = std::string_view(text_).substr(start, end - start);
  if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

Result<std::shared_ptr<const File>> read_file(const std::string& path, const std::string& name, size_t max_bytes) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) return std::unexpected(system_error(name, errno));
  return read_all(descriptor.get(), name, max_bytes);
}

Result<std::shared_ptr<const File>> read_stdin(size_t max_bytes) {
  return read_all(STDIN_FILENO, "<stdin>", max_bytes);
}

bool is_binary(std::string_view text) {
  constexpr size_t kLooked = 8000;
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return false;
  return text.substr(0, kLooked).find('\0') != std::string_view::npos;
}

}  // namespace plimsoll::source
