// Builds JSON documents as Values, field by field in the order they are written.
//
//   Tree tree;
//   Value place = tree.object().set("line", 3).set("file", "a.yaml");
//   json::write(place, {.indent = 2});
#pragma once

#include <concepts>
#include <string_view>

#include "engine/value/arena.h"
#include "engine/value/value.h"

namespace plimsoll::report {

class ObjectBuilder {
 public:
  explicit ObjectBuilder(Arena& arena) : arena_(&arena), map_(Map::create(arena)) {}

  ObjectBuilder& set(std::string_view key, Value value) {
    map_->append(*arena_, Value::string(key), value);  // keys are literals
    return *this;
  }
  ObjectBuilder& set(std::string_view key, std::string_view text) { return set(key, Value::string(arena_->copy(text))); }
  ObjectBuilder& set(std::string_view key, const char* text) { return set(key, std::string_view(text)); }
  ObjectBuilder& set(std::string_view key, bool value) { return set(key, Value::boolean(value)); }
  ObjectBuilder& set(std::string_view key, std::integral auto number) {
    return set(key, Value::integer(static_cast<int64_t>(number)));
  }
  ObjectBuilder& set(std::string_view key, double number) { return set(key, Value::real(number)); }
  // Nothing if `text` is empty.
  ObjectBuilder& set_if(std::string_view key, std::string_view text) { return text.empty() ? *this : set(key, text); }

  operator Value() const { return Value::map(map_); }

 private:
  Arena* arena_;
  Map* map_;
};

class ListBuilder {
 public:
  explicit ListBuilder(Arena& arena) : arena_(&arena), list_(List::create(arena)) {}

  ListBuilder& add(Value value) {
    list_->push_back(*arena_, value);
    return *this;
  }
  ListBuilder& add(std::string_view text) { return add(Value::string(arena_->copy(text))); }
  bool empty() const { return list_->empty(); }

  operator Value() const { return Value::list(list_); }

 private:
  Arena* arena_;
  List* list_;
};

class Tree {
 public:
  ObjectBuilder object() { return ObjectBuilder(arena_); }
  ListBuilder list() { return ListBuilder(arena_); }
  Value text(std::string_view text) { return Value::string(arena_.copy(text)); }

 private:
  Arena arena_;
};

}  // namespace plimsoll::report
