#include "engine/cel/runtime/values.h"

#include <algorithm>
#include <cmath>

#include "engine/cel/runtime/certificate.h"
#include "engine/cel/runtime/formats.h"
#include "engine/cel/runtime/numbers.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::cel {

namespace {


template <typename T>
Value wrap(T* extension) {
  return Value::extension(extension);
}

constexpr Optional kNoValue{{&Optional::kType}, false, {}};
constexpr ErrorValue kNoSuchOverload{{&ErrorValue::kType}, ErrorValue::Form::kText, "no such overload", {}};

int order(int64_t a, int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }
int order(uint64_t a, uint64_t b) { return a < b ? -1 : a > b ? 1 : 0; }
int order(double a, double b) { return a < b ? -1 : a > b ? 1 : 0; }

// cel-go compares an integer with a double after converting the integer, which may round it.
int order(double a, int64_t b) {
  if (a < -9223372036854775808.0) return -1;
  if (a > 9223372036854775808.0) return 1;
  return order(a, static_cast<double>(b));
}
int order(double a, uint64_t b) {
  if (a < 0) return -1;
  if (a > 18446744073709551616.0) return 1;
  return order(a, static_cast<double>(b));
}
int order(int64_t a, uint64_t b) {
  if (a < 0 || b > static_cast<uint64_t>(INT64_MAX)) return -1;
  return order(a, static_cast<int64_t>(b));
}

// Neither is NaN.
int order_numbers(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::kInt:
      if (b.is_int()) return order(a.as_int(), b.as_int());
      return b.is_uint() ? order(a.as_int(), b.as_uint()) : -order(b.as_double(), a.as_int());
    case Kind::kUint:
      if (b.is_uint()) return order(a.as_uint(), b.as_uint());
      return b.is_int() ? -order(b.as_int(), a.as_uint()) : -order(b.as_double(), a.as_uint());
    default:
      if (b.is_double()) return order(a.as_double(), b.as_double());
      return b.is_int() ? order(a.as_double(), b.as_int()) : order(a.as_double(), b.as_uint());
  }
}

bool is_nan(const Value& value) { return value.is_double() && std::isnan(value.as_double()); }

// Elements that cannot be compared count as equal, and so do those of the rest of cel-go: only a plain "false" decides.
bool differs(const Value& a, const Value& b) {
  const Value result = equals(a, b);
  return result.is_bool() && !result.as_bool();
}

Value equal_lists(const Value& a, const Value& b) {
  const List& left = *a.as_list();
  const List& right = *b.as_list();
  if (left.size() != right.size()) return Value::boolean(false);
  Value error = Value::boolean(true);
  for (size_t i = 0; i < left.size(); ++i) {
    const Value result = equals(left[i], right[i]);
    if (result.is_bool() && !result.as_bool()) return result;
    // Only lists made by + report what could not be compared.
    if (!result.is_bool() && error.is_bool() && a.flavour() == kConcatenated) error = result;
  }
  return error;
}

Value equal_maps(const Map& a, const Map& b) {
  if (a.size() != b.size()) return Value::boolean(false);
  for (const Map::Entry& entry : a) {
    const Value* other = find_key(b, entry.key);
    if (other == nullptr || differs(entry.value, *other)) return Value::boolean(false);
  }
  return Value::boolean(true);
}

