#include "engine/cel/runtime/regex.h"

#include <re2/re2.h>

#include <mutex>

#include "engine/cel/runtime/regex_syntax.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {

namespace {

constexpr int64_t kMaxMemory = 32 << 20;

std::string_view go_message(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape: return "invalid escape sequence";
    case RE2::ErrorBadCharClass: return "invalid character class";
    case RE2::ErrorBadCharRange: return "invalid character class range";
    case RE2::ErrorMissingBracket: return "missing closing ]";
    case RE2::ErrorMissingParen: return "missing closing )";
    case RE2::ErrorUnexpectedParen: return "unexpected )";
    case RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize: return "invalid repeat count";
    case RE2::ErrorRepeatOp: return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8: return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture: return "invalid named capture";
    case RE2::ErrorPatternTooLarge: return "expression too large";
    default: return "regexp/syntax: internal error";
  }
}

// A pattern in RE2's syntax for one in Go's.
struct Translation {
  std::string text;
  std::vector<size_t> added;  // offsets in `text` of what the pattern does not have
  size_t first_byte_class = std::string::npos;

  // The piece of the pattern that RE2 complains about, as a piece of `text`.
  std::string original(std::string piece, std::string_view pattern) const {
    if (piece == text) return std::string(pattern);
    const size_t begin = text.find(piece);
    if (begin == std::string::npos) return piece;
    if (begin == first_byte_class && piece == kNoEscape) return "\\C";
    if (pattern.find(piece) != std::string_view::npos) return piece;
    for (auto at = added.rbegin(); at != added.rend(); ++at) {
      if (*at >= begin && *at < begin + piece.size()) piece.erase(*at - begin, 1);
    }
    return piece;
  }

  // What neither syntax has stands for \C, which Go refuses.
  static constexpr std::string_view kNoEscape = "\\y";
};

// (?<name>...) becomes (?P<name>...).
Translation translate(std::string_view pattern) {
  Translation result;
  std::string& out = result.text;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      if (pattern[i + 1] == 'C' && !in_class) {
        if (result.first_byte_class == std::string::npos) result.first_byte_class = out.size();
        out += Translation::kNoEscape;
        ++i;
        continue;
      }
      out += c;
      if (pattern[i + 1] == 'Q' && !in_class) {  // quoted up to \E
        const size_t end = std::min(pattern.find("\\E", i), pattern.size());
        out += pattern.substr(i + 1, end - i - 1);
        i = end - 1;
        continue;
      }
      out += pattern[++i];
      continue;
    }
    out += c;
    if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      // A ']' right at the start is a member.
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') out += pattern[++i];
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') out += pattern[++i];
      // [[:alpha:]]
    } else if (c == '(' && pattern.substr(i, 3) == "(?<" && i + 3 < pattern.size()) {
      result.added.push_back(out.size() + 1);
      out += "?P<";
      i += 2;
    }
  }
  return result;
}

RE2::Options options() {
  RE2::Options result;
  result.set_log_errors(false);
  result.set_max_mem(kMaxMemory);
  return result;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const re2::StringPiece& text) { return {text.data(), text.size()}; }

// Visits matches as Go does: an empty match right after the last one does not count.
template <typename Visit>
void walk(const RE2& re, std::string_view text, int groups, Visit visit) {
  std::vector<re2::StringPiece> matched(static_cast<size_t>(groups) + 1);
  size_t last_end = std::string_view::npos;
  for (size_t start = 0; start <= text.size();) {
    if (!re.Match(piece(text), start, text.size(), RE2::UNANCHORED, matched.data(), groups + 1)) return;
    const auto begin = static_cast<size_t>(matched[0].data() - text.data());
    const size_t end = begin + matched[0].size();
    const bool accepted = !(end == begin && begin == last_end);
    if (accepted && !visit(matched)) return;
    if (end > start) {
      start = end;
    } else {
      start += start < text.size() ? utf8::decode(text.substr(start)).size : 1;
    }
    last_end = end;
  }
}

}  // namespace

struct Regex::Lazy {
  std::string pattern;  // in RE2's syntax
  std::once_flag once;
  std::unique_ptr<RE2> re;
};

Regex::Regex(std::unique_ptr<Lazy> lazy) : lazy_(std::move(lazy)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

std::expected<Regex, std::string> Regex::compile(std::string_view pattern) {
  auto lazy = std::make_unique<Lazy>();
  if (is_surely_valid(pattern)) {
    lazy->pattern = pattern;
    return Regex(std::move(lazy));
  }
  Translation translation = translate(pattern);
  auto re = std::make_unique<RE2>(translation.text, options());
  if (re->ok()) {
    std::call_once(lazy->once, [&] { lazy->re = std::move(re); });
    return Regex(std::move(lazy));
  }
  std::string argument = translation.original(re->error_arg(), pattern);
  // RE2 takes {9999}? as a whole where Go names the count.
  if (re->error_code() == RE2::ErrorRepeatSize && argument.ends_with("}?")) argument.pop_back();
  if (re->error_code() == RE2::ErrorTrailingBackslash) argument.clear();
  return std::unexpected("error parsing regexp: " + std::string(go_message(re->error_code())) + ": `" + argument + "`");
}

const RE2& Regex::re() const {
  std::call_once(lazy_->once, [this] { lazy_->re = std::make_unique<RE2>(lazy_->pattern, options()); });
  return *lazy_->re;
}

bool Regex::matches(std::string_view text) const { return re().Match(piece(text), 0, text.size(), RE2::UNANCHORED, nullptr, 0); }

std::string_view Regex::find(std::string_view text) const {
  re2::StringPiece match;
  if (!re().Match(piece(text), 0, text.size(), RE2::UNANCHORED, &match, 1)) return {};
  return view(match);
}

std::vector<std::string_view> Regex::find_all(std::string_view text, int64_t limit) const {
  std::vector<std::string_view> result;
  if (limit == 0) return result;
  walk(re(), text, 0, [&](const std::vector<re2::StringPiece>& matched) {
    result.push_back(view(matched[0]));
    return limit < 0 || result.size() < static_cast<size_t>(limit);
  });
  return result;
}

int Regex::group_count() const { return re().NumberOfCapturingGroups(); }

bool Regex::match_at(std::string_view text, size_t start, std::vector<std::string_view>& groups) const {
  std::vector<re2::StringPiece> matched(static_cast<size_t>(group_count()) + 1);
  if (!re().Match(piece(text), start, text.size(), RE2::UNANCHORED, matched.data(), static_cast<int>(matched.size()))) return false;
  groups.clear();
  for (const re2::StringPiece& group : matched) groups.push_back(view(group));
  return true;
}

std::vector<std::vector<std::string_view>> Regex::find_all_groups(std::string_view text) const {
  std::vector<std::vector<std::string_view>> result;
  walk(re(), text, group_count(), [&](const std::vector<re2::StringPiece>& matched) {
    std::vector<std::string_view>& groups = result.emplace_back();
    for (const re2::StringPiece& group : matched) groups.push_back(view(group));
    return true;
  });
  return result;
}

}  // namespace plimsoll::cel
