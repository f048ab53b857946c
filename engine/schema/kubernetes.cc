#include "engine/schema/kubernetes.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/schema/kubernetes_defaults.h"
#include "engine/value/json.h"

namespace plimsoll {
std::string_view kubernetes_data(std::string_view file);  // cmake/EmbedCompressed.cmake
}

namespace plimsoll::schema {
namespace {

constexpr std::string_view kMinors[] = {"1.36", "1.35", "1.34", "1.33", "1.32"};

Result<Value> read_facts(const std::string& file, Arena& arena) {
  const std::string_view packed = kubernetes_data(file);
  if (packed.size() < 8) return fail(ErrorCode::kInternal, file + " is not part of the program");
  size_t size = 0;
  for (int i = 7; i >= 0; --i) size = size << 8 | static_cast<unsigned char>(packed[static_cast<size_t>(i)]);
  std::string text(size, '\0');
  const size_t got = ZSTD_decompress(text.data(), size, packed.data() + 8, packed.size() - 8);
  if (ZSTD_isError(got) || got != size) return fail(ErrorCode::kInternal, file + " in the program is damaged");
  return json::read(arena, text);
}

// The number behind the dot of "1.34"; 0 for other texts.
int minor_number(std::string_view minor) {
  int result = 0;
  if (!minor.starts_with("1.")) return 0;
  for (const char c : minor.substr(2)) {
    if (c < '0' || c > '9' || result > 1000) break;
    result = result * 10 + (c - '0');
  }
  return result;
}

std::string_view nearest_minor(std::string_view minor) {
  const int wanted = minor_number(minor);
  std::string_view best = kMinors[0];
  for (const std::string_view candidate : kMinors) {
    if (wanted != 0 && minor_number(candidate) >= wanted) best = candidate;
  }
  return best;
}

struct ScalarName {
  std::string_view name;
  TypeKind kind;
};
constexpr ScalarName kScalars[] = {
    {"string", TypeKind::kString},     {"int32", TypeKind::kInt32},           {"int64", TypeKind::kInt64},
    {"integer", TypeKind::kInteger},   {"double", TypeKind::kDouble},         {"boolean", TypeKind::kBoolean},
    {"byte", TypeKind::kByte},         {"date-time", TypeKind::kDateTime},    {"quantity", TypeKind::kQuantity},
    {"int-or-string", TypeKind::kIntOrString}, {"object", TypeKind::kObject}, {"any", TypeKind::kAny},
};

// Makes types from their description: one type and all it refers to.
class TypeBuilder {
 public:
  TypeBuilder(Arena& arena, const Value& types, const Value& names, const Value& encoding, std::vector<Type*>& made)
      : arena_(arena), types_(types), names_(names), encoding_(encoding), made_(made) {}

  const Type* build(size_t number) {
    const Type* result = declare(number);
    while (!open_.empty()) {
      const size_t next = open_.back();
      open_.pop_back();
      define(next, *made_[next]);
    }
    for (const Copy& copy : copies_) {
      const Relation relation = copy.type->relation;
      *copy.type = *copy.base;
      copy.type->relation = relation;
      copy.type->base = copy.base;
    }
    copies_.clear();
    return result;
  }

 private:
  struct Copy {
    Type* type;
    const Type* base;
  };

  const Type* declare(size_t number) {
    if (made_[number] == nullptr) {
      made_[number] = arena_.make<Type>();
      open_.push_back(number);
    }
    return made_[number];
  }

  void define(size_t number, Type& type) {
    const Value description = types_.items()[number];
    type.name = names_.items()[number].string_or();
    const Value fields = description["fields"];
    if (!fields.is_map()) {
      type.kind = scalar_kind(description["is"].string_or());
      return;
    }
    type.kind = TypeKind::kStruct;
    if (description["mapType"].string_or() == "atomic") type.relation = Relation::kAtomic;
    type.defaulter = find_defaulter(type.name);
    const Value encoding = encoding_[type.name];
    const Value required = description["required"];
    Field* result = arena_.allocate_array<Field>(fields.size());
    size_t count = 0;
    for (const Map::Entry& entry : *fields.as_map()) {
      Field& field = *new (&result[count++]) Field{entry.key.as_string(), use(entry.value)};
      field.required = listed(required, field.name);
      field.presence = presence(encoding, field);
    }
    std::sort(result, result + count, [](const Field& a, const Field& b) { return field_before(a.name, b.name); });
    type.fields = {result, count};
    type.has_defaults = std::any_of(result, result + count, [](const Field& field) { return !field.type->default_value.is_null(); });
  }

