#include "engine/value/value.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

namespace plimsoll {

namespace {

int compare_int_double(int64_t a, double b) {
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const auto whole = static_cast<int64_t>(b);  // truncates toward zero
  if (a != whole) return a < whole ? -1 : 1;
  const double fraction = b - static_cast<double>(whole);
  return fraction > 0 ? -1 : fraction < 0 ? 1 : 0;
}

int compare_uint_double(uint64_t a, double b) {
  if (b < 0) return 1;
  if (b >= 18446744073709551616.0) return -1;
  const auto whole = static_cast<uint64_t>(b);
  if (a != whole) return a < whole ? -1 : 1;
  return b > static_cast<double>(whole) ? -1 : 0;
}

template <typename T>
int three_way(T a, T b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Keys of one map often have the same length and beginning, but seldom the same last character.
inline bool text_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || (a.back() == b.back() && std::memcmp(a.data(), b.data(), a.size()) == 0));
}

bool key_equal(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return text_equal(a.as_string(), b.as_string());
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull: return true;
    case Kind::kBool: return a.as_bool() == b.as_bool();
    case Kind::kBytes: return a.as_bytes() == b.as_bytes();
    default: return equal(a, b);
  }
}

uint32_t fold(size_t hash) { return static_cast<uint32_t>(hash ^ hash >> 32); }

uint32_t key_hash(const Value& key) {
  switch (key.kind()) {
    case Kind::kString:
    case Kind::kBytes: return fold(std::hash<std::string_view>{}(key.as_string()));
    case Kind::kBool: return key.as_bool() ? 1 : 2;
    // Numbers that are equal must hash alike, whatever their kind.
    case Kind::kInt: return fold(std::hash<double>{}(static_cast<double>(key.as_int())));
    case Kind::kUint: return fold(std::hash<double>{}(static_cast<double>(key.as_uint())));
    case Kind::kDouble: return fold(std::hash<double>{}(key.as_double()));
    default: return 0;
  }
}

}  // namespace

Value Value::operator[](std::string_view key) const {
  const Value* found = find(key);
  return found ? *found : Value();
}

const Value* Value::find(std::string_view key) const { return is_map() ? as_map()->find(key) : nullptr; }

std::span<Value> Value::items() const { return is_list() ? as_list()->items() : std::span<Value>(); }

size_t Value::size() const {
  switch (kind_) {
    case Kind::kString:
    case Kind::kBytes: return aux_;
    case Kind::kList: return as_list()->size();
    case Kind::kMap: return as_map()->size();
    default: return 0;
  }
}

List* List::create(Arena& arena, size_t capacity) {
  List* list = new (arena.allocate(sizeof(List), alignof(List))) List();
  if (capacity == 0) return list;
  list->items_ = arena.allocate_array<Value>(capacity);
  list->capacity_ = static_cast<uint32_t>(capacity);
  return list;
}

List* List::copy_of(Arena& arena, std::span<const Value> items) {
  List* list = create(arena, items.size());
  std::copy(items.begin(), items.end(), list->items_);
  list->size_ = static_cast<uint32_t>(items.size());
  return list;
}

void List::grow(Arena& arena, size_t capacity) {
  const auto wanted = static_cast<uint32_t>(std::max<size_t>(capacity, capacity_ == 0 ? 4 : 2 * size_t{capacity_}));
  Value* items = arena.allocate_array<Value>(wanted);
  std::copy(items_, items_ + size_, items);
  items_ = items;
  capacity_ = wanted;
}

Map* Map::create(Arena& arena, size_t capacity) {
  Map* map = new (arena.allocate(sizeof(Map), alignof(Map))) Map();
  if (capacity == 0) return map;
  map->entries_ = arena.allocate_array<Entry>(capacity);
  map->capacity_ = static_cast<uint32_t>(capacity);
  return map;
}

Map* Map::copy_of(Arena& arena, const Map& other) {
  Map* map = create(arena, other.size_);
  std::copy(other.begin(), other.end(), map->entries_);
  map->size_ = other.size_;
  map->position = other.position;
  map->tag = other.tag;
  if (map->size_ > kIndexThreshold) map->index_all(arena);
  return map;
}

void Map::grow(Arena& arena, size_t capacity) {
  const auto wanted = static_cast<uint32_t>(std::max<size_t>(capacity, capacity_ == 0 ? 4 : 2 * size_t{capacity_}));
  Entry* entries = arena.allocate_array<Entry>(wanted);
  std::copy(entries_, entries_ + size_, entries);
  entries_ = entries;
  capacity_ = wanted;
}

void Map::index_all(Arena& arena) {
  uint32_t slots = 32;
  while (slots < 2 * capacity_) slots *= 2;
  slots_ = arena.allocate_array<uint32_t>(slots);
  std::fill(slots_, slots_ + slots, 0);
  slot_mask_ = slots - 1;
  for (uint32_t i = 0; i < size_; ++i) index_entry(i);
}

void Map::index_entry(uint32_t entry) {
  uint32_t slot = key_hash(entries_[entry].key) & slot_mask_;
  while (slots_[slot] != 0) slot = (slot + 1) & slot_mask_;
  slots_[slot] = entry + 1;
}

ptrdiff_t Map::locate(const Value& key) const {
  if (slots_ != nullptr) {
    for (uint32_t slot = key_hash(key) & slot_mask_; slots_[slot] != 0; slot = (slot + 1) & slot_mask_) {
      const uint32_t entry = slots_[slot] - 1;
      if (key_equal(entries_[entry].key, key)) return entry;
    }
    return -1;
  }
  if (key.is_string()) {
    const std::string_view text = key.as_string();
    for (uint32_t i = 0; i < size_; ++i) {
      if (entries_[i].key.is_string() && text_equal(entries_[i].key.as_string(), text)) return i;
    }
    return -1;
  }
  for (uint32_t i = 0; i < size_; ++i) {
    if (key_equal(entries_[i].key, key)) return i;
  }
  return -1;
}

