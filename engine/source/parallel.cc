#include "engine/source/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace plimsoll::source {

size_t thread_count(size_t count, size_t wanted) {
  const size_t cores = std::max<size_t>(1, std::thread::hardware_concurrency());
  return std::max<size_t>(1, std::min(count, wanted == 0 ? cores : std::min(wanted, cores)));
}

void parallel_for(size_t count, size_t threads, const std::function<void(size_t index, size_t worker)>& work) {
  std::atomic<size_t> next = 0;
  auto run = [&](size_t worker) {
    for (size_t index = next.fetch_add(1); index < count; index = next.fetch_add(1)) work(index, worker);
  };
  std::vector<std::jthread> workers;
  workers.reserve(threads);
  for (size_t worker = 1; worker < threads; ++worker) workers.emplace_back(run, worker);
  run(0);
}

}  // namespace plimsoll::source
