#include "engine/cluster/view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <fstream>
#include <map>

#include "engine/cluster/fake_server.h"
#include "tests/temporary_folder.h"

namespace plimsoll::cluster {
namespace {

using Request = FakeServer::Request;
using Peer = FakeServer::Peer;
using std::chrono::milliseconds;

std::string object(std::string_view name, int version, std::string_view more = {}) {
  return fmt::format(R"({{"metadata":{{"name":"{}","namespace":"shop","resourceVersion":"{}"{}}}}})", name, version, more);
}
std::string event(std::string_view type, const std::string& object) { return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, object); }

// An API server with one kind, v1 Pod, whose lists and watches a test tells.
class Cluster {
  // First, for the server's threads use them to the end.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string list_ = R"({"metadata":{"resourceVersion":"1"},"items":[]})";
  std::vector<std::string> stream_, targets_;

 public:
  Cluster() : server([this](const Request& request, Peer& peer) { serve(request, peer); }), client(server.access()) {}

  void set_list(const std::string& items, int version) {
    const std::lock_guard lock(mutex_);
    list_ = fmt::format(R"({{"metadata":{{"resourceVersion":"{}"}},"items":[{}]}})", version, items);
  }
  // To the next watch, or that which is open: "" ends it in good order, "!" breaks it.
  void send(const std::string& text) {
    const std::lock_guard lock(mutex_);
    stream_.push_back(text);
    wake_.notify_all();
  }
  std::vector<std::string> targets() {
    const std::lock_guard lock(mutex_);
    return targets_;
  }
  size_t count(std::string_view part) {
    size_t found = 0;
    for (const std::string& target : targets()) found += target.find(part) != std::string::npos;
    return found;
  }

  std::atomic<int> watch_status = 200;
  std::string kinds = R"({"resources":[{"name":"pods","kind":"Pod","namespaced":true},{"name":"pods/status","kind":"Pod"},{"name":"secrets","kind":"Secret","namespaced":true}]})";
  FakeServer server;
  Client client;

 private:
  void serve(const Request& request, Peer& peer) {
    std::unique_lock lock(mutex_);
    targets_.push_back(request.target);
    if (request.target == "/api/v1") return peer.answer(200, kinds);
    if (request.target.find("watch=true") == std::string::npos) {
      if (!request.target.starts_with("/api/v1/")) return peer.answer(404, "{}");
      return peer.answer(200, list_);
    }
    if (watch_status != 200) return peer.answer(watch_status.exchange(200), R"({"kind":"Status","code":410,"message":"too old resource version"})");
    peer.begin_stream();
    while (!peer.closed() && !peer.ending() && !peer.gone()) {
      if (stream_.empty()) {
        wake_.wait_for(lock, milliseconds(5));
        continue;
      }
      const std::string text = stream_.front();
      stream_.erase(stream_.begin());
      if (text.empty()) return peer.end_stream();
      if (text == "!") break;
      peer.chunk(text);
    }
    peer.close();
  }
};

ViewOptions hasty() { return {.first_backoff = milliseconds(10), .longest_backoff = milliseconds(50), .absent_check = milliseconds(50)}; }

template <typename Condition>
bool eventually(const Condition& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

std::string names(const ClusterView& view, const LabelSelector* selector = nullptr, std::string_view kind = "Pod") {
  const ClusterObjects objects = view.objects();
  Arena arena;
  List* found = List::create(arena);
  objects.list({.api_version = "v1", .kind = kind, .namespace_name = "shop", .selector = selector}, *found, arena);
  std::string text;
  for (const Value& object : *found) text += std::string(object["metadata"]["name"].string_or()) + ' ';
  return text;
}

TEST(ClusterViewTest, ShowsWhatIsListedAndThenWatched) {
  Cluster cluster;
  cluster.set_list(object("a", 1) + "," + object("b", 2), 5);
  ClusterView view(cluster.client, hasty());
  EXPECT_EQ(view.generation("v1", "Pod"), 0U);
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000))) << view.status().detail();
  EXPECT_EQ(names(view), "a b ");
  EXPECT_TRUE(view.objects().complete("v1", "Pod"));
  EXPECT_FALSE(view.objects().complete("v1", "Service"));
  EXPECT_EQ(view.objects().namespaced("v1", "Pod"), true);
  const uint64_t before = view.generation("v1", "Pod");
  EXPECT_GT(before, 0U);
  cluster.send(event("ADDED", object("c", 6)) + event("MODIFIED", object("a", 7, R"(,"labels":{"app":"web"})")));
  cluster.send(event("DELETED", object("b", 8)));
  ASSERT_TRUE(eventually([&] { return names(view) == "a c "; })) << names(view);
  EXPECT_GT(view.generation("v1", "Pod"), before);
  const LabelSelector web = *LabelSelector::parse("app=web");
  EXPECT_EQ(names(view, &web), "a ");
  // The index of labels follows.
  cluster.send(event("MODIFIED", object("a", 9)) + event("MODIFIED", object("c", 10, R"(,"labels":{"app":"web"})")));
  ASSERT_TRUE(eventually([&] { return names(view, &web) == "c "; })) << names(view, &web);
  const ClusterObjects objects = view.objects();
  const Value* pod = objects.get("v1", "Pod", "shop", "a");
  ASSERT_NE(pod, nullptr);
  EXPECT_EQ((*pod)["kind"].string_or(), "Pod");  // which items of lists lack
  EXPECT_EQ((*pod)["apiVersion"].string_or(), "v1");
  EXPECT_EQ(objects.get("v1", "Pod", "shop", "b"), nullptr);
}

