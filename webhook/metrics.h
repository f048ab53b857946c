// What the webhook counts, in the text format of Prometheus (exposition format 0.0.4).
//
//   Metrics metrics(4);                                  // one part for each thread
//   metrics.part(0).count_request({"validate", "CREATE", "Pod", "allowed"}, 0.0002);
//   std::string page = metrics.write();
//
// A writer of our own: the counters of a thread are its own, so that a request costs one uncontended lock and no search
// of label sets in a registry that all threads share, as with prometheus-cpp (its histograms lock, too).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plimsoll::webhook {

// Upper bounds of the latency histogram, in seconds.
inline constexpr std::array kLatencyBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                              0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};

struct RuleCounts {
  uint64_t evaluations = 0;
  uint64_t denied = 0, warned = 0, audited = 0, excepted = 0;
};

struct RequestLabels {
  std::string_view endpoint;   // validate, mutate
  std::string_view operation;  // CREATE, ...
  std::string_view kind;
  std::string_view verdict;  // allowed, denied, mutated, exempt, error
};

// The counters of one thread.
class MetricsPart {
 public:
  // Hold it while counting.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  // With the lock held. What is no name of a kind counts as "other", and so do kinds beyond a number of label sets.
  void count_request(const RequestLabels& labels, double seconds);
  // Valid as long as this; of a rule by its qualified id.
  RuleCounts& rule(const std::string& id) { return rules_[id]; }

 private:
  friend class Metrics;
  std::mutex mutex_;
  std::unordered_map<std::string, uint64_t> requests_;  // by labels as they are written
  struct Latency {
    std::array<uint64_t, kLatencyBounds.size() + 1> counts{};
    double sum = 0;
  };
  std::map<std::string, Latency, std::less<>> latencies_;  // by endpoint
  std::map<std::string, RuleCounts> rules_;
  std::string key_;
};

// A line of a gauge or counter that somebody else keeps.
struct Sample {
  std::string_view name;
  std::string_view type;  // gauge, counter
  std::string_view help;
  double value = 0;
  std::string labels = {};  // reason="full"; samples of one name follow each other
};

class Metrics {
 public:
  explicit Metrics(size_t threads);
  MetricsPart& part(size_t thread) { return *parts_[thread]; }
  std::string write(const std::vector<Sample>& others) const;

 private:
  std::vector<std::unique_ptr<MetricsPart>> parts_;
};

// name="value", with the escapes of the format.
std::string label(std::string_view name, std::string_view value);
// As samples have times: whole seconds.
double seconds_since_epoch(std::chrono::system_clock::time_point time);
// Memory, processor time and open files of this process, under their usual names.
void append_process_samples(std::vector<Sample>& samples);

}  // namespace plimsoll::webhook
