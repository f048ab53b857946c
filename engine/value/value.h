// Value: the dynamic value that YAML, JSON, CEL, templates and policies share. 16 bytes, copied freely.
//
//   Arena arena;
//   Map* labels = Map::create(arena);
//   labels->set(arena, "app", Value::string(arena.copy("web")));
//   Value object = Value::map(labels);
//   object["app"].as_string();  // "web"
//   object["tier"].is_null();   // true: a missing key reads as null; find() tells the difference
//
// Scalars are held inside; strings and containers point into an Arena that outlives the Value. Containers have
// reference semantics, as Go's maps have: two Values may hold the same Map, and a change through one is seen by the other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/value/arena.h"

namespace plimsoll {

class List;
class Map;
class Value;

enum class Kind : uint8_t {
  kNull,
  kBool,
  kInt,     // int64_t
  kUint,    // uint64_t
  kDouble,
  kString,  // usually UTF-8, not guaranteed
  kBytes,
  kList,
  kMap,
  kExtension,  // a value of one language only (CEL timestamp, Go time, ...), see Extension
};

// Base of the values that a single language adds. Lives in an arena, hence no virtual destructor; `type` identifies
// the concrete struct and is compared by address.
struct ExtensionType {
  std::string_view name;
};
struct Extension {
  const ExtensionType* type;
};

class Value {
 public:
  constexpr Value() = default;  // null
  static constexpr Value null() { return {}; }
  static Value boolean(bool value) {
    Value result(Kind::kBool);
    result.payload_.boolean = value;
    return result;
  }
  static Value integer(int64_t value) {
    Value result(Kind::kInt);
    result.payload_.integer = value;
    return result;
  }
  static Value uinteger(uint64_t value) {
    Value result(Kind::kUint);
    result.payload_.uinteger = value;
    return result;
  }
  static Value real(double value) {
    Value result(Kind::kDouble);
    result.payload_.real = value;
    return result;
  }
  // Borrows `text`; at most 4 GiB - 1.
  static Value string(std::string_view text) { return text_value(Kind::kString, text); }
  static Value bytes(std::string_view data) { return text_value(Kind::kBytes, data); }
  static Value list(List* list) {
    Value result(Kind::kList);
    result.payload_.list = list;
    return result;
  }
  static Value map(Map* map) {
    Value result(Kind::kMap);
    result.payload_.map = map;
    return result;
  }
  static Value extension(const Extension* extension) {
    Value result(Kind::kExtension);
    result.payload_.extension = extension;
    return result;
  }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_int() const { return kind_ == Kind::kInt; }
  bool is_uint() const { return kind_ == Kind::kUint; }
  bool is_double() const { return kind_ == Kind::kDouble; }
  bool is_number() const { return is_int() || is_uint() || is_double(); }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_bytes() const { return kind_ == Kind::kBytes; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_map() const { return kind_ == Kind::kMap; }
  bool is_extension() const { return kind_ == Kind::kExtension; }

  // Unchecked access: the kind must match.
  bool as_bool() const { return payload_.boolean; }
  int64_t as_int() const { return payload_.integer; }
  uint64_t as_uint() const { return payload_.uinteger; }
  double as_double() const { return payload_.real; }
  std::string_view as_string() const { return {payload_.text, aux_}; }
  std::string_view as_bytes() const { return {payload_.text, aux_}; }
  List* as_list() const { return payload_.list; }
  Map* as_map() const { return payload_.map; }
  const Extension* as_extension() const { return payload_.extension; }
  // The extension as T if it is one (T::kType is its ExtensionType), else nullptr.
  template <typename T>
  const T* as() const {
    return is_extension() && payload_.extension->type == &T::kType ? static_cast<const T*>(payload_.extension)
                                                                   : nullptr;
  }

  // The string, or `fallback` if this is none.
  std::string_view string_or(std::string_view fallback = {}) const { return is_string() ? as_string() : fallback; }
  bool bool_or(bool fallback) const { return is_bool() ? as_bool() : fallback; }
  int64_t int_or(int64_t fallback) const { return is_int() ? as_int() : fallback; }

  // Map member by string key: null if this is no map or has no such key. find() returns nullptr then.
  Value operator[](std::string_view key) const;
  const Value* find(std::string_view key) const;
  // List items; empty if this is no list.
  std::span<Value> items() const;
  // Number of list items, map entries or bytes of text; 0 for others.
  size_t size() const;

  // A byte that a language may use to tell apart what Value does not (Go's int and int64, say). Copied with the value,
  // ignored by equal().
  uint8_t flavour() const { return flavour_; }
  Value with_flavour(uint8_t flavour) const {
    Value result = *this;
    result.flavour_ = flavour;
    return result;
  }
  // 32 bits that travel with scalars other than text (provenance of template values); 0 unless set.
  uint32_t tag() const { return is_text() ? 0 : aux_; }
  Value with_tag(uint32_t tag) const {
    Value result = *this;
    if (!is_text()) result.aux_ = tag;
    return result;
  }

 private:
  constexpr explicit Value(Kind kind) : kind_(kind) {}
  bool is_text() const { return kind_ == Kind::kString || kind_ == Kind::kBytes; }
  static Value text_value(Kind kind, std::string_view text) {
    Value result(kind);
    result.payload_.text = text.data();
    result.aux_ = static_cast<uint32_t>(text.size());
    return result;
  }

  union Payload {
    bool boolean;
    int64_t integer = 0;
    uint64_t uinteger;
    double real;
    const char* text;
    List* list;
    Map* map;
    const Extension* extension;
  };

  Kind kind_ = Kind::kNull;
  uint8_t flavour_ = 0;
  uint16_t reserved_ = 0;
  uint32_t aux_ = 0;  // length of text; tag of others
  Payload payload_;
};
static_assert(sizeof(Value) == 16);

// Growable array of Values in an arena.
class List {
 public:
  static List* create(Arena& arena, size_t capacity = 0);
  static List* copy_of(Arena& arena, std::span<const Value> items);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Value* begin() { return items_; }
  Value* end() { return items_ + size_; }
  const Value* begin() const { return items_; }
  const Value* end() const { return items_ + size_; }
  Value& operator[](size_t index) { return items_[index]; }
  const Value& operator[](size_t index) const { return items_[index]; }
  std::span<Value> items() { return {items_, size_}; }
  void push_back(Arena& arena, Value value) {
    if (size_ == capacity_) grow(arena, size_ + 1);
    items_[size_++] = value;
  }
  void truncate(size_t size) { size_ = static_cast<uint32_t>(size); }

