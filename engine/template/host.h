// What a render needs from outside: randomness, time, the cluster. The engine itself reads no clock and no environment, so that
// a seeded host makes a render repeatable.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll::tmpl {

class Host {
 public:
  virtual ~Host() = default;
  // Fills `bytes` from a random generator: the system's, or one seeded by the user.
  virtual void random_bytes(std::span<uint8_t> bytes) = 0;
  // True if random_bytes is seeded and all else that varies (keys, salts, serial numbers) must be drawn from it as well.
  virtual bool repeatable() const = 0;
  // Nanoseconds since 1970.
  virtual int64_t now() = 0;
  // IANA name of the zone that Go calls Local; "UTC" or "" for UTC.
  virtual std::string_view local_time_zone() = 0;
  // `lookup`: an object, a list object when `name` is empty, or nil if there is no cluster.
  virtual Result<Value> lookup(Arena& arena, std::string_view api_version, std::string_view kind,
                               std::string_view name_space, std::string_view name);
  // `getHostByName`: an address, or "" (helm without --enable-dns).
  virtual std::string resolve(std::string_view host_name);
};

// Real randomness and time, or with a seed a repeatable generator and a fixed time (2000-01-01T00:00:00Z plus nothing).
class SystemHost : public Host {
 public:
  SystemHost() = default;
  explicit SystemHost(uint64_t seed) : seeded_(true), state_(seed) {}
  void random_bytes(std::span<uint8_t> bytes) override;
  bool repeatable() const override { return seeded_; }
  int64_t now() override;
  std::string_view local_time_zone() override { return "UTC"; }

 private:
  bool seeded_ = false;
  uint64_t state_ = 0;
};

}  // namespace plimsoll::tmpl
