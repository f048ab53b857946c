#include "engine/yaml/event_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/yaml/syntax_errors.h"

namespace plimsoll::yaml {

namespace {

constexpr size_t kGoMaxDepth = 10'000;
constexpr size_t kGoBlock = 512;
// libyaml looks at every open bracket for every token.
constexpr size_t kMaxFlowWork = 500'000'000;
// Reading again after a change of the text is for a handful of oddities, not for a text made of them.
constexpr size_t kMaxReread = 256UL << 20;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}
// go-yaml's set of characters in a tag.
bool is_tag_char(char c) { return is_word(c) || (c != '\0' && std::strchr(";/?:@&=+$,.!~*'()[]%", c) != nullptr); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

}  // namespace

EventReader::EventReader(const SourceText& source, size_t start, bool irregular, Arena& arena, Builder& builder,
                         const ReadOptions& options)
    : source_(source),
      start_(start),
      irregular_(irregular),
      arena_(arena),
      builder_(builder),
      options_(options),
      original_(source.text().substr(start)) {
  yaml_parser_initialize(&parser_);
  if (!builder_.strict()) hide_inner_marks();
  restart();
}

EventReader::~EventReader() {
  yaml_event_delete(&event_);
  yaml_parser_delete(&parser_);
}

void EventReader::restart() {
  yaml_event_delete(&event_);
  yaml_parser_delete(&parser_);
  yaml_parser_initialize(&parser_);
  yaml_parser_set_input(&parser_, &EventReader::read_block, this);
  in_stream_ = false;
  fed_ = 0;
  const std::string_view text = patched();
  cursor_index_ = 0;
  cursor_offset_ = text.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  ascii_ =
      std::none_of(text.begin() + static_cast<ptrdiff_t>(cursor_offset_), text.end(), [](char c) { return c < 0; });
}

int EventReader::read_block(void* self, unsigned char* buffer, size_t size, size_t* size_read) {
  auto& reader = *static_cast<EventReader*>(self);
  const std::string_view text = reader.patched();
  if (reader.irregular_) {
    const auto& raw = reader.parser_.raw_buffer;
    size = std::min(size, kGoBlock - static_cast<size_t>(raw.last - raw.start));
  }
  *size_read = std::min(size, text.size() - reader.fed_);
  std::memcpy(buffer, text.data() + reader.fed_, *size_read);
  reader.fed_ += *size_read;
  return 1;
}

bool EventReader::next_event() {
  yaml_event_delete(&event_);
  return yaml_parser_parse(&parser_, &event_) != 0;
}

Result<EventReader::Step> EventReader::next_document() {
  for (;;) {
    Step step = Step::kDocument;
    switch (read_document(step)) {
      case Outcome::kDone:
        ++documents_;
        return step;
      case Outcome::kFailed:
        return std::unexpected(syntax_error());
      case Outcome::kAgain:
        break;
    }
    reread_ += original_.size();
    if (reread_ > kMaxReread) {
      builder_.stop(builder_.error_at(static_cast<uint32_t>(start_), static_cast<uint32_t>(start_), ErrorCode::kLimit,
                                      "too many unusual tags and escapes"));
      return Step::kDocument;
    }
    restart();
    for (size_t passed = 0; passed < documents_;) {
      if (!next_event()) return std::unexpected(syntax_error());
      if (event_.type == YAML_DOCUMENT_END_EVENT) ++passed;
      in_stream_ = true;
    }
  }
}

EventReader::Outcome EventReader::read_document(Step& step) {
  builder_.begin_document();
  open_.clear();
  flow_depth_ = block_depth_ = 0;
  json_ = false;
  if (!in_stream_) {
    if (!next_event()) return mend_error() ? Outcome::kAgain : Outcome::kFailed;
    in_stream_ = true;
  }
  const bool begun = next_event();
  if (refuse_version(begun)) return Outcome::kDone;
  if (!begun) return mend_error() ? Outcome::kAgain : Outcome::kFailed;
  if (event_.type == YAML_STREAM_END_EVENT) {
    step = Step::kEnd;
    return Outcome::kDone;
  }
  size_t nodes = 0;
  bool empty = false;
  for (;;) {
    if (!next_event()) return mend_error() ? Outcome::kAgain : Outcome::kFailed;
    if (event_.type == YAML_DOCUMENT_END_EVENT) break;
    if (nodes++ == 0) {
      empty = event_.type == YAML_SCALAR_EVENT && event_.start_mark.index == event_.end_mark.index &&
              event_.data.scalar.plain_implicit != 0 && event_.data.scalar.anchor == nullptr;
    }
    const Outcome outcome = take(event_);
    if (outcome != Outcome::kDone) return outcome;
    if (builder_.stopped()) return Outcome::kDone;
  }
  if (empty && nodes == 1) step = Step::kEmpty;
  return Outcome::kDone;
}

EventReader::Outcome EventReader::take(const yaml_event_t& event) {
  flow_work_ += flow_depth_;
  if (flow_work_ > kMaxFlowWork) {
    const uint32_t at = offset_of(event.start_mark);
    builder_.stop(
        builder_.error_at(at, at, ErrorCode::kLimit, "brackets are nested too deeply for a text of this size"));
    return Outcome::kDone;
  }
  switch (event.type) {
    case YAML_SCALAR_EVENT:
      return take_scalar(event);
    case YAML_ALIAS_EVENT:
      builder_.alias(view(event.data.alias.anchor), offset_of(event.start_mark), offset_of(event.end_mark));
      return Outcome::kDone;
    case YAML_SEQUENCE_START_EVENT: {
      const auto& data = event.data.sequence_start;
      return begin_collection(event, false, data.style == YAML_FLOW_SEQUENCE_STYLE, data.anchor, data.tag);
    }
    case YAML_MAPPING_START_EVENT: {
      const auto& data = event.data.mapping_start;
      return begin_collection(event, true, data.style == YAML_FLOW_MAPPING_STYLE, data.anchor, data.tag);
    }
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      end_collection(event);
      return Outcome::kDone;
    default:
      return Outcome::kDone;
  }
}

EventReader::Outcome EventReader::take_scalar(const yaml_event_t& event) {
  const auto& data = event.data.scalar;
  const uint32_t start = offset_of(event.start_mark);
  uint32_t end = offset_of(event.end_mark);
  std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
  const std::string_view anchor = view(data.anchor);
  std::string_view tag = view(data.tag);
  const bool is_plain = data.style == YAML_PLAIN_SCALAR_STYLE;
  if (!tag.empty() && mend_tag(start, !anchor.empty())) return Outcome::kAgain;
  if (is_plain && refuse_question_mark(text, start)) return Outcome::kDone;
  if (data.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && refuse_slash_escape(start, end)) return Outcome::kDone;
  if (data.style == YAML_LITERAL_SCALAR_STYLE || data.style == YAML_FOLDED_SCALAR_STYLE) {
    // libyaml's end is that of the empty lines behind the text.
    while (end > start + 1 && is_space(source_.text()[end - 1])) --end;
  }
  const std::string_view kept = restore(text, is_plain);
  if (tag.empty() && data.plain_implicit != 0 && has_bare_tag(start, !anchor.empty())) tag = "!";
  if (tag.empty() && anchor.empty()) {
    if (is_plain) {
      builder_.plain(kept, start, end);
    } else {
      builder_.quoted(kept, start, end);
    }
    return Outcome::kDone;
  }
  if (tag.empty() && !is_plain) tag = "tag:yaml.org,2002:str";
  builder_.tagged(tag, kept, anchor, start, end);
  return Outcome::kDone;
}

EventReader::Outcome EventReader::begin_collection(const yaml_event_t& event, bool map, bool flow,
                                                   const yaml_char_t* anchor, const yaml_char_t* tag) {
  const uint32_t start = offset_of(event.start_mark);
  if (tag != nullptr && mend_tag(start, anchor != nullptr)) return Outcome::kAgain;
  if (open_.empty()) json_ = builder_.strict() && flow && anchor == nullptr && tag == nullptr;
  const bool bare = anchor == nullptr && tag == nullptr;
  const bool pair = map && flow && bare && source_.text()[start] != '{';
  open_.push_back({start, flow, map, pair});
  ++(flow ? flow_depth_ : block_depth_);
  if (!builder_.strict() && std::max(flow_depth_, block_depth_) > kGoMaxDepth) {
    refuse(fmt::format("exceeded max depth of {}", kGoMaxDepth), start, true);
    return Outcome::kDone;
  }
  if (map) {
    builder_.begin_map(start, view(anchor));
  } else {
    builder_.begin_list(start, view(anchor));
  }
  return Outcome::kDone;
}

void EventReader::end_collection(const yaml_event_t& event) {
  const Collection collection = open_.back();
  open_.pop_back();
  --(collection.flow ? flow_depth_ : block_depth_);
  // A pair in a flow list ends where its value does, a block collection where its last child does.
  const bool has_bracket = collection.flow && event.end_mark.index != event.start_mark.index;
  const uint32_t end = has_bracket ? offset_of(event.end_mark) : 0;
  if (collection.map) {
    builder_.end_map(end);
  } else {
    builder_.end_list(end);
  }
}

size_t EventReader::patched_offset(const yaml_mark_t& mark) {
  const std::string_view text = patched();
  size_t offset = 0;
  if (ascii_) {
    offset = mark.index + (text.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0);
  } else {
    const auto continues = [&](size_t i) { return i < text.size() && (static_cast<uint8_t>(text[i]) & 0xC0) == 0x80; };
    while (cursor_index_ < mark.index && cursor_offset_ < text.size()) {
      ++cursor_offset_;
      while (continues(cursor_offset_)) ++cursor_offset_;
      ++cursor_index_;
    }
    while (cursor_index_ > mark.index && cursor_offset_ > 0) {
      --cursor_offset_;
      while (cursor_offset_ > 0 && continues(cursor_offset_)) --cursor_offset_;
      --cursor_index_;
    }
    offset = cursor_offset_;
  }
  return std::min(offset, text.size());
}

uint32_t EventReader::source_offset(size_t patched_offset) const {
  const auto passed = std::upper_bound(removed_.begin(), removed_.end(), patched_offset) - removed_.begin();
  return static_cast<uint32_t>(start_ + patched_offset + static_cast<size_t>(passed));
}

// Changes of the text. Offsets are of patched().

bool EventReader::mend_error() {
  if (parser_.error != YAML_SCANNER_ERROR) return false;
  const std::string_view problem = parser_.problem;
  const size_t at = patched_offset(parser_.problem_mark);
  if (problem == "found unknown escape character") return patch_escapes(at);
  if (problem == "found unexpected ':'") return patch_colon(at);
  const std::string_view context = parser_.context != nullptr ? parser_.context : "";
  if (context == "while scanning a tag" && problem == "did not find expected whitespace or line break")
    return patch_tag(at);
  if (context == "while parsing a tag" && problem == "did not find expected tag URI") return patch_tag(at);
  return false;
}

void EventReader::hide_inner_marks() {
  size_t at = 0;
  while (original_.substr(at).starts_with(kUtf8Mark)) at += kUtf8Mark.size();
  at = original_.find(kUtf8Mark, at);
  if (at == std::string_view::npos) return;
  // A private character that the text does not have.
  std::string stand_in = "\xEF\xA3\xBF";
  while (original_.find(stand_in) != std::string_view::npos && stand_in[2] != '\x80') --stand_in[2];
  mark_ = stand_in;
  patched_ = original_;
  for (; at != std::string_view::npos; at = patched_.find(kUtf8Mark, at)) patched_.replace(at, kUtf8Mark.size(), mark_);
}

// The text as it was before stand-ins took their places.
std::string_view EventReader::restore(std::string_view text, bool is_plain) {
  const bool has_colon = is_plain && colon_ != 0 && text.find(colon_) != std::string_view::npos;
  const bool has_mark = !mark_.empty() && text.find(mark_) != std::string_view::npos;
  if (!has_colon && !has_mark) return arena_.copy(text);
  std::string restored(text);
  if (has_colon) std::replace(restored.begin(), restored.end(), colon_, ':');
  if (has_mark) {
    for (size_t at = restored.find(mark_); at != std::string::npos; at = restored.find(mark_, at)) {
      restored.replace(at, mark_.size(), kUtf8Mark);
    }
  }
  return arena_.copy(restored);
}

bool EventReader::patch_escapes(size_t at) {
  const std::string_view text = patched();
  if (!text.substr(at).starts_with("\\'")) return false;
  std::string fixed;
  size_t i = at;
  while (i < text.size() && text[i] != '"') {
    if (text[i] != '\\' || i + 1 == text.size()) {
      fixed += text[i++];
    } else if (text[i + 1] == '\'') {
      removed_.push_back(at + fixed.size());
      fixed += '\'';
      i += 2;
    } else {
      fixed += text.substr(i, 2);
      i += 2;
    }
  }
  std::string changed(text.substr(0, at));
  changed += fixed;
  changed += text.substr(i);
  patched_ = std::move(changed);
  return true;
}

bool EventReader::patch_tag(size_t at) {
  std::string changed(patched());
  bool found = false;
  for (size_t i = at; i < changed.size() && is_tag_char(changed[i]); ++i) {
    if (changed[i] != ',' && changed[i] != '[' && changed[i] != ']') continue;
    changed[i] = '~';
    found = true;
  }
  if (found) patched_ = std::move(changed);
  return found;
}

bool EventReader::patch_colon(size_t at) {
  if (colon_ == 0) {
    for (const char candidate : std::string_view("^~$;=+()/")) {
      if (original_.find(candidate) == std::string_view::npos) {
        colon_ = candidate;
        break;
      }
    }
  }
  if (colon_ == 0 || at >= patched().size() || patched()[at] != ':') return false;
  if (patched_.empty()) patched_ = original_;
  patched_[at] = colon_;
  return true;
}

size_t EventReader::skip_anchor(std::string_view text, size_t at) const {
  if (at >= text.size() || text[at] != '&') return at;
  ++at;
  while (at < text.size() && is_word(text[at])) ++at;
  for (;;) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (at >= text.size() || text[at] != '#') return at;
    at = std::min(text.find_first_of("\r\n", at), text.size());
  }
}

