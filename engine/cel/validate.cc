#include "engine/cel/validate.h"

#include <fmt/format.h>

#include <charconv>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "engine/cel/term.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {
namespace {

// As messages of the checker name it.
std::string describe(const Type& type) {
  Arena arena;
  return plimsoll::cel::describe(to_term(arena, type));
}

// The name without parameters.
std::string erased_name(const Type& type) {
  if (type.kind() == TypeKind::kWrapper) return type.parameters()[0].to_string();
  const std::string name = type.to_string();
  return name.substr(0, name.find('('));
}

// Equal but for wrappers, which are what they wrap here.
bool same_type(const Type& a, const Type& b) {
  if (a.kind() == TypeKind::kWrapper) return same_type(a.parameters()[0], b);
  if (b.kind() == TypeKind::kWrapper) return same_type(a, b.parameters()[0]);
  return a == b;
}

struct FormatError {
  NodeId at;
  std::string message;
};

constexpr TypeKind kPrintable[] = {TypeKind::kList,   TypeKind::kMap,       TypeKind::kInt,   TypeKind::kUint,
                                   TypeKind::kDouble, TypeKind::kBool,      TypeKind::kString, TypeKind::kTimestamp,
                                   TypeKind::kBytes,  TypeKind::kDuration,  TypeKind::kType, TypeKind::kNull};
constexpr TypeKind kIntegers[] = {TypeKind::kInt, TypeKind::kUint};
constexpr TypeKind kNumbers[] = {TypeKind::kInt, TypeKind::kUint, TypeKind::kDouble};
constexpr TypeKind kDoubles[] = {TypeKind::kDouble, TypeKind::kString};  // strings: for "NaN" and the like
constexpr TypeKind kBits[] = {TypeKind::kInt, TypeKind::kUint, TypeKind::kBool};
constexpr TypeKind kOctets[] = {TypeKind::kInt, TypeKind::kUint, TypeKind::kString, TypeKind::kBytes};

constexpr std::string_view kStringComplaint =
    "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps";

// Which types a clause of a format string takes, and what is said of others.
struct ClauseRule {
  char clause;
  std::span<const TypeKind> kinds;
  std::string_view complaint;
};

constexpr ClauseRule kClauses[] = {
    {'d', kIntegers, "decimal clause can only be used on integers"},
    {'f', kDoubles, "fixed-point clause can only be used on doubles"},
    {'e', kDoubles, "scientific clause can only be used on doubles"},
    {'b', kBits, "only integers and bools can be formatted as binary"},
    {'x', kOctets, "only integers, byte buffers, and strings can be formatted as hex"},
    {'o', kIntegers, "octal clause can only be used on integers"},
};

// From version 4 of the strings library on.
constexpr ClauseRule kNewerClauses[] = {
    {'d', kNumbers, "decimal clause can only be used on ints, uints, and doubles"},
    {'f', kNumbers, "fixed-point clause can only be used on ints, uints, and doubles"},
    {'e', kNumbers, "scientific clause can only be used on ints, uints, and doubles"},
    {'b', kBits, "only ints, uints, and bools can be formatted as binary"},
    {'x', kOctets, "only ints, uints, bytes, and strings can be formatted as hex"},
    {'o', kIntegers, "octal clause can only be used on ints and uints"},
};

// Reads a format string as string.format does, and compares each clause with the type of its argument.
class FormatChecker {
 public:
  FormatChecker(const Ast& ast, Library library, NodeId call) : ast_(ast), library_(library), call_(call) {
    format_ = ast.node(ast.node(call).operand).literal.as_string();
    arguments_ = ast.arguments(ast.node(ast.arguments(ast.node(call))[0]));
  }

  std::expected<void, FormatError> check() {
    size_t used = 0;
    for (size_t i = 0; i < format_.size();) {
      if (format_[i] != '%') {
        ++i;
        continue;
      }
      if (i + 1 >= format_.size()) return error(call_, "unexpected end of string");
      if (format_[i + 1] == '%') {
        i += 2;
        continue;
      }
      if (used >= arguments_.size()) return error(call_, fmt::format("index {} out of range", used));
      ++i;
      if (auto read = skip_precision(i); !read) return read;
      const char clause = format_[i++];
      if (auto fits = check_clause(clause, arguments_[used]); !fits) return fits;
      ++used;
    }
    if (arguments_.size() <= used) return {};
    return error(call_, fmt::format("too many arguments supplied to string.format (expected {}, got {})", used,
                                    arguments_.size()));
  }

