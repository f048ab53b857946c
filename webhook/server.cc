#include "webhook/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "webhook/connection.h"

namespace plimsoll::webhook {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Server::State {
  explicit State(ServerOptions given) : options(std::move(given)) {}
  ~State() { stop(); }

  ServerOptions options;
  ServerCounters counters;
  std::atomic<bool> ending = false;
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<tcp::acceptor> acceptor;  // runs on the first worker
  uint16_t port = 0;

  void accept() {
    // The thread with the fewest connections gets the next.
    Worker* worker =
        std::ranges::min_element(workers, {}, [](const auto& candidate) { return candidate->assigned.load(); })->get();
    acceptor->async_accept(worker->io, [this, worker](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        // No descriptors left, say: a moment later there may be some.
        auto timer = std::make_shared<asio::steady_timer>(workers.front()->io, std::chrono::milliseconds(50));
        timer->async_wait([this, timer](const error_code&) {
          if (acceptor->is_open()) accept();
        });
        return;
      }
      worker->assigned.fetch_add(1, std::memory_order_relaxed);
      counters.accepted.fetch_add(1, std::memory_order_relaxed);
      asio::post(worker->io, [this, worker, socket = std::move(socket)]() mutable {
        worker->adopt(std::move(socket), options.tls);
      });
      if (acceptor->is_open()) accept();
    });
  }

  void stop() {
    for (auto& worker : workers) worker->stop();
    for (auto& worker : workers) worker->join();
    acceptor.reset();
  }
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  State& own = *state;
  const ServerOptions& given = own.options;
  const size_t threads = std::max<size_t>(1, given.threads);
  for (size_t i = 0; i < threads; ++i) {
    own.workers.push_back(
        std::make_unique<Worker>(given.limits, threads, own.counters, own.ending, given.make_handler(i)));
  }
  error_code error;
  const auto address = asio::ip::make_address(given.address, error);
  if (error) return fail(ErrorCode::kUsage, fmt::format("\"{}\" is no address to listen on", given.address));
  const tcp::endpoint endpoint(address, given.port);
  own.acceptor = std::make_unique<tcp::acceptor>(own.workers.front()->io);
  tcp::acceptor& acceptor = *own.acceptor;
  if (acceptor.open(endpoint.protocol(), error); !error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(4096, error);
  if (error) {
    return fail(ErrorCode::kInputOutput,
                fmt::format("cannot listen on {}:{}: {}", given.address, given.port, error.message()));
  }
  own.port = acceptor.local_endpoint().port();
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::run() {
  state_->accept();
  for (auto& worker : state_->workers) worker->run();
}

uint16_t Server::port() const { return state_->port; }
const ServerCounters& Server::counters() const { return state_->counters; }

void Server::announce_end() { state_->ending.store(true); }

bool Server::drain(std::chrono::milliseconds limit) {
  announce_end();
  asio::post(state_->workers.front()->io, [state = state_.get()] {
    error_code ignored;
    state->acceptor->close(ignored);
  });
  const auto end = Clock::now() + limit;
  while (true) {
    for (auto& worker : state_->workers) worker->end_idle();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (state_->counters.connections.load() == 0) return true;
    if (Clock::now() >= end) return false;
  }
}

}  // namespace plimsoll::webhook
