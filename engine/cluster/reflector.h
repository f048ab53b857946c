// Keeps a KindCache like the cluster: lists the kind, watches it from there, and begins again where that breaks.
#pragma once

#include <stop_token>
#include <string>
#include <thread>

#include "engine/cluster/backoff.h"
#include "engine/cluster/client.h"
#include "engine/cluster/kind_cache.h"
#include "engine/cluster/view.h"
#include "engine/cluster/watch_events.h"

namespace plimsoll::cluster {

class Reflector {
 public:
  // Starts at once; all outlive it.
  Reflector(Client& client, const ViewOptions& options, std::shared_ptr<KindCache> cache);
  // Stops within moments.
  ~Reflector() = default;

  const std::shared_ptr<KindCache>& cache() const { return cache_; }
  void request_stop() { thread_.request_stop(); }

 private:
  enum class Next { kResume, kRelist };

  void run(const std::stop_token& stop);
  ApiResult<Resource> find_resource(const std::stop_token& stop);
  ApiResult<void> list(const Resource& resource, const std::stop_token& stop);
  Next watch(const Resource& resource, const std::stop_token& stop);
  Result<void> apply(const WatchEvent& event, Next& next);
  // False if it is to stop.
  bool pause(std::chrono::milliseconds time, const std::stop_token& stop);

  Client& client_;
  const ViewOptions& options_;
  std::shared_ptr<KindCache> cache_;
  std::string resource_version_;
  Backoff backoff_;
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace plimsoll::cluster
