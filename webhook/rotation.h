// A certificate authority, the certificate it signs, and how one authority takes over from the other without anybody being refused.
//
//   CertificateSet set = read_set(fields);                    // of a Secret or a folder; may be empty
//   Result<std::vector<std::string_view>> changes = advance(set, options, now, /*next_is_trusted=*/false);
//   if (!changes->empty()) store(write_set(set));
//
// An authority is replaced in three steps, each of which leaves a set that any replica can go on with:
//   1. announced  a next authority is in the bundle (to be trusted), but signs nothing
//   2. in charge  whoever asks trusts it: it signs, the former one can no longer (its key is dropped) but stays in the bundle
//   3. retired    no certificate of the former one can be served any more: it leaves the bundle
// Everything is renewed when two thirds of its time are over.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "webhook/x509.h"

namespace plimsoll::webhook {

struct CertificateSet {
  KeyPair leaf;
  KeyPair authority;                  // signs
  KeyPair next;                       // will sign; empty unless it is announced
  std::vector<std::string> previous;  // PEM
  Time previous_until{};              // end of the last certificate that they signed; 0: unknown

  // What whoever asks must trust, in PEM.
  std::string bundle() const;
  friend bool operator==(const CertificateSet&, const CertificateSet&) = default;
};

// Files of a folder or keys of a Secret:
//   tls.crt, tls.key           the certificate and its key
//   ca.crt                     the bundle; the authority that signs comes first
//   ca.key                     its key
//   next-ca.crt, next-ca.key   the one that is announced, which the bundle has as well
//   previous-ca-until          when the others leave the bundle: 2027-03-31T12:00:00Z
using CertificateFields = std::map<std::string, std::string, std::less<>>;
inline constexpr std::string_view kCertificateFields[] = {"ca.crt",      "ca.key",  "next-ca.crt",      "next-ca.key",
                                                          "tls.crt", "tls.key", "previous-ca-until"};

// What cannot be read is empty in the set.
CertificateSet read_set(const CertificateFields& fields);
CertificateFields write_set(const CertificateSet& set);

struct RotationOptions {
  std::vector<std::string> names;  // that the leaf is for
  std::chrono::seconds leaf_lifetime = std::chrono::days(90);
  std::chrono::seconds authority_lifetime = std::chrono::days(3650);
};

// Makes of a set what is due, missing, or cannot be used; says what, each a text like "certificate renewed". Yields nothing if the set is
// good as it is. `next_is_trusted`: all who ask are known to trust the announced authority.
Result<std::vector<std::string_view>> advance(CertificateSet& set, const RotationOptions& options, Time now, bool next_is_trusted);

// The leaf alone, by the authority that signs.
Result<void> renew_leaf(CertificateSet& set, const RotationOptions& options, Time now);

// Whether so much of a certificate's time is over; true if it cannot be read.
bool is_used(std::string_view pem, Time now, double share);

}  // namespace plimsoll::webhook
