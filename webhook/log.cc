#include "webhook/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include "engine/value/json.h"
#include "engine/value/utf8.h"

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxText = 4096;
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

// Bytes of a code point at `i` that a terminal may take for a command, or that changes the order of what is shown: DEL, C1 controls, line
// and paragraph separators, bidirectional controls. C0 controls are JSON's business. 0: it is none of these.
size_t steering(std::string_view text, size_t i) {
  const auto at = [&](size_t n) { return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U; };
  if (at(0) == 0x7F) return 1;
  if (at(0) == 0xC2 && at(1) >= 0x80 && at(1) <= 0x9F) return 2;
  if (at(0) != 0xE2) return 0;
  if (at(1) == 0x80 && ((at(2) >= 0xA8 && at(2) <= 0xAE) || at(2) == 0x8E || at(2) == 0x8F)) return 3;
  return at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9 ? 3 : 0;
}

// JSON whose texts steer nothing.
void append_tame(std::string& out, std::string_view json) {
  for (size_t i = 0; i < json.size();) {
    const size_t bytes = steering(json, i);
    if (bytes == 0) {
      out += json[i++];
      continue;
    }
    const auto bits = [&](size_t n) { return static_cast<unsigned>(json[i + n]) & 0x3FU; };
    const unsigned code = bytes == 1 ? 0x7FU : bytes == 2 ? 0x80U + bits(1) : 0x2000U + (bits(1) << 6) + bits(2);
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    i += bytes;
  }
}

// As a JSON string.
void append_quoted(std::string& out, std::string_view text, size_t limit = kMaxText) {
  const size_t end = utf8::floor_boundary(text, limit);
  std::string quoted = json::quoted(text.substr(0, end));
  if (end < text.size()) quoted.insert(quoted.size() - 1, "...");
  append_tame(out, quoted);
}

// Words of which nobody can think that they end.
bool is_word(std::string_view text) {
  return text.size() <= kMaxText && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '=' && c != '\\'; });
}

struct FieldWriter {
  std::string& out;
  LogFormat format;

  void operator()(std::string_view text) const {
    if (format == LogFormat::kText && is_word(text)) {
      out += text;
    } else {
      append_quoted(out, text);
    }
  }
  void operator()(int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(double number) const { json::append_double(out, number); }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(Log::Json json) const {
    if (format == LogFormat::kText) return append_quoted(out, json.text, json.text.size());
    append_tame(out, json.text);
  }
};

bool is_empty(const Log::Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.second);
  const auto* json = std::get_if<Log::Json>(&field.second);
  return (text != nullptr && text->empty()) || (json != nullptr && json->text.empty());
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

Log::Log(LogFormat format, LogLevel least, bool objects)
    : format_(format),
      least_(least),
      objects_(objects),
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
    append_quoted(line, message);
    for (const Field& field : fields) {
      if (is_empty(field)) continue;
      line += ',';
      json::append_quoted(line, field.first);
      line += ':';
      std::visit(FieldWriter{line, format_}, field.second);
    }
    line += '}';
  } else {
    append_time(line);
    fmt::format_to(std::back_inserter(line), " {:<7} {}", name, message);
    for (const Field& field : fields) {
      if (is_empty(field)) continue;
      fmt::format_to(std::back_inserter(line), " {}=", field.first);
      std::visit(FieldWriter{line, format_}, field.second);
    }
  }
  logger_->log(kSpdlogLevels[static_cast<size_t>(level)], spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace plimsoll::webhook
