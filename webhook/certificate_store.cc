#include "webhook/certificate_store.h"

#include <filesystem>
#include <utility>

#include "engine/source/atomic_write.h"
#include "engine/source/file.h"

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxBytes = 1UL << 20;

class MemoryStore final : public CertificateStore {
 public:
  std::string name() const override { return "memory"; }
  Result<StoredCertificates> read(std::stop_token) override { return StoredCertificates{fields_, fields_.empty() ? "" : "1"}; }
  Result<bool> write(const CertificateFields& fields, const std::string&, std::stop_token) override {
    fields_ = fields;
    return true;
  }

 private:
  CertificateFields fields_;
};

class FolderStore final : public CertificateStore {
 public:
  explicit FolderStore(std::string folder) : folder_(std::move(folder)) {}

  std::string name() const override { return "folder " + folder_.string(); }

  Result<StoredCertificates> read(std::stop_token) override {
    StoredCertificates stored;
    for (const std::string_view name : kCertificateFields) {
      const std::filesystem::path path = folder_ / name;
      std::error_code error;
      if (!std::filesystem::exists(path, error)) continue;
      PLIMSOLL_ASSIGN_OR_RETURN(const auto file, source::read_file(path.string(), path.string(), kMaxBytes));
      stored.fields.emplace(name, file->text());
    }
    if (!stored.fields.empty()) stored.version = "1";
    return stored;
  }

  Result<bool> write(const CertificateFields& fields, const std::string&, std::stop_token stop) override {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);  // writing says what is wrong
    PLIMSOLL_ASSIGN_OR_RETURN(const StoredCertificates present, read(std::move(stop)));
    for (const auto& [name, text] : fields) {
      const auto found = present.fields.find(name);
      if (found != present.fields.end() && found->second == text) continue;
      PLIMSOLL_RETURN_IF_ERROR(source::write_atomically((folder_ / name).string(), text, name.ends_with(".key") ? 0600 : 0644));
    }
    for (const auto& [name, text] : present.fields) {
      if (!fields.contains(name)) std::filesystem::remove(folder_ / name, error);
    }
    return true;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace

std::unique_ptr<CertificateStore> memory_store() { return std::make_unique<MemoryStore>(); }
std::unique_ptr<CertificateStore> folder_store(std::string folder) { return std::make_unique<FolderStore>(std::move(folder)); }

}  // namespace plimsoll::webhook
