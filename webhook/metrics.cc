#include "webhook/metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxLabelSets = 1000;
constexpr size_t kMaxKind = 63;

void append_header(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

// Whether a label may bear the name: whoever reaches the webhook can think of others.
bool is_kind(std::string_view name) {
  return !name.empty() && name.size() <= kMaxKind &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0; });
}

struct Totals {
  std::map<std::string, uint64_t> requests;
  std::map<std::string, std::pair<std::array<uint64_t, kLatencyBounds.size() + 1>, double>> latencies;
  std::map<std::string, RuleCounts> rules;
};

void append_latencies(std::string& out, const Totals& totals) {
  constexpr std::string_view kName = "plimsoll_admission_request_duration_seconds";
  append_header(out, kName, "histogram", "Time from the end of a request's arrival to the start of its answer.");
  for (const auto& [endpoint, latency] : totals.latencies) {
    uint64_t count = 0;
    for (size_t i = 0; i < kLatencyBounds.size(); ++i) {
      count += latency.first[i];
      fmt::format_to(std::back_inserter(out), "{}_bucket{{endpoint=\"{}\",le=\"{}\"}} {}\n", kName, endpoint,
                     kLatencyBounds[i], count);
    }
    count += latency.first.back();
    fmt::format_to(std::back_inserter(out),
                   "{0}_bucket{{endpoint=\"{1}\",le=\"+Inf\"}} {2}\n{0}_sum{{endpoint=\"{1}\"}} "
                   "{3}\n{0}_count{{endpoint=\"{1}\"}} {2}\n",
                   kName, endpoint, count, latency.second);
  }
}

void append_rules(std::string& out, const Totals& totals) {
  append_header(out, "plimsoll_rule_evaluations_total", "counter", "Requests that a rule was asked about.");
  for (const auto& [rule, counts] : totals.rules) {
    fmt::format_to(std::back_inserter(out), "plimsoll_rule_evaluations_total{{{}}} {}\n", label("rule", rule),
                   counts.evaluations);
  }
  append_header(out, "plimsoll_rule_violations_total", "counter", "Violations, by what came of them.");
  for (const auto& [rule, counts] : totals.rules) {
    for (const auto& [action, count] : {std::pair("deny", counts.denied), std::pair("warn", counts.warned),
                                        std::pair("audit", counts.audited), std::pair("except", counts.excepted)}) {
      if (count == 0) continue;
      fmt::format_to(std::back_inserter(out), "plimsoll_rule_violations_total{{{},action=\"{}\"}} {}\n",
                     label("rule", rule), action, count);
    }
  }
}

}  // namespace

double seconds_since_epoch(std::chrono::system_clock::time_point time) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

std::string label(std::string_view name, std::string_view value) {
  std::string out;
  append_label(out, name, value);
  return out;
}

void MetricsPart::count_request(const RequestLabels& labels, double seconds) {
  const auto make_key = [&](std::string_view kind) {
    key_.clear();
    append_label(key_, "endpoint", labels.endpoint);
    for (const auto& [name, value] :
         {std::pair("operation", labels.operation), std::pair("kind", kind), std::pair("verdict", labels.verdict)}) {
      key_ += ',';
      append_label(key_, name, value);
    }
  };
  make_key(is_kind(labels.kind) ? labels.kind : "other");
  auto found = requests_.find(key_);
  if (found == requests_.end()) {
    if (requests_.size() >= kMaxLabelSets) make_key("other");
    found = requests_.try_emplace(key_, 0).first;
  }
  ++found->second;
  auto latency = latencies_.find(labels.endpoint);
  if (latency == latencies_.end()) latency = latencies_.try_emplace(std::string(labels.endpoint)).first;
  const auto bound = std::ranges::lower_bound(kLatencyBounds, seconds);
  ++latency->second.counts[static_cast<size_t>(bound - kLatencyBounds.begin())];
  latency->second.sum += seconds;
}

Metrics::Metrics(size_t threads) {
  for (size_t i = 0; i < threads; ++i) parts_.push_back(std::make_unique<MetricsPart>());
}

std::string Metrics::write(const std::vector<Sample>& others) const {
  Totals totals;
  for (const auto& part : parts_) {
    const auto lock = part->lock();
    for (const auto& [labels, count] : part->requests_) totals.requests[labels] += count;
    for (const auto& [endpoint, latency] : part->latencies_) {
      auto& total = totals.latencies[endpoint];
      for (size_t i = 0; i < latency.counts.size(); ++i) total.first[i] += latency.counts[i];
      total.second += latency.sum;
    }
    for (const auto& [rule, counts] : part->rules_) {
      RuleCounts& total = totals.rules[rule];
      total.evaluations += counts.evaluations;
      total.denied += counts.denied;
      total.warned += counts.warned;
      total.audited += counts.audited;
      total.excepted += counts.excepted;
    }
  }
  std::string out;
  append_header(out, "plimsoll_admission_requests_total", "counter",
                "Admission requests by what was asked and answered.");
  for (const auto& [labels, count] : totals.requests) {
    fmt::format_to(std::back_inserter(out), "plimsoll_admission_requests_total{{{}}} {}\n", labels, count);
  }
  append_latencies(out, totals);
  append_rules(out, totals);
  std::string_view last;
  for (const Sample& sample : others) {
    if (sample.name != last) append_header(out, sample.name, sample.type, sample.help);
    last = sample.name;
    out += sample.name;
    if (!sample.labels.empty()) fmt::format_to(std::back_inserter(out), "{{{}}}", sample.labels);
    fmt::format_to(std::back_inserter(out), " {}\n", sample.value);
  }
  return out;
}

void append_process_samples(std::vector<Sample>& samples) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  samples.push_back({"process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.",
                     seconds(usage.ru_utime) + seconds(usage.ru_stime)});
  double pages = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> pages >> pages) {
    samples.push_back({"process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
                       pages * static_cast<double>(::sysconf(_SC_PAGESIZE))});
  }
}

}  // namespace plimsoll::webhook
