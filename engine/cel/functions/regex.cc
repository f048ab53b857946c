// matches(), find(), findAll() with patterns that only the evaluation knows (constant ones are compiled by the planner), and the
// regex.* functions of cel-go's extension.
#include "engine/cel/functions.h"
#include "engine/cel/functions/regex_match.h"
#include "engine/value/go_quote.h"

namespace plimsoll::cel {

namespace {

Value refuse_text(Frame& frame, const Value& text, std::string_view function) {
  const bool receiver = text.as<DurationValue>() != nullptr || text.as<TimestampValue>() != nullptr;
  return receiver ? no_such_overload() : no_such_overload(frame.arena(), function);
}

Value matches(Frame& frame, const Value* arguments, size_t) {
  if (!arguments[0].is_string()) return refuse_text(frame, arguments[0], "matches");
  if (!arguments[1].is_string()) return no_such_overload();
  const auto pattern = Regex::compile(arguments[1].as_string());
  if (!pattern) return frame.error(pattern.error());
  return Value::boolean(pattern->matches(arguments[0].as_string()));
}

Value find(Frame& frame, const Value* arguments, size_t count) {
  const auto pattern = Regex::compile(arguments[1].as_string());
  if (!pattern) return frame.error("Illegal regex: " + pattern.error());
  return find_with(frame, *pattern, arguments, count);
}

Value find_all(Frame& frame, const Value* arguments, size_t count) {
  const auto pattern = Regex::compile(arguments[1].as_string());
  if (!pattern) return frame.error("Illegal regex: " + pattern.error());
  return find_all_with(frame, *pattern, arguments, count);
}

std::expected<Regex, Value> compile_with_one_group(Frame& frame, std::string_view text) {
  auto pattern = Regex::compile(text);
  if (!pattern) return std::unexpected(frame.error("given regex is invalid: " + pattern.error()));
  if (pattern->group_count() > 1) {
    return std::unexpected(frame.error("regular expression has more than one capturing group: " + go::quoted(text)));
  }
  return std::move(*pattern);
}

Value extract(Frame& frame, const Value* arguments, size_t) {
  const auto pattern = compile_with_one_group(frame, arguments[1].as_string());
  if (!pattern) return pattern.error();
  std::vector<std::string_view> groups;
  if (!pattern->match_at(arguments[0].as_string(), 0, groups)) return no_value();
  if (groups.size() > 1 && groups[1].empty()) return no_value();
  return make_optional(frame.arena(), Value::string(groups.back()));
}

Value extract_all(Frame& frame, const Value* arguments, size_t) {
  const auto pattern = compile_with_one_group(frame, arguments[1].as_string());
  if (!pattern) return pattern.error();
  List* list = List::create(frame.arena());
  for (const std::vector<std::string_view>& groups : pattern->find_all_groups(arguments[0].as_string())) {
    if (groups.size() == 1 || !groups[1].empty()) list->push_back(frame.arena(), Value::string(groups.back()));
  }
  return Value::list(list);
}

// Appends `replacement` with \0 to \9 replaced by groups. The error is cel-go's.
std::expected<void, std::string> substitute(std::string& out, std::string_view replacement, const std::vector<std::string_view>& groups) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\') {
      out += replacement[i];
      continue;
    }
    if (i + 1 == replacement.size()) {
      return std::unexpected("invalid replacement string: '" + std::string(replacement) + "' \\ not allowed at end");
    }
    const char next = replacement[++i];
    if (next == '\\') {
      out += '\\';
      continue;
    }
    if (next < '0' || next > '9') {
      return std::unexpected("invalid replacement string: '" + std::string(replacement) + "' \\ must be followed by a digit or \\");
    }
    const auto group = static_cast<size_t>(next - '0');
    if (group >= groups.size()) {
      return std::unexpected("replacement string references group " + std::to_string(group) + " but regex has only " +
                             std::to_string(groups.size() - 1) + " group(s)");
    }
    out += groups[group];
  }
  return {};
}

Value replace(Frame& frame, const Value* arguments, size_t count) {
  const std::string_view text = arguments[0].as_string();
  const int64_t limit = count > 3 ? arguments[3].as_int() : -1;
  if (limit == 0) return arguments[0];
  if (limit > INT32_MAX) return frame.error("integer overflow");
  const auto pattern = Regex::compile(arguments[1].as_string());
  if (!pattern) return frame.error(pattern.error());
  std::string out;
  size_t pos = 0;
  int64_t replaced = 0;
  for (const std::vector<std::string_view>& groups : pattern->find_all_groups(text)) {
    if (limit > 0 && replaced++ >= limit) break;
    const auto start = static_cast<size_t>(groups[0].data() - text.data());
    out += text.substr(pos, start - pos);
    if (const auto done = substitute(out, arguments[2].as_string(), groups); !done) return frame.error(done.error());
    if (!frame.reserve(out.size())) return frame.stop_error();
    pos = start + groups[0].size();
  }
  out += text.substr(pos);
  return frame.string(out);
}

constexpr Binding kBindings[] = {
    {"matches", matches},
    {"string_find_string", find},
    {"string_find_all_string", find_all},
    {"string_find_all_string_int", find_all},
    {"regex_extract_string_string", extract},
    {"regex_extractAll_string_string", extract_all},
    {"regex_replace_string_string_string", replace},
    {"regex_replace_string_string_string_int", replace},
};

}  // namespace

Value match_with(Frame&, const Regex& pattern, const Value* arguments, size_t) {
  return arguments[0].is_string() ? Value::boolean(pattern.matches(arguments[0].as_string())) : no_such_overload();
}

Value find_with(Frame&, const Regex& pattern, const Value* arguments, size_t) {
  return arguments[0].is_string() ? Value::string(pattern.find(arguments[0].as_string())) : no_such_overload();
}

Value find_all_with(Frame& frame, const Regex& pattern, const Value* arguments, size_t count) {
  if (!arguments[0].is_string() || (count > 2 && !arguments[2].is_int())) return no_such_overload();
  List* list = List::create(frame.arena());
  for (const std::string_view match : pattern.find_all(arguments[0].as_string(), count > 2 ? arguments[2].as_int() : -1)) {
    list->push_back(frame.arena(), Value::string(match));
  }
  return Value::list(list);
}

std::span<const Binding> functions::regex() { return kBindings; }

}  // namespace plimsoll::cel