  // Where the reader's position table describes this container's children (see yaml/document.h); 0: nowhere.
  uint32_t position = 0;
  // Free for the language at hand (provenance, concrete Go type); 0 unless set.
  uint32_t tag = 0;

 private:
  friend class Arena;
  List() = default;
  void grow(Arena& arena, size_t capacity);

  Value* items_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

// Insertion-ordered map in an arena. Keys are Values (CEL has int and bool keys); nearly all are strings. Small maps are
// searched in order, larger ones through a hash index.
class Map {
 public:
  struct Entry {
    Value key;
    Value value;
  };

  static Map* create(Arena& arena, size_t capacity = 0);
  // A new map with the same entries (values shared, not copied deeply).
  static Map* copy_of(Arena& arena, const Map& other);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Entry* begin() { return entries_; }
  Entry* end() { return entries_ + size_; }
  const Entry* begin() const { return entries_; }
  const Entry* end() const { return entries_ + size_; }

  // nullptr if absent. Numbers are equal keys if they have equal value (1, 1u, 1.0), as in CEL.
  Value* find(std::string_view key);
  const Value* find(std::string_view key) const { return const_cast<Map*>(this)->find(key); }
  Value* find(const Value& key);
  const Value* find(const Value& key) const { return const_cast<Map*>(this)->find(key); }
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  // Adds or replaces; a replaced entry keeps its place. Borrows the key's text.
  void set(Arena& arena, std::string_view key, Value value) { set(arena, Value::string(key), value); }
  void set(Arena& arena, const Value& key, Value value);
  // Appends without looking for an equal key: for readers that have checked.
  void append(Arena& arena, const Value& key, Value value) {
    if (size_ >= capacity_ || size_ >= kIndexThreshold) return append_indexed(arena, key, value);
    entries_[size_++] = {key, value};
  }
  // Removes; later entries keep their order. False if absent. Linear in the size.
  bool erase(std::string_view key);

  // Entries sorted by key as Go sorts map keys when it prints or ranges over them (bytes of strings).
  std::span<const Entry*> sorted(Arena& arena) const;

  uint32_t position = 0;  // as in List
  uint32_t tag = 0;

 private:
  friend class Arena;
  // Up to this size a linear search beats hashing.
  static constexpr uint32_t kIndexThreshold = 12;

  Map() = default;
  void append_indexed(Arena& arena, const Value& key, Value value);
  void grow(Arena& arena, size_t capacity);
  void index_all(Arena& arena);
  void index_entry(uint32_t entry);
  ptrdiff_t locate(const Value& key) const;

  Entry* entries_ = nullptr;
  uint32_t* slots_ = nullptr;  // open addressing: entry index + 1, or 0; nullptr while the map is small
  uint32_t slot_mask_ = 0;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

// Deep equality: lists in order, maps regardless of order, numbers across kinds by value (1 == 1.0), NaN unequal to
// itself, extensions by address. Recursion is bounded by the depth that readers admit.
bool equal(const Value& a, const Value& b);

// Deep copy of containers and text into `arena`; extensions are shared.
Value deep_copy(Arena& arena, const Value& value);

// "null", "bool", "int", ..., "map": for messages.
std::string_view kind_name(Kind kind);

// Compares an int64 with a double exactly, without rounding either: -1, 0, 1; nullopt for NaN.
std::optional<int> compare_numbers(const Value& a, const Value& b);

}  // namespace plimsoll
