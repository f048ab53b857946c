// Certificates made here: kept in a store that replicas may share, renewed in time, and their authority made known to API servers.
//
//   SelfSigned own(options, secret_store(client, space, name), CaBundle(client, "plimsoll"));
//   Result<SelfSigned::Outcome> outcome = own.ensure(stop);     // ask again after own.interval()
//   certificates.use(own.leaf());
//
// Each call reads what the others made. Replicas agree by the store's versions, and need no leader. An announced authority is put in charge
// by a replica that has seen it in all webhook configurations for trust_delay(), or, where nobody can see who trusts whom (there is no
// CaBundle), when five sixths of the former one's time are over.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "webhook/ca_bundle.h"
#include "webhook/certificate_store.h"
#include "webhook/rotation.h"

namespace plimsoll::webhook {

struct SelfSignedOptions {
  RotationOptions rotation;
  std::function<Time()> now = std::chrono::system_clock::now;
};

class SelfSigned {
 public:
  struct Outcome {
    std::vector<std::string_view> changes;  // made by this replica
    CaBundle::State published;              // nothing if there is no CaBundle
  };

  SelfSigned(SelfSignedOptions options, std::unique_ptr<CertificateStore> store, std::optional<CaBundle> bundle = std::nullopt)
      : options_(std::move(options)), store_(std::move(store)), bundle_(std::move(bundle)) {}

  // Makes what is missing and renews what is due. An error is of the store: what was known stays then, and the leaf is renewed in memory
  // only where it must be.
  Result<Outcome> ensure(std::stop_token stop = {});

  const KeyPair& leaf() const { return set_.leaf; }
  const CertificateSet& set() const { return set_; }
  // Whether API servers were once seen to trust the leaf's authority, or need not be told.
  bool was_published() const { return !bundle_ || was_published_; }
  std::string store_name() const { return store_->name(); }
  bool is_shared() const { return store_->is_shared(); }

  // Between two calls: a fiftieth of a leaf's lifetime, a second at least and half a minute at most.
  std::chrono::milliseconds interval() const;
  // For a bundle to reach all API servers: a twentieth of an authority's lifetime, two seconds at least and a minute at most.
  std::chrono::seconds trust_delay() const;

 private:
  Result<CertificateSet> settle(std::stop_token stop, Outcome& outcome);
  bool wait_for_others(const StoredCertificates& stored, const CertificateSet& set);
  bool next_is_trusted(const CertificateSet& set) const;
  void publish(const CaBundle::Seen& seen, std::stop_token stop, Outcome& outcome);
  Result<void> ensure_once(std::stop_token stop, Outcome& outcome);

  SelfSignedOptions options_;
  std::unique_ptr<CertificateStore> store_;
  std::optional<CaBundle> bundle_;
  CertificateSet set_;
  std::string confirmed_bundle_;  // that all configurations had, when they were seen last
  Time confirmed_since_{};
  bool was_published_ = false;
  std::string damaged_version_;  // of the store, when it was seen first
  Time damaged_since_{};
};

}  // namespace plimsoll::webhook
