#include "webhook/self_signed.h"

#include <algorithm>
#include <filesystem>

#include "engine/source/atomic_write.h"
#include "engine/source/file.h"

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxBytes = 1UL << 20;

// Whether less than a third of its time is left.
bool is_due(const CertificateInfo& info) {
  const auto now = std::chrono::system_clock::now();
  return info.not_after - now < (info.not_after - info.not_before) / 3;
}

// Empty if there is no such file.
Result<std::string> read_if_there(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::string();
  PLIMSOLL_ASSIGN_OR_RETURN(const auto file, source::read_file(path.string(), path.string(), kMaxBytes));
  return file->text();
}

}  // namespace

Result<void> SelfSigned::read_folder() {
  const std::filesystem::path folder = folder_;
  PLIMSOLL_ASSIGN_OR_RETURN(authority_.certificates, read_if_there(folder / "ca.crt"));
  PLIMSOLL_ASSIGN_OR_RETURN(authority_.key, read_if_there(folder / "ca.key"));
  PLIMSOLL_ASSIGN_OR_RETURN(leaf_.certificates, read_if_there(folder / "tls.crt"));
  PLIMSOLL_ASSIGN_OR_RETURN(leaf_.key, read_if_there(folder / "tls.key"));
  return {};
}

Result<bool> SelfSigned::ensure() {
  if (!folder_.empty()) {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    PLIMSOLL_RETURN_IF_ERROR(read_folder());
  }
  bool authority_new = false;
  if (const auto info = inspect_certificate(authority_.certificates);
      !info || authority_.key.empty() || is_due(*info)) {
    PLIMSOLL_ASSIGN_OR_RETURN(authority_, make_authority("plimsoll", kAuthorityLifetime));
    authority_new = true;
  }
  const auto leaf = inspect_certificate(leaf_.certificates);
  std::vector<std::string> wanted = names_;
  if (leaf) {
    std::vector<std::string> names = leaf->names;
    std::ranges::sort(names);
    std::ranges::sort(wanted);
    if (!authority_new && !leaf_.key.empty() && names == wanted && !is_due(*leaf)) return false;
  }
  PLIMSOLL_ASSIGN_OR_RETURN(leaf_, make_leaf(authority_, names_, kLeafLifetime));
  if (folder_.empty()) return true;
  const auto write = [&](const char* name, const std::string& text, unsigned mode) {
    return source::write_atomically((std::filesystem::path(folder_) / name).string(), text, mode);
  };
  PLIMSOLL_RETURN_IF_ERROR(write("ca.key", authority_.key, 0600));
  PLIMSOLL_RETURN_IF_ERROR(write("ca.crt", authority_.certificates, 0644));
  PLIMSOLL_RETURN_IF_ERROR(write("tls.key", leaf_.key, 0600));
  PLIMSOLL_RETURN_IF_ERROR(write("tls.crt", leaf_.certificates, 0644));
  return true;
}

}  // namespace plimsoll::webhook
