#include "engine/source/atomic_write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "engine/source/file.h"

namespace plimsoll::source {

namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  // False: what was written may not have arrived.
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// A file that goes unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

bool lies_in(const fs::path& path, const fs::path& root) {
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

std::unexpected<Error> system_failure(std::string_view what, const std::string& path) {
  return std::unexpected(Error(ErrorCode::kInputOutput, fmt::format("{}: {}", what, std::strerror(errno))).in_file(path));
}

// `owner`: nullptr to keep this process'. Errors call the file `name`.
Result<void> write_beside_and_rename(const fs::path& path, const std::string& name, std::string_view text, unsigned mode, const struct stat* owner) {
  std::string beside = (path.parent_path() / ("." + path.filename().string() + ".XXXXXX")).string();
  Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
  if (file.get() < 0) return system_failure("no file can be made beside it", name);
  TemporaryFile temporary(beside);
  // Only root may give files away; who else edits a file of another's keeps it as his own.
  [[maybe_unused]] const int owned = owner == nullptr ? 0 : ::fchown(file.get(), owner->st_uid, owner->st_gid);
  if (::fchmod(file.get(), mode) != 0) return system_failure("its mode cannot be set", name);
  PLIMSOLL_RETURN_IF_ERROR(write_all(file.get(), text, name));
  if (::fsync(file.get()) != 0 || !file.close()) return system_failure("cannot be written", name);
  if (::rename(beside.c_str(), path.c_str()) != 0) return system_failure("cannot be replaced", name);
  temporary.keep();
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() >= 0) ::fsync(opened.get());
  return {};
}

}  // namespace

Result<void> write_all(int descriptor, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure("cannot be written", name);
    text.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

Result<void> write_atomically(const std::string& path, std::string_view text, unsigned mode) {
  return write_beside_and_rename(path, path, text, mode, nullptr);
}

Result<void> replace_file(const std::string& path, std::string_view before, std::string_view after, const std::vector<std::string>& roots) {
  const auto refuse = [&](std::string message) {
    return std::unexpected(Error(ErrorCode::kInvalid, std::move(message)).in_file(path));
  };
  std::error_code code;
  const fs::path real = fs::canonical(path, code);
  if (code) return refuse(code.message());
  bool within = false;
  for (const std::string& root : roots) {
    const fs::path real_root = fs::canonical(root, code);
    within = within || (!code && lies_in(real, real_root));
  }
  if (!within) {
    return refuse(fmt::format("is a link to {}, which lies outside of what was named", real.string()));
  }
  const auto current = read_file(real.string(), path);
  if (!current) return std::unexpected(current.error());
  if ((*current)->text() != before) return refuse("was changed meanwhile");
  struct stat info = {};
  if (::stat(real.c_str(), &info) != 0) return system_failure("cannot be looked at", path);
  if (!S_ISREG(info.st_mode)) return refuse("is no regular file");
  return write_beside_and_rename(real, path, after, info.st_mode & 07777, &info);
}

}  // namespace plimsoll::source