TEST(ClusterViewTest, ResumesWhereABookmarkLeftIt) {
  Cluster cluster;
  cluster.set_list(object("a", 1), 5);
  ClusterView view(cluster.client, hasty());
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000)));
  cluster.send(event("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"77"}})"));
  cluster.send("!");
  ASSERT_TRUE(eventually([&] { return cluster.count("resourceVersion=77") == 1; }));
  EXPECT_EQ(cluster.count("allowWatchBookmarks=true&resourceVersion=5"), 1U);
  cluster.send(event("ADDED", object("b", 78)));
  EXPECT_TRUE(eventually([&] { return names(view) == "a b "; }));
  EXPECT_EQ(cluster.count("limit="), 1U) << "it must not list again";
}

TEST(ClusterViewTest, ListsAgainWhereTheServerHasForgotten) {
  Cluster cluster;
  cluster.set_list(object("a", 1) + "," + object("b", 2), 5);
  ClusterView view(cluster.client, hasty());
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000)));
  cluster.set_list(object("b", 2) + "," + object("c", 20), 30);
  cluster.send(event("ERROR", R"({"kind":"Status","code":410,"message":"too old resource version"})"));
  ASSERT_TRUE(eventually([&] { return names(view) == "b c "; })) << names(view);
  EXPECT_TRUE(eventually([&] { return cluster.count("resourceVersion=30") == 1; }));
  // As a refusal of the watch, too.
  cluster.set_list(object("d", 40), 40);
  cluster.watch_status = 410;
  cluster.send("!");
  EXPECT_TRUE(eventually([&] { return names(view) == "d "; })) << names(view);
  EXPECT_TRUE(eventually([&] { return view.status().kinds[0].error.empty(); })) << view.status().kinds[0].error;
}

TEST(ClusterViewTest, ObjectsStayWhileTheServerIsAwayAndNothingIsLost) {
  Cluster cluster;
  cluster.set_list(object("a", 1), 5);
  ClusterView view(cluster.client, hasty());
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000)));
  ASSERT_TRUE(eventually([&] { return cluster.count("watch=true") == 1; }));
  const std::string half = event("ADDED", object("b", 6));
  cluster.send(half.substr(0, 20));
  std::this_thread::sleep_for(milliseconds(30));
  cluster.server.drop_connections();
  EXPECT_EQ(names(view), "a ");
  EXPECT_TRUE(view.status().ready());
  cluster.send(half);
  EXPECT_TRUE(eventually([&] { return names(view) == "a b "; })) << names(view);
  cluster.send("");
  ASSERT_TRUE(eventually([&] { return cluster.count("resourceVersion=6") >= 1; }));
}

TEST(ClusterViewTest, AStreamThatCannotBeReadIsListedAnew) {
  for (const std::string& broken : {std::string("this is no JSON\n"), std::string("{\"type\":\"CHANGED\",\"object\":{}}\n"),
                                    std::string("{\"type\":\"ADDED\",\"object\":7}\n"), event("ADDED", "{}"), event("ADDED", R"({"metadata":{"name":"x"}})"),
                                    std::string(17UL << 20, ' ')}) {
    Cluster cluster;
    cluster.set_list(object("a", 1), 5);
    ClusterView view(cluster.client, hasty());
    view.watch({{"v1", "Pod"}});
    ASSERT_TRUE(view.wait_ready(milliseconds(5000)));
    ASSERT_TRUE(eventually([&] { return cluster.count("watch=true") == 1; }));
    cluster.set_list(object("z", 9), 9);
    cluster.send(broken);
    EXPECT_TRUE(eventually([&] { return names(view) == "z "; })) << broken.substr(0, 60);
  }
}