Value* Map::find(std::string_view key) {
  if (slots_ == nullptr) {
    for (uint32_t i = 0; i < size_; ++i) {
      const Value& candidate = entries_[i].key;
      if (candidate.is_string() && text_equal(candidate.as_string(), key)) return &entries_[i].value;
    }
    return nullptr;
  }
  return find(Value::string(key));
}

Value* Map::find(const Value& key) {
  const ptrdiff_t entry = locate(key);
  return entry < 0 ? nullptr : &entries_[entry].value;
}

void Map::set(Arena& arena, const Value& key, Value value) {
  if (Value* existing = find(key)) {
    *existing = value;
    return;
  }
  append(arena, key, value);
}

void Map::append_indexed(Arena& arena, const Value& key, Value value) {
  if (size_ == capacity_) {
    grow(arena, size_ + 1);
    slots_ = nullptr;
  }
  entries_[size_++] = {key, value};
  if (slots_ != nullptr) {
    index_entry(size_ - 1);
  } else if (size_ > kIndexThreshold) {
    index_all(arena);
  }
}

bool Map::erase(std::string_view key) {
  const ptrdiff_t entry = locate(Value::string(key));
  if (entry < 0) return false;
  std::copy(entries_ + entry + 1, entries_ + size_, entries_ + entry);
  --size_;
  if (slots_ != nullptr) {
    std::fill(slots_, slots_ + slot_mask_ + 1, 0);
    for (uint32_t i = 0; i < size_; ++i) index_entry(i);
  }
  return true;
}

std::span<const Map::Entry*> Map::sorted(Arena& arena) const {
  const Entry** order = arena.allocate_array<const Entry*>(size_);
  for (uint32_t i = 0; i < size_; ++i) order[i] = &entries_[i];
  std::sort(order, order + size_, [](const Entry* a, const Entry* b) {
    if (a->key.is_string() && b->key.is_string()) return a->key.as_string() < b->key.as_string();
    if (a->key.is_number() && b->key.is_number()) return compare_numbers(a->key, b->key).value_or(0) < 0;
    if (a->key.is_bool() && b->key.is_bool()) return a->key.as_bool() < b->key.as_bool();
    return a->key.kind() < b->key.kind();
  });
  return {order, size_};
}

std::optional<int> compare_numbers(const Value& a, const Value& b) {
  if (a.is_double() && std::isnan(a.as_double())) return std::nullopt;
  if (b.is_double() && std::isnan(b.as_double())) return std::nullopt;
  switch (a.kind()) {
    case Kind::kInt:
      if (b.is_int()) return three_way(a.as_int(), b.as_int());
      if (b.is_uint()) return a.as_int() < 0 ? -1 : three_way(static_cast<uint64_t>(a.as_int()), b.as_uint());
      return compare_int_double(a.as_int(), b.as_double());
    case Kind::kUint:
      if (b.is_int()) return b.as_int() < 0 ? 1 : three_way(a.as_uint(), static_cast<uint64_t>(b.as_int()));
      if (b.is_uint()) return three_way(a.as_uint(), b.as_uint());
      return compare_uint_double(a.as_uint(), b.as_double());
    default:
      if (b.is_int()) return -compare_int_double(b.as_int(), a.as_double());
      if (b.is_uint()) return -compare_uint_double(b.as_uint(), a.as_double());
      return three_way(a.as_double(), b.as_double());
  }
}

bool equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull: return true;
    case Kind::kBool: return a.as_bool() == b.as_bool();
    case Kind::kString:
    case Kind::kBytes: return a.as_string() == b.as_string();
    case Kind::kList: {
      const List& left = *a.as_list();
      const List& right = *b.as_list();
      return &left == &right || std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
    }
    case Kind::kMap: {
      const Map& left = *a.as_map();
      const Map& right = *b.as_map();
      if (left.size() != right.size()) return false;
      return std::all_of(left.begin(), left.end(), [&](const Map::Entry& entry) {
        const Value* other = right.find(entry.key);
        return other != nullptr && equal(entry.value, *other);
      });
    }
    default: return a.as_extension() == b.as_extension();
  }
}

Value deep_copy(Arena& arena, const Value& value) {
  switch (value.kind()) {
    case Kind::kString: return Value::string(arena.copy(value.as_string())).with_flavour(value.flavour());
    case Kind::kBytes: return Value::bytes(arena.copy(value.as_bytes())).with_flavour(value.flavour());
    case Kind::kList: {
      List* copy = List::create(arena, value.size());
      for (const Value& item : *value.as_list()) copy->push_back(arena, deep_copy(arena, item));
      copy->position = value.as_list()->position;
      copy->tag = value.as_list()->tag;
      return Value::list(copy).with_flavour(value.flavour());
    }
    case Kind::kMap: {
      Map* copy = Map::create(arena, value.size());
      for (const Map::Entry& entry : *value.as_map()) {
        copy->append(arena, deep_copy(arena, entry.key), deep_copy(arena, entry.value));
      }
      copy->position = value.as_map()->position;
      copy->tag = value.as_map()->tag;
      return Value::map(copy).with_flavour(value.flavour());
    }
    default: return value;
  }
}

std::string_view kind_name(Kind kind) {
  constexpr std::string_view kNames[] = {"null",   "bool",  "int",  "uint", "double",
                                         "string", "bytes", "list", "map",  "extension"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace plimsoll
