// Spreads independent work over threads.
//
//   parallel_for(files.size(), threads, [&](size_t index, size_t worker) { read(files[index], scratch[worker]); });
//
// Results are stable because each index writes its own place; only the order of work varies.
#pragma once

#include <cstddef>
#include <functional>

namespace plimsoll::source {

// Threads worth using for `count` pieces of work: no more than the machine has, no more than `wanted` unless that is 0.
size_t thread_count(size_t count, size_t wanted);

// Calls work(index, worker) for every index below `count`, worker being below `threads`. The calling thread works, too; with one
// thread none is started. `work` must not throw.
void parallel_for(size_t count, size_t threads, const std::function<void(size_t index, size_t worker)>& work);

}  // namespace plimsoll::source
