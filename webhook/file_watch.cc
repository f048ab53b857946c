#include "webhook/file_watch.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxFiles = 10'000;

void append_state(std::string& out, const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    out += path + " absent\n";
    return;
  }
  fmt::format_to(std::back_inserter(out), "{} {}:{} {} {}.{}\n", path, info.st_dev, info.st_ino, info.st_size,
                 info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

}  // namespace

FileWatch::FileWatch(std::vector<std::string> paths) : paths_(std::move(paths)) {
  known_ = state();
  last_ = known_;
}

std::string FileWatch::state() const {
  std::string result;
  for (const std::string& path : paths_) {
    append_state(result, path);
    std::error_code error;
    std::vector<std::string> below;
    using Iterator = std::filesystem::recursive_directory_iterator;
    for (Iterator entry(path, error), end; !error && entry != end && below.size() < kMaxFiles; entry.increment(error)) {
      below.push_back(entry->path().string());
    }
    std::ranges::sort(below);
    for (const std::string& file : below) append_state(result, file);
  }
  return result;
}

bool FileWatch::changed() {
  const std::string before = std::exchange(last_, state());
  if (last_ == known_ || last_ != before) return false;
  known_ = last_;
  return true;
}

}  // namespace plimsoll::webhook
