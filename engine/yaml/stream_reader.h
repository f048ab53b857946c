// Puts the parts of the reader together; internal to this folder and its tests (use document.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/value/arena.h"
#include "engine/yaml/builder.h"
#include "engine/yaml/document.h"
#include "engine/yaml/source_text.h"

namespace plimsoll::yaml {

// What the documents of a stream share.
struct Stream {
  Stream(std::string text, std::string file_name) : source(std::move(text)), file(std::move(file_name)) {}
  SourceText source;
  std::string file;
  Arena arena;
  std::vector<Span> spans;
};

// kLibyaml: without the fast path, so that tests can compare the two.
enum class Engine { kFastest, kLibyaml };

class StreamReader {
 public:
  static Result<std::vector<Document>> read_all(std::string text, const ReadOptions& options,
                                                Engine engine = Engine::kFastest);
  static Result<Document> read_first(std::string text, const ReadOptions& options, Engine engine = Engine::kFastest);
  // `text` must be followed by a NUL byte and live as long as the value.
  static Result<Value> read_value(Arena& arena, std::string_view text, const ReadOptions& options,
                                  Engine engine = Engine::kFastest);
};

}  // namespace plimsoll::yaml
