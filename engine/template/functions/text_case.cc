#include "engine/template/functions/text_case.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/template/functions/unicode.h"
#include "engine/value/utf8.h"

namespace plimsoll::tmpl {
namespace {

// Whether strings.Title starts a word after this rune.
bool is_title_separator(char32_t rune) {
  if (rune < 0x80) return !(unicode::is_letter(rune) || unicode::is_digit(rune) || rune == '_');
  return !unicode::is_letter(rune) && !unicode::is_digit(rune) && unicode::is_space(rune);
}

bool is_connector(char32_t rune) { return rune == '-' || rune == '_' || unicode::is_space(rune); }

// xstrings counts no Chinese, Japanese or Korean ideographs as letters of an alphabet.
bool is_alphabet(char32_t rune) {
  const bool ideograph = (rune >= 0x4E00 && rune <= 0x9FCC) || (rune >= 0x3400 && rune <= 0x4D85) ||
                         (rune >= 0x20000 && rune <= 0x2B81D);
  return unicode::is_letter(rune) && !ideograph;
}

enum class WordKind : uint8_t { kNone, kNumber, kUpper, kAlphabet, kConnector, kPunctuation, kOther };

struct Word {
  WordKind kind = WordKind::kNone;
  std::string_view text;
};

// Next rune that is valid, with the size of the invalid bytes before it; `fallback` at the end of the text.
utf8::Rune next_valid(std::string_view text, char32_t fallback) {
  uint32_t size = 0;
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    size += rune.size;
    if (rune.code != utf8::kReplacement) return {rune.code, size, true};
    text.remove_prefix(rune.size);
  }
  return {fallback, size, false};
}

class WordScanner {
 public:
  explicit WordScanner(std::string_view text) : text_(text) {}

  // An empty word of kind kNone at the end.
  Word next() {
    if (text_.empty()) return {};
    size_ = 0;
    const utf8::Rune first = next_valid(text_, utf8::kReplacement);
    size_ = first.size;
    Word word;
    word.kind = first.code == utf8::kReplacement ? WordKind::kNone : scan(first.code);
    word.text = text_.substr(0, size_);
    text_.remove_prefix(size_);
    return word;
  }

 private:
  bool at_end() const { return size_ >= text_.size(); }

  // Takes runes while `accept` likes them; returns the rune that ended it, or the last.
  template <typename Accept>
  char32_t take_while(char32_t last, Accept accept) {
    while (!at_end()) {
      const utf8::Rune rune = next_valid(text_.substr(size_), last);
      last = rune.code;
      if (!accept(rune.code)) return last;
      last_size_ = rune.size;
      size_ += rune.size;
    }
    return last;
  }

  WordKind scan(char32_t first) {
    const auto lower_part = [](char32_t rune) { return is_alphabet(rune) && !unicode::is_upper(rune); };
    if (is_connector(first)) {
      take_while(first, is_connector);
      return WordKind::kConnector;
    }
    if (unicode::is_punct(first)) {
      take_while(first, unicode::is_punct);
      return WordKind::kPunctuation;
    }
    if (unicode::is_upper(first)) {
      scan_upper(first, lower_part);
      return WordKind::kUpper;
    }
    if (is_alphabet(first)) {
      take_while(first, lower_part);
      return WordKind::kAlphabet;
    }
    if (unicode::is_number(first)) {
      take_while(first, unicode::is_number);
      return WordKind::kNumber;
    }
    take_while(first, [](char32_t rune) {
      return !is_connector(rune) && !is_alphabet(rune) && !unicode::is_number(rune) && !unicode::is_punct(rune);
    });
    return WordKind::kOther;
  }

  template <typename Accept>
  void scan_upper(char32_t first, Accept lower_part) {
    if (at_end()) return;
    const utf8::Rune second = next_valid(text_.substr(size_), first);
    if (unicode::is_upper(second.code)) {
      const char32_t stop = take_while(first, unicode::is_upper);
      // In "HTTPStatus" the S belongs to the next word.
      if (!at_end() && is_alphabet(stop)) size_ -= last_size_;
    } else if (is_alphabet(second.code)) {
      take_while(first, lower_part);
    }
  }

  std::string_view text_;
  size_t size_ = 0;
  uint32_t last_size_ = 0;
};

void append_word(std::string& out, const Word& word, char connector) {
  if (word.kind != WordKind::kUpper && word.kind != WordKind::kConnector) {
    out += word.text;
    return;
  }
  out += unicode::map(word.text, [&](char32_t rune) {
    if (is_connector(rune)) return static_cast<char32_t>(connector);
    return unicode::is_upper(rune) ? unicode::to_lower(rune) : rune;
  });
}

}  // namespace

std::string to_upper(std::string_view text) { return unicode::map(text, unicode::to_upper); }
std::string to_lower(std::string_view text) { return unicode::map(text, unicode::to_lower); }

std::string to_title(std::string_view text) {
  char32_t before = ' ';
  return unicode::map(text, [&](char32_t rune) {
    const bool starts_word = is_title_separator(before);
    before = rune;
    return starts_word ? unicode::to_title(rune) : rune;
  });
}

std::string untitle(std::string_view text) {
  bool starts_word = true;
  return unicode::map(text, [&](char32_t rune) {
    if (unicode::is_space(rune)) {
      starts_word = true;
      return rune;
    }
    const bool change = std::exchange(starts_word, false);
    return change ? unicode::to_lower(rune) : rune;
  });
}