 private:
  using Checked = std::expected<void, FormatError>;

  static Checked error(NodeId at, std::string message) { return std::unexpected(FormatError{at, std::move(message)}); }

  Checked skip_precision(size_t& i) const {
    if (format_[i] != '.') return {};
    const size_t begin = ++i;
    while (i < format_.size() && format_[i] >= '0' && format_[i] <= '9') ++i;
    constexpr std::string_view kPrefix = "could not parse formatting clause: error while parsing precision: ";
    if (i == format_.size()) return error(call_, fmt::format("{}could not find end of precision specifier", kPrefix));
    const std::string_view digits = format_.substr(begin, i - begin);
    int64_t precision = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), precision);
    if (failure == std::errc()) return {};
    return error(call_, fmt::format("{}error while converting precision to integer: strconv.Atoi: parsing \"{}\": {}", kPrefix,
                                    digits, digits.empty() ? "invalid syntax" : "value out of range"));
  }

  Checked check_clause(char clause, NodeId argument) const {
    if (clause == 's') {
      const NodeId bad = find_unprintable(argument);
      return bad == kNoNode ? Checked() : unfit(bad, kStringComplaint);
    }
    for (const ClauseRule& rule : library_ == Library::kKubernetes ? std::span(kClauses) : std::span(kNewerClauses)) {
      if (rule.clause != (clause == 'X' ? 'x' : clause)) continue;
      return is_one_of(argument, rule.kinds) ? Checked() : unfit(argument, rule.complaint);
    }
    // Clauses are bytes, printed as the code point of that number.
    std::string printed;
    utf8::append(printed, static_cast<unsigned char>(clause));
    return error(call_, fmt::format("could not parse formatting clause: unrecognized formatting clause \"{}\"", printed));
  }

  Checked unfit(NodeId argument, std::string_view complaint) const {
    return error(argument,
                 fmt::format("error during formatting: {}, was given {}", complaint, erased_name(ast_.types[argument])));
  }

  bool is_one_of(NodeId id, std::span<const TypeKind> kinds) const {
    const Type& type = ast_.types[id];
    const TypeKind kind = type.kind() == TypeKind::kWrapper ? type.parameters()[0].kind() : type.kind();
    if (kind == TypeKind::kDyn) return true;
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  }

  // What %s cannot print: the argument or, in a literal, an element of it.
  NodeId find_unprintable(NodeId id) const {
    if (!is_one_of(id, kPrintable)) return id;
    const Node& node = ast_.node(id);
    if (node.kind == NodeKind::kList) {
      for (const NodeId item : ast_.arguments(node)) {
        if (const NodeId bad = find_unprintable(item); bad != kNoNode) return bad;
      }
    } else if (node.kind == NodeKind::kMap) {
      for (const Entry& entry : ast_.entries_of(node)) {
        if (const NodeId bad = find_unprintable(entry.key); bad != kNoNode) return bad;
        if (const NodeId bad = find_unprintable(entry.value); bad != kNoNode) return bad;
      }
    }
    return kNoNode;
  }

  const Ast& ast_;
  Library library_;
  NodeId call_;
  std::string_view format_;
  std::span<const NodeId> arguments_;
};

class Validator {
 public:
  Validator(const Ast& ast, const EnvironmentOptions& options, const LiteralCheck& literal_check, Issues& issues)
      : ast_(ast),
        library_(options.library),
        // Endpoints of connections, say, are maps whose values are of several types.
        homogeneous_(options.library == Library::kKubernetes && !options.deployment),
        literal_check_(literal_check),
        issues_(issues) {}