Value equal_extensions(const Value& a, const Value& b) {
  if (const auto* left = a.as<DurationValue>()) {
    const auto* right = b.as<DurationValue>();
    return Value::boolean(right != nullptr && left->nanoseconds == right->nanoseconds);
  }
  if (const auto* left = a.as<TimestampValue>()) {
    const auto* right = b.as<TimestampValue>();
    return Value::boolean(right != nullptr && left->time == right->time);
  }
  if (const auto* left = a.as<TypeValue>()) {
    const auto* right = b.as<TypeValue>();
    return Value::boolean(right != nullptr && left->name == right->name);
  }
  if (const auto* left = a.as<Optional>()) {
    const auto* right = b.as<Optional>();
    if (right == nullptr || left->has_value != right->has_value) return Value::boolean(false);
    return left->has_value ? equals(left->value, right->value) : Value::boolean(true);
  }
  if (const auto* left = a.as<ObjectValue>()) {
    const auto* right = b.as<ObjectValue>();
    if (right == nullptr || left->type_name != right->type_name) return Value::boolean(false);
    return equal_maps(*left->fields, *right->fields);
  }
  if (const auto* left = a.as<JsonPatchValue>()) {
    const auto* right = b.as<JsonPatchValue>();
    if (right == nullptr || left->op != right->op || left->from != right->from || left->path != right->path ||
        left->has_value != right->has_value) {
      return Value::boolean(false);
    }
    return left->has_value ? equals(left->value, right->value) : Value::boolean(true);
  }
  if (const auto* left = a.as<CertificateValue>()) {
    const auto* right = b.as<CertificateValue>();
    return Value::boolean(right != nullptr && left->der == right->der);
  }
  // Kubernetes' own values refuse to be compared with anything else.
  if (const auto* left = a.as<QuantityValue>()) {
    const auto* right = b.as<QuantityValue>();
    return right == nullptr || right->computed ? no_such_overload() : Value::boolean(left->quantity.compare(right->quantity) == 0);
  }
  if (const auto* left = a.as<IpValue>()) {
    const auto* right = b.as<IpValue>();
    return right == nullptr ? no_such_overload() : Value::boolean(left->address == right->address);
  }
  if (const auto* left = a.as<CidrValue>()) {
    const auto* right = b.as<CidrValue>();
    return right == nullptr ? no_such_overload() : Value::boolean(left->prefix == right->prefix);
  }
  if (const auto* left = a.as<UrlValue>()) {
    const auto* right = b.as<UrlValue>();
    return right == nullptr ? no_such_overload() : Value::boolean(left->url.to_string() == right->url.to_string());
  }
  if (const auto* left = a.as<SemverValue>()) {
    const auto* right = b.as<SemverValue>();
    return right == nullptr ? no_such_overload() : Value::boolean(left->version.compare(right->version) == 0);
  }
  if (const auto* left = a.as<FormatValue>()) {
    const auto* right = b.as<FormatValue>();
    return right == nullptr ? no_such_overload() : Value::boolean(left->format == right->format);
  }
  return no_such_overload();
}

void append_text(std::string& out, const Value& value);

void append_list(std::string& out, const List& list) {
  out += '[';
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ", ";
    append_text(out, list[i]);
  }
  out += ']';
}

std::string go_time(const Time& time) {
  std::string text = format_time(time);
  text[10] = ' ';
  const size_t zone = text.find_last_of("Z+-");
  std::string offset = text.substr(zone);
  text.resize(zone);
  if (offset == "Z") return text + " +0000 UTC";
  offset.erase(offset.find(':'), 1);
  return text + " " + offset + " " + offset;
}

void append_text(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: out += "0"; return;  // an enum number to Go
    case Kind::kBool: out += value.as_bool() ? "true" : "false"; return;
    case Kind::kInt: out += std::to_string(value.as_int()); return;
    case Kind::kUint: out += std::to_string(value.as_uint()); return;
    case Kind::kDouble: out += format_double(value.as_double()); return;
    case Kind::kString: out += value.as_string(); return;
    case Kind::kBytes: {
      out += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ' ';
        out += std::to_string(static_cast<unsigned char>(value.as_bytes()[i]));
      }
      out += ']';
      return;
    }
    case Kind::kList: append_list(out, *value.as_list()); return;
    case Kind::kMap: {
      out += '{';
      const Map& map = *value.as_map();
      for (const Map::Entry& entry : map) {
        if (&entry != map.begin()) out += ", ";
        append_text(out, entry.key);
        out += ": ";
        append_text(out, entry.value);
      }
      out += '}';
      return;
    }
    case Kind::kExtension: break;
  }
  if (const auto* duration = value.as<DurationValue>()) {
    out += go_duration(duration->nanoseconds);
  } else if (const auto* timestamp = value.as<TimestampValue>()) {
    out += go_time(timestamp->time);
  } else if (const auto* type = value.as<TypeValue>()) {
    out += type->name;
  } else if (const auto* optional = value.as<Optional>()) {
    if (optional->has_value) {
      out += "optional(";
      append_text(out, optional->value);
      out += ')';
    } else {
      out += "optional.none()";
    }
  } else if (const auto* quantity = value.as<QuantityValue>()) {
    out += quantity->quantity.to_string();
  } else if (const auto* ip = value.as<IpValue>()) {
    out += ip->address.to_string();
  } else if (const auto* cidr = value.as<CidrValue>()) {
    out += cidr->prefix.to_string();
  } else if (const auto* url = value.as<UrlValue>()) {
    out += url->url.to_string();
  } else if (const auto* semver = value.as<SemverValue>()) {
    out += semver->version.to_string();
  } else if (is_error(value)) {
    out += error_message(value);
  } else {
    out += type_name(value);
  }
}

