#include "engine/cluster/access.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>

#include "engine/source/file.h"
#include "engine/value/base64.h"
#include "engine/yaml/document.h"

namespace plimsoll::cluster {
namespace {

constexpr size_t kMaxConfigBytes = 4UL << 20;
constexpr size_t kMaxCredentialBytes = 1UL << 20;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// A mapping in the file, and where it stands. What it does not ask for is not looked at, as clientcmd does.
class Section {
 public:
  Section(const yaml::Document& document, Value value, Path path) : document_(document), value_(value), path_(std::move(path)) {}

  Error error(std::string_view key, std::string message) const {
    const Path path = key.empty() ? path_ : path_.key(key);
    const Location place = document_.location(path);
    return Error(ErrorCode::kUsage, fmt::format("{}: {}", path.to_string(), message)).at(place.line, place.column).in_file(document_.file());
  }
  bool has(std::string_view key) const { return !value_[key].is_null(); }
  // Empty if it is not there.
  Result<std::string> text(std::string_view key) const {
    const Value value = value_[key];
    if (value.is_null()) return std::string();
    if (!value.is_string()) return std::unexpected(error(key, fmt::format("must be text, not a {}", kind_name(value.kind()))));
    return std::string(value.as_string());
  }
  Result<bool> flag(std::string_view key) const {
    const Value value = value_[key];
    if (value.is_null()) return false;
    if (!value.is_bool()) return std::unexpected(error(key, "must be true or false"));
    return value.as_bool();
  }
  Result<Section> section(std::string_view key) const {
    const Value value = value_[key];
    if (!value.is_map()) return std::unexpected(error(key, value.is_null() ? "is missing" : "must be a mapping"));
    return Section(document_, value, path_.key(key));
  }
  // The mapping `inner` of the entry with that name in the list `key`.
  Result<Section> named(std::string_view key, std::string_view name, std::string_view inner) const {
    const Value list = value_[key];
    if (!list.is_null() && !list.is_list()) return std::unexpected(error(key, "must be a list"));
    std::vector<std::string_view> names;
    for (size_t i = 0; i < list.items().size(); ++i) {
      const Value item = list.items()[i];
      if (item["name"].string_or() == name) return Section(document_, item, path_.key(key).index(i)).section(inner);
      if (item["name"].is_string() && names.size() < 20) names.push_back(item["name"].as_string());
    }
    return std::unexpected(error(key, fmt::format("there is none with the name \"{}\"", name))
                               .with_remedy(names.empty() ? "the list is empty" : fmt::format("names: {}", fmt::join(names, ", "))));
  }
  // `key`-data in base64, else the file that `key` names, relative to the folder of the configuration.
  Result<TextSource> source(std::string_view key, const std::filesystem::path& folder) const {
    const std::string data_key = fmt::format("{}-data", key);
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string data, text(data_key));
    if (!data.empty()) {
      auto decoded = base64::decode(data);
      if (!decoded) return std::unexpected(error(data_key, "is not base64"));
      return TextSource{.text = *std::move(decoded), .file = {}};
    }
    return file(key, folder);
  }
  Result<TextSource> file(std::string_view key, const std::filesystem::path& folder) const {
    PLIMSOLL_ASSIGN_OR_RETURN(const std::string name, text(key));
    return TextSource{.text = {}, .file = name.empty() ? name : (folder / name).lexically_normal().string()};
  }

 private:
  const yaml::Document& document_;
  Value value_;
  Path path_;
};

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 && number < 65536;
}

// Why it is no URL of a server; empty if it is one.
std::string parse_server(std::string_view url, ClusterAccess& access) {
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    access.tls = false;
  } else {
    return "must begin with https:// or http://";
  }
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '?' || c == '#' || c == '@') {
      return "must be https://HOST:PORT, with a path at most";
    }
  }
  const size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  if (slash != std::string_view::npos) access.path_prefix = url.substr(slash);
  while (access.path_prefix.ends_with('/')) access.path_prefix.pop_back();
  access.port = access.tls ? "443" : "80";
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    access.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
    if (!is_port(access.port)) return "has no valid port";
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return "names no host";
  access.host = authority;
  return {};
}

Result<void> read_cluster(const Section& cluster, const std::filesystem::path& folder, ClusterAccess& access) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string server, cluster.text("server"));
  if (const std::string wrong = parse_server(server, access); !wrong.empty()) return std::unexpected(cluster.error("server", wrong));
  if (cluster.has("proxy-url")) {
    return std::unexpected(cluster.error("proxy-url", "proxies are not supported")
                               .with_remedy("give a server that is reached directly, or run Plimsoll inside the cluster"));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(access.server_name, cluster.text("tls-server-name"));
  PLIMSOLL_ASSIGN_OR_RETURN(access.authority, cluster.source("certificate-authority", folder));
  PLIMSOLL_ASSIGN_OR_RETURN(const bool insecure, cluster.flag("insecure-skip-tls-verify"));
  if (insecure && access.authority.given()) {
    return std::unexpected(cluster.error("insecure-skip-tls-verify", "excludes certificate-authority"));
  }
  access.verify = !insecure;
  return {};
}