// A tag that libyaml ended at a ',' which belongs to it in go-yaml.
bool EventReader::mend_tag(size_t node_start, bool has_anchor) {
  if (flow_depth_ == 0) return false;
  const auto passed = std::upper_bound(removed_.begin(), removed_.end(), node_start - start_) - removed_.begin();
  const std::string_view text = patched();
  size_t at = node_start - start_ - static_cast<size_t>(passed);
  if (has_anchor) at = skip_anchor(text, at);
  if (at + 1 >= text.size() || text[at] != '!' || text[at + 1] == '<') return false;
  while (at < text.size() && is_tag_char(text[at]) && text[at] != ',') ++at;
  return at < text.size() && text[at] == ',' && patch_tag(at);
}

bool EventReader::has_bare_tag(uint32_t start, bool has_anchor) const {
  const std::string_view text = source_.text();
  const size_t at = has_anchor ? skip_anchor(text, start) : start;
  return at < text.size() && text[at] == '!';
}

// go-yaml knows %YAML 1.1 only, and looks at the number before it looks for the "---" behind it.
bool EventReader::refuse_version(bool begun) {
  const yaml_mark_t& mark = begun ? event_.start_mark : parser_.problem_mark;
  if (begun ? event_.type != YAML_DOCUMENT_START_EVENT || event_.data.document_start.version_directive == nullptr
            : parser_.error == YAML_READER_ERROR) {
    return false;
  }
  // An error stands behind the directive, a document begins with the first of its directives.
  const std::string_view text = source_.text();
  const uint32_t near = offset_of(mark);
  const size_t found = begun ? text.find("%YAML", near) : text.rfind("%YAML", near);
  if (found == std::string_view::npos ||
      (found != 0 && text[found - 1] != '\n' && text[found - 1] != '\r' && found != kUtf8Mark.size())) {
    return false;
  }
  const auto number = [&](size_t at) { return std::min(text.find_first_not_of("0123456789", at), text.size()) - at; };
  const size_t major = std::min(text.find_first_not_of(" \t", found + 5), text.size());
  const size_t major_digits = number(major);
  const size_t minor = major + major_digits + 1;
  if (major_digits == 0 || minor > text.size() || text[minor - 1] != '.') return false;
  const size_t minor_digits = number(minor);
  if (major_digits > 2 || minor_digits > 2) {
    refuse("found extremely long version number", static_cast<uint32_t>(found), true);
    return true;
  }
  if (minor_digits == 0 || text.substr(major, minor + minor_digits - major) == "1.1") return false;
  refuse("found incompatible YAML document", static_cast<uint32_t>(found), false);
  return true;
}

