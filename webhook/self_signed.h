// A certificate authority and a serving certificate of our own, kept in a folder or in memory, renewed in time.
//
//   SelfSigned own({"plimsoll.plimsoll-system.svc"}, "/var/lib/plimsoll");
//   Result<bool> renewed = own.ensure();     // true: there is a new certificate; ask again every minute or so
//   certificates.use(own.leaf());
//   own.authority();                         // for caBundle
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/value/error.h"
#include "webhook/certificates.h"

namespace plimsoll::webhook {

class SelfSigned {
 public:
  static constexpr std::chrono::hours kAuthorityLifetime{24 * 3650};
  static constexpr std::chrono::hours kLeafLifetime{24 * 90};

  // `folder`: empty for memory only.
  SelfSigned(std::vector<std::string> names, std::string folder)
      : names_(std::move(names)), folder_(std::move(folder)) {}

  // Makes what is missing, is for other names, or has used up two thirds of its time. A folder is written file by file,
  // each replaced as a whole, keys readable by their owner only.
  Result<bool> ensure();

  const KeyPair& leaf() const { return leaf_; }
  const std::string& authority() const { return authority_.certificates; }

 private:
  Result<void> read_folder();

  std::vector<std::string> names_;
  std::string folder_;
  KeyPair authority_, leaf_;
};

}  // namespace plimsoll::webhook
