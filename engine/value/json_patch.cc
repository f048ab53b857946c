#include "engine/value/json_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "engine/value/go_quote.h"
#include "engine/value/json.h"

namespace plimsoll {
namespace {

// Go's errors.Wrapf of the library's two causes.
std::unexpected<Error> missing(std::string message) { return fail(ErrorCode::kNotFound, std::move(message) + ": missing value"); }
std::unexpected<Error> bad_index(int64_t index) {
  return fail(ErrorCode::kInvalid, fmt::format("Unable to access invalid index: {}: invalid index referenced", index));
}

std::unexpected<Error> wrapped(const Error& error, std::string_view context) {
  return fail(error.code(), fmt::format("{}: {}", context, error.message()));
}

std::string unescaped(std::string_view part) {
  std::string result;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1')) {
      result += part[++i] == '0' ? '~' : '/';
    } else {
      result += part[i];
    }
  }
  return result;
}

// A decimal number with optional sign, as strconv.Atoi.
Result<int64_t> index_of(std::string_view key) {
  const std::string_view digits = key.starts_with('+') ? key.substr(1) : key;
  int64_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const bool signs = key.size() > 1 && key[0] == '+' && (key[1] == '-' || key[1] == '+');
  if (digits.empty() || signs || end != digits.data() + digits.size() || error == std::errc::invalid_argument) {
    return fail(ErrorCode::kInvalid, fmt::format("strconv.Atoi: parsing {}: invalid syntax", go::quoted(key)));
  }
  if (error == std::errc::result_out_of_range) {
    return fail(ErrorCode::kInvalid, fmt::format("strconv.Atoi: parsing \"{}\": value out of range", key));
  }
  return index;
}

size_t depth_of(const Value& value) {
  size_t deepest = 0;
  std::vector<std::pair<Value, size_t>> open{{value, 1}};
  while (!open.empty()) {
    const auto [next, depth] = open.back();
    open.pop_back();
    if (next.is_map()) {
      for (const Map::Entry& entry : *next.as_map()) open.emplace_back(entry.value, depth + 1);
    } else if (next.is_list()) {
      for (const Value& item : next.items()) open.emplace_back(item, depth + 1);
    }
    deepest = std::max(deepest, depth);
  }
  return deepest;
}

class Patcher {
 public:
  Patcher(Value document, Arena& arena) : document_(document), arena_(arena), depth_(depth_of(document)) {}

  // True: a test failed.
  Result<bool> apply(const JsonPatchOperation& operation) {
    if (operation.op == "add") return done(add_at(operation.path, deep_copy(arena_, operation.value)));
    if (operation.op == "remove") return done(remove_at(operation.path));
    if (operation.op == "replace") return done(replace_at(operation.path, deep_copy(arena_, operation.value)));
    if (operation.op == "move") return done(move(operation.from, operation.path));
    if (operation.op == "copy") return done(copy(operation.from, operation.path));
    if (operation.op == "test") return test(operation.path, operation.value);
    return fail(ErrorCode::kInvalid, fmt::format("Unexpected kind: {}", operation.op));
  }

  const Value& document() const { return document_; }

 private:
  struct Target {
    Value container;  // list or map; null: the path leads nowhere
    std::string key;
  };

  static Result<bool> done(const Result<void>& result) {
    if (!result) return std::unexpected(result.error());
    return false;
  }

  Result<Target> find(std::string_view path) const {
    std::vector<std::string_view> parts;
    size_t at = 0;
    while (true) {
      const size_t slash = path.find('/', at);
      parts.push_back(path.substr(at, slash == std::string_view::npos ? slash : slash - at));
      if (slash == std::string_view::npos) break;
      at = slash + 1;
      if (parts.size() > kMaxPatchDepth) {
        return fail(ErrorCode::kLimit, fmt::format("a path of more than {} parts", kMaxPatchDepth));
      }
    }
    if (parts.size() < 2) return Target{};
    Value container = document_;
    for (size_t i = 1; i + 1 < parts.size(); ++i) {
      const Result<Value> next = get(container, unescaped(parts[i]));
      if (!next || (!next->is_map() && !next->is_list())) return Target{};
      container = *next;
    }
    return Target{container, unescaped(parts.back())};
  }

