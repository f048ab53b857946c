// A path into a Value: keys and list indexes, as findings print them.
//
//   Path path = Path().key("spec").key("containers").index(0).key("image");
//   path.to_string();           // spec.containers[0].image
//   path.resolve(object);       // pointer to the image, or nullptr
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/value/value.h"

namespace plimsoll {

class Path {
 public:
  using Step = std::variant<std::string, size_t>;

  Path() = default;
  explicit Path(std::vector<Step> steps) : steps_(std::move(steps)) {}

  // Reads what to_string() writes. Anything is a path: unbalanced brackets are part of a key.
  static Path parse(std::string_view text);

  Path key(std::string_view name) const&;
  Path index(size_t position) const&;
  Path&& key(std::string_view name) &&;
  Path&& index(size_t position) &&;

  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  Path parent() const;
  bool starts_with(const Path& prefix) const;

  // nullptr if a step is missing.
  const Value* resolve(const Value& root) const;
  // How many leading steps exist in `root`.
  size_t resolvable(const Value& root) const;

  // spec.containers[0].image; keys with other characters than letters, digits, '_' and '-' as ["a.b/c"].
  std::string to_string() const;
  // RFC 6901: /spec/containers/0/image.
  std::string to_json_pointer() const;

  friend bool operator==(const Path&, const Path&) = default;
  friend auto operator<=>(const Path&, const Path&) = default;

 private:
  std::vector<Step> steps_;
};

}  // namespace plimsoll
