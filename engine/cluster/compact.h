// Objects as a cache keeps them: each in an arena of its size, without what nobody judges.
//
//   Compactor compactor("v1", "Secret", SecretValues::kCertificates, count);
//   std::unique_ptr<StoredObject> stored = compactor.store(object);
//
// metadata.managedFields is dropped; apiVersion and kind are put in where items of lists lack them. Keys that many objects have are kept
// once, by the Compactor, which must outlive what it made.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/value/arena.h"
#include "engine/value/value.h"

namespace plimsoll::cluster {

struct StoredObject {
  explicit StoredObject(std::atomic<size_t>& count) : counted(count) {}
  ~StoredObject() { counted.fetch_sub(bytes, std::memory_order_relaxed); }
  StoredObject(const StoredObject&) = delete;
  StoredObject& operator=(const StoredObject&) = delete;

  Value root;
  Arena arena;
  size_t bytes = 0;              // of the arena, and what the cache needs besides
  std::atomic<size_t>& counted;  // has them in its sum
};

// Which values of a Secret's data stay; the others become empty, and annotations that repeat them go.
enum class SecretValues {
  kAll,
  kCertificates,  // they are public, and rules look at their names and dates
  kNone,
};

class Compactor {
 public:
  // `count` sums up the bytes of all objects that exist.
  Compactor(std::string_view api_version, std::string_view kind, SecretValues secret_values, std::atomic<size_t>& count);

  // One thread at a time.
  std::unique_ptr<StoredObject> store(const Value& object);

 private:
  Value copy(Arena& arena, const Value& value);
  Value copy_key(Arena& arena, const Value& key);
  Value copy_metadata(Arena& arena, const Map& metadata);
  Value copy_secret_data(Arena& arena, const Map& data);

  std::string api_version_, kind_;
  SecretValues secret_values_;  // kAll for other kinds
  std::atomic<size_t>& count_;
  Arena key_arena_;
  std::unordered_set<std::string_view> keys_;
};

}  // namespace plimsoll::cluster
