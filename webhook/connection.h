// A connection of the server, with or without TLS, and the thread that serves it. Whatever happens on a connection happens
// on its thread.
//
//   Worker worker(limits, threads, counters, ending);
//   worker.adopt(std::move(socket), tls);         // on the worker's thread; the connection lives until it is closed
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <thread>
#include <utility>

#include "webhook/protocol.h"
#include "webhook/server.h"

namespace plimsoll::webhook {

// A connection as its worker sees it.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void start() = 0;
  virtual void close() = 0;
  // The server ends: a connection between requests ends as well.
  virtual void end_if_idle() = 0;
  // Its time is over.
  virtual void expire() = 0;

  // `crowded`: bodies take much of the memory that they share; one that is long in coming has to go then.
  Clock::time_point deadline(bool crowded) const { return crowded ? crowded_deadline_ : deadline_; }
  // Who has to go first where there is no room: those that never asked anything, then the idle, then the slow.
  std::pair<int, Clock::time_point> rank() const { return {rank_, since_}; }

 protected:
  enum Rank : uint8_t { kSilent, kIdle, kSlow, kWaiting };
  void wait(Rank rank, Clock::time_point since, std::chrono::milliseconds limit) { wait(rank, since, limit, limit); }
  void wait(Rank rank, Clock::time_point since, std::chrono::milliseconds limit,
            std::chrono::milliseconds crowded_limit) {
    rank_ = rank;
    since_ = since;
    deadline_ = since + limit;
    crowded_deadline_ = since + crowded_limit;
  }

 private:
  Clock::time_point deadline_ = Clock::time_point::max(), crowded_deadline_ = Clock::time_point::max();
  Clock::time_point since_;
  Rank rank_ = kSilent;
};

class Worker {
 public:
  // Limits are shared equally by the threads. `counters` and `ending` outlive it.
  Worker(const ServerLimits& limits, size_t threads, ServerCounters& counters, const std::atomic<bool>& ending,
         std::unique_ptr<HttpHandler> handler);

  // From here on until join(), its thread serves.
  void run();
  void stop() { io.stop(); }
  void join();

  // A new connection; `tls`: as ServerOptions::tls. On the worker's thread.
  void adopt(boost::asio::ip::tcp::socket socket, const std::function<std::shared_ptr<SSL_CTX>()>& tls);
  // Closes what is between requests. On any thread.
  void end_idle();

  boost::asio::io_context io{1};
  std::atomic<size_t> assigned{0};  // connections, for the acceptor to choose by

  // For its connections.
  const ServerLimits& limits;
  ServerCounters& counters;
  const std::atomic<bool>& ending;
  const std::unique_ptr<HttpHandler> handler;
  using Place = std::list<std::shared_ptr<Peer>>::iterator;
  std::list<std::shared_ptr<Peer>> peers;
  size_t in_flight = 0;
  size_t max_in_flight = 0;

 private:
  template <typename Stream, typename... Args>
  void add(std::shared_ptr<SSL_CTX> context, Args&&... args);
  void make_room();
  void sweep();

  size_t max_connections_ = 0;
  boost::asio::steady_timer sweeper_;
  std::thread thread_;
};

}  // namespace plimsoll::webhook