  static bool listed(const Value& names, std::string_view name) {
    return std::ranges::any_of(names.items(), [&](const Value& item) { return item.string_or() == name; });
  }

  // A type that the tables do not know writes its required fields always, as is the rule.
  static Presence presence(const Value& encoding, const Field& field) {
    if (encoding.is_null()) return field.required ? Presence::kAlways : Presence::kOmitEmpty;
    if (listed(encoding["always"], field.name)) return Presence::kAlways;
    if (listed(encoding["null"], field.name)) return Presence::kNullable;
    if (listed(encoding["pointer"], field.name)) return Presence::kPointer;
    return Presence::kOmitEmpty;
  }

  static TypeKind scalar_kind(std::string_view name) {
    for (const ScalarName& scalar : kScalars) {
      if (scalar.name == name) return scalar.kind;
    }
    return TypeKind::kAny;
  }

  const Type* scalar(TypeKind kind) {
    const Type*& known = scalars_[static_cast<size_t>(kind)];
    if (known == nullptr) {
      Type* type = arena_.make<Type>();
      type->kind = kind;
      known = type;
    }
    return known;
  }

  // The type of a field, item or member.
  const Type* use(const Value& description) {
    if (description.is_int()) return declare(static_cast<size_t>(description.as_int()));
    if (description.is_string()) return scalar(scalar_kind(description.as_string()));
    Type* type = arena_.make<Type>();
    if (const Value* item = description.find("list")) {
      type->kind = TypeKind::kList;
      type->element = use(*item);
      const std::string_view list_type = description["listType"].string_or("atomic");
      type->relation = list_type == "map" ? Relation::kMap : list_type == "set" ? Relation::kSet : Relation::kAtomic;
      const Value keys = description["keys"];
      std::string_view* names = arena_.allocate_array<std::string_view>(keys.size());
      for (size_t i = 0; i < keys.size(); ++i) names[i] = keys.items()[i].string_or();
      type->keys = {names, keys.size()};
    } else if (const Value* member = description.find("map")) {
      type->kind = TypeKind::kMap;
      type->element = use(*member);
      if (description["mapType"].string_or() == "atomic") type->relation = Relation::kAtomic;
    } else {
      const Type* base = use(description["is"]);
      const std::string_view map_type = description["mapType"].string_or();
      if (description["is"].is_int()) {
        if (map_type.empty()) return base;
        type->relation = map_type == "atomic" ? Relation::kAtomic : Relation::kGranular;
        copies_.push_back({type, base});
        return type;
      }
      type->kind = base->kind;
      type->default_value = description["default"];
      type->enumeration = description["enum"];
    }
    return type;
  }

  Arena& arena_;
  const Value types_, names_, encoding_;
  std::vector<Type*>& made_;
  std::vector<size_t> open_;
  std::vector<Copy> copies_;
  std::array<const Type*, 16> scalars_{};
};

// Puts the difference of a minor over the newest's facts.
Value overlay(const Value& base, const Value& diff, Arena& arena) {
  Map* result = Map::copy_of(arena, *base.as_map());
  List* names = List::copy_of(arena, base["names"].items());
  for (const Value& name : diff["names"].items()) names->push_back(arena, name);
  List* types = List::copy_of(arena, base["types"].items());
  while (types->size() < names->size()) types->push_back(arena, Value::null());
  for (const Value& gone : diff["typesGone"].items()) (*types)[static_cast<size_t>(gone.as_int())] = Value::null();
  if (const Value changed = diff["types"]; changed.is_map()) {
    for (const Map::Entry& entry : *changed.as_map()) {
      const size_t number = static_cast<size_t>(std::stoul(std::string(entry.key.as_string())));
      if (number < types->size()) (*types)[number] = entry.value;
    }
  }
  const auto key = [](const Value& resource) {
    return fmt::format("{}/{}/{}", resource["g"].string_or(), resource["v"].string_or(), resource["p"].string_or());
  };
  std::unordered_map<std::string, Value> replaced;
  for (const Value& resource : diff["resources"].items()) replaced.emplace(key(resource), resource);
  std::unordered_map<std::string, bool> gone;
  for (const Value& names_of : diff["resourcesGone"].items()) {
    const auto part = [&](size_t i) { return names_of.items()[i].string_or(); };
    gone.emplace(fmt::format("{}/{}/{}", part(0), part(1), part(2)), true);
  }
  List* resources = List::create(arena);
  for (const Value& resource : base["resources"].items()) {
    const std::string name = key(resource);
    if (!gone.contains(name) && !replaced.contains(name)) resources->push_back(arena, resource);
  }
  for (const Value& resource : diff["resources"].items()) resources->push_back(arena, resource);
  result->set(arena, "names", Value::list(names));
  result->set(arena, "types", Value::list(types));
  result->set(arena, "resources", Value::list(resources));
  return Value::map(result);
}

}  // namespace

struct KubernetesTypes::State {
  std::string version;
  Arena arena;
  Value types, names, encoding;
  std::vector<Resource> resources;
  std::vector<size_t> type_numbers;  // as resources
  std::unordered_map<std::string_view, size_t> by_name;
  std::unordered_map<std::string_view, std::vector<size_t>> by_kind;