// Elements of lists and maps: Object values become maps, types their names, optionals what is inside; other containers stay as they are.
Value plain_element(Arena& arena, Value value) {
  while (const auto* optional = value.as<Optional>()) {
    if (!optional->has_value) return {};
    value = optional->value;
  }
  if (const auto* type = value.as<TypeValue>()) return Value::string(type->name);
  const auto* object = value.as<ObjectValue>();
  return object == nullptr ? value : object_to_plain(arena, *object);
}

// As Go's %q and %T print a key of a map.
std::string describe_key(const Value& key) {
  const std::string type = key.is_int() ? "types.Int" : key.is_uint() ? "types.Uint" : key.is_double() ? "types.Double" : key.is_bool() ? "types.Bool" : "types." + std::string(type_name(key));
  if (!key.is_int() && !key.is_uint()) return "%!q(" + type + "=" + go_text(key) + ") is of type " + type;
  const uint64_t number = key.is_int() ? static_cast<uint64_t>(key.as_int()) : key.as_uint();
  std::string quoted;
  go::append_quoted_rune(quoted, number <= 0x10FFFF ? static_cast<char32_t>(number) : utf8::kReplacement);
  return quoted + " is of type " + type;
}

}  // namespace

std::string error_message(const Value& error) {
  const auto& value = *static_cast<const ErrorValue*>(error.as_extension());
  switch (value.form) {
    case ErrorValue::Form::kText: return std::string(value.text);
    case ErrorValue::Form::kNoSuchKey: return "no such key: " + go_text(value.detail);
    case ErrorValue::Form::kIndexOutOfBounds: return "index out of bounds: " + go_text(value.detail);
    case ErrorValue::Form::kNoSuchOverload: return "no such overload: " + std::string(value.text);
  }
  return {};
}

Value make_duration(Arena& arena, int64_t nanoseconds) {
  return wrap(arena.make<DurationValue>(Extension{&DurationValue::kType}, nanoseconds));
}
Value make_timestamp(Arena& arena, Time time) { return wrap(arena.make<TimestampValue>(Extension{&TimestampValue::kType}, time)); }
Value make_type(Arena& arena, std::string_view name) { return wrap(arena.make<TypeValue>(Extension{&TypeValue::kType}, name)); }
Value make_optional(Arena& arena, Value value) { return wrap(arena.make<Optional>(Extension{&Optional::kType}, true, value)); }
Value no_value() { return wrap(&kNoValue); }
Value make_quantity(Arena& arena, const Quantity& quantity, bool computed) {
  return wrap(arena.make<QuantityValue>(Extension{&QuantityValue::kType}, quantity, computed));
}
Value make_ip(Arena& arena, const IpAddress& address) { return wrap(arena.make<IpValue>(Extension{&IpValue::kType}, address)); }
Value make_cidr(Arena& arena, const IpPrefix& prefix) { return wrap(arena.make<CidrValue>(Extension{&CidrValue::kType}, prefix)); }
Value make_url(Arena& arena, const Url& url) { return wrap(arena.make<UrlValue>(Extension{&UrlValue::kType}, url)); }
Value make_semver(Arena& arena, const Semver& version) { return wrap(arena.make<SemverValue>(Extension{&SemverValue::kType}, version)); }
Value make_format(Arena& arena, const NamedFormat& format) { return wrap(arena.make<FormatValue>(Extension{&FormatValue::kType}, &format)); }
Value make_object(Arena& arena, std::string_view type_name, Map* fields) {
  return wrap(arena.make<ObjectValue>(Extension{&ObjectValue::kType}, type_name, fields));
}
Value make_authorizer(Arena& arena) {
  return wrap(arena.make<AuthorizerValue>(Extension{&AuthorizerValue::kType}, std::string_view(), std::string_view()));
}
Value make_resources(Arena& arena) { return wrap(arena.make<ResourcesValue>(Extension{&ResourcesValue::kType})); }
Value make_resource_check(Arena& arena, std::string_view group, std::string_view resource, std::string_view subresource,
                          std::string_view namespace_name, std::string_view name) {
  const AuthorizerValue authorizer{{&AuthorizerValue::kType}, {}, {}};
  return wrap(arena.make<ResourceCheckValue>(Extension{&ResourceCheckValue::kType}, authorizer, group, resource, subresource,
                                             namespace_name, name, std::string_view(), std::string_view()));
}

