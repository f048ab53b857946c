#include "cli/exceptions.h"

#include <fmt/format.h>

#include <ctime>

#include "engine/policy/exception.h"

namespace plimsoll::cli {

namespace {

class Exceptions {
 public:
  Exceptions(const Configuration& config, std::string_view today, report::Report& report)
      : today_(today), report_(report) {
    for (const Ignore& ignore : config.ignores) {
      configured_.push_back(ignore.exception);
      warn_if_expired(ignore.location, ignore.exception);
    }
  }

  // Reads what an object says of itself.
  void start_object(const source::Object& object) {
    own_.clear();
    auto own = policy::exceptions_of(object.root());
    if (own && own->empty()) return;
    const Location place =
        object.locate(Path().key("metadata").key("annotations").key(policy::kIgnoreAnnotation)).primary.location();
    if (!own) {
      report_.warnings.push_back(fmt::format("{}: {}: {}", place.to_string(), policy::kIgnoreAnnotation, own.error().message()));
      return;
    }
    own_ = std::move(*own);
    for (const policy::Exception& exception : own_) warn_if_expired(place, exception);
  }

  void apply(report::Finding& finding, const report::Judged& object) const {
    using By = report::Suppression::By;
    if (!suppress(finding, object, own_, By::kAnnotation)) suppress(finding, object, configured_, By::kConfiguration);
  }

 private:
  void warn_if_expired(const Location& place, const policy::Exception& exception) {
    if (exception.expires.empty() || exception.expires >= today_) return;
    report_.warnings.push_back(fmt::format("{}: the ignore of {} ended on {} ({})", place.to_string(), exception.rule,
                                           exception.expires, exception.reason));
  }

  bool suppress(report::Finding& finding, const report::Judged& object, std::span<const policy::Exception> exceptions,
                report::Suppression::By by) const {
    const policy::ExceptionSubject subject = {.kind = finding.subject.kind,
                                              .name = finding.subject.name,
                                              .namespace_name = finding.subject.namespace_name,
                                              .path = object.file_id};
    const policy::ExceptionMatch match = policy::find_exception(exceptions, *finding.rule, subject, today_);
    if (match.exception == nullptr || match.expired) return false;
    finding.suppression =
        report::Suppression{.by = by, .reason = match.exception->reason, .expires = match.exception->expires};
    return true;
  }

  std::string_view today_;
  report::Report& report_;
  std::vector<policy::Exception> configured_;
  std::vector<policy::Exception> own_;
};

}  // namespace

void apply_exceptions(const Configuration& config, const std::vector<source::Object>& objects, std::string_view today,
                      report::Report& report) {
  Exceptions exceptions(config, today, report);
  std::vector<std::vector<report::Finding*>> findings(objects.size());
  for (report::Finding& finding : report.findings) findings[finding.order].push_back(&finding);
  for (size_t i = 0; i < objects.size(); ++i) {
    exceptions.start_object(objects[i]);
    for (report::Finding* finding : findings[i]) exceptions.apply(*finding, report.objects[i]);
  }
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm day{};
  ::localtime_r(&now, &day);
  return fmt::format("{:04}-{:02}-{:02}", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

}  // namespace plimsoll::cli
