#include "engine/cluster/client.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/cluster/backoff.h"
#include "engine/cluster/fake_server.h"
#include "tests/temporary_folder.h"

namespace plimsoll::cluster {
namespace {

using Request = FakeServer::Request;
using Peer = FakeServer::Peer;
using std::chrono::milliseconds;

const Resource kPods{.group = "", .version = "v1", .kind = "Pod", .plural = "pods", .namespaced = true};

ClientOptions hasty() {
  ClientOptions options;
  options.limits = {.connect = milliseconds(2000), .exchange = milliseconds(500), .silence = milliseconds(500), .body = 1UL << 20};
  return options;
}

TEST(ResourceTest, PathsAreThoseOfTheApi) {
  EXPECT_EQ(kPods.path(), "/api/v1/pods");
  EXPECT_EQ(kPods.path("shop", "a/b"), "/api/v1/namespaces/shop/pods/a%2Fb");
  const Resource policies{.group = "plimsoll.dev", .version = "v1", .kind = "Policy", .plural = "policies", .namespaced = false};
  EXPECT_EQ(policies.path("shop", "x"), "/apis/plimsoll.dev/v1/policies/x");
  EXPECT_EQ(policies.api_version(), "plimsoll.dev/v1");
}

TEST(ClientTest, ListsPageByPageOverOneConnection) {
  std::vector<std::string> targets;
  FakeServer server([&](const Request& request, Peer& peer) {
    targets.push_back(request.target);
    if (request.target.find("continue") == std::string::npos) {
      return peer.answer(200, R"({"metadata":{"resourceVersion":"7","continue":"a=b"},"items":[{"metadata":{"name":"a"}}]})");
    }
    peer.answer(200, R"({"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"b"}}]})");
  });
  Client client(server.access(), hasty());
  std::string names;
  const auto version = client.list(kPods, {}, [&](const Value& object) -> Result<void> {
    names += object["metadata"]["name"].string_or();
    return {};
  });
  ASSERT_TRUE(version) << version.error().to_string();
  EXPECT_EQ(*version, "7");
  EXPECT_EQ(names, "ab");
  EXPECT_EQ(targets, (std::vector<std::string>{"/api/v1/pods?limit=500", "/api/v1/pods?limit=500&continue=a%3Db"}));
  EXPECT_EQ(server.connections(), 1U);
}

TEST(ClientTest, AsksForSmallerPagesWhereOneIsTooLarge) {
  std::vector<std::string> targets;
  FakeServer server([&](const Request& request, Peer& peer) {
    targets.push_back(request.target);
    const bool large = request.target.find("limit=500") != std::string::npos;
    peer.answer(200, R"({"metadata":{"resourceVersion":"7"},"items":[], "x": ")" + std::string(large ? 2UL << 20 : 10, 'x') + "\"}");
  });
  Client client(server.access(), hasty());
  ASSERT_TRUE(client.list(kPods, {}, [](const Value&) { return Result<void>(); }));
  EXPECT_EQ(targets.back(), "/api/v1/pods?limit=62");
}

TEST(ClientTest, TellsWhatTheServerSays) {
  FakeServer server([](const Request& request, Peer& peer) {
    if (request.method == "PUT") return peer.answer(409, R"({"kind":"Status","reason":"Conflict","message":"the object has been modified"})");
    peer.answer(403, R"({"kind":"Status","reason":"Forbidden","message":"pods is forbidden"})");
  });
  Client client(server.access(), hasty());
  const auto refused = client.get(kPods, "shop", "a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 403);
  EXPECT_NE(refused.error().to_string().find("GET /api/v1/namespaces/shop/pods/a: 403 pods is forbidden"), std::string::npos);
  EXPECT_NE(refused.error().to_string().find("ClusterRole"), std::string::npos);
  const auto conflict = client.update(kPods, "shop", "a", "{}");
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().status, 409);
  EXPECT_EQ(conflict.error().reason, "Conflict");
}

TEST(ClientTest, WaitsOutOverloadAsToldAndGivesUpAfterAFewTimes) {
  int asked = 0;
  FakeServer server([&](const Request& request, Peer& peer) {
    if (request.target.ends_with("never")) return peer.answer(429, "{}", "Retry-After: 0\r\n");
    if (++asked < 3) return peer.answer(429, R"({"kind":"Status","message":"too many requests"})", asked == 1 ? "Retry-After: 1\r\n" : "");
    peer.answer(200, R"({"metadata":{"name":"a"}})");
  });
  Client client(server.access(), hasty());
  const auto begin = std::chrono::steady_clock::now();
  const auto pod = client.get(kPods, "shop", "a");
  ASSERT_TRUE(pod) << pod.error().to_string();
  EXPECT_EQ(asked, 3);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(1000));
  const auto never = client.get(kPods, "shop", "never");
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().status, 429);
}

