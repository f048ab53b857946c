// Reading of times by Go's layouts: time.ParseInLocation with UTC. What Go accepts beyond a layout (a fraction after the
// seconds, one digit where two are usual) and its error texts are followed step by step.
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "engine/template/functions/go_layout.h"
#include "engine/template/functions/go_time.h"

namespace plimsoll::tmpl {
namespace {

constexpr std::array<int, 12> kDaysInMonth = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
int days_in(int month, int64_t year) {
  return month == 2 && is_leap(year) ? 29 : kDaysInMonth[static_cast<size_t>(month - 1)];
}
bool is_digit_at(std::string_view text, size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; }

// Equal but for the case of ASCII letters.
bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    if (x == y) return true;
    const char folded = static_cast<char>(x | 0x20);
    return folded == static_cast<char>(y | 0x20) && folded >= 'a' && folded <= 'z';
  });
}

// The whole of `text` as a number with an optional sign, as package time's atoi.
std::optional<int> whole_number(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

// One step of parsing: ok, does not match, or out of range.
struct Step {
  bool matched = true;
  std::string_view out_of_range;
};
constexpr Step kMismatch{.matched = false, .out_of_range = {}};

class Parser {
 public:
  Parser(std::string_view layout, std::string_view value) : whole_layout_(layout), whole_value_(value), rest_(value) {}

  Result<GoTime> run() {
    std::string_view layout = whole_layout_;
    while (true) {
      const LayoutChunk chunk = next_chunk(layout);
      if (!skip(chunk.prefix)) return mismatch(chunk.prefix, rest_);
      if (chunk.unit == LayoutUnit::kNone) {
        if (!rest_.empty()) return error(": extra text: " + quote_time_text(rest_));
        return finish();
      }
      layout = chunk.suffix;
      const std::string_view before = rest_;
      const Step step = read(chunk, layout);
      if (!step.out_of_range.empty()) return error(": " + std::string(step.out_of_range) + " out of range");
      if (!step.matched) return mismatch(chunk.text, before);
    }
  }

 private:
  std::unexpected<Error> error(const std::string& message) const {
    return fail(ErrorCode::kSyntax, "parsing time " + quote_time_text(whole_value_) + message);
  }
  std::unexpected<Error> mismatch(std::string_view layout_part, std::string_view value_part) const {
    return error(" as " + quote_time_text(whole_layout_) + ": cannot parse " + quote_time_text(value_part) + " as " +
                 quote_time_text(layout_part));
  }

  // Literal text; a run of spaces in the layout stands for any run of spaces, the end included.
  bool skip(std::string_view prefix) {
    const auto drop_spaces = [](std::string_view& text) {
      text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    };
    while (!prefix.empty()) {
      if (prefix[0] == ' ') {
        if (!rest_.empty() && rest_[0] != ' ') return false;
        drop_spaces(prefix);
        drop_spaces(rest_);
        continue;
      }
      if (rest_.empty() || rest_[0] != prefix[0]) return false;
      prefix.remove_prefix(1);
      rest_.remove_prefix(1);
    }
    return true;
  }

  // One or two digits (two if `fixed`).
  bool read_number(int& out, bool fixed) {
    if (!is_digit_at(rest_, 0)) return false;
    const bool two = is_digit_at(rest_, 1);
    if (!two && fixed) return false;
    out = rest_[0] - '0';
    if (two) out = out * 10 + (rest_[1] - '0');
    rest_.remove_prefix(two ? 2 : 1);
    return true;
  }

  Step read_ranged(int& out, bool fixed, int low, int high, std::string_view name) {
    if (!read_number(out, fixed)) return kMismatch;
    return {.matched = true, .out_of_range = out < low || out > high ? name : std::string_view()};
  }

  template <size_t N>
  bool read_name(const std::array<std::string_view, N>& names, size_t length, int& out) {
    for (size_t i = 0; i < N; ++i) {
      const std::string_view name = names[i].substr(0, length);
      if (rest_.size() < name.size() || !same_letters(rest_.substr(0, name.size()), name)) continue;
      out = static_cast<int>(i);
      rest_.remove_prefix(name.size());
      return true;
    }
    return false;
  }

  Step read_month_name(size_t length) {
    int index = 0;
    if (!read_name(kMonthNames, length, index)) return kMismatch;
    month_ = index + 1;
    return {};
  }

  Step read_weekday_name(size_t length) {
    int ignored = 0;
    return {.matched = read_name(kWeekdayNames, length, ignored), .out_of_range = {}};
  }

  Step read_year(size_t digits) {
    if (rest_.size() < digits || (digits == 4 && !is_digit_at(rest_, 0))) return kMismatch;
    const std::optional<int> number = whole_number(rest_.substr(0, digits));
    if (!number) return kMismatch;
    rest_.remove_prefix(digits);
    year_ = *number;
    if (digits == 2) year_ += year_ >= 69 ? 1900 : 2000;
    return {};
  }

  Step read_year_day(LayoutUnit unit) {
    if (unit == LayoutUnit::kSpaceYearDay) {
      for (int i = 0; i < 2 && rest_.starts_with(' '); ++i) rest_.remove_prefix(1);
    }
    size_t size = 0;
    int number = 0;
    for (; size < 3 && is_digit_at(rest_, size); ++size) number = number * 10 + (rest_[size] - '0');
    if (size == 0 || (unit == LayoutUnit::kZeroYearDay && size != 3)) return kMismatch;
    rest_.remove_prefix(size);
    year_day_ = number;
    return {};
  }

  Step read_second(LayoutUnit unit, std::string_view following_layout) {
    const Step step = read_ranged(second_, unit == LayoutUnit::kZeroSecond, 0, 59, "second");
    if (!step.matched || !step.out_of_range.empty()) return step;
    // A fraction is read even where the layout has none.
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !is_digit_at(rest_, 1)) return {};
    const LayoutUnit next = next_chunk(following_layout).unit;
    if (next == LayoutUnit::kFractionZeros || next == LayoutUnit::kFractionNines) return {};
    size_t end = 2;
    while (is_digit_at(rest_, end)) ++end;
    return read_fraction(end);
  }

  // The point and digits in the first `size` bytes; digits beyond nanoseconds are dropped.
  Step read_fraction(size_t size) {
    if (rest_[0] != '.' && rest_[0] != ',') return kMismatch;
    const std::optional<int> number = whole_number(rest_.substr(1, std::min<size_t>(size, 10) - 1));
    if (!number) return kMismatch;
    if (*number < 0) return {.matched = true, .out_of_range = "fractional second"};
    nanoseconds_ = *number;
    for (size_t digits = std::min<size_t>(size, 10); digits < 10; ++digits) nanoseconds_ *= 10;
    rest_.remove_prefix(size);
    return {};
  }

  Step read_half_day(std::string_view am, std::string_view pm) {
    if (rest_.size() < 2) return kMismatch;
    const std::string_view mark = rest_.substr(0, 2);
    rest_.remove_prefix(2);
    if (mark != am && mark != pm) return kMismatch;
    (mark == pm ? pm_ : am_) = true;
    return {};
  }

  Step read_numeric_zone(const ZoneStyle& style) {
    if (style.iso && rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      utc_ = true;
      return {};
    }
    const size_t gap = style.colons ? 3 : 2;
    const size_t size = 3 + (style.minutes ? gap : 0) + (style.seconds ? gap : 0);
    if (rest_.size() < size) return kMismatch;
    const std::string_view text = rest_.substr(0, size);
    if (style.colons && (text[3] != ':' || (style.seconds && text[6] != ':'))) return kMismatch;
    rest_.remove_prefix(size);
    const auto two_digits = [&](size_t at) {
      return is_digit_at(text, at) && is_digit_at(text, at + 1) ? (text[at] - '0') * 10 + (text[at + 1] - '0') : -1;
    };
    const int hours = two_digits(1);
    const int minutes = style.minutes && hours >= 0 ? two_digits(1 + gap) : 0;
    const int seconds = style.seconds && hours >= 0 && minutes >= 0 ? two_digits(1 + 2 * gap) : 0;
    if (hours > 24) return {.matched = true, .out_of_range = "time zone offset hour"};
    if (minutes > 60) return {.matched = true, .out_of_range = "time zone offset minute"};
    if (seconds > 60) return {.matched = true, .out_of_range = "time zone offset second"};
    if (hours < 0 || minutes < 0 || seconds < 0) return kMismatch;
    if (text[0] != '+' && text[0] != '-') return kMismatch;
    offset_ = (hours * 60 + minutes) * 60 + seconds;
    if (text[0] == '-') offset_ = -*offset_;
    return {};
  }

  // Length of "+hh"/"-hh" with hh up to 23, or 0.
  static size_t signed_hours(std::string_view text) {
    if (text.empty() || (text[0] != '-' && text[0] != '+')) return 0;
    size_t end = 1;
    int64_t value = 0;
    for (; is_digit_at(text, end); ++end) {
      value = value * 10 + (text[end] - '0');
      if (value > 23) return 0;
    }
    return end == 1 ? 0 : end;
  }

  // Length of what looks like a zone abbreviation, or 0.
  static size_t zone_name_length(std::string_view text) {
    if (text.size() < 3) return 0;
    if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;
    if (text.starts_with("GMT")) return 3 + signed_hours(text.substr(3));
    if (text[0] == '+' || text[0] == '-') return signed_hours(text);
    size_t letters = 0;
    while (letters < 6 && letters < text.size() && text[letters] >= 'A' && text[letters] <= 'Z') ++letters;
    switch (letters) {
      case 3: return 3;
      case 4: return text[3] == 'T' || text.starts_with("WITA") ? 4 : 0;
      case 5: return text[4] == 'T' ? 5 : 0;
      default: return 0;
    }
  }

  Step read_zone_name() {
    if (rest_.starts_with("UTC")) {
      rest_.remove_prefix(3);
      utc_ = true;
      return {};
    }
    const size_t size = zone_name_length(rest_);
    if (size == 0) return kMismatch;
    zone_name_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return {};
  }

  Step read(const LayoutChunk& chunk, std::string_view following_layout) {
    ZoneStyle style{};
    if (zone_style(chunk.unit, style)) return read_numeric_zone(style);
    switch (chunk.unit) {
      case LayoutUnit::kLongMonth: return read_month_name(std::string_view::npos);
      case LayoutUnit::kMonth: return read_month_name(3);
      case LayoutUnit::kLongWeekday: return read_weekday_name(std::string_view::npos);
      case LayoutUnit::kWeekday: return read_weekday_name(3);
      case LayoutUnit::kLongYear: return read_year(4);
      case LayoutUnit::kYear: return read_year(2);
      case LayoutUnit::kNumberMonth: return read_ranged(month_, false, 1, 12, "month");
      case LayoutUnit::kZeroMonth: return read_ranged(month_, true, 1, 12, "month");
      case LayoutUnit::kSpaceDay:
        if (rest_.starts_with(' ')) rest_.remove_prefix(1);
        return {.matched = read_number(day_, false), .out_of_range = {}};
      case LayoutUnit::kDay: return {.matched = read_number(day_, false), .out_of_range = {}};
      case LayoutUnit::kZeroDay: return {.matched = read_number(day_, true), .out_of_range = {}};
      case LayoutUnit::kSpaceYearDay:
      case LayoutUnit::kZeroYearDay: return read_year_day(chunk.unit);
      case LayoutUnit::kHour24: return read_ranged(hour_, false, 0, 23, "hour");
      case LayoutUnit::kHour12: return read_ranged(hour_, false, 0, 12, "hour");
      case LayoutUnit::kZeroHour12: return read_ranged(hour_, true, 0, 12, "hour");
      case LayoutUnit::kPlainMinute: return read_ranged(minute_, false, 0, 59, "minute");
      case LayoutUnit::kZeroMinute: return read_ranged(minute_, true, 0, 59, "minute");
      case LayoutUnit::kPlainSecond:
      case LayoutUnit::kZeroSecond: return read_second(chunk.unit, following_layout);
      case LayoutUnit::kUpperPm: return read_half_day("AM", "PM");
      case LayoutUnit::kLowerPm: return read_half_day("am", "pm");
      case LayoutUnit::kZone: return read_zone_name();
      case LayoutUnit::kFractionZeros:
        return rest_.size() < chunk.text.size() ? kMismatch : read_fraction(chunk.text.size());
      case LayoutUnit::kFractionNines: {
        if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !is_digit_at(rest_, 1)) return {};
        size_t end = 2;
        while (is_digit_at(rest_, end)) ++end;
        return read_fraction(end);
      }
      default: return {};
    }
  }

  // Turns a day of the year into month and day; they must agree with what was read.
  std::optional<std::string_view> resolve_year_day() {
    int day = year_day_;
    if (day < 1 || day > (is_leap(year_) ? 366 : 365)) return ": day-of-year out of range";
    int month = 1;
    for (; day > days_in(month, year_); ++month) day -= days_in(month, year_);
    if (month_ >= 0 && month_ != month) return ": day-of-year does not match month";
    if (day_ >= 0 && day_ != day) return ": day-of-year does not match day";
    month_ = month;
    day_ = day;
    return std::nullopt;
  }

  Result<GoTime> finish() {
    if (pm_ && hour_ < 12) {
      hour_ += 12;
    } else if (am_ && hour_ == 12) {
      hour_ = 0;
    }
    if (year_day_ >= 0) {
      if (const auto problem = resolve_year_day()) return error(std::string(*problem));
    }
    if (month_ < 0) month_ = 1;
    if (day_ < 0) day_ = 1;
    if (day_ < 1 || day_ > days_in(month_, year_)) return error(": day out of range");

    const GoTime utc = zero_time();
    GoTime time = from_clock(year_, month_, day_, hour_, minute_, second_, nanoseconds_, utc);
    if (utc_ || (!offset_ && zone_name_.empty())) return time;
    if (offset_) {
      time.seconds -= *offset_;
      // The local zone, UTC, is taken if it has this offset (and name).
      if (*offset_ == 0 && zone_name_.empty()) return time;
      set_zone(time, *offset_);
      return time;
    }
    // An unknown abbreviation is a zone of that name whose offset is only known for GMT+h. The clock is not shifted, as
    // in Go: the time was read as UTC.
    int offset = 0;
    if (zone_name_.starts_with("GMT") && zone_name_.size() > 3) offset = 3600 * whole_number(zone_name_.substr(3)).value_or(0);
    set_zone(time, offset);
    return time;
  }

  void set_zone(GoTime& time, int offset) const {
    time.offset = offset;
    const size_t size = std::min(zone_name_.size(), sizeof(time.zone) - 1);
    if (size != 0) std::memcpy(time.zone, zone_name_.data(), size);
    time.zone[size] = '\0';
  }

  std::string_view whole_layout_;
  std::string_view whole_value_;
  std::string_view rest_;
  int year_ = 0;
  int month_ = -1;
  int day_ = -1;
  int year_day_ = -1;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int nanoseconds_ = 0;
  bool am_ = false;
  bool pm_ = false;
  bool utc_ = false;
  std::optional<int> offset_;
  std::string_view zone_name_;
};

}  // namespace

Result<GoTime> parse_time(std::string_view layout, std::string_view value) { return Parser(layout, value).run(); }

}  // namespace plimsoll::tmpl
