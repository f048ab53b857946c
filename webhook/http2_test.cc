#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

#include "webhook/certificates.h"
#include "webhook/server.h"
#include "webhook/test_client.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHttp2Only("\x02h2", 3);
constexpr std::string_view kBoth("\x08http/1.1\x02h2", 12);

class Echo final : public HttpHandler {
 public:
  HttpResponse handle(const HttpRequest& request) override {
    if (request.path == "/slow") std::this_thread::sleep_for(100ms);
    return {.body = fmt::format("{} {} {} {} {}", request.method, request.path, request.query, request.content_type,
                                request.body)};
  }
  HttpResponse refuse(int status, std::string_view why) override {
    return {.status = status, .body = std::string(why)};
  }
};

// An HTTP/2 client that sends what it is told and collects answers.
class Http2Client {
 public:
  struct Answer {
    std::map<std::string, std::string> headers;
    std::string body;
    bool done = false;
    uint32_t error = 0;  // of the stream's end
  };

  Http2Client(unsigned port, const std::string& authority)
      : line_(port, TestClient::Tls::kOn, authority, kHttp2Only) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* self) {
          of(self).answers_[frame->hd.stream_id].headers[std::string(name, name + name_size)] =
              std::string(value, value + value_size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* self) {
          of(self).answers_[id].body.append(data, data + size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, int32_t id, uint32_t error, void* self) {
          of(self).answers_[id].done = true;
          of(self).answers_[id].error = error;
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          if (frame->hd.type == NGHTTP2_GOAWAY) of(self).goaway_ = true;
          return 0;
        });
    nghttp2_session* session = nullptr;
    nghttp2_session_client_new(&session, callbacks, this);
    session_.reset(session);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  }

  // Submits a request; `length` (of the body that is announced) may be more than what is sent.
  int32_t ask(const std::string& method, const std::string& path, std::string body = {},
              const std::vector<std::pair<std::string, std::string>>& more = {}, bool whole = true) {
    std::vector<std::pair<std::string, std::string>> headers = {
        {":method", method}, {":scheme", "https"}, {":authority", "localhost"}, {":path", path}};
    headers.insert(headers.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> fields;
    for (auto& [name, value] : headers) {
      fields.push_back({reinterpret_cast<uint8_t*>(name.data()), reinterpret_cast<uint8_t*>(value.data()), name.size(),
                        value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    auto upload = std::make_unique<Upload>(Upload{std::move(body), 0, whole});
    nghttp2_data_provider provider{.source = {.ptr = upload.get()}, .read_callback = read_body};
    const bool empty = upload->body.empty() && whole;
    const int32_t id = nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                                              empty ? nullptr : &provider, nullptr);
    uploads_.push_back(std::move(upload));
    return id;
  }
  void take_back(int32_t id) { nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }

  bool flush() {
    std::string out;
    const uint8_t* data = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_.get(), &data)) > 0;) out.append(data, data + size);
    return out.empty() || line_.send(out);
  }
  // Sends, and reads until the answer is whole, or nothing comes any more.
  const Answer& answer(int32_t id) {
    flush();
    while (!answers_[id].done) {
      const std::string bytes = line_.receive();
      if (bytes.empty()) break;
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      flush();
    }
    return answers_[id];
  }
  // Reads until the server ends the connection; false: it did not.
  bool ended(int seconds = 5) {
    flush();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < until) {
      const std::string bytes = line_.receive(seconds);
      if (bytes.empty()) return std::chrono::steady_clock::now() < until;
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      flush();
    }
    return false;
  }
  bool told_to_go() const { return goaway_; }
  TestClient& line() { return line_; }

 private:
  struct Upload {
    std::string body;
    size_t sent;
    bool whole;
  };
  static Http2Client& of(void* self) { return *static_cast<Http2Client*>(self); }
  static ssize_t read_body(nghttp2_session*, int32_t, uint8_t* buffer, size_t size, uint32_t* flags,
                           nghttp2_data_source* source, void*) {
    auto& upload = *static_cast<Upload*>(source->ptr);
    const size_t count = std::min(size, upload.body.size() - upload.sent);
    if (count == 0 && !upload.whole) return NGHTTP2_ERR_DEFERRED;
    std::memcpy(buffer, upload.body.data() + upload.sent, count);
    upload.sent += count;
    if (upload.sent == upload.body.size() && upload.whole) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  TestClient line_;
  std::unique_ptr<nghttp2_session, decltype([](nghttp2_session* session) { nghttp2_session_del(session); })> session_;
  std::vector<std::unique_ptr<Upload>> uploads_;
  std::map<int32_t, Answer> answers_;
  bool goaway_ = false;
};

