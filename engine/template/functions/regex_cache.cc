#include "engine/template/functions/regex_cache.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "engine/template/functions/unicode.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

using Groups = std::vector<std::pair<int64_t, int64_t>>;

constexpr int64_t kMaxMemory = 64 << 20;
// One render compiles a few dozen patterns; a chart that makes them up by the thousand gets no more memory for that.
constexpr size_t kMaxCached = 1000;

std::unexpected<Error> parse_error(std::string_view what, std::string_view fragment) {
  return fail(ErrorCode::kSyntax,
              "error parsing regexp: " + std::string(what) + ": `" + std::string(fragment) + "`");
}

std::string_view go_error_text(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape: return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass: return "invalid character class";
    case re2::RE2::ErrorBadCharRange: return "invalid character class range";
    case re2::RE2::ErrorMissingBracket: return "missing closing ]";
    case re2::RE2::ErrorMissingParen: return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen: return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize: return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp: return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8: return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture: return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge: return "expression too large";
    default: return "internal error";
  }
}

// Go's pattern in RE2's words, with the names of its groups.
struct Translation {
  std::string pattern;
  std::vector<std::pair<std::string, size_t>> names;
};

class Translator {
 public:
  explicit Translator(std::string_view pattern) : rest_(pattern) {}

  Result<Translation> run() {
    while (!rest_.empty()) {
      if (rest_.starts_with("\\Q")) {
        const size_t end = rest_.find("\\E");
        copy(end == std::string_view::npos ? rest_.size() : end + 2);
      } else if (rest_.starts_with("\\C")) {
        return parse_error("invalid escape sequence", "\\C");
      } else if (rest_[0] == '\\') {
        copy(2);
      } else if (rest_[0] == '[') {
        copy_class();
      } else if (rest_[0] == '(') {
        copy_group();
      } else {
        copy(1);
      }
    }
    return std::move(out_);
  }

 private:
  void copy(size_t size) {
    size = std::min(size, rest_.size());
    out_.pattern += rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  // A bracket directly after "[" or "[^" is an ordinary character, and [:alpha:] has brackets of its own.
  void copy_class() {
    copy(1);
    if (rest_.starts_with('^')) copy(1);
    if (rest_.starts_with(']')) copy(1);
    while (!rest_.empty() && rest_[0] != ']') {
      if (rest_.starts_with("[:")) {
        const size_t end = rest_.find(":]", 2);
        copy(end == std::string_view::npos ? 2 : end + 2);
      } else {
        copy(rest_[0] == '\\' ? 2 : 1);
      }
    }
    copy(1);
  }

  void copy_group() {
    if (!rest_.starts_with("(?")) {
      ++group_;
      copy(1);
      return;
    }
    const size_t name_at = rest_.starts_with("(?P<") ? 4 : rest_.starts_with("(?<") ? 3 : 0;
    const size_t close = name_at == 0 ? std::string_view::npos : rest_.find('>', name_at);
    // Lookbehind, flags, and whatever else RE2 has to judge.
    if (close == std::string_view::npos || !is_name(rest_.substr(name_at, close - name_at))) {
      copy(2);
      return;
    }
    const std::string name(rest_.substr(name_at, close - name_at));
    rest_.remove_prefix(close + 1);
    ++group_;
    // RE2 wants names to be unique; only the first keeps it there.
    const bool known = std::any_of(out_.names.begin(), out_.names.end(), [&](const auto& n) { return n.first == name; });
    out_.pattern += known ? "(" : "(?P<" + name + ">";
    out_.names.emplace_back(name, group_);
  }

  static bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
  }

  std::string_view rest_;
  size_t group_ = 0;
  Translation out_;
};

