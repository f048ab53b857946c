// The webhook's log: one line an event, as text or JSON, on standard error.
//
//   Log log(LogFormat::kJson, LogLevel::kInfo);
//   log.write(LogLevel::kInfo, "policies loaded", {{"generation", 2}, {"rules", 31}});
//   // {"time":"2026-11-21T18:02:11.482Z","level":"info","message":"policies loaded","generation":2,"rules":31}
//
// Content of objects goes here only if whoever runs the webhook asks for it (objects()), messages of rules never, for they may quote it.
// Texts may be anybody's: each event stays on its line, without what would steer a terminal, and texts are cut after 4 KiB.
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
  // JSON that stands for itself in the format JSON, and is a text otherwise. Not cut.
  struct Json {
    std::string_view text;
  };
  using Field = std::pair<std::string_view, std::variant<std::string_view, int64_t, double, bool, Json>>;

  Log(LogFormat format, LogLevel least, bool objects = false);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(LogLevel level) const { return level >= least_; }
  // Whether the objects of requests are wanted.
  bool objects() const { return objects_; }
  // Thread-safe. Empty texts are left out.
  void write(LogLevel level, std::string_view message, std::initializer_list<Field> fields = {}) const;

 private:
  LogFormat format_;
  LogLevel least_;
  bool objects_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace plimsoll::webhook
