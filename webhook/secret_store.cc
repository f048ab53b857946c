#include "webhook/secret_store.h"

#include <fmt/format.h>

#include <utility>

#include "engine/value/base64.h"
#include "engine/value/json.h"

namespace plimsoll::webhook {
namespace {

constexpr std::string_view kMark = "plimsoll.dev/certificates";
constexpr std::string_view kMarkValue = "self-managed";

using json::quoted;

class SecretStore final : public CertificateStore {
 public:
  SecretStore(cluster::Client& client, std::string namespace_name, std::string name)
      : client_(client), namespace_(std::move(namespace_name)), name_(std::move(name)) {}

  std::string name() const override { return fmt::format("Secret {}/{}", namespace_, name_); }
  bool is_shared() const override { return true; }

  Result<StoredCertificates> read(std::stop_token stop) override {
    const auto secret = client_.get(resource_, namespace_, name_, std::move(stop));
    if (!secret && secret.error().status == 404) return StoredCertificates();
    if (!secret) return failure(secret.error(), "get");
    StoredCertificates stored;
    const Value metadata = secret->root["metadata"];
    stored.version = metadata["resourceVersion"].string_or();
    const Value data = secret->root["data"];
    const bool ours = metadata["annotations"][kMark].is_string() || data["ca.key"].is_string();
    if (data.size() > 0 && !ours) {
      return std::unexpected(Error(ErrorCode::kInvalid, name() + " holds data that was not made here")
                                 .with_remedy("delete it, or name another for the webhook's certificates"));
    }
    for (const std::string_view field : kCertificateFields) {
      if (auto text = base64::decode(data[field].string_or()); text && !text->empty()) stored.fields.emplace(field, *std::move(text));
    }
    return stored;
  }

  Result<bool> write(const CertificateFields& fields, const std::string& version, std::stop_token stop) override {
    const bool is_new = version.empty();
    std::string data;
    for (const std::string_view field : kCertificateFields) {
      const auto found = fields.find(field);
      if (found == fields.end() && is_new) continue;
      if (!data.empty()) data += ',';
      data += quoted(field) + ":" + (found == fields.end() ? "null" : quoted(base64::encode(found->second)));
    }
    const std::string annotations = fmt::format("{{{}:{}}}", quoted(kMark), quoted(kMarkValue));
    if (is_new) {
      const auto made = client_.create(
          resource_, namespace_,
          fmt::format(R"({{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/tls","metadata":{{"name":{},"namespace":{},"annotations":{}}},"data":{{{}}}}})",
                      quoted(name_), quoted(namespace_), annotations, data),
          std::move(stop));
      if (!made && made.error().status == 409) return false;
      if (!made) return failure(made.error(), "create");
      return true;
    }
    const auto patched =
        client_.patch(resource_, namespace_, name_, cluster::PatchType::kMerge,
                      fmt::format(R"({{"metadata":{{"resourceVersion":{},"annotations":{}}},"data":{{{}}}}})", quoted(version), annotations, data),
                      std::move(stop));
    if (!patched && (patched.error().status == 409 || patched.error().status == 404)) return false;
    if (!patched) return failure(patched.error(), "patch");
    return true;
  }

 private:
  // Without the fragment that a syntax error would quote: it may be of a key.
  std::unexpected<Error> failure(const cluster::ApiError& error, std::string_view verb) const {
    Error own(error.code(), fmt::format("{}: {}", name(), error.message()));
    if (error.status != 403) return std::unexpected(std::move(own).with_remedy(error.remedy()));
    if (verb == "create") {
      return std::unexpected(std::move(own).with_remedy(
          fmt::format("there is no such Secret: make an empty one (kubectl -n {} create secret generic {}; helm upgrade does), or allow the account "
                      "to create Secrets",
                      namespace_, name_)));
    }
    return std::unexpected(std::move(own).with_remedy(fmt::format("a Role must allow the account to {} this Secret", verb)));
  }

  const cluster::Resource resource_{.group = "", .version = "v1", .kind = "Secret", .plural = "secrets"};
  cluster::Client& client_;
  std::string namespace_, name_;
};

}  // namespace

std::unique_ptr<CertificateStore> secret_store(cluster::Client& client, std::string namespace_name, std::string name) {
  return std::make_unique<SecretStore>(client, std::move(namespace_name), std::move(name));
}

}  // namespace plimsoll::webhook
