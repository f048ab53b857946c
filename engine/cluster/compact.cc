#include "engine/cluster/compact.h"

#include <algorithm>
#include <optional>

#include "engine/value/base64.h"

namespace plimsoll::cluster {
namespace {

// Keys are any text in labels, annotations and data.
constexpr size_t kMaxKeyBytes = 64;
constexpr size_t kMaxKeys = 16 * 1024;
// Of the index: key, tree node, owner.
constexpr size_t kOverhead = 256;

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

// Whether it is nothing but certificates in PEM, in base64.
bool is_certificates(std::string_view value) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
  constexpr std::string_view kEncodedBegin = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t";
  constexpr std::string_view kSpace = " \t\r\n";
  if (!value.starts_with(kEncodedBegin)) return false;
  const std::optional<std::string> decoded = base64::decode(value);
  if (!decoded) return false;
  std::string_view rest = *decoded;
  while (rest.starts_with(kBegin)) {
    rest.remove_prefix(kBegin.size());
    const size_t end = rest.find('-');
    if (end == std::string_view::npos || !rest.substr(end).starts_with(kEnd)) return false;
    if (!base64::decode(rest.substr(0, end))) return false;
    rest.remove_prefix(end + kEnd.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
  }
  return rest.empty();
}

// Bytes that a copy takes at most, common keys left out; a little more is no harm.
size_t measure(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
    case Kind::kBytes: return value.size() + alignof(Value) - 1;
    case Kind::kList: {
      size_t sum = sizeof(List) + value.size() * sizeof(Value);
      for (const Value& item : *value.as_list()) sum += measure(item);
      return sum;
    }
    case Kind::kMap: {
      const Map& map = *value.as_map();
      size_t sum = sizeof(Map) + map.size() * sizeof(Map::Entry) + 8;
      if (map.size() > 12) sum += map.size() * 4 * sizeof(uint32_t) + 128;
      for (const Map::Entry& entry : map) sum += measure(entry.value) + (entry.key.size() > kMaxKeyBytes ? measure(entry.key) : 0);
      return sum;
    }
    default: return 0;
  }
}

}  // namespace

Compactor::Compactor(std::string_view api_version, std::string_view kind, SecretValues secret_values, std::atomic<size_t>& count)
    : api_version_(api_version),
      kind_(kind),
      secret_values_(api_version == "v1" && kind == "Secret" ? secret_values : SecretValues::kAll),
      count_(count) {}

std::unique_ptr<StoredObject> Compactor::store(const Value& object) {
  auto stored = std::make_unique<StoredObject>(count_);
  if (!object.is_map()) return stored;
  Arena& arena = stored->arena;
  // One block of the right size: what is allocated first decides.
  size_t bytes = measure(object) + 3 * sizeof(Map::Entry);
  if (const Value fields = object["metadata"]["managedFields"]; !fields.is_null()) bytes -= measure(fields);
  arena.allocate(bytes, 1);
  arena.reset();

  const Map& map = *object.as_map();
  Map* copied = Map::create(arena, map.size() + (map.contains("apiVersion") ? 0 : 1) + (map.contains("kind") ? 0 : 1));
  if (!map.contains("apiVersion")) copied->append(arena, Value::string("apiVersion"), Value::string(api_version_));
  if (!map.contains("kind")) copied->append(arena, Value::string("kind"), Value::string(kind_));
  for (const Map::Entry& entry : map) {
    const std::string_view key = entry.key.string_or();
    Value value;
    if (key == "metadata" && entry.value.is_map()) {
      value = copy_metadata(arena, *entry.value.as_map());
    } else if (secret_values_ != SecretValues::kAll && (key == "data" || key == "stringData") && entry.value.is_map()) {
      value = copy_secret_data(arena, *entry.value.as_map());
    } else {
      value = copy(arena, entry.value);
    }
    copied->append(arena, copy_key(arena, entry.key), value);
  }
  stored->root = Value::map(copied);
  stored->bytes = arena.used() + kOverhead;
  count_.fetch_add(stored->bytes, std::memory_order_relaxed);
  return stored;
}

Value Compactor::copy_metadata(Arena& arena, const Map& metadata) {
  Map* copied = Map::create(arena, metadata.size());
  for (const Map::Entry& entry : metadata) {
    const std::string_view key = entry.key.string_or();
    if (key == "managedFields") continue;
    Value value = copy(arena, entry.value);
    if (secret_values_ != SecretValues::kAll && key == "annotations" && value.is_map()) value.as_map()->erase(kLastApplied);
    copied->append(arena, copy_key(arena, entry.key), value);
  }
  return Value::map(copied);
}

Value Compactor::copy_secret_data(Arena& arena, const Map& data) {
  Map* copied = Map::create(arena, data.size());
  for (const Map::Entry& entry : data) {
    const bool shown = secret_values_ == SecretValues::kCertificates && is_certificates(entry.value.string_or());
    copied->append(arena, copy_key(arena, entry.key), shown ? copy(arena, entry.value) : Value::string({}));
  }
  return Value::map(copied);
}

Value Compactor::copy_key(Arena& arena, const Value& key) {
  const std::string_view text = key.string_or();
  if (const auto known = keys_.find(text); known != keys_.end()) return Value::string(*known);
  if (text.size() > kMaxKeyBytes || keys_.size() >= kMaxKeys) return Value::string(arena.copy(text));
  return Value::string(*keys_.insert(key_arena_.copy(text)).first);
}

Value Compactor::copy(Arena& arena, const Value& value) {
  switch (value.kind()) {
    case Kind::kString: return Value::string(arena.copy(value.as_string()));
    case Kind::kBytes: return Value::bytes(arena.copy(value.as_bytes()));
    case Kind::kList: {
      List* copied = List::create(arena, value.size());
      for (const Value& item : *value.as_list()) copied->push_back(arena, copy(arena, item));
      return Value::list(copied);
    }
    case Kind::kMap: {
      Map* copied = Map::create(arena, value.size());
      for (const Map::Entry& entry : *value.as_map()) copied->append(arena, copy_key(arena, entry.key), copy(arena, entry.value));
      return Value::map(copied);
    }
    default: return value;
  }
}

}  // namespace plimsoll::cluster