// In go-yaml a '?' ends a plain scalar within brackets and begins a key, which cannot stand there.
bool EventReader::refuse_question_mark(std::string_view text, uint32_t start) {
  if (open_.empty() || !open_.back().flow || text.find('?') == std::string_view::npos) return false;
  const size_t at = source_.text().find('?', start);
  const bool in_map = open_.back().map && !open_.back().pair;
  refuse(in_map ? "did not find expected ',' or '}'" : "did not find expected ',' or ']'", static_cast<uint32_t>(at),
         false);
  return true;
}

bool EventReader::refuse_slash_escape(uint32_t start, uint32_t end) {
  if (json_) return false;
  const std::string_view text = source_.text().substr(start, end - start);
  for (size_t i = text.find('\\'); i != std::string_view::npos; i = text.find('\\', i + 2)) {
    if (!text.substr(i).starts_with("\\/")) continue;
    refuse("found unknown escape character", static_cast<uint32_t>(start + i), true);
    return true;
  }
  return false;
}

// Errors.

void EventReader::refuse(std::string_view problem, uint32_t at, bool scanner_error) {
  if (builder_.strict()) {
    builder_.stop(explain_syntax({.problem = problem, .at = at, .context_at = at}, source_, options_.file));
    return;
  }
  // Lines as in syntax_error().
  const uint32_t line = source_.break_count(at);
  const std::string where = line == 0 ? "" : fmt::format("line {}: ", line + (scanner_error ? 1 : 0));
  builder_.stop(builder_.error_at(at, at, ErrorCode::kSyntax, fmt::format("yaml: {}{}", where, problem)));
}