Value make_error(Arena& arena, std::string_view message) {
  return wrap(arena.make<ErrorValue>(Extension{&ErrorValue::kType}, ErrorValue::Form::kText, arena.copy(message), Value()));
}
Value no_such_key(Arena& arena, const Value& key) {
  return wrap(arena.make<ErrorValue>(Extension{&ErrorValue::kType}, ErrorValue::Form::kNoSuchKey, std::string_view(), key));
}
Value index_out_of_bounds(Arena& arena, const Value& index) {
  return wrap(arena.make<ErrorValue>(Extension{&ErrorValue::kType}, ErrorValue::Form::kIndexOutOfBounds, std::string_view(), index));
}
Value no_such_overload() { return wrap(&kNoSuchOverload); }
Value no_such_overload(Arena& arena, std::string_view function) {
  return wrap(arena.make<ErrorValue>(Extension{&ErrorValue::kType}, ErrorValue::Form::kNoSuchOverload, function, Value()));
}

std::string_view type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return "null_type";
    case Kind::kBool: return "bool";
    case Kind::kInt: return "int";
    case Kind::kUint: return "uint";
    case Kind::kDouble: return "double";
    case Kind::kString: return "string";
    case Kind::kBytes: return "bytes";
    case Kind::kList: return "list";
    case Kind::kMap: return "map";
    case Kind::kExtension: break;
  }
  if (const auto* object = value.as<ObjectValue>()) return object->type_name;
  return value.as_extension()->type->name;
}

Value equals(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return Value::boolean(!is_nan(a) && !is_nan(b) && order_numbers(a, b) == 0);
  if (a.is_null() || b.is_null()) return Value::boolean(a.kind() == b.kind());
  if (a.is_extension()) return equal_extensions(a, b);
  if (a.kind() != b.kind()) return Value::boolean(false);
  switch (a.kind()) {
    case Kind::kBool: return Value::boolean(a.as_bool() == b.as_bool());
    case Kind::kString:
    case Kind::kBytes: return Value::boolean(a.as_string() == b.as_string());
    case Kind::kList: return equal_lists(a, b);
    case Kind::kMap: return equal_maps(*a.as_map(), *b.as_map());
    default: return Value::boolean(false);
  }
}

bool is_equal(const Value& a, const Value& b) {
  const Value result = equals(a, b);
  return result.is_bool() && result.as_bool();
}

bool is_comparable(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kString:
    case Kind::kBytes: return true;
    default: return value.as<DurationValue>() != nullptr || value.as<TimestampValue>() != nullptr;
  }
}