TEST(ClusterViewTest, AKindThatIsNotServedHasNoObjectsUntilItIs) {
  Cluster cluster;
  ClusterView view(cluster.client, hasty());
  view.watch({{"example.com/v1", "Widget"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000))) << view.status().detail();
  EXPECT_FALSE(view.status().kinds[0].served);
  EXPECT_TRUE(view.objects().complete("example.com/v1", "Widget"));
  EXPECT_EQ(view.objects().get("example.com/v1", "Widget", "", "x"), nullptr);
  EXPECT_EQ(view.objects().namespaced("example.com/v1", "Widget"), std::nullopt);
}

TEST(ClusterViewTest, NotReadyWhereTheServerRefusesAndSaysWhy) {
  FakeServer server([](const Request& request, Peer& peer) {
    if (request.target == "/api/v1") return peer.answer(200, R"({"resources":[{"name":"pods","kind":"Pod","namespaced":true}]})");
    peer.answer(403, R"({"kind":"Status","message":"pods is forbidden: User \"x\" cannot list"})");
  });
  Client client(server.access());
  ClusterView view(client, hasty());
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(eventually([&] { return view.status().detail().find("403 pods is forbidden") != std::string::npos; }));
  EXPECT_FALSE(view.status().ready());
  EXPECT_FALSE(view.objects().complete("v1", "Pod"));
}

TEST(ClusterViewTest, AServerThatFailsIsAskedLessAndLess) {
  std::mutex mutex;
  std::vector<std::chrono::steady_clock::time_point> times;
  FakeServer server([&](const Request& request, Peer& peer) {
    if (request.target == "/api/v1") return peer.answer(200, R"({"resources":[{"name":"pods","kind":"Pod","namespaced":true}]})");
    const std::lock_guard lock(mutex);
    times.push_back(std::chrono::steady_clock::now());
    peer.answer(500, "{}");
  });
  Client client(server.access());
  ViewOptions options = hasty();
  options.first_backoff = milliseconds(20);
  options.longest_backoff = milliseconds(10'000);
  ClusterView view(client, options);
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return times.size() >= 5;
  }));
  const std::lock_guard lock(mutex);
  for (size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], milliseconds(10 << (i - 1))) << i;
}

