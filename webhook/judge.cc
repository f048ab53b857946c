#include "webhook/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "engine/cel/runtime/time.h"
#include "engine/policy/mutate.h"
#include "engine/policy/review.h"
#include "engine/policy/warnings.h"
#include "engine/value/json.h"
#include "engine/value/utf8.h"
#include "webhook/log_object.h"
#include "webhook/patch.h"

namespace plimsoll::webhook {
namespace {

using Clock = std::chrono::steady_clock;
using policy::Finding;

// The API server's own default and limit of timeoutSeconds.
constexpr std::chrono::seconds kDefaultTimeout{10};
constexpr std::chrono::seconds kLongestTimeout{30};
// After a larger one its memory is given back; after others it is kept for the next.
constexpr size_t kLargeBody = 512 * 1024;
constexpr size_t kMaxMessages = 20;
constexpr size_t kMaxMessageBytes = 8 * 1024;
constexpr size_t kMaxAnnotationBytes = 10 * 1024;

// `timeout` of the query: "10s". What is no duration counts as absent.
std::chrono::nanoseconds timeout_of(std::string_view query) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    std::string_view part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    constexpr std::string_view kName = "timeout=";
    if (!part.starts_with(kName)) continue;
    const auto duration = cel::parse_duration(part.substr(kName.size()));
    if (duration && *duration > 0)
      return std::min<std::chrono::nanoseconds>(std::chrono::nanoseconds(*duration), kLongestTimeout);
  }
  return kDefaultTimeout;
}

// The day in UTC: 2026-11-21.
std::string day_of(std::chrono::system_clock::time_point time) {
  const std::time_t now = std::chrono::system_clock::to_time_t(time);
  std::tm day{};
  ::gmtime_r(&now, &day);
  return fmt::format("{:04}-{:02}-{:02}", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

policy::Actions actions_of(const Finding& finding, Mode mode) {
  policy::Actions actions = finding.actions;
  if (finding.binding.empty()) {
    actions = {.deny = finding.severity == policy::Severity::kError,
               .warn = finding.severity == policy::Severity::kWarning,
               .audit = finding.severity == policy::Severity::kInfo};
  }
  if (mode <= Mode::kWarn && actions.deny) actions = {.warn = true, .audit = actions.audit};
  if (mode <= Mode::kAudit) actions = {.audit = true};
  return actions;
}

// "message [pack/rule]", on one line: a header has no more.
std::string line_of(const Finding& finding) {
  std::string line = fmt::format("{} [{}]", finding.message, finding.rule->qualified_id());
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return line;
}

policy::ExceptionSubject subject_of(const policy::Request& request) {
  const Value metadata = (request.object.is_map() ? request.object : request.old_object)["metadata"];
  std::string_view name = request.name;
  if (name.empty()) name = metadata["name"].string_or();
  if (name.empty()) name = metadata["generateName"].string_or();
  // Of a request about a Namespace the API server says that it is in that very one: no exception that holds in a namespace may be about
  // the namespace itself.
  const bool is_namespace = request.kind.group.empty() && request.kind.kind == "Namespace";
  return {.kind = request.kind.kind,
          .name = name,
          .namespace_name = is_namespace ? std::string_view() : request.namespace_name,
          .path = {}};
}

// Rules of one verdict, for the log.
void append_name(std::string& names, const std::string& name) {
  if (!names.empty()) names += ',';
  names += name;
}

HttpResponse failure(int code, std::string_view reason, std::string_view message) {
  return {.status = code, .body = write_failure(code, reason, message)};
}

}  // namespace

struct Judge::Outcome {
  AdmissionAnswer answer;
  std::string_view verdict = "allowed";
  std::string denied, warned, audited, excepted, mutated;  // rules
  std::string fault;
};

Judge::Judge(const RulebookStore& store, const ClusterWindow& cluster, MetricsPart& metrics, const Log& log,
             OnFault on_fault, WallClock now)
    : store_(store), cluster_(cluster), metrics_(metrics), log_(log), on_fault_(on_fault), now_(now) {}

Judge::Bench* Judge::bench_for(std::string_view pack) {
  if (book_ == nullptr || book_->generation != store_.generation()) {
    benches_.clear();
    book_ = store_.current();
  }
  for (auto& [name, bench] : benches_) {
    if (name == pack) return &bench;
  }
  const policy::RuleSet* rules = book_->find(pack);
  if (rules == nullptr) return nullptr;
  Bench bench{rules, {}, {}};
  const auto lock = metrics_.lock();
  for (const policy::RuleInfo& rule : rules->rules()) bench.counts.push_back(&metrics_.rule(rule.qualified_id()));
  return &benches_.emplace_back(pack, std::move(bench)).second;
}

HttpResponse Judge::answer(Endpoint endpoint, std::string_view pack, const HttpRequest& http) {
  HttpResponse response = respond(endpoint, pack, http);
  if (http.body.size() > kLargeBody) {
    arena_.reset();
    reader_ = json::Reader();
    for (auto& [name, bench] : benches_) bench.scratch = policy::EvaluationScratch();
  }
  return response;
}

HttpResponse Judge::respond(Endpoint endpoint, std::string_view pack, const HttpRequest& http) {
  Bench* bench = bench_for(pack);
  if (bench == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& [name, rules] : book_->packs) names.push_back(name);
    return failure(404, "NotFound", fmt::format("no pack of that name is in use; packs: {}", fmt::join(names, ", ")));
  }
  arena_.reset();
  const Result<AdmissionReview> review = read_review(http.body, reader_, arena_);
  if (!review) {
    log_.write(LogLevel::kWarning, "refused a body", {{"reason", review.error().message()}});
    return failure(400, "BadRequest", review.error().message());
  }
  const Clock::time_point deadline = http.received + timeout_of(http.query);
  Outcome outcome;
  if (book_->settings.is_exempt(review->request.namespace_name)) {
    outcome.verdict = "exempt";
  } else if (endpoint == Endpoint::kValidate) {
    judge(*bench, *review, deadline, outcome);
  } else if (book_->defaulting != nullptr && review->request.object.is_map()) {
    mutate(*bench, *review, deadline, outcome);
  }
  record(endpoint, *review, outcome, http);
  return {.body = write_review(review->uid, outcome.answer)};
}

