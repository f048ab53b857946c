#include "cli/secret_mask.h"

#include <algorithm>
#include <vector>

#include "engine/source/object.h"
#include "engine/source/values_place.h"
#include "engine/yaml/document.h"

namespace plimsoll::cli {

namespace {

constexpr std::string_view kHidden = "<hidden>";

class Masker {
 public:
  explicit Masker(const yaml::Document& document) : document_(document) {}

  // Ranges of values to hide, in bytes.
  std::vector<std::pair<size_t, size_t>> run() {
    visit(document_.root(), {}, document_.range(), nullptr, {});
    return std::move(ranges_);
  }

 private:
  // `object`: the nearest Kubernetes object around the value; `below`: the path in it, or in the document. Depth is the reader's limit.
  void visit(const Value& value, const Path& below, const yaml::Range& range, const Value* object, const Path& path) {
    const bool is_object = value.is_map() && value["kind"].is_string() && value["apiVersion"].is_string();
    if (value.is_map()) {
      size_t i = 0;
      for (const Map::Entry& entry : *value.as_map()) {
        const std::string_view key = entry.key.string_or();
        visit(entry.value, is_object ? Path().key(key) : below.key(key), document_.child(*value.as_map(), i++).value,
              is_object ? &value : object, path.key(key));
      }
    } else if (value.is_list()) {
      for (size_t i = 0; i < value.size(); ++i) {
        visit(value.items()[i], below.index(i), document_.child(*value.as_list(), i).value, object, path.index(i));
      }
    } else if (range.known() && (object != nullptr ? source::is_secret(*object, below) : source::is_secret_key(path))) {
      ranges_.emplace_back(range.offset, range.end_offset);
    }
  }

  const yaml::Document& document_;
  std::vector<std::pair<size_t, size_t>> ranges_;
};

}  // namespace

std::string without_secrets(std::string_view text) {
  const auto documents = yaml::read_stream(text);
  if (!documents) return std::string(text);
  std::vector<std::pair<size_t, size_t>> ranges;
  for (const yaml::Document& document : *documents) {
    for (const auto& range : Masker(document).run()) ranges.push_back(range);
  }
  std::sort(ranges.begin(), ranges.end());
  std::string out;
  size_t at = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin < at || end > text.size() || begin == end) continue;
    out += text.substr(at, begin - at);
    out += kHidden;
    for (size_t i = begin; i < end; ++i) {
      if (text[i] == '\n') (out += '\n') += kHidden;
    }
    at = end;
  }
  return out += text.substr(at);
}

}  // namespace plimsoll::cli
