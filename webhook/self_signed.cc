#include "webhook/self_signed.h"

#include <algorithm>
#include <utility>

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;

constexpr int kAttempts = 5;
constexpr double kChargeShare = 5.0 / 6;

}  // namespace

std::chrono::milliseconds SelfSigned::interval() const {
  return std::clamp<std::chrono::milliseconds>(options_.rotation.leaf_lifetime / 50, 1s, 30s);
}

std::chrono::seconds SelfSigned::trust_delay() const {
  return std::clamp<std::chrono::seconds>(options_.rotation.authority_lifetime / 20, 2s, 60s);
}

bool SelfSigned::next_is_trusted(const CertificateSet& set) const {
  if (set.next.certificates.empty()) return false;
  const Time now = options_.now();
  if (!bundle_) return is_used(set.authority.certificates, now, kChargeShare);
  return confirmed_bundle_ == set.bundle() && now - confirmed_since_ >= trust_delay();
}

// What users damaged is put right by a replica that still knows what was there; one that has just started gives those the time to.
bool SelfSigned::wait_for_others(const StoredCertificates& stored, const CertificateSet& set) {
  const bool damaged = !stored.fields.empty() && set.authority.certificates.empty();
  if (!damaged || !store_->is_shared()) return false;
  if (std::exchange(damaged_version_, stored.version) != stored.version) damaged_since_ = options_.now();
  return options_.now() - damaged_since_ < 2 * interval();
}

Result<CertificateSet> SelfSigned::settle(std::stop_token stop, Outcome& outcome) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    PLIMSOLL_ASSIGN_OR_RETURN(const StoredCertificates stored, store_->read(stop));
    CertificateSet set = read_set(stored.fields);
    std::vector<std::string_view> changes;
    if (set.authority.certificates.empty() && !set_.authority.certificates.empty()) {
      set = set_;
      changes.push_back("what was lost put back");
    } else if (wait_for_others(stored, set)) {
      return std::unexpected(Error(ErrorCode::kInvalid, store_->name() + ": ca.crt cannot be read")
                                 .with_remedy("a replica that knows what was there puts it back; else all is made anew shortly"));
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const auto advanced, advance(set, options_.rotation, options_.now(), next_is_trusted(set)));
    changes.insert(changes.end(), advanced.begin(), advanced.end());
    if (changes.empty()) return set;
    PLIMSOLL_ASSIGN_OR_RETURN(const bool written, store_->write(write_set(set), stored.version, stop));
    if (!written) continue;  // another replica was faster
    outcome.changes.insert(outcome.changes.end(), changes.begin(), changes.end());
    return set;
  }
  return fail(ErrorCode::kInputOutput, store_->name() + " is changed all the time by others");
}

void SelfSigned::publish(const CaBundle::Seen& seen, std::stop_token stop, Outcome& outcome) {
  const std::string pem = set_.bundle();
  outcome.published = bundle_->publish(seen, pem, std::move(stop));
  if (!outcome.published.confirmed) {
    confirmed_bundle_.clear();
  } else if (confirmed_bundle_ != pem) {
    confirmed_bundle_ = pem;
    confirmed_since_ = options_.now();
  }
  // What was patched just now has it.
  if (!outcome.published.error) was_published_ = true;
}

Result<SelfSigned::Outcome> SelfSigned::ensure(std::stop_token stop) {
  Outcome outcome;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    PLIMSOLL_RETURN_IF_ERROR(ensure_once(stop, outcome));
    if (!outcome.published.changed) break;
  }
  return outcome;
}

Result<void> SelfSigned::ensure_once(std::stop_token stop, Outcome& outcome) {
  // Configurations are looked at before the store is read: a bundle of a set that is no longer the latest then meets a configuration that
  // has changed since, and is not written.
  std::optional<CaBundle::Seen> seen;
  if (bundle_) seen = bundle_->look(stop);
  auto settled = settle(stop, outcome);
  if (!settled) {
    if (!set_.authority.key.empty()) PLIMSOLL_RETURN_IF_ERROR(renew_leaf(set_, options_.rotation, options_.now()));
    return std::unexpected(std::move(settled).error());
  }
  set_ = *std::move(settled);
  if (seen) publish(*seen, std::move(stop), outcome);
  return {};
}

}  // namespace plimsoll::webhook