  // A chain of moves nests a document ever deeper though every path is short: the depth is kept in bounds by an estimate that is
  // checked when it grows.
  Result<void> deepen(std::string_view path) {
    depth_ += static_cast<size_t>(std::ranges::count(path, '/')) + 1;
    if (depth_ <= 2 * kMaxPatchDepth) return {};
    depth_ = depth_of(document_);
    if (depth_ > kMaxPatchDepth) return fail(ErrorCode::kLimit, fmt::format("a document nested deeper than {} levels", kMaxPatchDepth));
    return {};
  }

  static Result<size_t> item(std::string_view key, int64_t size) {
    PLIMSOLL_ASSIGN_OR_RETURN(int64_t index, index_of(key));
    if (index < -size || index >= size) return bad_index(index);
    if (index < 0) index += size;
    return static_cast<size_t>(index);
  }

  static Result<Value> get(const Value& container, const std::string& key) {
    if (container.is_map()) return container[key];
    PLIMSOLL_ASSIGN_OR_RETURN(const size_t index, item(key, static_cast<int64_t>(container.size())));
    return container.items()[index];
  }

  Result<void> add(const Value& container, const std::string& key, const Value& value) {
    if (container.is_map()) {
      container.as_map()->set(arena_, arena_.copy(key), value);
      return {};
    }
    List& list = *container.as_list();
    if (key == "-") {
      list.push_back(arena_, value);
      return {};
    }
    const Result<size_t> index = item(key, static_cast<int64_t>(list.size()) + 1);
    if (!index) {
      return index.error().message().starts_with("strconv")
                 ? wrapped(index.error(), fmt::format("value was not a proper array index: '{}'", key))
                 : std::unexpected(index.error());
    }
    list.push_back(arena_, Value::null());
    for (size_t i = list.size() - 1; i > *index; --i) list[i] = list[i - 1];
    list[*index] = value;
    return {};
  }

  static Result<void> remove(const Value& container, const std::string& key) {
    if (container.is_map()) {
      if (!container.as_map()->erase(key)) return missing("Unable to remove nonexistent key: " + key);
      return {};
    }
    List& list = *container.as_list();
    PLIMSOLL_ASSIGN_OR_RETURN(const size_t index, item(key, static_cast<int64_t>(list.size())));
    for (size_t i = index; i + 1 < list.size(); ++i) list[i] = list[i + 1];
    list.truncate(list.size() - 1);
    return {};
  }

  Result<void> add_at(std::string_view path, const Value& value) {
    PLIMSOLL_ASSIGN_OR_RETURN(const Target target, find(path));
    if (target.container.is_null()) return missing(fmt::format("add operation does not apply: doc is missing path: \"{}\"", path));
    if (const auto result = add(target.container, target.key, value); !result) {
      return wrapped(result.error(), fmt::format("error in add for path: '{}'", path));
    }
    return {};
  }

  Result<void> remove_at(std::string_view path) {
    PLIMSOLL_ASSIGN_OR_RETURN(const Target target, find(path));
    if (target.container.is_null()) return missing(fmt::format("remove operation does not apply: doc is missing path: \"{}\"", path));
    if (const auto result = remove(target.container, target.key); !result) {
      return wrapped(result.error(), fmt::format("error in remove for path: '{}'", path));
    }
    return {};
  }

