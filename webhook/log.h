// The webhook's log: one line an event, as text or JSON, on standard error.
//
//   Log log(LogFormat::kJson, LogLevel::kInfo);
//   log.write(LogLevel::kInfo, "policies loaded", {{"generation", 2}, {"rules", 31}});
//   // {"time":"2026-11-21T18:02:11.482Z","level":"info","message":"policies loaded","generation":2,"rules":31}
//
// Content of objects never goes here, messages of rules neither, for they may quote it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace spdlog {
class logger;
}

namespace plimsoll::webhook {

enum class LogFormat { kText, kJson };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error".
std::optional<LogLevel> parse_log_level(std::string_view name);

class Log {
 public:
  using Field = std::pair<std::string_view, std::variant<std::string_view, int64_t, double, bool>>;

  Log(LogFormat format, LogLevel least);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(LogLevel level) const { return level >= least_; }
  // Thread-safe. Empty texts are left out.
  void write(LogLevel level, std::string_view message, std::initializer_list<Field> fields = {}) const;

 private:
  LogFormat format_;
  LogLevel least_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace plimsoll::webhook