Result<void> read_user(const Section& user, const std::filesystem::path& folder, ClusterAccess& access) {
  struct Refused {
    std::string_view key, message, remedy;
  };
  constexpr std::string_view kToken = "create a token: kubectl create token SERVICEACCOUNT, and give it as token or tokenFile";
  constexpr Refused kRefused[] = {
      {"exec", "Plimsoll starts no credential plugins", kToken},
      {"auth-provider", "Plimsoll asks no identity providers, and Kubernetes has dropped them in 1.26", kToken},
      {"username", "API servers take no passwords any more", kToken},
      {"as", "impersonation is not supported", "give the credentials of that user"},
  };
  for (const Refused& refused : kRefused) {
    if (user.has(refused.key)) {
      return std::unexpected(user.error(refused.key, std::string(refused.message)).with_remedy(std::string(refused.remedy)));
    }
  }
  PLIMSOLL_ASSIGN_OR_RETURN(access.client_certificate, user.source("client-certificate", folder));
  PLIMSOLL_ASSIGN_OR_RETURN(access.client_key, user.source("client-key", folder));
  if (access.client_certificate.given() != access.client_key.given()) {
    return std::unexpected(user.error({}, "client-certificate and client-key belong together"));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(access.token, user.file("tokenFile", folder));
  PLIMSOLL_ASSIGN_OR_RETURN(access.token.text, user.text("token"));
  return {};
}

}  // namespace

Result<std::string> TextSource::read() const {
  if (file.empty()) return text;
  PLIMSOLL_ASSIGN_OR_RETURN(const auto read, source::read_file(file, file, kMaxCredentialBytes));
  return read->text();
}

std::string ClusterAccess::url() const {
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}{}", tls ? "https" : "http", v6 ? "[" : "", host, v6 ? "]" : "", port, path_prefix);
}

Result<ClusterAccess> read_kubeconfig(const std::string& path, std::string_view context) {
  PLIMSOLL_ASSIGN_OR_RETURN(const auto file, source::read_file(path, path, kMaxConfigBytes));
  return parse_kubeconfig(file->text(), path, context);
}

Result<ClusterAccess> parse_kubeconfig(std::string_view text, const std::string& path, std::string_view context) {
  PLIMSOLL_ASSIGN_OR_RETURN(const auto documents, yaml::read_stream(text, {.file = path, .max_bytes = kMaxConfigBytes}));
  if (documents.empty() || !documents.front().root().is_map()) {
    return std::unexpected(Error(ErrorCode::kUsage, "is no kubeconfig: it must be a mapping").in_file(path));
  }
  const yaml::Document& document = documents.front();
  const Section root(document, document.root(), {});
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string kind, root.text("kind"));
  if (!kind.empty() && kind != "Config") return std::unexpected(root.error("kind", fmt::format("must be Config, not \"{}\"", kind)));
  std::string name(context);
  if (name.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(name, root.text("current-context"));
    if (name.empty()) {
      return std::unexpected(root.error("current-context", "names no context").with_remedy("choose one: kubectl config use-context NAME"));
    }
  }
  ClusterAccess access;
  access.origin = fmt::format("{}, context {}", path, name);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  PLIMSOLL_ASSIGN_OR_RETURN(const Section chosen, root.named("contexts", name, "context"));
  PLIMSOLL_ASSIGN_OR_RETURN(access.namespace_name, chosen.text("namespace"));
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string cluster_name, chosen.text("cluster"));
  PLIMSOLL_ASSIGN_OR_RETURN(const Section cluster, root.named("clusters", cluster_name, "cluster"));
  PLIMSOLL_RETURN_IF_ERROR(read_cluster(cluster, folder, access));
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string user_name, chosen.text("user"));
  if (!user_name.empty()) {
    PLIMSOLL_ASSIGN_OR_RETURN(const Section user, root.named("users", user_name, "user"));
    PLIMSOLL_RETURN_IF_ERROR(read_user(user, folder, access));
  }
  return access;
}

Result<ClusterAccess> in_cluster_access(std::string_view host, std::string_view port, const std::string& folder) {
  if (host.empty() || port.empty()) {
    return std::unexpected(Error(ErrorCode::kNotFound, "not inside a cluster: KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set")
                               .with_remedy("give a kubeconfig file"));
  }
  ClusterAccess access;
  access.origin = "service account of the pod";
  access.host = host;
  access.port = port;
  if (!is_port(port)) return fail(ErrorCode::kUsage, fmt::format("KUBERNETES_SERVICE_PORT: \"{}\" is no port", port));
  const std::filesystem::path base = folder;
  access.token.file = (base / "token").string();
  access.authority.file = (base / "ca.crt").string();
  for (const TextSource* source : {&access.token, &access.authority}) {
    if (const auto text = source->read(); !text) {
      return std::unexpected(Error(ErrorCode::kNotFound, text.error().message())
                                 .in_file(source->file)
                                 .with_remedy("the pod needs automountServiceAccountToken: true"));
    }
  }
  if (const auto space = TextSource{.text = {}, .file = (base / "namespace").string()}.read()) access.namespace_name = trim(*space);
  return access;
}

}  // namespace plimsoll::cluster
