// A small API server for tests: it lists and watches the kinds that a test gives it, or refuses to.
//
//   FakeCluster cluster;
//   cluster.serve("apps/v1", "Deployment", "deployments");
//   cluster.set("deployments", "shop", "web", R"("spec":{"replicas":3})");      // open watches are told
//   cluster.refuse("deployments", 403);                                          // from the next request on; 0: no more
//   Client client(cluster.access());
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/cluster/fake_server.h"

namespace plimsoll::cluster {

class FakeCluster {
 public:
  FakeCluster() : server_([this](const FakeServer::Request& request, FakeServer::Peer& peer) { serve(request, peer); }) {}

  ClusterAccess access() const { return server_.access(); }

  void serve(const std::string& api_version, const std::string& kind, const std::string& plural) {
    const std::lock_guard lock(mutex_);
    kinds_[plural] = {.path = (api_version.find('/') == std::string::npos ? "/api/" : "/apis/") + api_version, .kind = kind};
  }
  // What a kind answers to lists and watches; kSilent: nothing at all.
  static constexpr int kSilent = -1;
  void refuse(const std::string& plural, int status) {
    const std::lock_guard lock(mutex_);
    kinds_.at(plural).refused = status;
  }
  // `rest`: the object's fields besides metadata.
  void set(const std::string& plural, const std::string& space, const std::string& name, const std::string& rest) {
    const std::lock_guard lock(mutex_);
    Kind& kind = kinds_.at(plural);
    const std::string object = written(space, name, ++version_, rest);
    const bool known = kind.objects.contains({space, name});
    kind.objects[{space, name}] = object;
    kind.events.emplace_back(version_, std::string(R"({"type":")") + (known ? "MODIFIED" : "ADDED") + R"(","object":)" + object + "}\n");
  }
  void remove(const std::string& plural, const std::string& space, const std::string& name) {
    const std::lock_guard lock(mutex_);
    Kind& kind = kinds_.at(plural);
    kind.objects.erase({space, name});
    ++version_;
    kind.events.emplace_back(version_, R"({"type":"DELETED","object":)" + written(space, name, version_, "") + "}\n");
  }
  // Requests for a kind's list so far.
  size_t lists(const std::string& plural) {
    const std::lock_guard lock(mutex_);
    return kinds_.at(plural).lists;
  }

 private:
  struct Kind {
    std::string path, kind;
    int refused = 0;
    size_t lists = 0;
    std::map<std::pair<std::string, std::string>, std::string> objects = {};
    std::vector<std::pair<int, std::string>> events = {};
  };

  // On one line, as events of a watch are.
  static std::string written(const std::string& space, const std::string& name, int version, std::string rest) {
    std::ranges::replace(rest, '\n', ' ');
    return R"({"metadata":{"name":")" + name + (space.empty() ? "" : R"(","namespace":")" + space) + R"(","resourceVersion":")" +
           std::to_string(version) + "\"}" + (rest.empty() ? "" : "," + rest) + "}";
  }

  void serve(const FakeServer::Request& request, FakeServer::Peer& peer) {
    std::unique_lock lock(mutex_);
    const std::string path = request.target.substr(0, request.target.find('?'));
    std::string resources;
    for (auto& [plural, kind] : kinds_) {
      if (path == kind.path + "/" + plural) return serve_kind(plural, kind, request, peer, lock);
      if (path != kind.path) continue;
      resources += (resources.empty() ? "" : ",") + (R"({"name":")" + plural) + R"(","kind":")" + kind.kind + R"(","namespaced":true})";
    }
    if (resources.empty()) return peer.answer(404, R"({"kind":"Status","message":"not found"})");
    peer.answer(200, R"({"resources":[)" + resources + "]}");
  }

  void serve_kind(const std::string& plural, Kind& kind, const FakeServer::Request& request, FakeServer::Peer& peer,
                  std::unique_lock<std::mutex>& lock) {
    const auto pause = [&] {
      lock.unlock();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      lock.lock();
    };
    const bool watches = request.target.find("watch=true") != std::string::npos;
    kind.lists += watches ? 0 : 1;
    while (kind.refused == kSilent && !peer.ending() && !peer.gone()) pause();
    if (kind.refused > 0) {
      return peer.answer(kind.refused, R"({"kind":"Status","message":")" + plural + R"( is refused"})");
    }
    if (!watches) {
      std::string items;
      for (const auto& [name, object] : kind.objects) items += (items.empty() ? "" : ",") + object;
      return peer.answer(200, R"({"metadata":{"resourceVersion":")" + std::to_string(version_) + R"("},"items":[)" + items + "]}");
    }
    constexpr std::string_view kVersion = "resourceVersion=";
    int seen = std::stoi(request.target.substr(request.target.find(kVersion) + kVersion.size()));
    peer.begin_stream();
    while (!peer.closed() && !peer.ending() && !peer.gone()) {
      for (size_t i = 0; i < kind.events.size(); ++i) {
        if (kind.events[i].first <= seen) continue;
        seen = kind.events[i].first;
        peer.chunk(kind.events[i].second);
      }
      if (kind.refused != 0) break;
      pause();
    }
    peer.close();
  }

  std::mutex mutex_;
  std::map<std::string, Kind> kinds_;
  int version_ = 1;
  FakeServer server_;  // last: its threads use the rest
};

}  // namespace plimsoll::cluster
