// What clients send to the webhook's port once TLS is done, in HTTP/1.1 or HTTP/2, in pieces as the network cuts them: no more requests are
// handled than came, the connection always goes on or comes to an end, and no memory stays promised.
//
// The first byte of an input chooses the protocol ('1', else HTTP/2), the second the size of pieces; the rest are the client's bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>

#include "webhook/protocol.h"

namespace {

using namespace plimsoll::webhook;

class Echo final : public HttpHandler {
 public:
  HttpResponse handle(const HttpRequest& request) override {
    ++handled;
    if (request.path.find('?') != std::string_view::npos) std::abort();
    return {.body = std::string(request.method) + std::string(request.path) + std::string(request.query) + std::string(request.body)};
  }
  HttpResponse refuse(int status, std::string_view why) override {
    if (status < 400 || why.empty()) std::abort();
    return {.status = status, .body = std::string(why)};
  }

  size_t handled = 0;
};

// A connection whose client takes whatever is sent to it.
class FuzzLine final : public Line {
 public:
  HttpHandler& handler() override { return echo; }
  const ServerLimits& limits() const override { return limits_; }
  ServerCounters& counters() override { return counted; }
  bool ending() const override { return false; }
  bool enqueue(uint32_t stream) override {
    constexpr size_t kMaxWaiting = 4;
    if (waiting.size() >= kMaxWaiting) return false;
    ++enqueued;
    waiting.push_back(stream);
    return true;
  }

  Echo echo;
  ServerCounters counted;
  std::deque<uint32_t> waiting;
  size_t enqueued = 0;

 private:
  ServerLimits limits_ = {.max_header_bytes = 512, .max_body_bytes = 1024, .max_buffered_bytes = 4096};
};

// Everything that can be done without the client.
void work(FuzzLine& line, Protocol& protocol) {
  while (true) {
    if (!protocol.output().empty()) {
      protocol.output().clear();
      protocol.sent();
    } else if (!line.waiting.empty()) {
      const uint32_t stream = line.waiting.front();
      line.waiting.pop_front();
      protocol.answer(stream);
    } else {
      return;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  FuzzLine line;
  const auto protocol = data[0] == '1' ? make_http1(line) : make_http2(line);
  const size_t piece = 1 + data[1];
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  work(line, *protocol);
  while (!rest.empty() && !protocol->ended() && protocol->wants_input()) {
    const auto space = protocol->space();
    if (space.empty()) std::abort();
    const size_t count = std::min({piece, rest.size(), space.size()});
    std::ranges::copy(rest.substr(0, count), space.begin());
    rest.remove_prefix(count);
    protocol->received(count);
    work(line, *protocol);
  }
  // With nothing to send and nobody waiting, it reads on or has come to an end.
  if (!protocol->ended() && !protocol->wants_input()) std::abort();
  if (line.echo.handled > line.enqueued) std::abort();
  if (line.counted.buffered_bytes > line.limits().max_buffered_bytes) std::abort();
  protocol->abandon();
  if (line.counted.buffered_bytes != 0) std::abort();
  return 0;
}
