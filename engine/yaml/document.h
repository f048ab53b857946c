// YAML and JSON documents with the place of every key and value.
//
//   auto documents = yaml::read_stream(text, {.file = "deploy.yaml"});
//   for (const yaml::Document& document : *documents) {
//     document.root()["kind"].as_string();
//     document.locate(Path::parse("spec.replicas")).value;   // lines and columns of the value
//   }
//
// The tree is plain Values without positions; a container's `position` field is an index into the side table below, so that
// evaluation pays nothing for places. A Document owns the arena of its tree and is shared, immutable, between threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "engine/value/path.h"
#include "engine/value/value.h"

namespace plimsoll::yaml {

// Half-open range in the text of a file. Lines and columns count from 1 and in code points; offsets count bytes from the
// start of the file (a byte order mark included).
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

// How text becomes values.
enum class Dialect {
  // As Kubernetes and Helm read (sigs.k8s.io/yaml over go-yaml v2): YAML 1.1 scalars, quirks included; see scalar.h.
  kGo,
  // The same scalars, but what go-yaml drops silently (content after a complete root, duplicate keys) is an error.
  kStrict,
};

struct ReadOptions {
  std::string file;  // for messages and locations
  Dialect dialect = Dialect::kStrict;
  size_t max_bytes = 256UL << 20;
  size_t max_depth = 1000;            // go-yaml's own limit is 10,000
  size_t max_alias_expansion = 4UL << 20;  // nodes that aliases may add in all
};

class Document {
 public:
  const Value& root() const { return root_; }
  const std::string& file() const { return file_; }
  // Index of this document in its stream, from 0.
  size_t index() const { return index_; }
  const Range& range() const { return range_; }

  // Where the node at `path` stands; if the path is missing, the nearest existing ancestor. Never unknown for a
  // document that was read from text.
  Place locate(const Path& path) const;
  // True if the whole path exists.
  bool has(const Path& path) const { return path.resolve(root_) != nullptr; }
  // Place of child number `index` (list item or map entry in order) of a container of this document.
  Place child(const List& list, size_t index) const;
  Place child(const Map& map, size_t index) const;
  Location location(const Path& path) const;

 private:
  friend class Reader;
  std::shared_ptr<Arena> arena_;
  std::shared_ptr<const std::vector<Place>> places_;
  Value root_;
  std::string file_;
  size_t index_ = 0;
  Range range_;
};

// All documents of a stream; documents that hold nothing but comments are left out. Errors carry file, line, column and fragment.
Result<std::vector<Document>> read_stream(std::string_view text, const ReadOptions& options = {});

// The first document only, as sigs.k8s.io/yaml reads (the rest of the stream is not even parsed in the kGo dialect).
Result<Document> read(std::string_view text, const ReadOptions& options = {});

}  // namespace plimsoll::yaml