// The group that "$name" or "${name}" at the start of `text` (behind the dollar sign) means.
struct GroupReference {
  std::string_view name;
  size_t size;  // of the reference, without the dollar sign
};
std::optional<GroupReference> read_reference(std::string_view text) {
  const bool brace = text.starts_with('{');
  const std::string_view body = text.substr(brace ? 1 : 0);
  size_t size = 0;
  while (size < body.size()) {
    const utf8::Rune rune = utf8::decode(body.substr(size));
    if (!unicode::is_letter(rune.code) && !unicode::is_digit(rune.code) && rune.code != '_') break;
    size += rune.size;
  }
  if (size == 0) return std::nullopt;
  if (!brace) return GroupReference{body.substr(0, size), size};
  if (size >= body.size() || body[size] != '}') return std::nullopt;
  return GroupReference{body.substr(0, size), size + 2};
}

// "12" but not "012" or words.
std::optional<size_t> group_number(std::string_view name) {
  if (name.size() > 8 || (name.size() > 1 && name[0] == '0')) return std::nullopt;
  size_t number = 0;
  for (const char c : name) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<size_t>(c - '0');
  }
  return number;
}

}  // namespace

Regex::Regex() = default;
Regex::~Regex() = default;

Result<std::unique_ptr<Regex>> Regex::compile(std::string_view pattern) {
  if (const size_t invalid = utf8::find_invalid(pattern); invalid != std::string_view::npos) {
    return parse_error("invalid UTF-8", pattern.substr(invalid));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(Translation translation, Translator(pattern).run());
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  std::unique_ptr<Regex> regex(new Regex());
  regex->re2_ = std::make_unique<re2::RE2>(translation.pattern, options);
  if (!regex->re2_->ok()) {
    const re2::RE2::ErrorCode code = regex->re2_->error_code();
    const bool whole = code == re2::RE2::ErrorMissingParen || code == re2::RE2::ErrorUnexpectedParen ||
                       code == re2::RE2::ErrorPatternTooLarge;
    const std::string& fragment = regex->re2_->error_arg();
    // Go shows nothing of the text before a trailing backslash.
    if (code == re2::RE2::ErrorTrailingBackslash) return parse_error(go_error_text(code), "");
    return parse_error(go_error_text(code), whole ? pattern : std::string_view(fragment));
  }
  regex->names_ = std::move(translation.names);
  regex->empty_pattern_ = pattern.empty();
  return regex;
}

bool Regex::matches(std::string_view text) const {
  return re2_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::match_at(std::string_view text, size_t start, Groups& groups) const {
  const auto count = static_cast<size_t>(re2_->NumberOfCapturingGroups()) + 1;
  std::vector<re2::StringPiece> pieces(std::min(count, std::max<size_t>(groups.size(), 1)));
  const re2::StringPiece subject(text.data() == nullptr ? "" : text.data(), text.size());
  if (!re2_->Match(subject, start, text.size(), re2::RE2::UNANCHORED, pieces.data(), static_cast<int>(pieces.size()))) {
    return false;
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].data() == nullptr) {
      groups[i] = {-1, -1};
    } else {
      const auto begin = static_cast<int64_t>(pieces[i].data() - subject.data());
      groups[i] = {begin, begin + static_cast<int64_t>(pieces[i].size())};
    }
  }
  return true;
}

std::string_view Regex::find(std::string_view text) const {
  Groups groups(1);
  if (!match_at(text, 0, groups)) return {};
  return text.substr(static_cast<size_t>(groups[0].first), static_cast<size_t>(groups[0].second - groups[0].first));
}

namespace {

// Width of the rune at `position`, 0 at the end.
size_t rune_width(std::string_view text, size_t position) {
  return position < text.size() ? utf8::decode(text.substr(position)).size : 0;
}

}  // namespace