TEST(ClusterViewTest, ATokenThatWasTooOldIsReadAgain) {
  const TemporaryFolder folder;
  folder.write("token", "old");
  FakeServer server([](const Request& request, Peer& peer) {
    if (request.header.find("Bearer new") == std::string::npos) return peer.answer(401, R"({"kind":"Status","message":"Unauthorized"})");
    if (request.target == "/api/v1") return peer.answer(200, R"({"resources":[{"name":"pods","kind":"Pod","namespaced":true}]})");
    peer.answer(200, R"({"metadata":{"resourceVersion":"1"},"items":[]})");
  });
  ClusterAccess access = server.access();
  access.token.file = (folder.path() / "token").string();
  Client client(access);
  ClusterView view(client, hasty());
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(eventually([&] { return view.status().detail().find("the credentials are not valid") != std::string::npos; })) << view.status().detail();
  folder.write("token", "new");
  EXPECT_TRUE(view.wait_ready(milliseconds(10'000))) << view.status().detail();
}

TEST(ClusterViewTest, SecretsKeepTheirKeysAndCertificatesAndManagedFieldsGo) {
  Cluster cluster;
  cluster.set_list(R"({"metadata":{"name":"s","namespace":"shop","resourceVersion":"1","managedFields":[{"manager":"x"}],
      "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"aHVzaA==","a":"b"}},"type":"Opaque","data":{"password":"aHVzaA==",
      "ca.crt":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=",
      "both.pem":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQotLS0tLUJFR0lOIFBSSVZBVEUgS0VZLS0tLS0KTUlJQgotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg=="}})", 5);
  ClusterView hidden(cluster.client, hasty());
  hidden.watch({{"v1", "Secret"}});
  ASSERT_TRUE(hidden.wait_ready(milliseconds(5000)));
  const ClusterObjects objects = hidden.objects();
  const Value& secret = *objects.get("v1", "Secret", "shop", "s");
  ASSERT_NE(secret["data"].find("password"), nullptr);
  EXPECT_EQ(secret["data"]["password"].string_or("none"), "");
  EXPECT_EQ(secret["data"]["ca.crt"].size(), 80U);  // certificates are public, unless a key is with them
  EXPECT_EQ(secret["data"]["both.pem"].string_or("none"), "");
  EXPECT_EQ(secret["type"].string_or(), "Opaque");
  EXPECT_EQ(secret["metadata"].find("managedFields"), nullptr);
  EXPECT_EQ(secret["metadata"]["annotations"].size(), 1U);

  ViewOptions options = hasty();
  options.secret_data = true;
  ClusterView shown(cluster.client, options);
  shown.watch({{"v1", "Secret"}});
  ASSERT_TRUE(shown.wait_ready(milliseconds(5000)));
  EXPECT_EQ((*shown.objects().get("v1", "Secret", "shop", "s"))["data"]["password"].string_or(), "aHVzaA==");
}

TEST(ClusterViewTest, BeyondItsMemoryItIsNotReadyAndKeepsNothing) {
  Cluster cluster;
  std::string items;
  for (int i = 0; i < 2000; ++i) items += fmt::format("{}{}", i == 0 ? "" : ",", object(fmt::format("p{}", i), i + 1, R"(,"annotations":{"x":")" + std::string(2000, 'x') + "\"}"));
  cluster.set_list(items, 5000);
  ViewOptions options = hasty();
  options.memory_limit = 2UL << 20;
  ClusterView view(cluster.client, options);
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(eventually([&] { return view.status().detail().find("limit of 2 MiB") != std::string::npos; }));
  EXPECT_FALSE(view.status().ready());
  EXPECT_LE(view.status().bytes, options.memory_limit + (64UL << 10));
  EXPECT_FALSE(view.objects().complete("v1", "Pod"));
  // Once there is room, it recovers by itself.
  cluster.set_list(object("a", 1), 6000);
  EXPECT_TRUE(view.wait_ready(milliseconds(5000))) << view.status().detail();
  EXPECT_EQ(names(view), "a ");
}

TEST(ClusterViewTest, WatchesTheKindsOfTheMomentAndNoOthers) {
  Cluster cluster;
  cluster.set_list(object("a", 1), 5);
  ClusterView view(cluster.client, hasty());
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000)));
  const ClusterObjects held = view.objects();
  const Value* pod = held.get("v1", "Pod", "shop", "a");
  view.watch({{"v1", "Secret"}, {"v1", "Secret"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000)));
  EXPECT_EQ(view.status().kinds.size(), 1U);
  EXPECT_FALSE(view.objects().complete("v1", "Pod"));
  EXPECT_EQ((*pod)["metadata"]["name"].string_or(), "a") << "what was handed out stays";
}

// Readers look at objects while they are replaced and deleted under them: for the thread and address sanitizers.
TEST(ClusterViewTest, WhatIsHandedOutStaysWhileItIsReplaced) {
  Cluster cluster;
  std::string items;
  for (int i = 0; i < 50; ++i) items += fmt::format("{}{}", i == 0 ? "" : ",", object(fmt::format("p{:02}", i), i + 1, R"(,"labels":{"app":"web"})"));
  cluster.set_list(items, 100);
  ClusterView view(cluster.client, hasty());
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(5000)));
  std::atomic<bool> ending = false;
  std::atomic<size_t> read = 0;
  std::vector<std::thread> readers;
  const LabelSelector web = *LabelSelector::parse("app=web");
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      while (!ending) {
        const ClusterObjects objects = view.objects();
        Arena arena;
        List* found = List::create(arena);
        objects.list({.api_version = "v1", .kind = "Pod", .namespace_name = "shop", .selector = i == 0 ? &web : nullptr}, *found, arena);
        std::this_thread::yield();
        for (const Value& pod : *found) {
          ASSERT_EQ(pod["metadata"]["namespace"].string_or(), "shop");
          ++read;
        }
        const Value* one = objects.get("v1", "Pod", "shop", "p07");
        std::this_thread::sleep_for(milliseconds(1));
        if (one != nullptr) {
          ASSERT_EQ((*one)["metadata"]["name"].string_or(), "p07");
        }
      }
    });
  }
  int version = 100;
  for (int round = 0; round < 100; ++round) {
    std::string text;
    for (int i = 0; i < 50; ++i) {
      const std::string name = fmt::format("p{:02}", i);
      const bool gone = (round + i) % 5 == 0;
      text += event(gone ? "DELETED" : "MODIFIED", object(name, ++version, round % 2 == 0 ? R"(,"labels":{"app":"web"})" : ""));
    }
    cluster.send(text);
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_TRUE(eventually([&] { return view.status().kinds[0].events >= 5000; }));
  ending = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(read, 0U);
  cluster.send(event("ADDED", object("last", ++version)));
  ASSERT_TRUE(eventually([&] { return names(view).starts_with("last "); }));
  std::this_thread::sleep_for(milliseconds(60));
  cluster.send(event("ADDED", object("other", ++version)));
  cluster.send(event("MODIFIED", object("last", ++version)));
  // What was taken out is freed: some 40 objects and what the last epoch has.
  EXPECT_TRUE(eventually([&] { return view.status().bytes < 60 * 5000; })) << view.status().bytes;
}