void Judge::judge(Bench& bench, const AdmissionReview& review, Clock::time_point deadline, Outcome& outcome) {
  const std::optional<cluster::ClusterObjects> objects = cluster_.objects();
  const policy::AdmissionContext context{
      .request = review.request,
      .objects = objects ? &*objects : nullptr,
      .now = std::chrono::floor<std::chrono::seconds>(now_()),
      .deadline = deadline};
  Result<policy::Admission> admission = bench.rules->admit(context, bench.scratch);
  if (!admission) return fault(admission.error(), deadline, outcome);
  weigh(bench, review, *admission, outcome);
}

void Judge::fault(const Error& error, Clock::time_point deadline, Outcome& outcome) {
  outcome.verdict = "error";
  outcome.fault = error.to_string();
  const std::string message = "Plimsoll could not judge the request: " + error.message();
  if (on_fault_ == OnFault::kAllow) {
    outcome.answer.warnings.push_back(message);
    return;
  }
  const bool late = Clock::now() >= deadline;
  outcome.answer.allowed = false;
  outcome.answer.message = message;
  outcome.answer.reason = late ? "Timeout" : "InternalError";
  outcome.answer.code = late ? 504 : 500;
}

bool Judge::is_excepted(const policy::RuleInfo& rule, const policy::Request& request) const {
  const Settings& settings = book_->settings;
  if (settings.exceptions.empty() && !settings.object_exceptions) return false;
  const policy::ExceptionSubject subject = subject_of(request);
  const std::string day = day_of(now_());
  const auto holds = [&](std::span<const policy::Exception> exceptions) {
    const policy::ExceptionMatch match = policy::find_exception(exceptions, rule, subject, day);
    return match.exception != nullptr && !match.expired;
  };
  if (holds(settings.exceptions)) return true;
  if (!settings.object_exceptions) return false;
  const auto own = policy::exceptions_of(request.object);
  return own && holds(*own);
}

