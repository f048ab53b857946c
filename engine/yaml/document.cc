#include "engine/yaml/document.h"

#include "engine/yaml/source_text.h"
#include "engine/yaml/stream_reader.h"

namespace plimsoll::yaml {

namespace {

// Index of a child by path step, or npos.
size_t child_index(const Value& parent, const Path::Step& step) {
  if (const auto* key = std::get_if<std::string>(&step)) {
    const Value* found = parent.find(*key);
    if (found == nullptr) return std::string_view::npos;
    const Map& map = *parent.as_map();
    // The value is a member of its entry, so the entry's index follows from its address.
    size_t index = 0;
    while (&map.begin()[index].value != found) ++index;
    return index;
  }
  const size_t index = std::get<size_t>(step);
  return parent.is_list() && index < parent.size() ? index : std::string_view::npos;
}

}  // namespace

const std::string& Document::file() const { return stream_->file; }
std::string_view Document::text() const { return stream_->source.text(); }
Range Document::range() const { return stream_->source.range(span_.value, span_.value_end); }

Place Document::place(const Span& span) const {
  Place place;
  if (span.key_end != 0) place.key = stream_->source.range(span.key, span.key_end);
  place.value = stream_->source.range(span.value, span.value_end);
  return place;
}

Place Document::child(const List& list, size_t index) const {
  return list.position == 0 ? Place() : place(stream_->spans[list.position - 1 + index]);
}

Place Document::child(const Map& map, size_t index) const {
  return map.position == 0 ? Place() : place(stream_->spans[map.position - 1 + index]);
}

Place Document::locate(const Path& path) const {
  Span span = span_;
  const Value* value = &root_;
  for (const Path::Step& step : path.steps()) {
    const size_t index = child_index(*value, step);
    if (index == std::string_view::npos) break;
    const uint32_t position = value->is_list() ? value->as_list()->position : value->as_map()->position;
    if (position == 0) break;
    span = stream_->spans[position - 1 + index];
    value = value->is_list() ? &(*value->as_list())[index] : &value->as_map()->begin()[index].value;
  }
  return place(span);
}

Location Document::location(const Path& path) const {
  const Place found = locate(path);
  return {file(), found.value.line, found.value.column};
}

Result<std::vector<Document>> read_stream(std::string_view text, const ReadOptions& options) {
  return StreamReader::read_all(std::string(text), options);
}

Result<std::vector<Document>> read_owned_stream(std::string text, const ReadOptions& options) {
  return StreamReader::read_all(std::move(text), options);
}

Result<Document> read(std::string_view text, const ReadOptions& options) {
  return StreamReader::read_first(std::string(text), options);
}

Result<Value> read_go(Arena& arena, std::string_view text, ReadOptions options) {
  if (options.dialect != Dialect::kGoStrict) options.dialect = Dialect::kGo;
  auto decoded = decode_utf16(text);
  if (decoded) {
    if (!*decoded) return fail(decoded->error().code(), "yaml: " + decoded->error().message());
    text = **decoded;
  }
  char* copy = arena.allocate_array<char>(text.size() + 1);
  text.copy(copy, text.size());
  copy[text.size()] = '\0';
  return StreamReader::read_value(arena, {copy, text.size()}, options);
}

}  // namespace plimsoll::yaml
