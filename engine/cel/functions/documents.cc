// yaml.parse(text), yaml.valid(text) and semverMatches(version, constraint): what texts within an object say.
#include "engine/cel/functions.h"
#include "engine/value/semver.h"
#include "engine/yaml/document.h"

namespace plimsoll::cel {

namespace {

constexpr size_t kMaxBytes = 4 << 20;
constexpr size_t kMaxAliasExpansion = 100'000;
constexpr int kMaxDepth = 200;  // what walks the values of an expression must not be deeper

bool is_deeper(const Value& value, int depth) {
  if (!value.is_list() && !value.is_map()) return false;
  if (depth == 0) return true;
  for (const Value& item : value.items()) {
    if (is_deeper(item, depth - 1)) return true;
  }
  if (!value.is_map()) return false;
  for (const Map::Entry& entry : *value.as_map()) {
    if (is_deeper(entry.value, depth - 1)) return true;
  }
  return false;
}

Result<Value> parse_document(Arena& arena, std::string_view text) {
  yaml::ReadOptions options;
  options.dialect = yaml::Dialect::kGoStrict;
  options.max_bytes = kMaxBytes;
  options.max_alias_expansion = kMaxAliasExpansion;
  PLIMSOLL_ASSIGN_OR_RETURN(const Value value, yaml::read_go(arena, text, options));
  if (is_deeper(value, kMaxDepth)) return fail(ErrorCode::kLimit, "yaml: nested too deeply");
  return value;
}

Value parse(Frame& frame, const Value* arguments, size_t) {
  const Result<Value> value = parse_document(frame.arena(), arguments[0].as_string());
  return value ? *value : frame.error(value.error().message());
}

Value is_valid(Frame&, const Value* arguments, size_t) {
  Arena scratch;
  return Value::boolean(parse_document(scratch, arguments[0].as_string()).has_value());
}

Value version_matches(Frame& frame, const Value* arguments, size_t) {
  const Result<semver::Version> version = semver::parse_version(arguments[0].as_string());
  if (!version) return frame.error("semverMatches: " + version.error().message() + ": " + go_text(arguments[0]));
  const Result<semver::Constraint> constraint = semver::Constraint::parse(arguments[1].as_string());
  if (!constraint) return frame.error("semverMatches: " + constraint.error().message() + ": " + go_text(arguments[1]));
  return Value::boolean(constraint->check(*version));
}

constexpr Binding kBindings[] = {
    {"yaml_parse_string", parse},
    {"yaml_valid_string", is_valid},
    {"semver_matches_string_string", version_matches},
};

}  // namespace

std::span<const Binding> functions::documents() { return kBindings; }

}  // namespace plimsoll::cel
