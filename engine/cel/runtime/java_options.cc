#include "engine/cel/runtime/java_options.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace plimsoll::cel {
namespace {

std::unexpected<Error> failure(std::string message) { return fail(ErrorCode::kEvaluation, "java: " + std::move(message)); }

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Result<int64_t> read_size(std::string_view option, std::string_view text) {
  const auto wrong = [&] { return failure(fmt::format("{} has no size such as 512m or 1g: '{}'", option, text)); };
  std::string_view digits = text;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  }
  uint64_t size = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), size, base);
  if (status != std::errc()) return wrong();
  const std::string_view suffix(end, static_cast<size_t>(digits.data() + digits.size() - end));
  if (suffix.size() > 1) return wrong();
  if (!suffix.empty()) {
    constexpr std::string_view kSuffixes = "kmgt";
    const size_t power = kSuffixes.find(static_cast<char>(suffix[0] | 0x20));
    if (power == std::string_view::npos) return wrong();
    if (__builtin_mul_overflow(size, uint64_t{1} << (10 * (power + 1)), &size)) return wrong();
  }
  if (size > static_cast<uint64_t>(INT64_MAX)) return wrong();
  return static_cast<int64_t>(size);
}

Result<double> read_percentage(std::string_view option, std::string_view text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 100)) {
    return failure(fmt::format("{} has no percentage from 0 to 100: '{}'", option, text));
  }
  return value;
}

Result<void> read_option(std::string_view option, JavaOptions& options) {
  const auto value_of = [&](std::string_view name) { return option.substr(name.size()); };
  for (const std::string_view name : {"-Xmx", "-XX:MaxHeapSize="}) {
    if (!option.starts_with(name)) continue;
    PLIMSOLL_ASSIGN_OR_RETURN(options.heap, read_size(name, value_of(name)));
    if (name == "-Xmx" && *options.heap == 0) return failure("-Xmx0 is too small for a heap");
  }
  for (const std::string_view name : {"-Xms", "-XX:InitialHeapSize="}) {
    if (!option.starts_with(name)) continue;
    PLIMSOLL_ASSIGN_OR_RETURN(options.initial_heap, read_size(name, value_of(name)));
  }
  constexpr std::string_view kPercentage = "-XX:MaxRAMPercentage=";
  if (option.starts_with(kPercentage)) {
    PLIMSOLL_ASSIGN_OR_RETURN(options.max_ram_percentage, read_percentage(kPercentage, value_of(kPercentage)));
  }
  return {};
}

}  // namespace

Result<JavaOptions> read_java_options(std::string_view text) {
  JavaOptions options;
  std::string word;
  for (size_t i = 0; i < text.size();) {
    while (i < text.size() && is_blank(text[i])) ++i;
    word.clear();
    while (i < text.size() && !is_blank(text[i])) {
      const char c = text[i++];
      if (c != '\'' && c != '"') {
        word += c;
        continue;
      }
      const size_t close = text.find(c, i);
      if (close == std::string_view::npos) return failure(fmt::format("unmatched quote at character {}", i));
      word += text.substr(i, close - i);
      i = close + 1;
    }
    PLIMSOLL_RETURN_IF_ERROR(read_option(word, options));
  }
  return options;
}

}  // namespace plimsoll::cel
