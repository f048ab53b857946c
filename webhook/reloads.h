// How often something was read again while the webhook runs, and why the last attempt failed.
//
//   Reloads reloads("policies", log);
//   reloads.note(load());                        // a failure is logged: "policies not reloaded, the old ones stay in force"
//   reloads.state().error;
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/value/error.h"
#include "webhook/log.h"

namespace plimsoll::webhook {

class Reloads {
 public:
  struct State {
    uint64_t done = 0, failed = 0;
    std::string error;  // empty: the last attempt went well
  };

  // Both outlive it.
  Reloads(std::string_view what, const Log& log) : what_(what), log_(log) {}

  // Thread-safe, like the next.
  void note(const Result<void>& result) {
    {
      const std::lock_guard lock(mutex_);
      ++(result ? state_.done : state_.failed);
      state_.error = result ? std::string() : result.error().to_string();
    }
    if (!result) {
      log_.write(LogLevel::kError, "not reloaded, the old ones stay in force",
                 {{"what", what_}, {"error", result.error().to_string()}});
    }
  }
  State state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  std::string_view what() const { return what_; }

 private:
  const std::string_view what_;
  const Log& log_;
  mutable std::mutex mutex_;
  State state_;
};

}  // namespace plimsoll::webhook
