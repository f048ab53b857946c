#include "engine/chart/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

namespace plimsoll::chart {

namespace {

struct Reader {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

// Go's path.Clean for relative names.
std::string clean(std::string_view name) {
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= name.size();) {
    const size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string result;
  for (const std::string_view part : parts) {
    if (!result.empty()) result += '/';
    result += part;
  }
  return result.empty() ? "." : result;
}

bool has_drive(std::string_view name) {
  return name.size() > 2 && ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z')) &&
         name[1] == ':' && name[2] == '/';
}

// The name below the archive's top folder, or why it is refused.
Result<std::string> entry_name(std::string_view full) {
  const char delimiter = full.find('\\') == std::string_view::npos ? '/' : '\\';
  const size_t top = full.find(delimiter);
  std::string name(top == std::string_view::npos ? std::string_view() : full.substr(top + 1));
  std::replace(name.begin(), name.end(), delimiter, '/');
  if (name.starts_with('/')) return fail(ErrorCode::kInvalid, "chart illegally contains absolute paths");
  name = clean(name);
  if (name == ".") {
    return std::unexpected(
        Error(ErrorCode::kInvalid, "chart illegally contains content outside the base directory").with_fragment(full));
  }
  if (name.starts_with("..")) return fail(ErrorCode::kInvalid, "chart illegally references parent directory");
  if (has_drive(name)) return fail(ErrorCode::kInvalid, "chart contains illegally named files");
  if (full.substr(0, top) == "Chart.yaml") return fail(ErrorCode::kInvalid, "chart yaml not in base directory");
  return name;
}

}  // namespace

bool looks_packed(std::string_view bytes) { return bytes.starts_with("\x1F\x8B\x08"); }

Result<std::vector<File>> unpack(std::string_view bytes) {
  const std::unique_ptr<archive, Reader> reader(archive_read_new());
  if (!reader) return fail(ErrorCode::kLimit, "no memory for reading an archive");
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  const auto failure = [&] {
    const char* message = archive_error_string(reader.get());
    return std::unexpected(Error(ErrorCode::kSyntax, std::string("not a readable chart archive: ") +
                                                         (message != nullptr ? message : "unknown format"))
                               .with_remedy("pack the chart again with `helm package`"));
  };
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return failure();

  std::vector<File> files;
  size_t remaining = kMaxArchiveBytes;
  size_t entries = 0;
  archive_entry* entry = nullptr;
  while (true) {
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) return failure();
    if (++entries > kMaxArchiveEntries) {
      return fail(ErrorCode::kLimit, "chart archive with more than " + std::to_string(kMaxArchiveEntries) + " entries");
    }
    const char* path = archive_entry_pathname(entry);
    if (path == nullptr) return fail(ErrorCode::kSyntax, "chart archive has an entry without a name");
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    PLIMSOLL_ASSIGN_OR_RETURN(std::string name, entry_name(path));
    File file{std::move(name), {}};
    // Links hold no data of their own: nothing is followed.
    const size_t limit = std::min(remaining, kMaxFileBytes);
    char buffer[16384];
    la_ssize_t count = 0;
    while ((count = archive_read_data(reader.get(), buffer, sizeof buffer)) > 0) {
      if (file.data.size() + static_cast<size_t>(count) > limit) {
        return std::unexpected(Error(ErrorCode::kLimit, "decompressed chart is larger than the maximum file size " +
                                                            std::to_string(limit == remaining ? kMaxArchiveBytes
                                                                                              : kMaxFileBytes))
                                   .with_fragment(file.name));
      }
      file.data.append(buffer, static_cast<size_t>(count));
    }
    if (count < 0) return failure();
    remaining -= file.data.size();
    if (file.data.starts_with("\xEF\xBB\xBF")) file.data.erase(0, 3);
    files.push_back(std::move(file));
  }
  if (files.empty()) return fail(ErrorCode::kInvalid, "no files in chart archive");
  return files;
}

}  // namespace plimsoll::chart