class Http2Test : public testing::Test {
 protected:
  void start(ServerLimits limits = {}, size_t threads = 1, Preference preference = Preference::kHttp1) {
    certificates_ = std::make_unique<Certificates>(preference);
    authority_ = *make_authority("test", 1h);
    ASSERT_TRUE(certificates_->use(*make_leaf(authority_, {"localhost"}, 1h)));
    ServerOptions options{.address = "127.0.0.1", .threads = threads, .limits = limits};
    options.make_handler = [](size_t) { return std::make_unique<Echo>(); };
    options.tls = [this] { return certificates_->context(); };
    auto server = Server::listen(std::move(options));
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = *std::move(server);
    server_->run();
  }
  Http2Client connect() { return {server_->port(), authority_.certificates}; }
  const ServerCounters& counters() const { return server_->counters(); }

  KeyPair authority_;
  std::unique_ptr<Certificates> certificates_;
  std::unique_ptr<Server> server_;
};

TEST_F(Http2Test, IsSpokenWithClientsThatOfferNothingElseOrWhereItIsPreferred) {
  start();
  const auto protocol_of = [&](std::string_view offered) {
    return TestClient(server_->port(), TestClient::Tls::kOn, authority_.certificates, offered).protocol();
  };
  EXPECT_EQ(protocol_of(kHttp2Only), "h2");
  EXPECT_EQ(protocol_of(kBoth), "http/1.1");
  EXPECT_EQ(protocol_of({}), "");
  start({}, 1, Preference::kHttp2);
  EXPECT_EQ(protocol_of(kBoth), "h2");
}

TEST_F(Http2Test, AnswersManyRequestsOfOneConnection) {
  start({.max_in_flight = 1000}, 2);
  Http2Client client = connect();
  std::map<int32_t, std::string> wanted;
  for (int i = 0; i < 200; ++i) {
    const std::string body(static_cast<size_t>(i) * 100, 'x');
    const int32_t id = client.ask("POST", fmt::format("/a{}?timeout={}s", i, i), body, {{"content-type", "application/json"}});
    wanted[id] = fmt::format("POST /a{} timeout={}s application/json {}", i, i, body);
  }
  for (const auto& [id, body] : wanted) {
    const auto& answer = client.answer(id);
    ASSERT_EQ(answer.headers.at(":status"), "200");
    EXPECT_EQ(answer.body, body);
    EXPECT_EQ(answer.headers.at("content-length"), fmt::format("{}", body.size()));
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  }
  const auto& head = client.answer(client.ask("HEAD", "/a"));
  EXPECT_EQ(head.headers.at(":status"), "200");
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(counters().http2.load(), 1U);
  EXPECT_EQ(counters().buffered_bytes.load(), 0U);
  EXPECT_EQ(counters().in_flight.load(), 0U);
}

TEST_F(Http2Test, SendsLongAnswersAsFastAsTheClientTakesThem) {
  start();
  Http2Client client = connect();
  // More than the window of a stream that the client has opened: 65,535 bytes.
  const std::string body(1'000'000, 'x');
  EXPECT_EQ(client.answer(client.ask("POST", "/a", body)).body.size(), body.size() + std::string("POST /a   ").size());
}