Ordering compare(const Value& a, const Value& b) {
  if (a.is_number()) {
    // A NaN on the left is an error whatever is on the right.
    if (is_nan(a)) return Ordering::kNotANumber;
    if (!b.is_number()) return Ordering::kIncomparable;
    if (is_nan(b)) return Ordering::kNotANumber;
    return static_cast<Ordering>(order_numbers(a, b));
  }
  if (a.is_bool() && b.is_bool()) return static_cast<Ordering>(int{a.as_bool()} - int{b.as_bool()});
  if ((a.is_string() && b.is_string()) || (a.is_bytes() && b.is_bytes())) {
    return static_cast<Ordering>(order(int64_t{a.as_string().compare(b.as_string())}, int64_t{0}));
  }
  if (const auto* left = a.as<DurationValue>()) {
    if (const auto* right = b.as<DurationValue>()) return static_cast<Ordering>(order(left->nanoseconds, right->nanoseconds));
  }
  if (const auto* left = a.as<TimestampValue>()) {
    if (const auto* right = b.as<TimestampValue>()) {
      return left->time < right->time ? Ordering::kLess : left->time == right->time ? Ordering::kEqual : Ordering::kGreater;
    }
  }
  return Ordering::kIncomparable;
}

const Value* find_key(const Map& map, const Value& key) {
  if (key.is_string()) return map.find(key.as_string());
  if (!key.is_number()) return key.is_bool() || key.is_null() || key.is_extension() ? map.find(key) : nullptr;
  if (is_nan(key)) return nullptr;
  const Value* found = map.find(key);
  if (found == nullptr) return nullptr;
  // Keys of several kinds may have one value (1 and 1u of a dynamic map): the exact kind wins, int before uint; doubles match doubles only.
  const Value* other = nullptr;
  for (const Map::Entry& entry : map) {
    if (!entry.key.is_number() || is_nan(entry.key) || order_numbers(entry.key, key) != 0) continue;
    if (entry.key.kind() == key.kind()) return &entry.value;
    if (entry.key.is_double()) continue;
    if (other == nullptr || entry.key.is_int()) other = &entry.value;
  }
  return other;
}

bool has_size(const Value& value) {
  return value.is_string() || value.is_bytes() || value.is_list() || value.is_map();
}

uint64_t size_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kString: return utf8::length(value.as_string());
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap: return value.size();
    case Kind::kExtension: break;
    default: return 1;
  }
  if (const auto* ip = value.as<IpValue>()) return static_cast<uint64_t>(ip->address.bit_length() / 8);
  if (const auto* cidr = value.as<CidrValue>()) return static_cast<uint64_t>((cidr->prefix.bits + 7) / 8);
  return 1;
}

bool is_zero_value(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull: return true;
    case Kind::kBool: return !value.as_bool();
    case Kind::kInt: return value.as_int() == 0;
    case Kind::kUint: return value.as_uint() == 0;
    case Kind::kDouble: return value.as_double() == 0;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap: return value.size() == 0;
    case Kind::kExtension: break;
  }
  if (const auto* duration = value.as<DurationValue>()) return duration->nanoseconds == 0;
  // Go's zero time is the first of January of the year 1.
  if (const auto* timestamp = value.as<TimestampValue>()) return timestamp->time == Time{.seconds = kMinUnixSeconds};
  if (const auto* object = value.as<ObjectValue>()) return object->fields->empty();
  return false;
}

std::string go_text(const Value& value) {
  std::string out;
  append_text(out, value);
  return out;
}

Value plain_field(Arena& arena, const Value& value) {
  if (value.is_list()) {
    List* list = List::create(arena, value.size());
    for (const Value& item : *value.as_list()) list->push_back(arena, plain_element(arena, item));
    return Value::list(list);
  }
  if (value.is_map()) {
    Map* map = Map::create(arena, value.size());
    for (const Map::Entry& entry : *value.as_map()) {
      if (!entry.key.is_string()) {
        return make_error(arena, "map key " + describe_key(entry.key) + ", not string");
      }
      map->append(arena, entry.key, plain_element(arena, entry.value));
    }
    return Value::map(map);
  }
  return plain_element(arena, value);
}

Value object_to_plain(Arena& arena, const ObjectValue& object) {
  Map* map = Map::create(arena, object.fields->size());
  for (const Map::Entry& entry : *object.fields) {
    const Value field = plain_field(arena, entry.value);
    if (is_error(field)) {
      return make_error(arena, "fail to convert field \"" + std::string(entry.key.as_string()) + "\": " + error_message(field));
    }
    map->append(arena, entry.key, field);
  }
  return Value::map(map);
}

}  // namespace plimsoll::cel