  Result<void> replace_at(std::string_view path, const Value& value) {
    if (path.empty()) {
      if (!value.is_map() && !value.is_list()) return fail(ErrorCode::kInvalid, "replace operation value must be object or array");
      document_ = value;
      return {};
    }
    PLIMSOLL_ASSIGN_OR_RETURN(const Target target, find(path));
    if (target.container.is_null()) return missing(fmt::format("replace operation does not apply: doc is missing path: {}", path));
    if (!get(target.container, target.key)) return missing(fmt::format("replace operation does not apply: doc is missing key: {}", path));
    if (target.container.is_map()) {
      target.container.as_map()->set(arena_, arena_.copy(target.key), value);
    } else {
      PLIMSOLL_ASSIGN_OR_RETURN(const size_t index, item(target.key, static_cast<int64_t>(target.container.size())));
      target.container.items()[index] = value;
    }
    return {};
  }

  Result<void> move(std::string_view from, std::string_view path) {
    PLIMSOLL_RETURN_IF_ERROR(deepen(path));
    PLIMSOLL_ASSIGN_OR_RETURN(const Target source, find(from));
    if (source.container.is_null()) return missing(fmt::format("move operation does not apply: doc is missing from path: {}", from));
    const auto broken = [](const Error& error, std::string_view place) {
      return wrapped(error, fmt::format("error in move for path: '{}'", place));
    };
    const Result<Value> value = get(source.container, source.key);
    if (!value) return broken(value.error(), source.key);
    if (const auto removed = remove(source.container, source.key); !removed) return broken(removed.error(), source.key);
    PLIMSOLL_ASSIGN_OR_RETURN(const Target target, find(path));
    if (target.container.is_null()) {
      return missing(fmt::format("move operation does not apply: doc is missing destination path: {}", path));
    }
    if (const auto added = add(target.container, target.key, *value); !added) return broken(added.error(), path);
    return {};
  }

  Result<void> copy(std::string_view from, std::string_view path) {
    PLIMSOLL_RETURN_IF_ERROR(deepen(path));
    PLIMSOLL_ASSIGN_OR_RETURN(const Target source, find(from));
    if (source.container.is_null()) return missing(fmt::format("copy operation does not apply: doc is missing from path: {}", from));
    const Result<Value> value = get(source.container, source.key);
    if (!value) return wrapped(value.error(), fmt::format("error in copy for path: '{}'", from));
    PLIMSOLL_ASSIGN_OR_RETURN(const Target target, find(path));
    if (target.container.is_null()) {
      return missing(fmt::format("copy operation does not apply: doc is missing destination path: {}", path));
    }
    copied_ += json::write(*value).size();
    if (copied_ > kMaxPatchCopyBytes) {
      return fail(ErrorCode::kLimit, fmt::format("Unable to complete the copy, the accumulated size increase of copy is {}, exceeding the limit {}",
                                                 copied_, kMaxPatchCopyBytes));
    }
    if (const auto added = add(target.container, target.key, deep_copy(arena_, *value)); !added) {
      return wrapped(added.error(), "error while adding value during copy");
    }
    return {};
  }

  Result<bool> test(std::string_view path, const Value& wanted) {
    if (path.empty()) return !equal(document_, wanted);
    PLIMSOLL_ASSIGN_OR_RETURN(const Target target, find(path));
    if (target.container.is_null()) return missing(fmt::format("test operation does not apply: is missing path: {}", path));
    const Result<Value> value = get(target.container, target.key);
    if (!value) return wrapped(value.error(), fmt::format("error in test for path: '{}'", path));
    // Even a null that is asked for is not what is missing.
    if (target.container.is_map() && !target.container.as_map()->contains(target.key)) return true;
    return !equal(*value, wanted);
  }

  Value document_;
  Arena& arena_;
  size_t copied_ = 0;
  size_t depth_;  // not less than the document's
};

}  // namespace

Result<JsonPatchOutcome> apply_json_patch(const Value& document, std::span<const JsonPatchOperation> patch, Arena& arena) {
  Patcher patcher(deep_copy(arena, document), arena);
  for (const JsonPatchOperation& operation : patch) {
    PLIMSOLL_ASSIGN_OR_RETURN(const bool failed, patcher.apply(operation));
    if (failed) return JsonPatchOutcome{document, true};
  }
  return JsonPatchOutcome{patcher.document(), false};
}

}  // namespace plimsoll
