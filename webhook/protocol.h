// What stands between the bytes of a connection and its requests: HTTP/1.1 (http1.h) or HTTP/2 (http2.h). Neither knows of
// sockets: a Connection reads into space(), says how much arrived, and sends output().
//
//   std::unique_ptr<Protocol> protocol = make_http1(line);
//   std::ranges::copy(bytes, protocol->space().begin());
//   protocol->received(bytes.size());        // calls line.enqueue(0) once a request is whole
//   protocol->answer(0);                     // when its turn has come: asks line.handler()
//   send(protocol->output());                // then output().clear(), and sent()
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "webhook/http.h"
#include "webhook/server.h"

namespace plimsoll::webhook {

using Clock = std::chrono::steady_clock;

// What a connection is waiting for, which decides how long it may.
enum class Phase : uint8_t {
  kIdle,     // the next request, or the first
  kHeader,   // the rest of a header
  kBody,     // the rest of a body
  kWaiting,  // the turn of requests that are whole
  kSending,  // the client, to take an answer
};

// A connection as its protocol sees it.
class Line {
 public:
  virtual HttpHandler& handler() = 0;
  virtual const ServerLimits& limits() const = 0;
  virtual ServerCounters& counters() = 0;
  // The server is about to end: clients shall go elsewhere.
  virtual bool ending() const = 0;
  // A request is whole: Protocol::answer(stream) follows when its turn has come. False: too many wait already.
  virtual bool enqueue(uint32_t stream) = 0;

 protected:
  ~Line() = default;
};

// The memory that a body takes of what the bodies of all connections share: by what has arrived, for what a client only promises costs it
// nothing.
class BodyMemory {
 public:
  BodyMemory() = default;
  BodyMemory(const BodyMemory&) = delete;
  BodyMemory& operator=(const BodyMemory&) = delete;
  ~BodyMemory() { release(); }

  // For a body of so many bytes by now, not more than limits().max_body_bytes. False: all bodies together are too large.
  bool hold(Line& line, size_t bytes);
  void release();

 private:
  std::atomic<uint64_t>* total_ = nullptr;
  size_t bytes_ = 0;
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  // Where to read to; valid until the next call of any member.
  virtual std::span<char> space() = 0;
  // So many bytes of space() are filled.
  virtual void received(size_t count) = 0;
  // The turn of a request that was enqueued; it may be gone by now.
  virtual void answer(uint32_t stream) = 0;
  // What is to be sent; whoever takes it clears it, and calls sent() when the client's system has it.
  virtual std::string& output() = 0;
  virtual void sent() = 0;
  // Whether bytes shall be read now.
  virtual bool wants_input() const = 0;
  // Nothing is left to do once output() is sent.
  virtual bool ended() const = 0;
  // Takes no further requests and comes to an end by itself. False: the connection may just be closed.
  virtual bool end() = 0;
  // The connection is closed: gives back memory.
  virtual void abandon() = 0;
  virtual Phase phase() const = 0;
  virtual Clock::time_point since() const = 0;
};

inline constexpr std::string_view kTooManyBodies = "the server holds as many bodies as it may";
// The answer to what the server itself refuses, counted.
HttpResponse refusal(Line& line, int status, std::string_view why);
// Path and query of "/validate?timeout=10s".
void set_target(HttpRequest& request, std::string_view target);

inline constexpr size_t kReadSize = 16 * 1024;
inline constexpr size_t kFirstBody = 16 * 1024;  // room that a body gets at first, however long it says to be

std::unique_ptr<Protocol> make_http1(Line& line);
// nullptr: no memory.
std::unique_ptr<Protocol> make_http2(Line& line);

}  // namespace plimsoll::webhook
