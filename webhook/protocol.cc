#include "webhook/protocol.h"

namespace plimsoll::webhook {

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
