// Keeps a valid certificate in use, whatever its source: files that somebody else replaces, or certificates made here.
//
//   CertificateKeeper keeper({.names = {"plimsoll.plimsoll-system.svc"}}, std::chrono::seconds(1), log);
//   Result<void> started = keeper.start();
//   keeper.context();                         // for Server
//
// It has a thread of its own, for the cluster may be slow to answer. Connections that are open are never disturbed. Private keys go nowhere
// but where they are kept.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/cluster/access.h"
#include "engine/value/error.h"
#include "webhook/certificates.h"
#include "webhook/file_watch.h"
#include "webhook/log.h"
#include "webhook/metrics.h"
#include "webhook/reloads.h"
#include "webhook/rotation.h"

namespace plimsoll::cluster {
class Client;
}

namespace plimsoll::webhook {

class SelfSigned;

struct CertificateOptions {
  // Either files, read again when they change.
  std::string certificate_file = {}, key_file = {};
  // Or certificates made here, for these names, ...
  RotationOptions rotation = {};
  // ... and kept so that they outlive the process: in a folder, or in a Secret that replicas share. Both empty: in memory only.
  std::string folder = {};
  std::string secret_namespace = {}, secret_name = {};
  // The ValidatingWebhookConfiguration and MutatingWebhookConfiguration whose caBundle is kept; empty: none.
  std::string webhook_configuration = {};
  // For the last two.
  std::optional<cluster::ClusterAccess> cluster = std::nullopt;

  Preference protocol = Preference::kHttp1;  // for clients that offer both

  bool uses_files() const { return !certificate_file.empty(); }
};

class CertificateKeeper {
 public:
  // `log` outlives it. Files are looked at once each `poll_interval`.
  CertificateKeeper(CertificateOptions options, std::chrono::milliseconds poll_interval, const Log& log);
  ~CertificateKeeper();

  // kInvalid, kInputOutput: there is no certificate to serve. With a Secret that is no error, for the cluster may come later; context() is
  // nullptr until then.
  Result<void> start();
  // Looks for changes at once; files are read even if they have not changed.
  void reload();

  std::shared_ptr<SSL_CTX> context() const { return certificates_.context(); }
  // What clients must trust, of certificates made here; PEM.
  std::string authority() const;

  // There is a certificate, it is valid, and API servers were told whom to trust.
  bool ready() const;
  // For /readyz: a mark (+ good, - not ready, ! to be looked at), what it is about, and details.
  void describe(const std::function<void(char mark, std::string_view what, const std::string& detail)>& line) const;
  const Reloads& reloads() const { return reloads_; }
  void append_samples(std::vector<Sample>& samples) const;

 private:
  void run(std::stop_token stop);
  // True: another certificate was put in use.
  Result<bool> load(std::stop_token stop);
  Result<bool> load_files();
  Result<bool> load_own(std::stop_token stop);
  Result<bool> use(const KeyPair& pair);

  const CertificateOptions options_;
  const std::chrono::milliseconds poll_interval_;
  const Log& log_;
  Certificates certificates_;
  FileWatch files_;
  std::unique_ptr<cluster::Client> client_;
  std::unique_ptr<SelfSigned> own_;  // nullptr: files
  KeyPair used_;                     // of own_
  std::string told_missing_;         // configurations

  Reloads reloads_;
  mutable std::mutex status_mutex_;
  std::string authority_, bundle_error_;
  std::optional<CertificateInfo> authority_info_;
  bool announced_ = false, published_ = false;
  uint64_t leaf_rotations_ = 0, authority_rotations_ = 0;

  std::mutex wake_mutex_;
  std::condition_variable_any wake_;
  bool asked_ = false;
  std::jthread thread_;  // last, for it uses the rest
};

}  // namespace plimsoll::webhook