Error EventReader::syntax_error() {
  const std::string_view problem =
      parser_.problem != nullptr ? parser_.problem : "unknown problem parsing YAML content";
  if (parser_.error == YAML_READER_ERROR) {
    const size_t bad = std::min(start_ + parser_.problem_offset, source_.text().size());
    const auto at = static_cast<uint32_t>(bad);
    return builder_.error_at(at, at, ErrorCode::kSyntax, fmt::format("yaml: {}", problem));
  }
  const uint32_t at = offset_of(parser_.problem_mark);
  if (builder_.strict()) {
    const bool has_context = parser_.context != nullptr;
    const uint32_t context_at = has_context ? offset_of(parser_.context_mark) : at;
    return explain_syntax({.problem = problem,
                           .context = has_context ? parser_.context : std::string_view(),
                           .at = at,
                           .context_at = context_at},
                          source_, options_.file);
  }
  // go-yaml counts lines from 0, adds one for errors of its scanner only, and leaves line 0 out.
  size_t line = parser_.problem_mark.line;
  if (line != 0 && parser_.error == YAML_SCANNER_ERROR) ++line;
  if (line == 0) line = parser_.context_mark.line;
  const std::string where = line == 0 ? "" : fmt::format("line {}: ", line);
  return builder_.error_at(at, at, ErrorCode::kSyntax, fmt::format("yaml: {}{}", where, problem));
}

}  // namespace plimsoll::yaml
