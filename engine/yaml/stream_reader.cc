#include "engine/yaml/stream_reader.h"

#include <fmt/format.h>

#include "engine/yaml/event_reader.h"
#include "engine/yaml/fast_reader.h"
#include "engine/yaml/syntax_errors.h"

namespace plimsoll::yaml {

namespace {

// Positions are 32 bits wide.
constexpr size_t kMaxBytes = UINT32_MAX - 16;

std::optional<Error> check_size(std::string_view text, const ReadOptions& options) {
  const size_t limit = std::min(options.max_bytes, kMaxBytes);
  if (text.size() <= limit) return std::nullopt;
  return Error(ErrorCode::kLimit, fmt::format("{} bytes are more than the {} allowed", text.size(), limit))
      .in_file(options.file);
}

Result<std::string> to_utf8(std::string text, const ReadOptions& options) {
  if (auto error = check_size(text, options)) return std::unexpected(*std::move(error));
  auto decoded = decode_utf16(text);
  if (!decoded) return text;
  if (*decoded) return *std::move(decoded);
  const Error& error = decoded->error();
  const bool strict = options.dialect == Dialect::kStrict;
  return std::unexpected(
      Error(error.code(), strict ? error.message() : "yaml: " + error.message()).in_file(options.file));
}

// Calls `take(value, span, index)` for each document that has content; it returns false to stop.
template <typename Take>
Result<void> read_documents(const SourceText& source, Arena& arena, std::vector<Span>* spans,
                            const ReadOptions& options, Engine engine, Take take) {
  const TextTraits traits = examine(source.text());
  const bool strict = options.dialect == Dialect::kStrict;
  if (strict && traits.first_bad != std::string_view::npos) {
    return std::unexpected(explain_forbidden_byte(traits.first_bad, source, options.file));
  }
  Builder builder(arena, spans, source, options);
  size_t index = 0;
  size_t start = 0;
  if (traits.regular && engine == Engine::kFastest) {
    FastReader reader(source.text(), arena, builder);
    for (bool regular = true; regular;) {
      const size_t known_spans = spans != nullptr ? spans->size() : 0;
      builder.begin_document();
      const FastReader::Step step = reader.next_document();
      if (step == FastReader::Step::kEnd) return {};
      if (step == FastReader::Step::kDocument || builder.stopped()) {
        PLIMSOLL_ASSIGN_OR_RETURN(const Value root, builder.finish_document());
        if (!take(root, builder.root_span(), index)) return {};
      } else if (step == FastReader::Step::kEmpty) {
        if (!strict) return {};
      } else {
        start = reader.document_start();
        if (spans != nullptr) spans->resize(known_spans);
        regular = false;
        continue;
      }
      ++index;
    }
  }
  EventReader reader(source, start, traits.first_bad != std::string_view::npos, arena, builder, options);
  for (;; ++index) {
    PLIMSOLL_ASSIGN_OR_RETURN(const EventReader::Step step, reader.next_document());
    if (step == EventReader::Step::kEnd) return {};
    if (step == EventReader::Step::kEmpty && !builder.stopped()) {
      if (!strict) return {};
      continue;
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const Value root, builder.finish_document());
    if (!take(root, builder.root_span(), index)) return {};
  }
}

}  // namespace

Result<std::vector<Document>> StreamReader::read_all(std::string text, const ReadOptions& options, Engine engine) {
  PLIMSOLL_ASSIGN_OR_RETURN(std::string utf8, to_utf8(std::move(text), options));
  auto stream = std::make_shared<Stream>(std::move(utf8), options.file);
  std::vector<Document> documents;
  const auto take = [&](const Value& root, const Span& span, size_t index) {
    documents.push_back(Document(stream, root, span, index));
    return true;
  };
  PLIMSOLL_RETURN_IF_ERROR(read_documents(stream->source, stream->arena, &stream->spans, options, engine, take));
  stream->spans.shrink_to_fit();
  return documents;
}

Result<Document> StreamReader::read_first(std::string text, const ReadOptions& options, Engine engine) {
  PLIMSOLL_ASSIGN_OR_RETURN(std::string utf8, to_utf8(std::move(text), options));
  auto stream = std::make_shared<Stream>(std::move(utf8), options.file);
  Document document(stream, Value::null(), Span(), 0);
  std::optional<Error> second;
  const bool strict = options.dialect == Dialect::kStrict;
  bool found = false;
  const auto take = [&](const Value& root, const Span& span, size_t index) {
    if (found) {
      const Position place = stream->source.position(span.value);
      second = Error(ErrorCode::kInvalid, "a second document")
                   .at(place.line, place.column)
                   .in_file(options.file)
                   .with_remedy("only one is expected here");
      return false;
    }
    found = true;
    document = Document(stream, root, span, index);
    return strict;
  };
  PLIMSOLL_RETURN_IF_ERROR(read_documents(stream->source, stream->arena, &stream->spans, options, engine, take));
  if (second) return std::unexpected(*std::move(second));
  stream->spans.shrink_to_fit();
  return document;
}

Result<Value> StreamReader::read_value(Arena& arena, std::string_view text, const ReadOptions& options, Engine engine) {
  if (auto error = check_size(text, options)) return std::unexpected(*std::move(error));
  const SourceText source = SourceText::view_of(text);
  // The messages of kGoStrict name lines of places.
  std::vector<Span> spans;
  Value result;
  const auto take = [&](const Value& root, const Span&, size_t) {
    result = root;
    return false;
  };
  const bool needs_spans = options.dialect == Dialect::kGoStrict;
  PLIMSOLL_RETURN_IF_ERROR(read_documents(source, arena, needs_spans ? &spans : nullptr, options, engine, take));
  return result;
}

}  // namespace plimsoll::yaml
