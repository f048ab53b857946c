// The only file that includes Boost.Beast and Asio: they take long to compile.
#include "webhook/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace plimsoll::webhook {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr size_t kReadSize = 16 * 1024;
// What an idle connection may keep of its buffers.
constexpr size_t kKeepBuffer = 64 * 1024;
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kGrace{500};

std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

std::string_view status_text(int status) {
  return view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status))));
}

// A connection as its worker sees it.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void start() = 0;
  virtual void close() = 0;
  virtual void close_if_idle() = 0;

  Clock::time_point deadline() const { return deadline_; }
  // Between requests, or before the first.
  bool idle() const { return idle_; }
  // Who has to go first where there is no room: those that never asked anything, then the idle, then the slow.
  std::pair<int, Clock::time_point> rank() const { return {waiting_ ? 3 : !answered_ ? 0 : idle_ ? 1 : 2, since_}; }

 protected:
  void wait_idle(std::chrono::milliseconds limit) {
    wait(limit);
    idle_ = true;
  }
  void wait(std::chrono::milliseconds limit) {
    idle_ = false;
    since_ = Clock::now();
    deadline_ = since_ + limit;
  }
  Clock::time_point since() const { return since_; }

  bool answered_ = false;  // at least one request
  bool waiting_ = false;   // its request is in the queue

 private:
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point since_;
  bool idle_ = true;
};

struct Worker {
  Worker(const ServerLimits& all, size_t threads, ServerCounters& count, const std::atomic<bool>& end)
      : limits(all), counters(count), ending(end), sweeper(io) {
    // Shares of this thread.
    max_connections = std::max<size_t>(1, limits.max_connections / threads);
    max_in_flight = std::max<size_t>(1, limits.max_in_flight / threads);
  }

  const ServerLimits& limits;
  ServerCounters& counters;
  const std::atomic<bool>& ending;
  asio::io_context io{1};
  asio::steady_timer sweeper;
  std::unique_ptr<HttpHandler> handler;
  std::list<std::shared_ptr<Peer>> peers;
  size_t in_flight = 0;
  size_t max_connections = 0, max_in_flight = 0;
  std::atomic<size_t> assigned{0};  // for the acceptor to choose by
  std::thread thread;

  using Place = std::list<std::shared_ptr<Peer>>::iterator;
  // Room for one more.
  void make_room() {
    if (peers.size() < max_connections) return;
    const std::shared_ptr<Peer> last =
        *std::ranges::min_element(peers, {}, [](const auto& peer) { return peer->rank(); });
    counters.evicted.fetch_add(1, std::memory_order_relaxed);
    last->close();
  }

  void sweep() {
    const auto shortest =
        std::min({limits.handshake_timeout, limits.header_timeout, limits.body_timeout, limits.idle_timeout});
    sweeper.expires_after(std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(1000)));
    sweeper.async_wait([this](const error_code& error) {
      if (error) return;
      const auto now = Clock::now();
      std::vector<std::shared_ptr<Peer>> late;
      for (const auto& peer : peers) {
        if (peer->deadline() <= now) late.push_back(peer);
      }
      for (const auto& peer : late) peer->close();
      sweep();
    });
  }
};

