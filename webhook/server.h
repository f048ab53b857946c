// A server of HTTP/1.1 with keep-alive and, over TLS, of HTTP/2 for clients that ask for it (ALPN), that stays on its feet whatever clients do.
//
//   ServerOptions options{.address = "0.0.0.0", .port = 8443, .threads = 2};
//   options.tls = [&] { return certificates.context(); };
//   options.make_handler = [&](size_t thread) { return std::make_unique<Handler>(thread); };
//   Result<std::unique_ptr<Server>> server = Server::listen(std::move(options));
//   (*server)->run();
//   ...
//   (*server)->drain(std::chrono::seconds(20));
//
// Each thread has an io_context of its own; a connection stays with the thread that got it. A request that has arrived
// waits in its thread's queue; with more of them than `max_in_flight`, the server answers 503 with Retry-After rather
// than letting all of them wait past their deadlines.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/value/error.h"
#include "webhook/http.h"

namespace plimsoll::webhook {

struct ServerLimits {
  size_t max_connections = 1024;  // one more takes the place of the one that has been idle longest
  size_t max_in_flight = 256;
  size_t max_header_bytes = 16 * 1024;
  // A review holds two objects, of which etcd takes 1.5 MiB each, and their copies in managed fields.
  size_t max_body_bytes = 8UL << 20;
  // Bodies of all connections, as far as they have arrived. With more than half of it in use, those that have been coming for a second go.
  size_t max_buffered_bytes = 64UL << 20;
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  // Longer than Go's client keeps a connection without use (90 s), so that it is the client who ends it.
  std::chrono::milliseconds idle_timeout{120'000};
};

struct ServerOptions {
  std::string address = "0.0.0.0";
  uint16_t port = 0;  // 0: any that is free
  size_t threads = 1;
  ServerLimits limits = {};
  // The context for a new connection, which is closed if that is nullptr; not set: no TLS. Called by any thread.
  std::function<std::shared_ptr<SSL_CTX>()> tls = {};
  std::function<std::unique_ptr<HttpHandler>(size_t thread)> make_handler = {};
};

// For metrics; each may be read at any time.
struct ServerCounters {
  std::atomic<uint64_t> connections{0};  // open now
  std::atomic<uint64_t> accepted{0};
  std::atomic<uint64_t> http2{0};  // of those accepted
  std::atomic<uint64_t> in_flight{0};
  std::atomic<uint64_t> buffered_bytes{0};  // room of bodies under way
  std::atomic<uint64_t> shed{0};     // answered 503
  std::atomic<uint64_t> refused{0};  // malformed, too large, too slow
  std::atomic<uint64_t> evicted{0};  // idle connections closed for new ones
  std::atomic<uint64_t> failed_handshakes{0};
};

class Server {
 public:
  // kInputOutput if the address cannot be had. Connections wait for run().
  static Result<std::unique_ptr<Server>> listen(ServerOptions options);
  // Starts the threads.
  void run();
  // Ends at once what drain() has not.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;
  const ServerCounters& counters() const;
  // From now on each answer is the last of its connection, so that clients go elsewhere.
  void announce_end();
  // Takes no more connections, closes the idle ones, and waits for the others. True if all have ended in time.
  bool drain(std::chrono::milliseconds limit);

  struct State;

 private:
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::webhook
