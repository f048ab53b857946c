#include "engine/template/functions/go_layout.h"

namespace plimsoll::tmpl {
namespace {

struct Token {
  std::string_view text;
  LayoutUnit unit;
};

// By first character; within one, the order in which Go tries them.
constexpr Token kTokens[] = {
    {"01", LayoutUnit::kZeroMonth},
    {"02", LayoutUnit::kZeroDay},
    {"03", LayoutUnit::kZeroHour12},
    {"04", LayoutUnit::kZeroMinute},
    {"05", LayoutUnit::kZeroSecond},
    {"06", LayoutUnit::kYear},
    {"002", LayoutUnit::kZeroYearDay},
    {"15", LayoutUnit::kHour24},
    {"1", LayoutUnit::kNumberMonth},
    {"2006", LayoutUnit::kLongYear},
    {"2", LayoutUnit::kDay},
    {"_2", LayoutUnit::kSpaceDay},
    {"__2", LayoutUnit::kSpaceYearDay},
    {"3", LayoutUnit::kHour12},
    {"4", LayoutUnit::kPlainMinute},
    {"5", LayoutUnit::kPlainSecond},
    {"PM", LayoutUnit::kUpperPm},
    {"pm", LayoutUnit::kLowerPm},
    {"-070000", LayoutUnit::kNumberSecondsZone},
    {"-07:00:00", LayoutUnit::kNumberColonSecondsZone},
    {"-0700", LayoutUnit::kNumberZone},
    {"-07:00", LayoutUnit::kNumberColonZone},
    {"-07", LayoutUnit::kNumberShortZone},
    {"Z070000", LayoutUnit::kIsoSecondsZone},
    {"Z07:00:00", LayoutUnit::kIsoColonSecondsZone},
    {"Z0700", LayoutUnit::kIsoZone},
    {"Z07:00", LayoutUnit::kIsoColonZone},
    {"Z07", LayoutUnit::kIsoShortZone},
};

bool starts_lower(std::string_view text) { return !text.empty() && text[0] >= 'a' && text[0] <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of the name token at the start of `text`, or 0. "Jan" is none in "Janet", but is one in "Jan.".
size_t match_name(std::string_view text, LayoutUnit& unit) {
  const auto take = [&](LayoutUnit found, size_t size) {
    unit = found;
    return size;
  };
  if (text.starts_with("January")) return take(LayoutUnit::kLongMonth, 7);
  if (text.starts_with("Jan") && !starts_lower(text.substr(3))) return take(LayoutUnit::kMonth, 3);
  if (text.starts_with("Monday")) return take(LayoutUnit::kLongWeekday, 6);
  if (text.starts_with("Mon") && !starts_lower(text.substr(3))) return take(LayoutUnit::kWeekday, 3);
  if (text.starts_with("MST")) return take(LayoutUnit::kZone, 3);
  return 0;
}

size_t match_fraction(std::string_view text, LayoutUnit& unit) {
  if (text.size() < 2 || (text[1] != '0' && text[1] != '9')) return 0;
  size_t end = 1;
  while (end < text.size() && text[end] == text[1]) ++end;
  if (end < text.size() && is_digit(text[end])) return 0;
  unit = text[1] == '0' ? LayoutUnit::kFractionZeros : LayoutUnit::kFractionNines;
  return end;
}

size_t match_token(std::string_view text, LayoutUnit& unit) {
  switch (text[0]) {
    case 'J':
    case 'M':
      return match_name(text, unit);
    case '.':
    case ',':
      return match_fraction(text, unit);
    default:
      for (const Token& token : kTokens) {
        if (!text.starts_with(token.text)) continue;
        unit = token.unit;
        return token.text.size();
      }
      return 0;
  }
}

}  // namespace

LayoutChunk next_chunk(std::string_view layout) {
  for (size_t i = 0; i < layout.size(); ++i) {
    // In "_2006" the underscore is literal.
    if (layout.substr(i).starts_with("_2006")) continue;
    LayoutUnit unit = LayoutUnit::kNone;
    const size_t size = match_token(layout.substr(i), unit);
    if (size != 0) return {layout.substr(0, i), unit, layout.substr(i, size), layout.substr(i + size)};
  }
  return {.prefix = layout, .unit = LayoutUnit::kNone, .text = {}, .suffix = {}};
}

bool zone_style(LayoutUnit unit, ZoneStyle& style) {
  switch (unit) {
    case LayoutUnit::kIsoZone: style = {true, true, false, false}; return true;
    case LayoutUnit::kIsoSecondsZone: style = {true, true, true, false}; return true;
    case LayoutUnit::kIsoShortZone: style = {true, false, false, false}; return true;
    case LayoutUnit::kIsoColonZone: style = {true, true, false, true}; return true;
    case LayoutUnit::kIsoColonSecondsZone: style = {true, true, true, true}; return true;
    case LayoutUnit::kNumberZone: style = {false, true, false, false}; return true;
    case LayoutUnit::kNumberSecondsZone: style = {false, true, true, false}; return true;
    case LayoutUnit::kNumberShortZone: style = {false, false, false, false}; return true;
    case LayoutUnit::kNumberColonZone: style = {false, true, false, true}; return true;
    case LayoutUnit::kNumberColonSecondsZone: style = {false, true, true, true}; return true;
    default: return false;
  }
}

}  // namespace plimsoll::tmpl
