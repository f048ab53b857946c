// Certificates in a Secret that all replicas share.
//
//   std::unique_ptr<CertificateStore> store = secret_store(client, "plimsoll-system", "plimsoll-certificates");
//
// Writing is optimistic: of several replicas that found the same version, one wins. A Secret that holds data of somebody else (neither made
// here nor with a ca.key) is refused. One that does not exist is created with type kubernetes.io/tls, which needs the right to; charts
// bring an empty one. Only our fields are changed.
#pragma once

#include <memory>
#include <string>

#include "engine/cluster/client.h"
#include "webhook/certificate_store.h"

namespace plimsoll::webhook {

// `client` outlives it. Errors carry the server's words, a remedy, and nothing of the Secret.
std::unique_ptr<CertificateStore> secret_store(cluster::Client& client, std::string namespace_name, std::string name);

}  // namespace plimsoll::webhook
