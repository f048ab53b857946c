#include "cli/atomic_write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "cli/output.h"
#include "engine/source/file.h"

namespace plimsoll::cli {

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

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view before, std::string_view after, const std::vector<std::string>& roots) {
  const auto refuse = [&](std::string message) {
    return std::unexpected(Error(ErrorCode::kInvalid, std::move(message)).in_file(path));
  };
  const auto failed = [&](std::string_view what) {
    return std::unexpected(Error(ErrorCode::kInputOutput, fmt::format("{}: {}", what, std::strerror(errno))).in_file(path));
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
  const auto current = source::read_file(real.string(), path);
  if (!current) return std::unexpected(current.error());
  if ((*current)->text() != before) return refuse("was changed meanwhile");
  struct stat info = {};
  if (::stat(real.c_str(), &info) != 0) return failed("cannot be looked at");
  if (!S_ISREG(info.st_mode)) return refuse("is no regular file");

  std::string name = (real.parent_path() / ("." + real.filename().string() + ".XXXXXX")).string();
  Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.get() < 0) return failed("no file can be made beside it");
  TemporaryFile temporary(name);
  // Only root may give files away; who else edits a file of another's keeps it as his own.
  [[maybe_unused]] const int owned = ::fchown(file.get(), info.st_uid, info.st_gid);
  if (::fchmod(file.get(), info.st_mode & 07777) != 0) return failed("its mode cannot be kept");
  PLIMSOLL_RETURN_IF_ERROR(write_all(file.get(), after, path));
  if (::fsync(file.get()) != 0 || !file.close()) return failed("cannot be written");
  if (::rename(name.c_str(), real.c_str()) != 0) return failed("cannot be replaced");
  temporary.keep();
  const Descriptor folder(::open(real.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
  return {};
}

}  // namespace plimsoll::cli