std::vector<std::string_view> Regex::find_all(std::string_view text, int64_t limit) const {
  std::vector<std::string_view> found;
  Groups groups(1);
  int64_t previous_end = -1;
  for (size_t position = 0; position <= text.size();) {
    if (limit >= 0 && static_cast<int64_t>(found.size()) >= limit) break;
    if (!match_at(text, position, groups)) break;
    const auto [begin, end] = groups[0];
    bool accept = true;
    if (end == static_cast<int64_t>(position)) {
      // An empty match; directly behind another match it does not count.
      accept = begin != previous_end;
      const size_t width = rune_width(text, position);
      position = width > 0 ? position + width : text.size() + 1;
    } else {
      position = static_cast<size_t>(end);
    }
    previous_end = end;
    if (accept) found.push_back(text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  }
  return found;
}

void Regex::expand(std::string& out, std::string_view replacement, std::string_view text, const Groups& groups) const {
  while (true) {
    const size_t dollar = replacement.find('$');
    out += replacement.substr(0, dollar);
    if (dollar == std::string_view::npos) return;
    replacement.remove_prefix(dollar + 1);
    if (replacement.starts_with('$')) {
      out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const std::optional<GroupReference> reference = read_reference(replacement);
    if (!reference) {
      out += '$';
      continue;
    }
    replacement.remove_prefix(reference->size);
    const auto append_group = [&](size_t number) {
      if (number >= groups.size() || groups[number].first < 0) return false;
      out += text.substr(static_cast<size_t>(groups[number].first),
                         static_cast<size_t>(groups[number].second - groups[number].first));
      return true;
    };
    if (const std::optional<size_t> number = group_number(reference->name)) {
      append_group(*number);
    } else {
      for (const auto& [name, named_group] : names_) {
        if (name == reference->name && append_group(named_group)) break;
      }
    }
  }
}

Result<std::string> Regex::replace_all(std::string_view text, std::string_view replacement, bool literal,
                                       size_t limit) const {
  std::string out;
  const bool plain = literal || replacement.find('$') == std::string_view::npos;
  Groups groups(plain ? 1 : static_cast<size_t>(re2_->NumberOfCapturingGroups()) + 1);
  size_t copied = 0;
  for (size_t position = 0; position <= text.size();) {
    if (!match_at(text, position, groups)) break;
    const auto begin = static_cast<size_t>(groups[0].first);
    const auto end = static_cast<size_t>(groups[0].second);
    out += text.substr(copied, begin - copied);
    // An empty match directly behind another match does not count.
    if (end > copied || begin == 0) {
      if (plain) {
        out += replacement;
      } else {
        expand(out, replacement, text, groups);
      }
    }
    if (out.size() > limit) return fail(ErrorCode::kLimit, "result of the replacement is too large");
    copied = end;
    position = std::max(end, position + std::max<size_t>(rune_width(text, position), 1));
  }
  return out += text.substr(std::min(copied, text.size()));
}

std::vector<std::string_view> Regex::split(std::string_view text, int64_t limit) const {
  if (limit == 0) return {};
  if (!empty_pattern_ && text.empty()) return {text};
  std::vector<std::string_view> pieces;
  size_t begin = 0;
  size_t end = 0;
  for (const std::string_view match : find_all(text, limit)) {
    if (limit > 0 && static_cast<int64_t>(pieces.size()) == limit - 1) break;
    end = static_cast<size_t>(match.data() - text.data());
    const size_t match_end = end + match.size();
    if (match_end != 0) pieces.push_back(text.substr(begin, end - begin));
    begin = match_end;
  }
  if (end != text.size()) pieces.push_back(text.substr(begin));
  return pieces;
}

Result<const Regex*> RegexCache::compile(std::string_view pattern) {
  if (const auto found = compiled_.find(std::string(pattern)); found != compiled_.end()) return found->second.get();
  PLIMSOLL_ASSIGN_OR_RETURN(std::unique_ptr<Regex> regex, Regex::compile(pattern));
  if (compiled_.size() >= kMaxCached) compiled_.clear();
  return (compiled_[std::string(pattern)] = std::move(regex)).get();
}

std::string quote_regex(std::string_view text) {
  constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
  std::string out;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace plimsoll::tmpl
