#include "webhook/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

#include "webhook/certificates.h"
#include "webhook/test_client.h"

namespace plimsoll::webhook {
namespace {

using namespace std::chrono_literals;
using Tls = TestClient::Tls;

// Answers with what came; /slow takes its time.
class Echo final : public HttpHandler {
 public:
  HttpResponse handle(const HttpRequest& request) override {
    if (request.path == "/slow") std::this_thread::sleep_for(200ms);
    return {.body = fmt::format("{} {} {} {}", request.method, request.path, request.query, request.body)};
  }
  HttpResponse refuse(int status, std::string_view why) override {
    return {.status = status, .body = std::string(why)};
  }
};

class ServerTest : public testing::Test {
 protected:
  void start(ServerLimits limits = {}, size_t threads = 1, bool tls = false) {
    ServerOptions options{.address = "127.0.0.1", .threads = threads, .limits = limits};
    options.make_handler = [](size_t) { return std::make_unique<Echo>(); };
    if (tls) {
      authority_ = *make_authority("test", 1h);
      ASSERT_TRUE(certificates_.use(*make_leaf(authority_, {"localhost"}, 1h)));
      options.tls = [this] { return certificates_.context(); };
    }
    auto server = Server::listen(std::move(options));
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = *std::move(server);
    server_->run();
  }

