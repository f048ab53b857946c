// Flags of `plimsoll webhook` that say where its certificate comes from.
//
//   CertificateFlags flags;
//   add_certificate_flags(*command, flags);
//   Result<webhook::CertificateOptions> options = flags.options(pod_namespace, access);   // access of --kubeconfig or --in-cluster
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/access.h"
#include "engine/value/error.h"
#include "webhook/certificate_keeper.h"

namespace CLI {
class App;
}

namespace plimsoll::cli {

struct CertificateFlags {
  std::string certificate_file, key_file;
  bool self_signed = false;
  std::vector<std::string> names;
  std::string folder, secret, webhook_configuration;
  std::string leaf_lifetime = "90d", authority_lifetime = "3650d";

  // kUsage: flags that do not go together. A Secret is looked for by `access`, or else in the cluster that this pod runs in.
  Result<webhook::CertificateOptions> options(const std::string& pod_namespace, const std::optional<cluster::ClusterAccess>& access) const;
};

// `flags` lives as long as the command.
void add_certificate_flags(CLI::App& command, CertificateFlags& flags);

}  // namespace plimsoll::cli