  // `exempt`: inside the arguments of format().
  void visit(NodeId id, bool exempt) {
    const Node& node = ast_.node(id);
    switch (node.kind) {
      case NodeKind::kSelect: return visit(node.operand, exempt);
      case NodeKind::kCall: {
        check_literal(node);
        check_format(id, node);
        exempt = exempt || node.name == "format";
        if (node.operand != kNoNode) visit(node.operand, exempt);
        for (const NodeId argument : ast_.arguments(node)) visit(argument, exempt);
        return;
      }
      case NodeKind::kList:
        if (!exempt && homogeneous_) check_list(node);
        for (const NodeId item : ast_.arguments(node)) visit(item, exempt);
        return;
      case NodeKind::kMap:
        if (!exempt && homogeneous_) check_map(node);
        [[fallthrough]];
      case NodeKind::kMessage:
        for (const Entry& entry : ast_.entries_of(node)) {
          if (entry.key != kNoNode) visit(entry.key, exempt);
          visit(entry.value, exempt);
        }
        return;
      case NodeKind::kComprehension: {
        const Comprehension& loop = ast_.comprehension_of(node);
        for (const NodeId part : {loop.range, loop.init, loop.condition, loop.step, loop.result}) visit(part, exempt);
        return;
      }
      default: return;
    }
  }

 private:
  void report(NodeId at, std::string message) { issues_.report(ast_.node(at).offset, std::move(message)); }

  void mismatch(NodeId at, const Type& expected, const Type& actual) {
    report(at, fmt::format("expected type '{}' but found '{}'", describe(expected), describe(actual)));
  }

  void check_literal(const Node& call) {
    if (call.name != "duration" && call.name != "timestamp" && call.name != "matches") return;
    if (call.count == 0) return;
    const NodeId argument = ast_.arguments(call)[0];
    if (ast_.node(argument).kind != NodeKind::kLiteral) return;
    if (!literal_check_(call.name, ast_.node(argument).literal)) {
      report(argument, fmt::format("invalid {} argument", call.name));
    }
  }

  void check_format(NodeId id, const Node& call) {
    if (call.name != "format" || call.operand == kNoNode || call.count != 1) return;
    const Node& target = ast_.node(call.operand);
    if (target.kind != NodeKind::kLiteral || !target.literal.is_string()) return;
    if (ast_.node(ast_.arguments(call)[0]).kind != NodeKind::kList) return;
    if (auto result = FormatChecker(ast_, library_, id).check(); !result) report(result.error().at, result.error().message);
  }

  const Type& entry_type(NodeId value, bool optional) const {
    const Type& type = ast_.types[value];
    return optional && !type.parameters().empty() ? type.parameters()[0] : type;
  }

  // cel-go panics over an optional element whose type is dyn: it asks for the type within.
  bool is_opaque_optional(NodeId value, bool optional) {
    if (!optional || !ast_.types[value].parameters().empty()) return false;
    report(value, "internal error: runtime error: index out of range [0] with length 0");
    return true;
  }

  void check_list(const Node& list) {
    const auto items = ast_.arguments(list);
    for (size_t i = 0; i < items.size(); ++i) {
      if (is_opaque_optional(items[i], ast_.is_optional(list, i))) return;
    }
    for (size_t i = 1; i < items.size(); ++i) {
      const Type& first = entry_type(items[0], ast_.is_optional(list, 0));
      const Type& type = entry_type(items[i], ast_.is_optional(list, i));
      if (!same_type(first, type)) return mismatch(items[i], first, type);
    }
  }

  void check_map(const Node& map) {
    const auto entries = ast_.entries_of(map);
    for (const Entry& entry : entries) {
      if (is_opaque_optional(entry.value, entry.optional)) return;
    }
    for (size_t i = 1; i < entries.size(); ++i) {
      const Type& key = ast_.types[entries[0].key];
      const Type& value = entry_type(entries[0].value, entries[0].optional);
      const Type& other_value = entry_type(entries[i].value, entries[i].optional);
      if (!same_type(key, ast_.types[entries[i].key])) mismatch(entries[i].key, key, ast_.types[entries[i].key]);
      if (!same_type(value, other_value)) mismatch(entries[i].value, value, other_value);
    }
  }

  const Ast& ast_;
  Library library_;
  bool homogeneous_;  // elements of a literal must be of one type, as the API server has it
  const LiteralCheck& literal_check_;
  Issues& issues_;
};

}  // namespace

bool validate(const Ast& ast, const EnvironmentOptions& options, const LiteralCheck& literal_check, Issues& issues) {
  Validator(ast, options, literal_check, issues).visit(ast.root, false);
  return issues.empty();
}

}  // namespace plimsoll::cel
