// Where certificates are kept that were made here.
//
//   std::unique_ptr<CertificateStore> store = folder_store("/var/lib/plimsoll");
//   Result<StoredCertificates> stored = store->read();
//   Result<bool> written = store->write(fields, stored->version);   // false: somebody else was faster, read again
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "engine/value/error.h"
#include "webhook/rotation.h"

namespace plimsoll::webhook {

struct StoredCertificates {
  CertificateFields fields;
  std::string version;  // empty: there is nothing yet
};

class CertificateStore {
 public:
  virtual ~CertificateStore() = default;
  // "Secret plimsoll-system/plimsoll-certificates".
  virtual std::string name() const = 0;
  // Whether other processes may write to it.
  virtual bool is_shared() const { return false; }
  virtual Result<StoredCertificates> read(std::stop_token stop) = 0;
  // Fields that are not given go. False, and nothing is written, if it has another version by now.
  virtual Result<bool> write(const CertificateFields& fields, const std::string& version, std::stop_token stop) = 0;
};

std::unique_ptr<CertificateStore> memory_store();
// Files, each replaced as a whole, keys readable by their owner only. For one process: it knows no versions.
std::unique_ptr<CertificateStore> folder_store(std::string folder);

}  // namespace plimsoll::webhook
