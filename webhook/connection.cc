#include "webhook/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <type_traits>
#include <vector>

namespace plimsoll::webhook {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kGrace{500};
// For a body, where all bodies take more than half of the memory that they may.
constexpr std::chrono::milliseconds kCrowdedBody{1000};

bool chose_http2(SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

template <typename Stream>
class Connection final : public Peer, public Line, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  // `context`: what the stream's SSL was made of; a later reload must not free it.
  template <typename... Args>
  Connection(Worker& worker, std::shared_ptr<SSL_CTX> context, Args&&... args)
      : worker_(worker), context_(std::move(context)), stream_(std::forward<Args>(args)...) {}

  void set_place(Worker::Place place) { place_ = place; }

  void start() override {
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    wait(kSilent, Clock::now(), worker_.limits.handshake_timeout);
    if constexpr (kTls) {
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](const error_code& error) {
        if (error) {
          self->worker_.counters.failed_handshakes.fetch_add(1, std::memory_order_relaxed);
          return self->close();
        }
        if (!chose_http2(self->stream_.native_handle())) return self->speak(make_http1(*self));
        self->worker_.counters.http2.fetch_add(1, std::memory_order_relaxed);
        self->speak(make_http2(*self));
      });
    } else {
      speak(make_http1(*this));
    }
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    if (protocol_) protocol_->abandon();
    // Whoever sees the connection end finds it no longer counted.
    worker_.counters.connections.fetch_sub(1, std::memory_order_relaxed);
    worker_.assigned.fetch_sub(1, std::memory_order_relaxed);
    error_code ignored;
    socket().close(ignored);
    worker_.peers.erase(place_);
  }

  void end_if_idle() override {
    // One that has just come may be about to ask.
    if (finishing_ || (!asked_ && Clock::now() - rank().second <= kGrace)) return;
    if (!protocol_) return close();
    if (protocol_->phase() == Phase::kIdle) end();
  }

  void expire() override {
    // Where the end cannot even be told, the next time is the last.
    if (!protocol_ || finishing_ || protocol_->phase() != Phase::kIdle || std::exchange(expired_, true)) return close();
    end();
  }

  // Line:
  HttpHandler& handler() override { return *worker_.handler; }
  const ServerLimits& limits() const override { return worker_.limits; }
  ServerCounters& counters() override { return worker_.counters; }
  bool ending() const override { return worker_.ending.load(std::memory_order_relaxed); }
  bool enqueue(uint32_t request) override {
    asked_ = true;
    if (worker_.in_flight >= worker_.max_in_flight) return false;
    ++worker_.in_flight;
    worker_.counters.in_flight.fetch_add(1, std::memory_order_relaxed);
    asio::post(worker_.io, [self = this->shared_from_this(), request] {
      --self->worker_.in_flight;
      self->worker_.counters.in_flight.fetch_sub(1, std::memory_order_relaxed);
      if (self->closed_) return;
      self->protocol_->answer(request);
      self->work();
    });
    return true;
  }

 private:
  tcp::socket::lowest_layer_type& socket() { return stream_.lowest_layer(); }

  void speak(std::unique_ptr<Protocol> protocol) {
    protocol_ = std::move(protocol);
    if (!protocol_) return close();
    work();
  }

  void end() {
    if (!protocol_->end()) return close();
    work();
  }

  // Whatever can be done now: send, come to an end, read on.
  void work() {
    if (closed_ || finishing_) return;
    if (!writing_ && !protocol_->output().empty()) write();
    if (!writing_ && protocol_->ended()) return finish();
    if (!reading_ && protocol_->wants_input()) read();
    set_deadline();
  }

  void set_deadline() {
    const ServerLimits& limits = worker_.limits;
    const Clock::time_point since = protocol_->since();
    switch (protocol_->phase()) {
      case Phase::kIdle: return wait(asked_ ? kIdle : kSilent, since, limits.idle_timeout);
      case Phase::kHeader: return wait(asked_ ? kSlow : kSilent, since, limits.header_timeout);
      case Phase::kBody:
        return wait(asked_ ? kSlow : kSilent, since, limits.body_timeout, std::min(limits.body_timeout, kCrowdedBody));
      case Phase::kWaiting: return wait(kWaiting, since, limits.body_timeout);
      case Phase::kSending: return wait(kSlow, since, limits.write_timeout);
    }
  }

  void read() {
    reading_ = true;
    const std::span<char> space = protocol_->space();
    stream_.async_read_some(asio::buffer(space.data(), space.size()),
                            [self = this->shared_from_this()](const error_code& error, size_t count) {
                              if (self->closed_) return;
                              self->reading_ = false;
                              if (error) return self->close();
                              self->protocol_->received(count);
                              self->work();
                            });
  }

  void write() {
    writing_ = true;
    sending_.clear();
    sending_.swap(protocol_->output());
    asio::async_write(stream_, asio::buffer(sending_),
                      [self = this->shared_from_this()](const error_code& error, size_t) {
                        if (self->closed_) return;
                        self->writing_ = false;
                        if (error) return self->close();
                        self->protocol_->sent();
                        self->work();
                      });
  }

  // Ends the connection so that the client sees the answer: what it still sends is read and dropped for a moment, for
  // otherwise the system would take back what was written.
  void finish() {
    finishing_ = true;
    wait(kSlow, Clock::now(), kLinger);
    if constexpr (kTls) {
      // The client need not answer the end of the TLS session; linger() begins when it has sent something, or nothing
      // more.
      stream_.async_shutdown([self = this->shared_from_this()](const error_code&) {
        if (!self->closed_) self->linger();
      });
    } else {
      linger();
    }
  }

  void linger() {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
    drop();
  }

  void drop() {
    socket().async_wait(tcp::socket::wait_read, [self = this->shared_from_this()](const error_code& error) {
      if (self->closed_) return;
      if (error) return self->close();
      char sink[4096];
      const ssize_t count = ::recv(self->socket().native_handle(), sink, sizeof(sink), MSG_DONTWAIT);
      if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return self->close();
      self->drop();
    });
  }

  Worker& worker_;
  std::shared_ptr<SSL_CTX> context_;
  Stream stream_;
  Worker::Place place_;
  std::unique_ptr<Protocol> protocol_;  // once the TLS handshake is done
  std::string sending_;
  bool asked_ = false;    // at least one request
  bool expired_ = false;  // after an idle time
  bool reading_ = false, writing_ = false, finishing_ = false, closed_ = false;
};

}  // namespace

