// HTTP/1.1 with keep-alive (RFC 9112), by Boost.Beast's parser: one request after another, those that a client sends ahead
// wait in the buffer.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>

#include "webhook/protocol.h"

namespace plimsoll::webhook {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// What an idle connection may keep of its buffers.
constexpr size_t kKeepBuffer = 64 * 1024;

std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

std::string_view status_text(int status) {
  return view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status))));
}

// A string that grows as it arrives; Beast's string_body takes at once what the client promises.
struct ArrivingBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool kIsRequest, typename Fields>
    reader(http::header<kIsRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, error_code& error) {
      error = {};
      body_.reserve(std::min<std::uint64_t>(length.value_or(0), kFirstBody));
    }
    template <typename Buffers>
    size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      const size_t before = body_.size();
      for (auto part = asio::buffer_sequence_begin(buffers); part != asio::buffer_sequence_end(buffers); ++part) {
        body_.append(static_cast<const char*>(part->data()), part->size());
      }
      return body_.size() - before;
    }
    void finish(error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

class Http1 final : public Protocol {
 public:
  explicit Http1(Line& line) : line_(line) { next_request(); }

  std::span<char> space() override {
    const auto room = buffer_.prepare(kReadSize);
    return {static_cast<char*>(room.data()), room.size()};
  }
  void received(size_t count) override {
    buffer_.commit(count);
    feed();
  }
  std::string& output() override { return output_; }
  void sent() override {
    if (phase_ != Phase::kSending || ended_ || !output_.empty()) return;
    if (output_.capacity() > kKeepBuffer) output_ = {};
    next_request();
    if (buffer_.size() > 0) feed();
  }
  bool wants_input() const override { return phase_ < Phase::kWaiting; }
  bool ended() const override { return ended_; }
  bool end() override { return false; }
  void abandon() override { memory_.release(); }
  Phase phase() const override { return phase_; }
  Clock::time_point since() const override { return since_; }

  void answer(uint32_t) override {
    const auto& message = parser_->get();
    HttpRequest request;
    request.method = view(message.method_string());
    set_target(request, view(message.target()));
    const auto type = message.find(http::field::content_type);
    if (type != message.end()) request.content_type = view(type->value());
    request.body = message.body();
    request.received = since_;
    write(line_.handler().handle(request));
  }

 private:
  void enter(Phase phase) {
    phase_ = phase;
    since_ = Clock::now();
  }

  void next_request() {
    if (buffer_.capacity() > kKeepBuffer && buffer_.size() == 0) buffer_ = {};
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(line_.limits().max_header_bytes));
    parser_->body_limit(line_.limits().max_body_bytes);
    parser_->eager(true);
    continued_ = false;
    enter(Phase::kIdle);
  }

  // Gives the parser what has arrived.
  void feed() {
    if (phase_ == Phase::kIdle) enter(Phase::kHeader);
    error_code error;
    while (buffer_.size() > 0 && !parser_->is_done()) {
      const size_t used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (phase_ == Phase::kHeader && parser_->is_header_done()) enter(Phase::kBody);
      if (error || used == 0) break;
    }
    if (error && error != http::error::need_more) return refuse_malformed(error);
    if (parser_->is_done()) {
      if (!parser_->keep_alive()) last_ = true;
      enter(Phase::kWaiting);
      if (!line_.enqueue(0)) shed("too many requests wait for an answer");
      return;
    }
    if (phase_ != Phase::kBody) return;
    if (!memory_.hold(line_, parser_->get().body().size())) return shed(kTooManyBodies);
    if (expects_continue()) output_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }

  bool expects_continue() {
    if (std::exchange(continued_, true)) return false;
    const auto found = parser_->get().find(http::field::expect);
    return found != parser_->get().end() && boost::beast::iequals(found->value(), "100-continue");
  }

  void refuse_malformed(const error_code& error) {
    last_ = true;
    if (error == http::error::body_limit) {
      return refuse(413, fmt::format("the body is larger than {} bytes", line_.limits().max_body_bytes));
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return refuse(431, fmt::format("the header is larger than {} bytes", line_.limits().max_header_bytes));
    }
    refuse(400, fmt::format("this is no HTTP/1.1 request: {}", error.message()));
  }

  void shed(std::string_view why) {
    if (!parser_->is_done()) last_ = true;
    refuse(503, why);
  }

  void refuse(int status, std::string_view why) { write(refusal(line_, status, why)); }

  void write(const HttpResponse& response) {
    memory_.release();
    if (line_.ending()) last_ = true;
    const bool head = parser_->is_header_done() && parser_->get().method() == http::verb::head;
    fmt::format_to(std::back_inserter(output_), "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
                   response.status, status_text(response.status), response.content_type, response.body.size());
    for (const auto& [name, value] : response.headers)
      fmt::format_to(std::back_inserter(output_), "{}: {}\r\n", name, value);
    output_ += last_ ? "Connection: close\r\n\r\n" : "\r\n";
    if (!head) output_ += response.body;
    ended_ = last_;
    enter(Phase::kSending);
  }

  Line& line_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<ArrivingBody>> parser_;
  std::string output_;
  BodyMemory memory_;
  Phase phase_ = Phase::kIdle;
  Clock::time_point since_;
  bool continued_ = false;
  bool last_ = false;  // the answer to this request is the connection's last
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Protocol> make_http1(Line& line) { return std::make_unique<Http1>(line); }

}  // namespace plimsoll::webhook
