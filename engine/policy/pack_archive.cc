#include "engine/policy/pack_archive.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace plimsoll::policy {
namespace {

std::string_view pack_of(std::string_view path) { return path.substr(0, path.find('/')); }

constexpr size_t kMaxFiles = 20'000;
constexpr uintmax_t kMaxBytes = 16U << 20;

}  // namespace

PackFiles PackFiles::built_in() {
  PackFiles result;
  std::string_view archive = built_in_archive();
  while (!archive.empty()) {
    const size_t name_end = archive.find('\n');
    const size_t size_end = archive.find('\n', name_end + 1);
    size_t size = 0;
    std::from_chars(archive.data() + name_end + 1, archive.data() + size_end, size);
    result.files_.push_back({archive.substr(0, name_end), archive.substr(size_end + 1, size)});
    archive.remove_prefix(size_end + 1 + size);
  }
  return result;
}

Result<PackFiles> PackFiles::read_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root = fs::path(folder).lexically_normal();
  fs::path name = root.filename().empty() ? root.parent_path().filename() : root.filename();
  if (name == "." || name == "..") name = fs::canonical(root, error).filename();
  PackFiles result;
  fs::recursive_directory_iterator iterator(root, error);
  if (error) return fail(ErrorCode::kInputOutput, folder + ": " + error.message());
  for (; iterator != fs::recursive_directory_iterator(); iterator.increment(error)) {
    if (error) return fail(ErrorCode::kInputOutput, folder + ": " + error.message());
    const fs::path& path = iterator->path();
    if (path.extension() != ".yaml" || !iterator->is_regular_file(error)) continue;
    if (result.files_.size() == kMaxFiles) return fail(ErrorCode::kLimit, folder + ": more files than a pack may have");
    if (iterator->file_size(error) > kMaxBytes)
      return fail(ErrorCode::kLimit, path.string() + ": larger than a rule may be");
    std::ifstream in(path, std::ios::binary);
    auto text = std::make_unique<std::string>(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    if (!in) return fail(ErrorCode::kInputOutput, path.string() + ": cannot be read");
    auto key = std::make_unique<std::string>((name / path.lexically_relative(root)).generic_string());
    result.files_.push_back({*key, *text});
    result.owned_.push_back(std::move(key));
    result.owned_.push_back(std::move(text));
  }
  if (error) return fail(ErrorCode::kInputOutput, folder + ": " + error.message());
  // As the built-in archive: by component, so that a/ comes before a-b/.
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(c)); };
  std::ranges::sort(result.files_, [&](const File& a, const File& b) {
    return std::ranges::lexicographical_compare(a.path, b.path, {}, rank, rank);
  });
  return result;
}

std::vector<std::string_view> PackFiles::packs() const {
  std::vector<std::string_view> result;
  for (const File& file : files_) {
    if (result.empty() || result.back() != pack_of(file.path)) result.push_back(pack_of(file.path));
  }
  return result;
}

std::span<const PackFiles::File> PackFiles::of_pack(std::string_view pack) const {
  const auto [begin, end] =
      std::ranges::equal_range(files_, pack, {}, [](const File& file) { return pack_of(file.path); });
  return {begin, end};
}

}  // namespace plimsoll::policy
