#include "engine/template/glob.h"

#include <re2/re2.h>

#include <optional>
#include <string>

#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

// Translates a pattern to a regular expression, which RE2 matches in linear time.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : rest_(pattern) {}

  Result<std::string> translate() {
    while (!rest_.empty()) {
      const char32_t rune = take();
      switch (rune) {
        case '*':
          if (rest_.starts_with('*')) {
            take();
            out_ += ".*";
          } else {
            out_ += "[^/]*";
          }
          break;
        case '?': out_ += "[^/]"; break;
        case '[':
          if (auto ok = range(); !ok) return std::unexpected(std::move(ok.error()));
          break;
        case '{':
          ++braces_;
          out_ += "(?:";
          break;
        case ',':
          if (braces_ > 0) out_ += '|';
          else literal(rune);
          break;
        case '}':
          if (braces_ > 0) {
            --braces_;
            out_ += ')';
          } else {
            literal(rune);
          }
          break;
        case '\\':
          if (!rest_.empty()) literal(take());
          break;
        default: literal(rune);
      }
    }
    out_.append(static_cast<size_t>(braces_), ')');
    return std::move(out_);
  }

 private:
  char32_t take() {
    const utf8::Rune rune = utf8::decode(rest_);
    rest_.remove_prefix(rune.size);
    return rune.code;
  }
  void literal(char32_t rune) {
    std::string text;
    utf8::append(text, rune);
    out_ += re2::RE2::QuoteMeta(text);
  }

  // [lo-hi] or a list of characters; a range has nothing but its two ends.
  Result<void> range() {
    const auto bad = [] { return fail(ErrorCode::kSyntax, "could not parse range"); };
    bool negated = false;
    if (rest_.starts_with('!')) {
      negated = true;
      take();
    }
    if (rest_.empty()) return bad();
    std::string body;
    const utf8::Rune first = utf8::decode(rest_);
    if (rest_.substr(first.size).starts_with('-')) {
      take();
      take();
      if (rest_.empty()) return bad();
      const char32_t last = take();
      if (last < first.code) return bad();
      append_class(body, first.code);
      body += '-';
      append_class(body, last);
    } else {
      while (!rest_.empty() && rest_[0] != ']') {
        if (rest_[0] == '\\') {
          take();
          if (rest_.empty()) break;
        }
        append_class(body, take());
      }
    }
    if (body.empty() || !rest_.starts_with(']')) return bad();
    take();
    out_ += negated ? "[^" : "[";
    out_ += body;
    out_ += ']';
    return {};
  }

  static void append_class(std::string& out, char32_t rune) {
    if (rune < 0x80 && !((rune >= '0' && rune <= '9') || ((rune | 0x20) >= 'a' && (rune | 0x20) <= 'z'))) out += '\\';
    utf8::append(out, rune);
  }

  std::string_view rest_;
  std::string out_;
  int braces_ = 0;
};

}  // namespace

struct Glob::Compiled {
  explicit Compiled(const std::string& expression, const re2::RE2::Options& options) : regex(expression, options) {}
  re2::RE2 regex;
};

Glob::Glob(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Glob::Glob(Glob&&) noexcept = default;
Glob& Glob::operator=(Glob&&) noexcept = default;
Glob::~Glob() = default;

Result<Glob> Glob::compile(std::string_view pattern) {
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string expression, Translator(pattern).translate());
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  auto compiled = std::make_unique<Compiled>(expression, options);
  if (!compiled->regex.ok()) return fail(ErrorCode::kSyntax, compiled->regex.error());
  return Glob(std::move(compiled));
}

bool Glob::matches(std::string_view path) const {
  return re2::RE2::FullMatch(re2::StringPiece(path.data(), path.size()), compiled_->regex);
}

}  // namespace plimsoll::tmpl