TEST(ClientTest, SendsTheTokenAndBodyAndPatchType) {
  std::vector<Request> seen;
  FakeServer server([&](const Request& request, Peer& peer) {
    seen.push_back(request);
    peer.answer(request.method == "POST" ? 201 : 200, R"({"metadata":{"name":"a"}})");
  });
  ClusterAccess access = server.access();
  access.token.text = "abc\n";
  Client client(access, hasty());
  ASSERT_TRUE(client.create(kPods, "shop", R"({"kind":"Pod"})"));
  ASSERT_TRUE(client.patch(kPods, "shop", "a", PatchType::kMerge, "{}"));
  ASSERT_TRUE(client.patch(kPods, "shop", "a", PatchType::kJson, "[]"));
  ASSERT_TRUE(client.remove(kPods, "shop", "a"));
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].method, "POST");
  EXPECT_EQ(seen[0].body, R"({"kind":"Pod"})");
  EXPECT_NE(seen[0].header.find("Authorization: Bearer abc\r\n"), std::string::npos);
  EXPECT_NE(seen[1].header.find("application/merge-patch+json"), std::string::npos);
  EXPECT_NE(seen[2].header.find("application/json-patch+json"), std::string::npos);
  EXPECT_EQ(seen[3].method, "DELETE");
}

TEST(ClientTest, ATokenThatIsReplacedIsSentFromTheNextRequestOn) {
  const TemporaryFolder folder;
  folder.write("token", "first\n");
  std::vector<std::string> seen;
  FakeServer server([&](const Request& request, Peer& peer) {
    const size_t at = request.header.find("Bearer ");
    seen.push_back(request.header.substr(at, request.header.find('\r', at) - at));
    peer.answer(200, "{}");
  });
  ClusterAccess access = server.access();
  access.token.file = (folder.path() / "token").string();
  Client client(access, hasty());
  ASSERT_TRUE(client.get(kPods, "shop", "a"));
  folder.write("token", "second");
  ASSERT_TRUE(client.get(kPods, "shop", "a"));
  EXPECT_EQ(seen, (std::vector<std::string>{"Bearer first", "Bearer second"}));
  EXPECT_EQ(server.connections(), 1U);
}

TEST(BackoffTest, DoublesUpToItsLimitAndSpreads) {
  Backoff backoff(milliseconds(100), milliseconds(1000));
  for (const int whole : {100, 200, 400, 800, 1000, 1000}) {
    const milliseconds wait = backoff.next();
    EXPECT_GE(wait.count(), whole / 2);
    EXPECT_LE(wait.count(), whole);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(100));
  // Clients that begin at the same time do not come back at the same time.
  std::set<int64_t> waits;
  for (int i = 0; i < 50; ++i) waits.insert(Backoff(milliseconds(10'000), milliseconds(10'000)).next().count());
  EXPECT_GT(waits.size(), 25U);
}

TEST(ClientTest, GoesOnWhereTheServerClosedAnIdleConnection) {
  FakeServer server([](const Request&, Peer& peer) {
    peer.answer(200, "{}");
    peer.close();  // though it had not said so
  });
  Client client(server.access(), hasty());
  for (int i = 0; i < 5; ++i) {
    const auto pod = client.get(kPods, "shop", "a");
    ASSERT_TRUE(pod) << pod.error().to_string();
  }
}

TEST(ClientTest, EndsInTimeWhateverTheServerDoes) {
  const std::string_view scripts[] = {"silent", "garbage", "half", "header", "huge", "json", "list", "endless"};
  for (const std::string_view script : scripts) {
    FakeServer server([script](const Request&, Peer& peer) {
      if (script == "silent") {
        while (!peer.gone() && !peer.ending()) std::this_thread::sleep_for(milliseconds(10));
      }
      if (script == "garbage") peer.raw("\x16\x03\x01 no http at all\r\n\r\n");
      if (script == "half") peer.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\"");
      if (script == "header") {
        peer.raw("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 20000 && peer.raw("X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"); ++i) {
        }
      }
      if (script == "huge") peer.answer(200, std::string(3UL << 20, ' '));
      if (script == "json") return peer.answer(200, "{\"items\": [");
      if (script == "list") return peer.answer(200, "{\"items\": 5}");
      if (script == "endless") return peer.answer(200, R"({"metadata":{"continue":"same"},"items":[]})");
      peer.close();
    });
    ClientOptions options = hasty();
    options.page_size = 1;
    Client client(server.access(), options);
    const auto begin = std::chrono::steady_clock::now();
    const auto listed = client.list(kPods, {}, [](const Value&) { return Result<void>(); });
    ASSERT_FALSE(listed) << script;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << script;
    EXPECT_FALSE(listed.error().message().empty());
  }
}

TEST(ClientTest, AStopEndsARequestUnderWay) {
  FakeServer server([](const Request&, Peer& peer) {
    while (!peer.gone() && !peer.ending()) std::this_thread::sleep_for(milliseconds(5));
    peer.close();
  });
  ClientOptions options;
  Client client(server.access(), options);
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.watch(kPods, {}, "1", std::chrono::seconds(300), [](std::string_view) { return true; }, stop.get_token()));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  stopper.join();
}

TEST(ClientTest, ConnectionRefusedNamesTheServer) {
  ClusterAccess access;
  {
    const FakeServer gone([](const Request&, Peer&) {});
    access = gone.access();
  }
  Client client(access, hasty());
  const auto pod = client.get(kPods, "shop", "a");
  ASSERT_FALSE(pod);
  EXPECT_EQ(pod.error().status, 0);
  EXPECT_NE(pod.error().message().find(access.url()), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cluster