std::string swap_case(std::string_view text) {
  bool after_space = true;
  return unicode::map(text, [&](char32_t rune) {
    if (unicode::is_upper(rune) || unicode::is_title(rune)) {
      after_space = false;
      return unicode::to_lower(rune);
    }
    if (unicode::is_lower(rune)) {
      return std::exchange(after_space, false) ? unicode::to_title(rune) : unicode::to_upper(rune);
    }
    after_space = unicode::is_space(rune);
    return rune;
  });
}

std::string separate_words(std::string_view text, char connector) {
  std::vector<Word> words;
  for (WordScanner scanner(text);;) {
    const Word word = scanner.next();
    if (word.text.empty()) break;
    words.push_back(word);
  }
  if (words.empty()) return {};

  std::string out;
  size_t index = 0;
  const auto current = [&] { return index < words.size() ? words[index] : Word(); };
  const auto emit = [&](const Word& word) { append_word(out, word, connector); };
  const auto ends_run = [&] {
    return current().kind == WordKind::kConnector || current().kind == WordKind::kPunctuation;
  };
  // Letters that follow a number stay with it, and so do numbers that follow them.
  const auto emit_mixed_run = [&] {
    for (; current().kind == WordKind::kAlphabet || current().kind == WordKind::kNumber; ++index) emit(current());
    if (current().kind != WordKind::kNone && !ends_run()) out += connector;
  };

  while (index + 1 < words.size()) {
    const Word word = words[index++];
    if (word.kind != WordKind::kConnector) emit(word);
    switch (word.kind) {
      case WordKind::kNumber: emit_mixed_run(); break;
      case WordKind::kConnector: emit(word); break;
      case WordKind::kPunctuation: break;
      default: {
        if (current().kind != WordKind::kNumber) {
          if (!ends_run()) out += connector;
          break;
        }
        if (index + 1 == words.size()) break;
        const Word number = words[index++];
        if (current().kind == WordKind::kAlphabet) {
          // "http2xx" is http_2xx, ...
          out += connector;
          emit(number);
          emit_mixed_run();
        } else {
          // ... but "Bld4Floor" is bld4_floor.
          emit(number);
          if (!ends_run()) out += connector;
        }
      }
    }
  }
  emit(current());
  return out;
}

std::string pascal_case(std::string_view text) {
  std::string out;
  char32_t rune = 0;
  bool upper_run = false;  // the word began in upper case and has not left it
  const auto take = [&] {
    const utf8::Rune next = utf8::decode(text);
    text.remove_prefix(next.size);
    return next.code;
  };
  if (text.empty()) return out;

  // Connectors in front are kept; the last one is even doubled if nothing else follows.
  while (!text.empty()) {
    rune = take();
    if (!is_connector(rune)) {
      upper_run = unicode::is_upper(rune);
      rune = unicode::to_upper(rune);
      break;
    }
    utf8::append(out, rune);
  }
  while (!text.empty()) {
    const char32_t before = rune;
    rune = take();
    if (is_connector(before)) {
      if (is_connector(rune)) {
        utf8::append(out, before);
        continue;
      }
      upper_run = unicode::is_upper(rune);
      rune = unicode::to_upper(rune);
      continue;
    }
    if (upper_run) {
      upper_run = unicode::is_upper(rune);
      if (upper_run) rune = unicode::to_lower(rune);
    }
    utf8::append(out, before);
  }
  utf8::append(out, rune);
  return out;
}

std::string initials(std::string_view text) {
  std::string out;
  bool after_gap = true;
  for (const char c : text) {
    const char32_t rune = static_cast<unsigned char>(c);
    if (unicode::is_space(rune)) {
      after_gap = true;
    } else if (std::exchange(after_gap, false)) {
      utf8::append(out, rune);
    }
  }
  return out;
}

std::string delete_white_space(std::string_view text) {
  std::string out;
  size_t kept = 0;
  for (const char c : text) {
    const char32_t rune = static_cast<unsigned char>(c);
    if (unicode::is_space(rune)) continue;
    utf8::append(out, rune);
    ++kept;
  }
  // Text without white space is returned as it was, which saves its letters beyond ASCII.
  return kept == text.size() ? std::string(text) : out;
}

std::string wrap(std::string_view text, int64_t width, std::string_view line_break, bool cut_words) {
  if (line_break.empty()) line_break = "\n";
  const size_t limit = width < 1 ? 1 : static_cast<size_t>(width);
  std::string out;
  while (text.size() > limit) {
    if (text[0] == ' ') {
      text.remove_prefix(1);
      continue;
    }
    size_t end = text.substr(0, limit + 1).rfind(' ');
    size_t skip = 1;  // the blank that the line break replaces
    if (end == std::string_view::npos) {
      if (cut_words) {
        end = limit;
        skip = 0;
      } else {
        end = text.find(' ', limit);
        if (end == std::string_view::npos) break;
      }
    }
    out.append(text.substr(0, end)).append(line_break);
    text.remove_prefix(end + skip);
  }
  return out.append(text);
}

std::string abbreviate(std::string_view text, int64_t offset, int64_t width) {
  constexpr std::string_view kMarker = "...";
  const auto size = static_cast<int64_t>(text.size());
  if (text.empty() || width < 4) return {};
  if (size <= width) return std::string(text);
  offset = std::clamp<int64_t>(offset, 0, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  if (offset <= 4) return std::string(text.substr(0, static_cast<size_t>(width - 3))).append(kMarker);
  if (width < 7) return {};
  std::string out(kMarker);
  if (offset + width - 3 < size) return out + abbreviate(text.substr(static_cast<size_t>(offset)), 0, width - 3);
  return out.append(text.substr(static_cast<size_t>(size - (width - 3))));
}

}  // namespace plimsoll::tmpl