template <typename Stream>
class Connection final : public Peer, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  template <typename... Args>
  explicit Connection(Worker& worker, Args&&... args) : worker_(worker), stream_(std::forward<Args>(args)...) {}

  void set_place(Worker::Place place) { place_ = place; }
  // What the stream's SSL was made of: a later reload must not free it.
  void keep(std::shared_ptr<SSL_CTX> context) { context_ = std::move(context); }

  void start() override {
    error_code ignored;
    stream_.lowest_layer().set_option(tcp::no_delay(true), ignored);
    wait_idle(worker_.limits.handshake_timeout);
    if constexpr (kTls) {
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](const error_code& error) {
                                if (error) {
                                  self->worker_.counters.failed_handshakes.fetch_add(1, std::memory_order_relaxed);
                                  return self->close();
                                }
                                self->next_request();
                              });
    } else {
      next_request();
    }
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    release_body();
    // Whoever sees the connection end finds it no longer counted.
    worker_.counters.connections.fetch_sub(1, std::memory_order_relaxed);
    worker_.assigned.fetch_sub(1, std::memory_order_relaxed);
    error_code ignored;
    stream_.lowest_layer().close(ignored);
    worker_.peers.erase(place_);
  }

  void close_if_idle() override {
    // One that has just come may be about to ask.
    if (idle() && (answered_ || Clock::now() - since() > kGrace)) close();
  }

 private:
  void next_request() {
    if (buffer_.capacity() > kKeepBuffer && buffer_.size() == 0) buffer_ = {};
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(worker_.limits.max_header_bytes));
    parser_->body_limit(worker_.limits.max_body_bytes);
    parser_->eager(true);
    header_seen_ = false;
    wait_idle(worker_.limits.idle_timeout);
    if (buffer_.size() > 0) {
      feed();
    } else if (worker_.ending.load(std::memory_order_relaxed) && answered_) {
      close();
    } else {
      read();
    }
  }

  void read() {
    stream_.async_read_some(buffer_.prepare(kReadSize),
                            [self = this->shared_from_this()](const error_code& error, size_t count) {
                              if (self->closed_) return;
                              if (error) return self->close();
                              self->buffer_.commit(count);
                              self->feed();
                            });
  }

  // Gives the parser what has arrived.
  void feed() {
    if (idle()) wait(worker_.limits.header_timeout);
    error_code error;
    while (buffer_.size() > 0 && !parser_->is_done()) {
      const size_t used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (!header_seen_ && parser_->is_header_done()) {
        header_seen_ = true;
        wait(worker_.limits.body_timeout);
        if (!error && !reserve_body()) return;
      }
      if (error || used == 0) break;
    }
    if (error && error != http::error::need_more) return refuse_malformed(error);
    if (parser_->is_done()) return enqueue();
    if (header_seen_ && expects_continue()) return send_continue();
    read();
  }

  bool expects_continue() {
    if (continued_) return false;
    const auto found = parser_->get().find(http::field::expect);
    return found != parser_->get().end() && boost::beast::iequals(found->value(), "100-continue");
  }

  void send_continue() {
    continued_ = true;
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(out_), [self = this->shared_from_this()](const error_code& error, size_t) {
      if (self->closed_) return;
      if (error) return self->close();
      self->read();
    });
  }

  // Memory for the body, as long as it will be. False: it was refused.
  bool reserve_body() {
    if (parser_->is_done()) return true;
    const auto length = parser_->content_length();
    const size_t wanted = length ? static_cast<size_t>(*length) : worker_.limits.max_body_bytes;
    const size_t before = worker_.counters.buffered_bytes.fetch_add(wanted, std::memory_order_relaxed);
    reserved_ = wanted;
    if (before + wanted <= worker_.limits.max_buffered_bytes) return true;
    shed("the server holds as many bodies as it may");
    return false;
  }

  void release_body() {
    worker_.counters.buffered_bytes.fetch_sub(std::exchange(reserved_, 0), std::memory_order_relaxed);
    if (waiting_) {
      waiting_ = false;
      --worker_.in_flight;
      worker_.counters.in_flight.fetch_sub(1, std::memory_order_relaxed);
    }
  }

  void refuse_malformed(const error_code& error) {
    worker_.counters.refused.fetch_add(1, std::memory_order_relaxed);
    close_after_ = true;
    if (error == http::error::body_limit) {
      return send(
          worker_.handler->refuse(413, fmt::format("the body is larger than {} bytes", worker_.limits.max_body_bytes)));
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return send(worker_.handler->refuse(
          431, fmt::format("the header is larger than {} bytes", worker_.limits.max_header_bytes)));
    }
    send(worker_.handler->refuse(400, fmt::format("this is no HTTP/1.1 request: {}", error.message())));
  }

  void shed(std::string_view why) {
    worker_.counters.shed.fetch_add(1, std::memory_order_relaxed);
    if (!parser_->is_done()) close_after_ = true;
    HttpResponse response = worker_.handler->refuse(503, why);
    response.headers += "Retry-After: 1\r\n";
    send(std::move(response));
  }

  // The request is whole: it waits until those that arrived before it are answered.
  void enqueue() {
    received_ = Clock::now();
    if (!parser_->keep_alive()) close_after_ = true;
    if (worker_.in_flight >= worker_.max_in_flight) return shed("too many requests wait for an answer");
    waiting_ = true;
    ++worker_.in_flight;
    worker_.counters.in_flight.fetch_add(1, std::memory_order_relaxed);
    wait(worker_.limits.body_timeout);
    asio::post(worker_.io, [self = this->shared_from_this()] {
      if (!self->closed_) self->handle();
    });
  }

  void handle() {
    const auto& message = parser_->get();
    const std::string_view target = view(message.target());
    const size_t question = target.find('?');
    HttpRequest request;
    request.method = view(message.method_string());
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    const auto type = message.find(http::field::content_type);
    if (type != message.end()) request.content_type = view(type->value());
    request.body = message.body();
    request.received = received_;
    send(worker_.handler->handle(request));
  }

  void send(HttpResponse response) {
    release_body();
    if (worker_.ending.load(std::memory_order_relaxed)) close_after_ = true;
    const bool head = parser_->is_header_done() && parser_->get().method() == http::verb::head;
    out_.clear();
    fmt::format_to(std::back_inserter(out_), "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}{}\r\n",
                   response.status, status_text(response.status), response.content_type, response.body.size(),
                   response.headers, close_after_ ? "Connection: close\r\n" : "");
    if (!head) out_ += response.body;
    wait(worker_.limits.write_timeout);
    asio::async_write(stream_, asio::buffer(out_), [self = this->shared_from_this()](const error_code& error, size_t) {
      if (self->closed_) return;
      if (error) return self->close();
      self->answered_ = true;
      if (self->close_after_) return self->finish();
      self->next_request();
    });
  }

  // Ends the connection so that the client sees the answer: what it still sends is read and dropped for a moment, for
  // otherwise the system would take back what was written.
  void finish() {
    wait(kLinger);
    if constexpr (kTls) {
      stream_.async_shutdown([self = this->shared_from_this()](const error_code&) {
        if (!self->closed_) self->linger();
      });
      // The client need not answer the end of the TLS session; linger() begins when it has sent something, or nothing
      // more.
    } else {
      linger();
    }
  }

  void linger() {
    error_code ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
    drop();
  }

  void drop() {
    buffer_.consume(buffer_.size());
    stream_.lowest_layer().async_wait(
        tcp::socket::wait_read, [self = this->shared_from_this()](const error_code& error) {
          if (self->closed_) return;
          if (error) return self->close();
          char sink[4096];
          const ssize_t count = ::recv(self->stream_.lowest_layer().native_handle(), sink, sizeof(sink), MSG_DONTWAIT);
          if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return self->close();
          self->drop();
        });
  }

  Worker& worker_;
  std::shared_ptr<SSL_CTX> context_;
  Stream stream_;
  Worker::Place place_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string out_;
  Clock::time_point received_;
  size_t reserved_ = 0;
  bool header_seen_ = false, continued_ = false, close_after_ = false, closed_ = false;
};

}  // namespace

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
      asio::post(worker->io,
                 [this, worker, socket = std::move(socket)]() mutable { adopt(*worker, std::move(socket)); });
      if (acceptor->is_open()) accept();
    });
  }

  template <typename Stream, typename... Args>
  void add(Worker& worker, std::shared_ptr<SSL_CTX> context, Args&&... args) {
    auto connection = std::make_shared<Connection<Stream>>(worker, std::forward<Args>(args)...);
    connection->keep(std::move(context));
    worker.peers.push_front(connection);
    connection->set_place(worker.peers.begin());
    connection->start();
  }

  void adopt(Worker& worker, tcp::socket socket) {
    worker.make_room();
    counters.connections.fetch_add(1, std::memory_order_relaxed);
    if (!options.tls) return add<tcp::socket>(worker, nullptr, std::move(socket));
    std::shared_ptr<SSL_CTX> context = options.tls();
    SSL* ssl = context ? SSL_new(context.get()) : nullptr;
    if (ssl == nullptr) {
      counters.connections.fetch_sub(1, std::memory_order_relaxed);
      worker.assigned.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
    add<TlsStream>(worker, std::move(context), std::move(socket), ssl);
  }

  void stop() {
    for (auto& worker : workers) worker->io.stop();
    for (auto& worker : workers) {
      if (worker->thread.joinable()) worker->thread.join();
    }
    acceptor.reset();
    for (auto& worker : workers) worker->peers.clear();
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
    own.workers.push_back(std::make_unique<Worker>(given.limits, threads, own.counters, own.ending));
    own.workers.back()->handler = given.make_handler(i);
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
  for (auto& worker : state_->workers) {
    worker->sweep();
    worker->thread = std::thread([&io = worker->io] { io.run(); });
  }
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
    for (auto& worker : state_->workers) {
      asio::post(worker->io, [own = worker.get()] {
        const std::vector<std::shared_ptr<Peer>> peers(own->peers.begin(), own->peers.end());
        for (const auto& peer : peers) peer->close_if_idle();
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (state_->counters.connections.load() == 0) return true;
    if (Clock::now() >= end) return false;
  }
}

}  // namespace plimsoll::webhook