// A rule changes objects where it may deny; where its mode is less, or an exception holds, it leaves them alone.
void Judge::mutate(Bench& bench, const AdmissionReview& review, Clock::time_point deadline, Outcome& outcome) {
  policy::Request request = review.request;
  const Value sent = request.object;
  request.object = book_->defaulting->decode(sent, arena_).object;
  const std::optional<cluster::ClusterObjects> objects = cluster_.objects();
  const policy::Surroundings surroundings{
      .objects = objects ? &*objects : nullptr,
      .assume_namespaces = true,
      .now = std::chrono::floor<std::chrono::seconds>(now_())};
  const policy::MutationOptions options{.written = sent, .excepted = [&](const policy::RuleInfo& rule) {
                                          return book_->settings.mode_of(rule, request.namespace_name) != Mode::kDeny ||
                                                 is_excepted(rule, review.request);
                                        },
                                        .deadline = deadline};
  const auto mutation = bench.rules->mutate(request, surroundings, *book_->defaulting, arena_, options);
  if (!mutation) return fault(mutation.error(), deadline, outcome);
  if (!mutation->allowed) {
    outcome.verdict = "denied";
    outcome.answer.allowed = false;
    outcome.answer.message = mutation->message;
    outcome.answer.reason = mutation->reason;
    outcome.answer.code = mutation->code;
    return;
  }
  if (!mutation->changed()) return;
  outcome.answer.patch = make_patch(sent, sent, mutation->written);
  if (outcome.answer.patch.empty()) return;
  outcome.verdict = "mutated";
  std::vector<std::string> names;
  for (const policy::Change& change : mutation->changes) {
    const std::string name = change.rule != nullptr ? change.rule->qualified_id() : change.policy;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  outcome.mutated = fmt::format("{}", fmt::join(names, ","));
  outcome.answer.audit_annotations.emplace_back("mutations", outcome.mutated);
}

void Judge::weigh(Bench& bench, const AdmissionReview& review, policy::Admission& admission, Outcome& outcome) {
  const policy::RuleInfo* first_rule = bench.rules->rules().data();
  const auto counts = [&](const policy::RuleInfo* rule) -> RuleCounts& {
    return *bench.counts[static_cast<size_t>(rule - first_rule)];
  };
  const auto lock = metrics_.lock();
  for (const policy::RuleInfo* rule : admission.applied) ++counts(rule).evaluations;
  AdmissionAnswer& answer = outcome.answer;
  for (const auto& [rule, key, values] : admission.audit_annotations) {
    std::string value = fmt::format("{}", fmt::join(values, ", "));
    value.resize(utf8::floor_boundary(value, kMaxAnnotationBytes));
    answer.audit_annotations.emplace_back(fmt::format("{}.{}", rule->id, key), std::move(value));
  }
  if (admission.findings.empty()) return;

  const Settings& settings = book_->settings;
  policy::WarningRecorder warnings;
  std::string violations;
  size_t denials = 0;
  for (const Finding& finding : admission.findings) {
    RuleCounts& count = counts(finding.rule);
    const std::string id = finding.rule->qualified_id();
    const Mode mode = settings.mode_of(*finding.rule, review.request.namespace_name);
    if (mode == Mode::kOff) continue;
    if (is_excepted(*finding.rule, review.request)) {
      ++count.excepted;
      append_name(outcome.excepted, id);
      continue;
    }
    const policy::Actions actions = actions_of(finding, mode);
    std::string_view action = "audit";
    if (actions.deny) {
      action = "deny";
      ++count.denied;
      append_name(outcome.denied, id);
      if (denials++ == 0) {
        answer.allowed = false;
        answer.reason = finding.reason.empty() ? "Invalid" : finding.reason;
        answer.code = policy::code_of_reason(answer.reason);
      }
      if (denials <= kMaxMessages && answer.message.size() < kMaxMessageBytes) {
        if (denials > 1) answer.message += "; ";
        answer.message += line_of(finding);
      }
    } else if (actions.warn) {
      action = "warn";
      ++count.warned;
      append_name(outcome.warned, id);
      warnings.add(line_of(finding));
    } else {
      ++count.audited;
      append_name(outcome.audited, id);
    }
    if (violations.size() < kMaxAnnotationBytes) {
      violations += violations.empty() ? "[{\"rule\":" : ",{\"rule\":";
      json::append_quoted(violations, id);
      violations += ",\"message\":";
      json::append_quoted(violations, finding.message);
      violations += fmt::format(",\"action\":\"{}\"}}", action);
    }
  }
  if (denials > kMaxMessages) answer.message += fmt::format("; and {} more", denials - kMaxMessages);
  if (!answer.allowed) outcome.verdict = "denied";
  answer.warnings = warnings.take();
  if (!violations.empty()) answer.audit_annotations.emplace_back("violations", violations + "]");
}

void Judge::record(Endpoint endpoint, const AdmissionReview& review, const Outcome& outcome, const HttpRequest& http) {
  const double seconds = std::chrono::duration<double>(Clock::now() - http.received).count();
  const policy::Request& request = review.request;
  const std::string_view endpoint_name = endpoint == Endpoint::kValidate ? "validate" : "mutate";
  {
    const auto lock = metrics_.lock();
    metrics_.count_request({endpoint_name, request.operation, request.kind.kind, outcome.verdict}, seconds);
  }
  const bool quiet = outcome.verdict == "allowed" || outcome.verdict == "exempt";
  const bool noted =
      !outcome.warned.empty() || !outcome.mutated.empty() || !outcome.audited.empty() || !outcome.excepted.empty();
  const LogLevel level = outcome.verdict == "error" ? LogLevel::kError
                         : quiet && !noted          ? LogLevel::kDebug
                                                    : LogLevel::kInfo;
  if (!log_.enabled(level)) return;
  const std::string object = log_.objects() ? loggable_object(request) : std::string();
  log_.write(level, "request",
             {{"uid", review.uid},
              {"endpoint", endpoint_name},
              {"operation", request.operation},
              {"kind", request.kind.kind},
              {"subresource", request.subresource},
              {"namespace", request.namespace_name},
              {"name", request.name},
              {"user", request.user.name},
              {"dryRun", request.dry_run},
              {"verdict", outcome.verdict},
              {"denied", outcome.denied},
              {"warned", outcome.warned},
              {"audited", outcome.audited},
              {"excepted", outcome.excepted},
              {"mutated", outcome.mutated},
              {"fault", outcome.fault},
              {"seconds", seconds},
              {"object", Log::Json{object}}});
}

}  // namespace plimsoll::webhook
