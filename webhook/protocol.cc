#include "webhook/protocol.h"

#include <algorithm>
#include <utility>

namespace plimsoll::webhook {

bool BodyMemory::hold(Line& line, size_t bytes) {
  if (bytes <= bytes_) return true;
  const ServerLimits& limits = line.limits();
  std::atomic<uint64_t>& total = line.counters().buffered_bytes;
  // Twice as much, as strings grow, if there is so much.
  const size_t doubled = std::max(bytes, std::min(std::max(2 * bytes, kFirstBody), limits.max_body_bytes));
  for (const size_t room : {doubled, bytes}) {
    const size_t more = room - bytes_;
    if (total.fetch_add(more, std::memory_order_relaxed) + more <= limits.max_buffered_bytes) {
      total_ = &total;
      bytes_ = room;
      return true;
    }
    total.fetch_sub(more, std::memory_order_relaxed);
  }
  return false;
}

void BodyMemory::release() {
  if (bytes_ > 0) total_->fetch_sub(std::exchange(bytes_, 0), std::memory_order_relaxed);
}

HttpResponse refusal(Line& line, int status, std::string_view why) {
  constexpr int kUnavailable = 503;
  auto& counter = status == kUnavailable ? line.counters().shed : line.counters().refused;
  counter.fetch_add(1, std::memory_order_relaxed);
  HttpResponse response = line.handler().refuse(status, why);
  if (status == kUnavailable) response.headers.emplace_back("Retry-After", "1");
  return response;
}

void set_target(HttpRequest& request, std::string_view target) {
  const size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
}

}  // namespace plimsoll::webhook
