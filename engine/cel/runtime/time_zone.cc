#include "engine/cel/runtime/time_zone.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "engine/cel/runtime/numbers.h"
#include "engine/value/go_quote.h"

namespace plimsoll::cel {

namespace {

constexpr size_t kMaxFileSize = 1 << 20;
constexpr const char* kDirectories[] = {"/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/", "/usr/lib/locale/TZ/", "/etc/zoneinfo/"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string read_zone_file(std::string_view name) {
  for (const char* directory : kDirectories) {
    std::ifstream file(directory + std::string(name), std::ios::binary);
    std::string data(std::istreambuf_iterator<char>(file), {});
    if (data.size() > 44 && data.size() < kMaxFileSize && data.starts_with("TZif")) return data;
  }
  return {};
}

int64_t big_endian(std::string_view bytes) {
  int64_t value = static_cast<int8_t>(bytes[0]);
  for (size_t i = 1; i < bytes.size(); ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

// The daylight saving rule at the end of a zone file (POSIX TZ, "CET-1CEST,M3.5.0,M10.5.0/3"), for times after the last transition.
class PosixRule {
 public:
  explicit PosixRule(std::string_view text) : rest_(text) {}

  std::optional<int64_t> offset_at(const Time& time) {
    int64_t standard, daylight;
    if (!skip_name() || !read_offset(standard)) return std::nullopt;
    standard = -standard;
    if (rest_.empty()) return standard;
    if (!skip_name()) return std::nullopt;
    if (rest_.empty() || rest_[0] == ',') {
      daylight = standard + 3600;
    } else {
      if (!read_offset(daylight)) return std::nullopt;
      daylight = -daylight;
    }
    const int64_t year = civil_time(time, standard).year;
    int64_t start, end;
    if (!read_change(year, start) || !read_change(year, end)) return std::nullopt;
    start -= standard;
    end -= daylight;
    const bool in_daylight = start < end ? time.seconds >= start && time.seconds < end : time.seconds >= start || time.seconds < end;
    return in_daylight ? daylight : standard;
  }

 private:
  bool skip_name() {
    if (!rest_.empty() && rest_[0] == '<') {
      const size_t close = rest_.find('>');
      if (close == std::string_view::npos) return false;
      rest_.remove_prefix(close + 1);
      return true;
    }
    size_t length = 0;
    while (length < rest_.size() && !is_digit(rest_[length]) && rest_[length] != ',' && rest_[length] != '-' && rest_[length] != '+') ++length;
    rest_.remove_prefix(length);
    return length >= 3;
  }

  bool read_number(int64_t& value) {
    size_t length = 0;
    value = 0;
    for (; length < rest_.size() && is_digit(rest_[length]) && length < 6; ++length) value = value * 10 + (rest_[length] - '0');
    rest_.remove_prefix(length);
    return length > 0;
  }

  bool read_offset(int64_t& seconds) {
    const bool negative = !rest_.empty() && rest_[0] == '-';
    if (negative || (!rest_.empty() && rest_[0] == '+')) rest_.remove_prefix(1);
    int64_t factor = 3600;
    seconds = 0;
    for (;;) {
      int64_t part;
      if (!read_number(part)) return false;
      seconds += part * factor;
      factor /= 60;
      if (factor == 0 || rest_.empty() || rest_[0] != ':') break;
      rest_.remove_prefix(1);
    }
    if (negative) seconds = -seconds;
    return true;
  }

  // ",M3.5.0/2", ",J60" or ",59": seconds since 1970 in local time.
  bool read_change(int64_t year, int64_t& seconds) {
    if (rest_.size() < 2 || rest_[0] != ',') return false;
    rest_.remove_prefix(1);
    int64_t day;
    const int64_t january = days_from_civil(year, 1, 1);
    const bool leap = days_from_civil(year, 3, 1) - january == 60;
    if (rest_[0] == 'M') {
      rest_.remove_prefix(1);
      int64_t month, week, weekday;
      if (!read_number(month) || !skip_dot() || !read_number(week) || !skip_dot() || !read_number(weekday)) return false;
      if (month < 1 || month > 12 || week < 1 || week > 5 || weekday > 6) return false;
      const int64_t first = days_from_civil(year, static_cast<int>(month), 1);
      const int64_t next = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, static_cast<int>(month) + 1, 1);
      day = first + (weekday - (first + 4) % 7 + 14) % 7 + 7 * (week - 1);
      while (day >= next) day -= 7;
    } else {
      const bool julian = rest_[0] == 'J';
      if (julian) rest_.remove_prefix(1);
      int64_t number;
      if (!read_number(number)) return false;
      day = january + number - (julian ? 1 : 0) + (julian && leap && number >= 60 ? 1 : 0);
    }
    int64_t time = 2 * 3600;
    if (!rest_.empty() && rest_[0] == '/') {
      rest_.remove_prefix(1);
      if (!read_offset(time)) return false;
    }
    seconds = day * 86400 + time;
    return true;
  }

  bool skip_dot() {
    if (rest_.empty() || rest_[0] != '.') return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

std::optional<int64_t> offset_in_file(std::string_view data, const Time& time) {
  // Version 2 and later files repeat everything with 64-bit times after the 32-bit block.
  size_t width = 4;
  for (int block = 0; block < 2; ++block) {
    if (data.size() < 44 || !data.starts_with("TZif")) return std::nullopt;
    const char version = data[4];
    size_t counts[6];
    for (size_t i = 0; i < 6; ++i) counts[i] = static_cast<size_t>(big_endian(data.substr(20 + 4 * i, 4)));
    const auto [is_ut, is_standard, leaps, times, types, chars] = counts;
    for (const size_t count : counts) {
      if (count > data.size()) return std::nullopt;
    }
    const size_t body = times * width + times + types * 6 + chars + leaps * (width + 4) + is_standard + is_ut;
    if (data.size() - 44 < body) return std::nullopt;
    if (version != 0 && width == 4) {
      data.remove_prefix(44 + body);
      width = 8;
      continue;
    }
    const std::string_view transitions = data.substr(44, times * width);
    const std::string_view indexes = data.substr(44 + times * width, times);
    const std::string_view infos = data.substr(44 + times * width + times, types * 6);
    std::string_view footer = data.substr(44 + body);
    size_t low = 0, high = times;
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (big_endian(transitions.substr(middle * width, width)) <= time.seconds) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == times && footer.size() > 2 && footer.front() == '\n') {
      footer.remove_prefix(1);
      footer = footer.substr(0, footer.find('\n'));
      if (const auto offset = PosixRule(footer).offset_at(time)) return offset;
    }
    size_t type = 0;
    if (low > 0) {
      type = static_cast<uint8_t>(indexes[low - 1]);
    } else {  // before the first transition: the first standard time
      while (type + 1 < types && infos[type * 6 + 4] != 0) ++type;
    }
    if (type >= types) return std::nullopt;
    return big_endian(infos.substr(type * 6, 4));
  }
  return std::nullopt;
}

std::expected<int64_t, std::string> parse_atoi(std::string_view text) {
  if (const std::optional<int64_t> value = parse_int(text)) return *value;
  const bool digits = text.find_first_not_of("0123456789", !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0) == std::string_view::npos;
  const bool range = digits && text.size() > 1;
  return std::unexpected("strconv.Atoi: parsing " + go::quoted(text) + (range ? ": value out of range" : ": invalid syntax"));
}

}  // namespace

std::expected<int64_t, std::string> zone_offset(std::string_view zone, const Time& time) {
  if (zone.empty() || zone == "UTC") return 0;
  if (const size_t colon = zone.find(':'); colon != std::string_view::npos) {
    const auto hours = parse_atoi(zone.substr(0, colon));
    if (!hours) return hours;
    const auto minutes = parse_atoi(zone.substr(colon + 1));
    if (!minutes) return minutes;
    if (std::llabs(*hours) > 1'000'000'000 || std::llabs(*minutes) > 1'000'000'000) return std::unexpected("time zone offset out of range");
    return (*hours * 60 + (zone[0] == '-' ? -*minutes : *minutes)) * 60;
  }
  // The machine's own zone would make verdicts differ from host to host; clusters run in UTC.
  if (zone == "Local") return 0;
  if (zone.find("..") != std::string_view::npos || zone[0] == '/' || zone.find('\\') != std::string_view::npos ||
      zone.find('\0') != std::string_view::npos) {
    return std::unexpected("time: invalid location name");
  }
  if (const std::string file = read_zone_file(zone); !file.empty()) {
    if (const std::optional<int64_t> offset = offset_in_file(file, time)) return *offset;
  }
  return std::unexpected("unknown time zone " + std::string(zone));
}

}  // namespace plimsoll::cel
