#include "webhook/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <chrono>
#include <ctime>

#include "engine/value/json.h"

namespace plimsoll::webhook {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};
constexpr std::array kSpdlogLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                      spdlog::level::err};

// RFC 3339 in UTC, to the millisecond.
void append_time(std::string& out) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now);
  const std::time_t time = seconds.count();
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                 std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count());
}

// Numbers and words as they are; text quoted where `quote` says so.
void append_field(std::string& out, const Log::Field& field, bool quote) {
  if (const auto* text = std::get_if<std::string_view>(&field.second)) {
    if (quote || text->find_first_of(" \"=\\\n\t") != std::string_view::npos) {
      json::append_quoted(out, *text);
    } else {
      out += *text;
    }
  } else if (const auto* number = std::get_if<int64_t>(&field.second)) {
    fmt::format_to(std::back_inserter(out), "{}", *number);
  } else if (const auto* real = std::get_if<double>(&field.second)) {
    json::append_double(out, *real);
  } else {
    out += std::get<bool>(field.second) ? "true" : "false";
  }
}

bool is_empty(const Log::Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.second);
  return text != nullptr && text->empty();
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

Log::Log(LogFormat format, LogLevel least)
    : format_(format),
      least_(least),
      logger_(std::make_shared<spdlog::logger>("plimsoll", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_pattern("%v");
  logger_->set_level(kSpdlogLevels[static_cast<size_t>(least)]);
  logger_->flush_on(spdlog::level::debug);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message, std::initializer_list<Field> fields) const {
  if (!enabled(level)) return;
  std::string line;
  const std::string_view name = kNames[static_cast<size_t>(level)];
  if (format_ == LogFormat::kJson) {
    line = R"({"time":")";
    append_time(line);
    fmt::format_to(std::back_inserter(line), R"(","level":"{}","message":)", name);
    json::append_quoted(line, message);
    for (const Field& field : fields) {
      if (is_empty(field)) continue;
      line += ',';
      json::append_quoted(line, field.first);
      line += ':';
      append_field(line, field, true);
    }
    line += '}';
  } else {
    append_time(line);
    fmt::format_to(std::back_inserter(line), " {:<7} {}", name, message);
    for (const Field& field : fields) {
      if (is_empty(field)) continue;
      fmt::format_to(std::back_inserter(line), " {}=", field.first);
      append_field(line, field, false);
    }
  }
  logger_->log(kSpdlogLevels[static_cast<size_t>(level)], spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace plimsoll::webhook
