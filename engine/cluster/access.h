// How to reach an API server and who one is there: from a kubeconfig file, or from inside a pod.
//
//   Result<ClusterAccess> access = read_kubeconfig("/home/me/.kube/config");
//   Result<ClusterAccess> own = in_cluster_access(getenv("KUBERNETES_SERVICE_HOST"), getenv("KUBERNETES_SERVICE_PORT"));
//
// Meaning of the fields: client-go's tools/clientcmd/api/v1 and rest.InClusterConfig. What would start a program (exec), ask an identity
// provider (auth-provider) or go through a proxy is refused, and the error says what to do instead.
#pragma once

#include <string>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::cluster {

// A text given as such or by a file, which is read each time anew: whoever rotates credentials replaces the file.
struct TextSource {
  std::string text;
  std::string file;  // wins over `text`; empty: there is none

  bool given() const { return !text.empty() || !file.empty(); }
  // Errors name the file and never the contents.
  Result<std::string> read() const;
};

struct ClusterAccess {
  std::string origin;  // for messages: "/home/me/.kube/config, context dev"
  bool tls = true;
  std::string host;         // name or address, IPv6 without brackets
  std::string port;
  std::string path_prefix;  // of the server's URL, without '/' at the end; usually empty
  // The name that the server's certificate must bear; empty: the host.
  std::string server_name;
  TextSource authority;  // PEM; not given: those that the system trusts
  bool verify = true;    // false: insecure-skip-tls-verify
  TextSource client_certificate, client_key;  // PEM
  TextSource token;
  std::string namespace_name;  // of the context, or of the pod; may be empty

  // https://host:port/prefix
  std::string url() const;
};

// `context`: empty for the current one. Errors name the file, line and field. Relative paths in it go from its folder.
Result<ClusterAccess> read_kubeconfig(const std::string& path, std::string_view context = {});
Result<ClusterAccess> parse_kubeconfig(std::string_view text, const std::string& path, std::string_view context = {});

inline constexpr std::string_view kServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

// With the service account of the pod. `host` and `port`: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT; empty outside a cluster,
// which is kNotFound, as a missing token is.
Result<ClusterAccess> in_cluster_access(std::string_view host, std::string_view port, const std::string& folder = std::string(kServiceAccountFolder));

}  // namespace plimsoll::cluster