  std::mutex mutex;  // guards what follows
  std::vector<Type*> made;

  const Type& type(size_t number) {
    const std::lock_guard lock(mutex);
    return *TypeBuilder(arena, types, names, encoding, made).build(number);
  }
};

KubernetesTypes::KubernetesTypes(std::unique_ptr<State> state) : state_(std::move(state)) {}
KubernetesTypes::~KubernetesTypes() = default;

Result<std::shared_ptr<const KubernetesTypes>> KubernetesTypes::load(std::string_view minor) {
  const std::string_view nearest = nearest_minor(minor);
  auto state = std::make_unique<State>();
  Arena& arena = state->arena;
  PLIMSOLL_ASSIGN_OR_RETURN(Value facts, read_facts(fmt::format("types-{}.json", kNewest), arena));
  if (nearest != kNewest) {
    PLIMSOLL_ASSIGN_OR_RETURN(const Value diff, read_facts(fmt::format("types-{}.diff.json", nearest), arena));
    facts = overlay(facts, diff, arena);
  }
  PLIMSOLL_ASSIGN_OR_RETURN(state->encoding, read_facts("encoding.json", arena));
  state->version = nearest;
  state->types = facts["types"];
  state->names = facts["names"];
  state->made.resize(state->names.size());
  for (size_t i = 0; i < state->names.size(); ++i) {
    if (!state->types.items()[i].is_null()) state->by_name.emplace(state->names.items()[i].string_or(), i);
  }
  for (const Value& item : facts["resources"].items()) {
    state->by_kind[item["k"].string_or()].push_back(state->resources.size());
    state->resources.push_back({item["g"].string_or(), item["v"].string_or(), item["k"].string_or(), item["p"].string_or(),
                                item["ns"].bool_or(false), item["gated"].bool_or(false),
                                item["sub"].find("status") != nullptr});
    state->type_numbers.push_back(static_cast<size_t>(item["t"].int_or(0)));
  }
  return std::shared_ptr<const KubernetesTypes>(new KubernetesTypes(std::move(state)));
}

std::string_view KubernetesTypes::version() const { return state_->version; }
std::span<const Resource> KubernetesTypes::resources() const { return state_->resources; }

const Resource* KubernetesTypes::find(std::string_view group, std::string_view version, std::string_view kind) const {
  const auto found = state_->by_kind.find(kind);
  if (found == state_->by_kind.end()) return nullptr;
  for (const size_t index : found->second) {
    const Resource& resource = state_->resources[index];
    if (resource.group == group && resource.version == version) return &resource;
  }
  return nullptr;
}

const Type& KubernetesTypes::type_of(const Resource& resource) const {
  return state_->type(state_->type_numbers[static_cast<size_t>(&resource - state_->resources.data())]);
}

const Type* KubernetesTypes::type(std::string_view group, std::string_view version, std::string_view kind) const {
  const Resource* resource = find(group, version, kind);
  return resource ? &type_of(*resource) : nullptr;
}

const Type* KubernetesTypes::named(std::string_view name) const {
  const auto found = state_->by_name.find(name);
  return found == state_->by_name.end() ? nullptr : &state_->type(found->second);
}

const Field* Type::field(std::string_view field_name) const {
  const auto found = std::ranges::lower_bound(fields, field_name, field_before, &Field::name);
  return found != fields.end() && found->name == field_name ? &*found : nullptr;
}

Value zero_value(const Type& type, Arena& arena) {
  switch (type.kind) {
    case TypeKind::kString:
      return Value::string("");
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kInteger:
    case TypeKind::kIntOrString:
      return Value::integer(0);
    case TypeKind::kDouble:
      return Value::real(0);
    case TypeKind::kBoolean:
      return Value::boolean(false);
    case TypeKind::kQuantity:
      return Value::string("0");
    case TypeKind::kStruct:
      return Value::map(Map::create(arena));
    default:
      return Value::null();
  }
}

}  // namespace plimsoll::schema
