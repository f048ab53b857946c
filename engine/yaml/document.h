// YAML and JSON documents with the place of every key and value.
//
//   auto documents = yaml::read_stream(text, {.file = "deploy.yaml"});
//   for (const yaml::Document& document : *documents) {
//     document.root()["kind"].as_string();
//     document.locate(Path::parse("spec.replicas")).value;   // lines and columns of the value
//   }
//
// The tree is plain Values without positions; a container's `position` field is an index into a side table of byte
// offsets, and lines and columns are worked out when somebody asks, so that evaluation pays nothing for places. The
// documents of a stream share its text, arena and table; they are immutable and may be shared between threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "engine/value/path.h"
#include "engine/value/value.h"

namespace plimsoll::yaml {

struct Stream;
class SourceText;

// Half-open range in the text of a file. Lines and columns count from 1 and in code points; offsets count bytes from
// the start of the file (a byte order mark included; UTF-16 counts as if it were UTF-8).
struct Range {
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t end_line = 0;
  uint32_t end_column = 0;
  uint32_t offset = 0;
  uint32_t end_offset = 0;

  bool known() const { return line != 0; }
};

struct Place {
  Range key;    // of the mapping key; unknown for list items and the root
  Range value;  // of the scalar, or of the whole container
};

// Byte offsets of a child: 16 bytes a node is what positions cost.
struct Span {
  uint32_t key = 0;
  uint32_t key_end = 0;  // 0: no key
  uint32_t value = 0;
  uint32_t value_end = 0;
};

// How text becomes values.
enum class Dialect : uint8_t {
  // As Kubernetes and Helm read (sigs.k8s.io/yaml over go-yaml v2), quirks and messages included; see scalar.h. Of two
  // equal
  // keys the last one counts, and what follows the first document is not looked at.
  kGo,
  // As kGo, but equal keys are an error (sigs.k8s.io/yaml's UnmarshalStrict).
  kGoStrict,
  // The same values, but what go-yaml drops silently (content after a complete root, equal keys) is an error, and
  // errors
  // say what to do. JSON may use its own escapes, as kubectl reads JSON with a JSON parser.
  kStrict,
};

struct ReadOptions {
  std::string file = {};  // for messages and locations
  Dialect dialect = Dialect::kStrict;
  size_t max_bytes = 256UL << 20;
  size_t max_depth = 1000;                 // of kStrict; go-yaml's own limit, 10,000, holds for the others
  size_t max_alias_expansion = 4UL << 20;  // nodes that aliases may add in all; go-yaml's ratio of them holds besides
  // Every number becomes a double, as where Helm decodes values through JSON into interface{}. Otherwise whole numbers
  // are int (uint above int64's range) even if written 1.0, as in the API server.
  bool numbers_as_double = false;
  // An alias copies the containers of its anchor, so that a change of the one does not show in the other.
  bool copy_aliases = false;
};

class Document {
 public:
  const Value& root() const { return root_; }
  const std::string& file() const;
  // Index of this document in its stream, from 0; empty documents count.
  size_t index() const { return index_; }
  // Of the root value.
  Range range() const;
  // The text of the whole stream.
  std::string_view text() const;

  // Where the node at `path` stands; if the path is missing, the nearest existing ancestor. Never unknown for a
  // document that was read from text.
  Place locate(const Path& path) const;
  // True if the whole path exists.
  bool has(const Path& path) const { return path.resolve(root_) != nullptr; }
  // Place of child number `index` (list item or map entry in order) of a container of this document.
  Place child(const List& list, size_t index) const;
  Place child(const Map& map, size_t index) const;
  // Of the value (or nearest ancestor) at `path`.
  Location location(const Path& path) const;

 private:
  friend class StreamReader;
  Document(std::shared_ptr<const Stream> stream, Value root, Span span, size_t index)
      : stream_(std::move(stream)), root_(root), span_(span), index_(index) {}
  Place place(const Span& span) const;

  std::shared_ptr<const Stream> stream_;
  Value root_;
  Span span_;
  size_t index_ = 0;
};

// All documents of a stream; documents that hold nothing but comments are left out. Errors carry file, line, column and
// fragment.
Result<std::vector<Document>> read_stream(std::string_view text, const ReadOptions& options = {});
// The same without copying the text.
Result<std::vector<Document>> read_owned_stream(std::string text, const ReadOptions& options = {});

// The first document only, as sigs.k8s.io/yaml reads: the rest of the stream is not even parsed in the Go dialects; in
// kStrict a second document is an error. An empty text is null. In the Go dialects the message is that of YAMLToJSON
// ("yaml: line 3: ..."); Unmarshal puts "error converting YAML to JSON: " in front.
Result<Document> read(std::string_view text, const ReadOptions& options = {});

// read() into the arena of the caller, without places, as templates' fromYaml needs it. The text is copied. The dialect
// is kGo unless `options` says kGoStrict.
Result<Value> read_go(Arena& arena, std::string_view text, ReadOptions options = {});

}  // namespace plimsoll::yaml
