// Reads configuration files key by key: unknown keys and wrong types are errors with their place.
//
//   FieldReader reader(document);
//   std::string name;
//   std::vector<std::string> packs;
//   PLIMSOLL_RETURN_IF_ERROR(reader.read_map(document.root(), {}, {{"name", reader.text(name)}, {"packs",
//   reader.texts(packs)}}));
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "engine/value/path.h"
#include "engine/yaml/document.h"

namespace plimsoll::yaml {

class FieldReader {
 public:
  // Borrows the document.
  explicit FieldReader(const Document& document) : document_(document) {}

  using Field = std::function<Result<void>(const Value& value, const Path& path)>;
  struct Key {
    std::string name;
    Field read;
  };

  // Reads a mapping; what is not in `keys` is an error, null counts as absent.
  Result<void> read_map(const Value& value, const Path& path, const std::vector<Key>& keys) const;

  // A version such as 1.36 is a number to YAML, hence refused here.
  Field text(std::string& to) const;
  // A list of texts, or one. Replaces what `to` holds.
  Field texts(std::vector<std::string>& to) const;
  Field flag(bool& to) const;
  // Each item of a list.
  Field each(Field item) const;

  std::unexpected<Error> type_error(const Value& value, const Path& path, std::string_view wanted) const;

  const Document& document() const { return document_; }
  const std::string& file() const { return document_.file(); }
  Location location(const Path& path) const { return document_.location(path); }

 private:
  const Document& document_;
};

}  // namespace plimsoll::yaml