TEST(ClusterViewTest, EndsSoonWhateverItWaitsFor) {
  FakeServer silent([](const Request&, Peer& peer) {
    while (!peer.gone() && !peer.ending()) std::this_thread::sleep_for(milliseconds(5));
    peer.close();
  });
  Client client(silent.access());
  const auto begin = std::chrono::steady_clock::now();
  {
    ClusterView view(client, {});
    view.watch({{"v1", "Pod"}, {"v1", "Service"}});
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

size_t resident_bytes() {
  size_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * 4096;
}

// 10,000 Pods of 6 kB, as a mid-sized cluster has them; fewer where the thread sanitizer makes all of it many times slower.
#if defined(__SANITIZE_THREAD__)
constexpr int kPods = 1000;
#else
constexpr int kPods = 10'000;
#endif
TEST(ClusterViewTest, TenThousandPodsAreThereInSecondsAndWithinTheirMemory) {
  std::string spec = R"("spec":{"nodeName":"n","containers":[)";
  for (int i = 0; i < 3; ++i) {
    spec += fmt::format(R"({}{{"name":"c{}","image":"registry.example.com/team/app:1.2.3","resources":{{"limits":{{"cpu":"1","memory":"1Gi"}},"requests":{{"cpu":"100m","memory":"128Mi"}}}},"env":[)", i == 0 ? "" : ",", i);
    for (int j = 0; j < 15; ++j) spec += fmt::format(R"({}{{"name":"VARIABLE_{}","value":"some value that is set {}"}})", j == 0 ? "" : ",", j, j);
    spec += R"(],"volumeMounts":[{"name":"token","mountPath":"/var/run/secrets","readOnly":true}],"securityContext":{"runAsNonRoot":true}})";
  }
  spec += R"(]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-21T00:00:00Z"}]})";
  size_t sent = 0;
  FakeServer server([&](const Request& request, Peer& peer) {
    if (request.target == "/api/v1") return peer.answer(200, R"({"resources":[{"name":"pods","kind":"Pod","namespaced":true}]})");
    if (request.target.find("watch=true") != std::string::npos) {
      peer.begin_stream();
      while (!peer.gone() && !peer.ending()) std::this_thread::sleep_for(milliseconds(10));
      return peer.close();
    }
    const size_t at = request.target.find("continue=");
    const int first = at == std::string::npos ? 0 : std::stoi(request.target.substr(at + 9));
    std::string page = first + 500 < kPods ? fmt::format(R"({{"metadata":{{"resourceVersion":"9","continue":"{}"}},"items":[)", first + 500) : R"({"metadata":{"resourceVersion":"9"},"items":[)";
    for (int i = first; i < first + 500; ++i) {
      page += fmt::format(R"({}{{"metadata":{{"name":"pod-{}","namespace":"space-{}","resourceVersion":"{}","uid":"5f0c9f3a-0000-0000-0000-{:012}","labels":{{"app":"app-{}","tier":"back"}}}},{}}})",
                          i == first ? "" : ",", i, i % 50, i + 1, i, i % 100, spec);
    }
    page += "]}";
    sent += page.size();
    peer.answer(200, page);
  });
  const size_t before = resident_bytes();
  Client client(server.access());
  ClusterView view(client, {.memory_limit = 512UL << 20});
  const auto begin = std::chrono::steady_clock::now();
  view.watch({{"v1", "Pod"}});
  ASSERT_TRUE(view.wait_ready(milliseconds(60'000))) << view.status().detail();
  const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
  const ViewStatus status = view.status();
  EXPECT_EQ(status.kinds[0].objects, size_t{kPods});
  const LabelSelector selector = *LabelSelector::parse("app=app-7");
  Arena arena;
  List* found = List::create(arena);
  view.objects().list({.api_version = "v1", .kind = "Pod", .namespace_name = {}, .selector = &selector}, *found, arena);
  EXPECT_EQ(found->size(), size_t{kPods / 100});
  fmt::print("{} objects, {} MiB of JSON: {} ms, {} MiB of objects, resident {} MiB more\n", kPods, sent >> 20, took.count(), status.bytes >> 20,
             (resident_bytes() - before) >> 20);
  EXPECT_LT(status.bytes, sent * 4);
}

}  // namespace
}  // namespace plimsoll::cluster