  KeyPair authority_;
  Certificates certificates_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
  start();
  TestClient client(server_->port(), Tls::kOff);
  client.send(post("/a?x=1", "one") + post("/b", "two") + get("/c"));
  EXPECT_EQ(client.read().body, "POST /a x=1 one");
  EXPECT_EQ(client.read().body, "POST /b  two");
  EXPECT_EQ(client.read().body, "GET /c  ");
  client.send(post("/d", "four", "Connection: close\r\n"));
  const TestAnswer last = client.read();
  EXPECT_EQ(last.body, "POST /d  four");
  EXPECT_NE(last.headers.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, TakesBodiesInPiecesAndChunks) {
  start();
  TestClient client(server_->port(), Tls::kOff);
  for (const char c : post("/p", "body")) {
    client.send(std::string(1, c));
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(client.read().body, "POST /p  body");
  client.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().body, "POST /c  abcde");
  client.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send("ok");
  EXPECT_EQ(client.read().body, "POST /e  ok");
}

TEST_F(ServerTest, SpeaksHttp11OverTlsWhereTheClientOffersBoth) {
  start({}, 2, true);
  constexpr std::string_view kBoth("\x02h2\x08http/1.1", 12);
  TestClient client(server_->port(), Tls::kOn, authority_.certificates, kBoth);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.version(), "TLSv1.3");
  EXPECT_EQ(client.protocol(), "http/1.1");
  client.send(post("/a", "one"));
  EXPECT_EQ(client.read().body, "POST /a  one");
  EXPECT_FALSE(TestClient(server_->port(), Tls::kOn, make_authority("other", 1h)->certificates).connected());
}

TEST_F(ServerTest, ChangedCertificatesServeNewConnectionsAndLeaveOldOnes) {
  start({}, 2, true);
  TestClient old(server_->port(), Tls::kOn, authority_.certificates);
  ASSERT_TRUE(old.connected());
  const KeyPair next = *make_authority("next", 1h);
  ASSERT_TRUE(certificates_.use(*make_leaf(next, {"localhost"}, 1h)));
  TestClient fresh(server_->port(), Tls::kOn, next.certificates);
  EXPECT_TRUE(fresh.connected());
  EXPECT_FALSE(TestClient(server_->port(), Tls::kOn, authority_.certificates).connected());
  old.send(post("/old", "1"));
  EXPECT_EQ(old.read().body, "POST /old  1");
}

TEST_F(ServerTest, WithoutACertificateNothingIsSaidInPlain) {
  ServerOptions options{.address = "127.0.0.1"};
  options.make_handler = [](size_t) { return std::make_unique<Echo>(); };
  options.tls = [] { return nullptr; };
  const auto server = *Server::listen(std::move(options));
  server->run();
  TestClient client(server->port(), Tls::kOff);
  client.send(get("/a"));
  EXPECT_EQ(client.read().status, 0);
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(TestClient(server->port(), Tls::kOn).connected());
  while (server->counters().connections.load() != 0) std::this_thread::sleep_for(1ms);
}

TEST_F(ServerTest, RefusesWhatIsNoRequestOrTooLarge) {
  start({.max_header_bytes = 1024, .max_body_bytes = 4096});
  const auto status_of = [&](const std::string& data) {
    TestClient client(server_->port(), Tls::kOff);
    client.send(data);
    const int status = client.read().status;
    EXPECT_TRUE(client.ended()) << data.substr(0, 60);
    return status;
  };
  EXPECT_EQ(status_of("\x16\x03\x01 garbage \r\n\r\n"), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 1073741824\r\n\r\n"), 413);
  EXPECT_EQ(status_of(post("/", std::string(100'000, 'x'))), 413);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n" + std::string(8192, 'x') +
                      "\r\n0\r\n\r\n"),
            413);
  EXPECT_EQ(server_->counters().refused.load(), 7U);
  EXPECT_EQ(server_->counters().buffered_bytes.load(), 0U);
}

TEST_F(ServerTest, EndsSlowAndSilentClients) {
  start({.handshake_timeout = 400ms, .header_timeout = 400ms, .body_timeout = 400ms, .idle_timeout = 800ms}, 1, true);
  TestClient half_open(server_->port(), Tls::kOff);  // never says hello
  TestClient slow_header(server_->port(), Tls::kOn);
  TestClient slow_body(server_->port(), Tls::kOn);
  TestClient idle(server_->port(), Tls::kOn);
  slow_header.send("POST /a HTTP/1.1\r\nHost");
  slow_body.send("POST /a HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc");
  idle.send(get("/a"));
  EXPECT_EQ(idle.read().status, 200);
  for (TestClient* client : {&half_open, &slow_header, &slow_body, &idle}) EXPECT_TRUE(client->ended(3));
  EXPECT_EQ(server_->counters().connections.load(), 0U);
  EXPECT_EQ(server_->counters().buffered_bytes.load(), 0U);
}

TEST_F(ServerTest, ManyConnectionsDoNotKeepOthersOut) {
  start({.max_connections = 16}, 2);
  std::vector<std::unique_ptr<TestClient>> silent;
  for (int i = 0; i < 200; ++i) silent.push_back(std::make_unique<TestClient>(server_->port(), Tls::kOff));
  TestClient client(server_->port(), Tls::kOff);
  client.send(get("/a"));
  EXPECT_EQ(client.read().status, 200);
  EXPECT_LE(server_->counters().connections.load(), 16U);
  // One that has asked something stays longer than those that are silent.
  for (int i = 0; i < 50; ++i) silent.push_back(std::make_unique<TestClient>(server_->port(), Tls::kOff));
  client.send(get("/b"));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(ServerTest, ShedsLoadBeyondItsQueue) {
  start({.max_in_flight = 2});
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<TestClient>(server_->port(), Tls::kOff));
    clients.back()->send(get("/a"));
    EXPECT_EQ(clients.back()->read().status, 200);
  }
  for (auto& client : clients) client->send(post("/slow", "x"));
  int served = 0, shed = 0;
  for (auto& client : clients) {
    const TestAnswer answer = client->read();
    if (answer.status == 200) ++served;
    if (answer.status != 503) continue;
    ++shed;
    EXPECT_NE(answer.headers.find("Retry-After: "), std::string::npos);
    client->send(get("/again"));  // the connection is still good
  }
  EXPECT_GE(served, 2);
  EXPECT_EQ(served + shed, 8);
  EXPECT_EQ(server_->counters().shed.load(), static_cast<uint64_t>(shed));
  EXPECT_GT(shed, 0);
}

constexpr std::string_view kLargePost = "POST /a HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n";

TEST_F(ServerTest, BoundsTheMemoryOfBodies) {
  start({.max_body_bytes = 1 << 20, .max_buffered_bytes = 1 << 20});
  TestClient first(server_->port(), Tls::kOff);
  first.send(std::string(kLargePost) + std::string(900'000, 'x'));
  while (server_->counters().buffered_bytes.load() < 900'000) std::this_thread::sleep_for(1ms);
  TestClient second(server_->port(), Tls::kOff);
  second.send(std::string(kLargePost) + "abc");
  EXPECT_EQ(second.read().status, 503);
  first.send(std::string(100'000, 'x'));
  EXPECT_EQ(first.read().status, 200);
  EXPECT_EQ(server_->counters().buffered_bytes.load(), 0U);
}

TEST_F(ServerTest, WhatIsPromisedAndNeverSentTakesNoMemory) {
  start({.max_body_bytes = 1 << 20, .max_buffered_bytes = 1 << 20});
  std::vector<std::unique_ptr<TestClient>> promising;
  for (int i = 0; i < 8; ++i) {
    promising.push_back(std::make_unique<TestClient>(server_->port(), Tls::kOff));
    promising.back()->send(std::string(kLargePost) + "abc");
    promising.push_back(std::make_unique<TestClient>(server_->port(), Tls::kOff));
    promising.back()->send("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  }
  while (server_->counters().buffered_bytes.load() < 16UL * 16 * 1024) std::this_thread::sleep_for(1ms);
  TestClient client(server_->port(), Tls::kOff);
  client.send(post("/a", std::string(300'000, 'x')));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(ServerTest, BodiesThatAreLongInComingMakeRoomForOthers) {
  start({.max_body_bytes = 1 << 20, .max_buffered_bytes = 1 << 20});
  TestClient slow(server_->port(), Tls::kOff);
  slow.send(std::string(kLargePost) + std::string(900'000, 'x'));
  EXPECT_TRUE(slow.ended(10));  // the time for bodies is 30 seconds
  TestClient client(server_->port(), Tls::kOff);
  client.send(post("/a", std::string(300'000, 'x')));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(ServerTest, AnswersWhatHasArrivedBeforeItEnds) {
  start({}, 2, true);
  TestClient busy(server_->port(), Tls::kOn);
  TestClient idle(server_->port(), Tls::kOn);
  idle.send(get("/a"));
  EXPECT_EQ(idle.read().status, 200);
  busy.send(post("/slow", "x"));
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(server_->drain(5s));
  const TestAnswer answer = busy.read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.headers.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(idle.ended());
  EXPECT_FALSE(TestClient(server_->port(), Tls::kOff).connected());
}

TEST_F(ServerTest, ServesManyThreadsOfClients) {
  start({}, 4, true);
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      TestClient client(server_->port(), Tls::kOn, authority_.certificates);
      for (int n = 0; n < 100; ++n) {
        const std::string body = fmt::format("{}-{}", i, n);
        client.send(post("/a", body));
        if (client.read().body == "POST /a  " + body) ++answered;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered.load(), 800);
}

TEST(ServerListenTest, SaysWhyItCannotListen) {
  const auto server =
      Server::listen({.address = "nowhere", .make_handler = [](size_t) { return std::make_unique<Echo>(); }});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().message(), "\"nowhere\" is no address to listen on");
}

}  // namespace
}  // namespace plimsoll::webhook