Worker::Worker(const ServerLimits& all, size_t threads, ServerCounters& count, const std::atomic<bool>& end,
               std::unique_ptr<HttpHandler> own_handler)
    : limits(all),
      counters(count),
      ending(end),
      handler(std::move(own_handler)),
      max_in_flight(std::max<size_t>(1, all.max_in_flight / threads)),
      max_connections_(std::max<size_t>(1, all.max_connections / threads)),
      sweeper_(io) {}

void Worker::run() {
  sweep();
  thread_ = std::thread([this] { io.run(); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
  peers.clear();
}

template <typename Stream, typename... Args>
void Worker::add(std::shared_ptr<SSL_CTX> context, Args&&... args) {
  auto connection = std::make_shared<Connection<Stream>>(*this, std::move(context), std::forward<Args>(args)...);
  peers.push_front(connection);
  connection->set_place(peers.begin());
  connection->start();
}

void Worker::adopt(tcp::socket socket, const std::function<std::shared_ptr<SSL_CTX>()>& tls) {
  make_room();
  counters.connections.fetch_add(1, std::memory_order_relaxed);
  if (!tls) return add<tcp::socket>(nullptr, std::move(socket));
  std::shared_ptr<SSL_CTX> context = tls();
  SSL* ssl = context ? SSL_new(context.get()) : nullptr;
  if (ssl != nullptr) return add<TlsStream>(std::move(context), std::move(socket), ssl);
  // No certificate as yet: the client has to come again.
  counters.connections.fetch_sub(1, std::memory_order_relaxed);
  assigned.fetch_sub(1, std::memory_order_relaxed);
}

void Worker::make_room() {
  if (peers.size() < max_connections_) return;
  const std::shared_ptr<Peer> last =
      *std::ranges::min_element(peers, {}, [](const auto& peer) { return peer->rank(); });
  counters.evicted.fetch_add(1, std::memory_order_relaxed);
  last->close();
}

void Worker::end_idle() {
  asio::post(io, [this] {
    const std::vector<std::shared_ptr<Peer>> now(peers.begin(), peers.end());
    for (const auto& peer : now) peer->end_if_idle();
  });
}

void Worker::sweep() {
  const auto shortest =
      std::min({limits.handshake_timeout, limits.header_timeout, limits.body_timeout, limits.idle_timeout});
  sweeper_.expires_after(std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(1000)));
  sweeper_.async_wait([this](const error_code& error) {
    if (error) return;
    const auto now = Clock::now();
    const bool crowded = counters.buffered_bytes.load(std::memory_order_relaxed) > limits.max_buffered_bytes / 2;
    std::vector<std::shared_ptr<Peer>> late;
    for (const auto& peer : peers) {
      if (peer->deadline(crowded) <= now) late.push_back(peer);
    }
    for (const auto& peer : late) peer->expire();
    sweep();
  });
}

}  // namespace plimsoll::webhook