TEST_F(Http2Test, RefusesWhatIsTooLargeAndGoesOn) {
  start({.max_header_bytes = 2048, .max_body_bytes = 4096});
  Http2Client client = connect();
  const auto status_of = [&](int32_t id) { return client.answer(id).headers.at(":status"); };
  EXPECT_EQ(status_of(client.ask("GET", "/a", {}, {{"x", std::string(4000, 'x')}})), "431");
  EXPECT_EQ(status_of(client.ask("POST", "/a", "x", {{"content-length", "1073741824"}}, false)), "413");
  EXPECT_EQ(status_of(client.ask("POST", "/a", std::string(100'000, 'x'))), "413");
  EXPECT_EQ(status_of(client.ask("POST", "/a", "small")), "200");
  EXPECT_EQ(counters().refused.load(), 3U);
  EXPECT_EQ(counters().buffered_bytes.load(), 0U);
}

TEST_F(Http2Test, AsksForTheBodyThatAClientHoldsBack) {
  start();
  Http2Client client = connect();
  const auto& answer = client.answer(client.ask("POST", "/a", "body", {{"expect", "100-continue"}}));
  EXPECT_EQ(answer.headers.at(":status"), "200");  // after the 100, which it takes the place of
  EXPECT_EQ(answer.body, "POST /a   body");
}

TEST_F(Http2Test, ShedsLoadBeyondItsQueue) {
  start({.max_in_flight = 4});
  Http2Client client = connect();
  std::vector<int32_t> asked;
  for (int i = 0; i < 40; ++i) asked.push_back(client.ask("POST", "/slow", "x"));
  int served = 0, shed = 0;
  for (const int32_t id : asked) {
    auto answer = client.answer(id);
    if (answer.headers[":status"] == "200") ++served;
    if (answer.headers[":status"] != "503") continue;
    ++shed;
    EXPECT_EQ(answer.headers["retry-after"], "1");
  }
  EXPECT_GE(served, 4);
  EXPECT_GT(shed, 0);
  EXPECT_EQ(served + shed, 40);
  EXPECT_EQ(counters().shed.load(), static_cast<uint64_t>(shed));
}

TEST_F(Http2Test, BoundsTheMemoryOfBodies) {
  start({.max_body_bytes = 1 << 20, .max_buffered_bytes = 1 << 20});
  Http2Client client = connect();
  // What is promised and never sent takes none.
  for (int i = 0; i < 8; ++i) client.ask("POST", "/a", "abc", {{"content-length", "1000000"}}, false);
  EXPECT_EQ(client.answer(client.ask("POST", "/a", std::string(300'000, 'x'))).headers.at(":status"), "200");
  client.ask("POST", "/a", std::string(800'000, 'x'), {{"content-length", "1000000"}}, false);
  client.flush();
  while (counters().buffered_bytes.load() < 800'000) std::this_thread::sleep_for(1ms);
  auto refused = client.answer(client.ask("POST", "/a", std::string(300'000, 'x')));
  EXPECT_EQ(refused.headers[":status"], "503");
  EXPECT_LE(counters().buffered_bytes.load(), 1U << 20);
  // Bodies that are long in coming make room for others.
  EXPECT_TRUE(client.ended(10));
  EXPECT_EQ(counters().buffered_bytes.load(), 0U);
}

TEST_F(Http2Test, EndsSlowAndSilentClients) {
  start({.header_timeout = 400ms, .body_timeout = 400ms, .idle_timeout = 800ms});
  Http2Client slow_body = connect(), idle = connect();
  slow_body.ask("POST", "/a", "abc", {{"content-length", "100"}}, false);
  EXPECT_EQ(idle.answer(idle.ask("GET", "/a")).headers.at(":status"), "200");
  EXPECT_TRUE(slow_body.ended());
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(idle.told_to_go());
}

TEST_F(Http2Test, EndsWhatIsNoHttp2) {
  start();
  Http2Client client = connect();
  client.line().send("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(client.line().ended());
  Http2Client broken = connect();
  broken.answer(broken.ask("GET", "/a"));
  broken.line().send(std::string(64, '\xFF'));
  EXPECT_TRUE(broken.line().ended());
  EXPECT_GE(counters().refused.load(), 1U);
}

TEST_F(Http2Test, RequestsThatAreTakenBackAreNotAnswered) {
  start();
  Http2Client client = connect();
  client.ask("POST", "/slow", "x");
  const int32_t second = client.ask("POST", "/slow", "x");
  client.flush();
  client.take_back(second);
  EXPECT_EQ(client.answer(second).error, static_cast<uint32_t>(NGHTTP2_CANCEL));
  EXPECT_EQ(client.answer(client.ask("GET", "/a")).headers.at(":status"), "200");
  // Who does nothing else is not listened to for long (CVE-2023-44487).
  for (int i = 0; i < 40 && client.flush(); ++i) {
    std::vector<int32_t> asked;
    for (int n = 0; n < 50; ++n) asked.push_back(client.ask("POST", "/slow", "x", {}, false));
    client.flush();
    for (const int32_t id : asked) client.take_back(id);
  }
  EXPECT_TRUE(client.ended(20));
  while (counters().in_flight.load() != 0) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(counters().buffered_bytes.load(), 0U);
}

TEST_F(Http2Test, AnswersWhatHasArrivedBeforeItEnds) {
  start({}, 2);
  auto busy = std::make_unique<Http2Client>(server_->port(), authority_.certificates);
  auto idle = std::make_unique<Http2Client>(server_->port(), authority_.certificates);
  for (const auto& client : {busy.get(), idle.get()})
    EXPECT_EQ(client->answer(client->ask("GET", "/a")).headers.at(":status"), "200");
  std::vector<int32_t> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(busy->ask("POST", "/slow", "x"));
  busy->flush();
  while (counters().in_flight.load() < 2) std::this_thread::sleep_for(1ms);
  std::thread ending([&] { EXPECT_TRUE(server_->drain(10s)); });
  for (const int32_t id : asked) EXPECT_EQ(busy->answer(id).headers.at(":status"), "200");
  for (const auto& client : {busy.get(), idle.get()}) {
    EXPECT_TRUE(client->ended());
    EXPECT_TRUE(client->told_to_go());
  }
  busy.reset();
  idle.reset();
  ending.join();
}

}  // namespace
}  // namespace plimsoll::webhook
