// HTTP/2 (RFC 9113), by nghttp2, which keeps to the protocol's rules: many requests at once on one connection. Answers that
// are ready together are sent together.
#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "webhook/protocol.h"

namespace plimsoll::webhook {
namespace {

constexpr uint32_t kMaxStreams = 250;  // at once; what Go's server allows
// A client may send so much before it has to be told that there is room for more.
constexpr uint32_t kStreamWindow = 1U << 20;
constexpr int32_t kConnectionWindow = 16 << 20;
constexpr size_t kMaxOutput = 64 * 1024;  // of frames that wait to be sent; the rest stays with the streams
// Requests that a client takes back before their answer: beyond this, and more than were answered, it only makes work.
constexpr uint64_t kMaxResets = 1000;

struct Stream {
  std::string method, target, content_type, body;
  std::optional<size_t> length;
  size_t header_bytes = 0;
  bool expects_continue = false;
  Phase phase = Phase::kHeader;
  Clock::time_point since = Clock::now();
  BodyMemory memory;
  std::string answer;
  size_t answered = 0;  // bytes of it that are sent

  void enter(Phase next) {
    phase = next;
    since = Clock::now();
  }
};

std::string_view text_of(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

nghttp2_nv header(std::string_view name, std::string_view value) {
  // nghttp2 copies both; it only reads.
  const auto bytes = [](std::string_view text) {
    return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

class Http2 final : public Protocol {
 public:
  explicit Http2(Line& line) : line_(line) {}

  bool open() {
    nghttp2_session_callbacks* raw_callbacks = nullptr;
    if (nghttp2_session_callbacks_new(&raw_callbacks) != 0) return false;
    const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> callbacks(
        raw_callbacks, nghttp2_session_callbacks_del);
    nghttp2_session_callbacks_set_on_begin_headers_callback(raw_callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(raw_callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(raw_callbacks, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw_callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(raw_callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(raw_callbacks, on_frame_sent);
    nghttp2_option* raw_options = nullptr;
    if (nghttp2_option_new(&raw_options) != 0) return false;
    const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> options(raw_options, nghttp2_option_del);
    nghttp2_option_set_no_closed_streams(raw_options, 1);
    nghttp2_session* session = nullptr;
    if (nghttp2_session_server_new2(&session, raw_callbacks, this, raw_options) != 0) return false;
    session_.reset(session);
    const std::array<nghttp2_settings_entry, 3> settings = {{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(line_.limits().max_header_bytes)},
    }};
    if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0) return false;
    if (nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow) != 0) return false;
    collect();
    return true;
  }

  std::span<char> space() override { return buffer_; }

  void received(size_t count) override {
    const auto* bytes = reinterpret_cast<const uint8_t*>(buffer_.data());
    if (nghttp2_session_mem_recv(session_.get(), bytes, count) < 0) fail();
    if (resets_ > kMaxResets && resets_ > answers_) {
      line_.counters().refused.fetch_add(1, std::memory_order_relaxed);
      nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
    }
    collect();
  }

  void answer(uint32_t stream_id) override {
    --waiting_;
    const auto id = static_cast<int32_t>(stream_id);
    if (Stream* stream = find(id)) {
      HttpRequest request;
      request.method = stream->method;
      set_target(request, stream->target);
      request.content_type = stream->content_type;
      request.body = stream->body;
      request.received = stream->since;
      respond(id, *stream, line_.handler().handle(request));
    }
    if (line_.ending()) end();
    // More answers may be ready in a moment: they share a record then.
    if (waiting_ == 0 || ++uncollected_ >= kBatch) collect();
  }

  std::string& output() override { return output_; }
  void sent() override { collect(); }
  bool wants_input() const override {
    return !failed_ && output_.size() < kMaxOutput && nghttp2_session_want_read(session_.get()) != 0;
  }
  bool ended() const override {
    return failed_ || (waiting_ == 0 && nghttp2_session_want_read(session_.get()) == 0 &&
                       nghttp2_session_want_write(session_.get()) == 0);
  }
  bool end() override {
    if (!std::exchange(announced_, true)) {
      const int32_t last = nghttp2_session_get_last_proc_stream_id(session_.get());
      if (nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0) != 0) fail();
    }
    collect();
    return true;
  }
  void abandon() override { streams_.clear(); }

  // Of the oldest request that the client has to go on with.
  Phase phase() const override { return oldest().first; }
  Clock::time_point since() const override { return oldest().second; }

 private:
  static constexpr int kBatch = 8;

  std::pair<Phase, Clock::time_point> oldest() const {
    std::pair<Phase, Clock::time_point> found = {Phase::kIdle, idle_since_};
    for (const auto& [id, stream] : streams_) {
      if (stream.phase != Phase::kWaiting) return {stream.phase, stream.since};
      if (found.first == Phase::kIdle) found = {stream.phase, stream.since};
    }
    return found;
  }

  Stream* find(int32_t id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : &found->second;
  }

  void fail() {
    failed_ = true;
    line_.counters().refused.fetch_add(1, std::memory_order_relaxed);
  }

  // Frames that are ready, to the output.
  void collect() {
    uncollected_ = 0;
    while (output_.size() < kMaxOutput) {
      const uint8_t* data = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
      if (size < 0) fail();
      if (size <= 0) return;
      output_ += text_of(data, static_cast<size_t>(size));
    }
  }

  void respond(int32_t id, Stream& stream, HttpResponse response) {
    ++answers_;
    stream.memory.release();
    stream.body = {};
    stream.enter(Phase::kSending);
    const std::string status = fmt::format_int(response.status).str();
    const std::string length = fmt::format_int(response.body.size()).str();
    std::vector<nghttp2_nv> headers = {header(":status", status), header("content-type", response.content_type),
                                       header("content-length", length)};
    std::vector<std::string> names;  // HTTP/2 has them in lower case
    names.reserve(response.headers.size());
    for (const auto& [name, value] : response.headers) {
      names.emplace_back(name);
      std::ranges::transform(names.back(), names.back().begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      headers.push_back(header(names.back(), value));
    }
    stream.answer = std::move(response.body);
    const bool body = !stream.answer.empty() && stream.method != "HEAD";
    nghttp2_data_provider provider = {.source = {.ptr = &stream}, .read_callback = read_answer};
    if (nghttp2_submit_response(session_.get(), id, headers.data(), headers.size(), body ? &provider : nullptr) != 0) {
      fail();
    }
  }

  void refuse(int32_t id, Stream& stream, int status, std::string_view why) {
    respond(id, stream, refusal(line_, status, why));
  }

  void header_ended(int32_t id, Stream& stream, bool whole) {
    const ServerLimits& limits = line_.limits();
    if (stream.header_bytes > limits.max_header_bytes) {
      return refuse(id, stream, 431, fmt::format("the header is larger than {} bytes", limits.max_header_bytes));
    }
    if (whole) return enqueue(id, stream);
    if (stream.length.value_or(0) > limits.max_body_bytes) return refuse_body(id, stream);
    stream.enter(Phase::kBody);
    stream.body.reserve(std::min(stream.length.value_or(0), kFirstBody));
    if (!stream.expects_continue) return;
    const nghttp2_nv status = header(":status", "100");
    if (nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr) != 0) fail();
  }

  void refuse_body(int32_t id, Stream& stream) {
    refuse(id, stream, 413, fmt::format("the body is larger than {} bytes", line_.limits().max_body_bytes));
  }

  void enqueue(int32_t id, Stream& stream) {
    stream.enter(Phase::kWaiting);
    ++waiting_;
    if (line_.enqueue(static_cast<uint32_t>(id))) return;
    --waiting_;
    refuse(id, stream, 503, "too many requests wait for an answer");
  }

  // nghttp2's callbacks; 0 is success.

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      static_cast<Http2*>(self)->streams_.try_emplace(frame->hd.stream_id);
    }
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name_data, size_t name_size,
                       const uint8_t* value_data, size_t value_size, uint8_t, void* user) {
    auto& self = *static_cast<Http2*>(user);
    Stream* stream = self.find(frame->hd.stream_id);
    if (stream == nullptr || stream->phase != Phase::kHeader) return 0;
    // 32 as the size of a header list counts (RFC 9113, 6.5.2).
    stream->header_bytes += name_size + value_size + 32;
    if (stream->header_bytes > self.line_.limits().max_header_bytes) return 0;
    const std::string_view name = text_of(name_data, name_size), value = text_of(value_data, value_size);
    if (name == ":method") {
      stream->method = value;
    } else if (name == ":path") {
      stream->target = value;
    } else if (name == "content-type") {
      stream->content_type = value;
    } else if (name == "content-length") {
      size_t length = 0;
      if (std::from_chars(value.data(), value.data() + value.size(), length).ec == std::errc()) stream->length = length;
    } else if (name == "expect") {
      stream->expects_continue = value == "100-continue";
    }
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2*>(user);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    const int32_t id = frame->hd.stream_id;
    Stream* stream = self.find(id);
    if (stream == nullptr) return 0;
    const bool whole = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (stream->phase == Phase::kHeader) {
      self.header_ended(id, *stream, whole);
    } else if (whole && stream->phase == Phase::kBody) {
      self.enqueue(id, *stream);
    }
    return 0;
  }

  static int on_data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
    auto& self = *static_cast<Http2*>(user);
    Stream* stream = self.find(id);
    if (stream == nullptr || stream->phase != Phase::kBody) return 0;
    const size_t wanted = stream->body.size() + size;
    if (wanted > self.line_.limits().max_body_bytes) {
      self.refuse_body(id, *stream);
    } else if (!stream->memory.hold(self.line_, wanted)) {
      self.refuse(id, *stream, 503, kTooManyBodies);
    } else {
      stream->body += text_of(data, size);
    }
    return 0;
  }

  static int on_stream_close(nghttp2_session*, int32_t id, uint32_t, void* user) {
    auto& self = *static_cast<Http2*>(user);
    const auto found = self.streams_.find(id);
    if (found == self.streams_.end()) return 0;
    if (found->second.phase != Phase::kSending) ++self.resets_;
    self.streams_.erase(found);
    if (self.streams_.empty()) self.idle_since_ = Clock::now();
    return 0;
  }

  // An answer before the request is whole: the client need not send the rest.
  static int on_frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void*) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    const int32_t id = frame->hd.stream_id;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && nghttp2_session_get_stream_remote_close(session, id) == 0) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
    }
    return 0;
  }

  static ssize_t read_answer(nghttp2_session*, int32_t, uint8_t* buffer, size_t size, uint32_t* flags,
                             nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const size_t count = std::min(size, stream.answer.size() - stream.answered);
    std::memcpy(buffer, stream.answer.data() + stream.answered, count);
    stream.answered += count;
    if (stream.answered == stream.answer.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  Line& line_;
  std::map<int32_t, Stream> streams_;  // in the order they came
  std::unique_ptr<nghttp2_session, decltype([](nghttp2_session* session) { nghttp2_session_del(session); })> session_;
  std::array<char, kReadSize> buffer_;
  std::string output_;
  Clock::time_point idle_since_ = Clock::now();
  uint64_t answers_ = 0, resets_ = 0;
  size_t waiting_ = 0;  // in the queue
  int uncollected_ = 0;
  bool announced_ = false, failed_ = false;
};

}  // namespace

std::unique_ptr<Protocol> make_http2(Line& line) {
  auto protocol = std::make_unique<Http2>(line);
  if (!protocol->open()) return nullptr;
  return protocol;
}

}  // namespace plimsoll::webhook
