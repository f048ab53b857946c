// Values that CEL adds to those of engine/value: times, types, optionals, Kubernetes' quantities and addresses, and errors.
//
//   Value later = make_timestamp(arena, {.seconds = 1577836800});
//   type_name(later);                          // "google.protobuf.Timestamp"
//   if (const Optional* optional = value.as<Optional>()) optional->has_value;
//
// Each is a struct in an arena whose ExtensionType carries the name that CEL's type() gives. Errors are values too while an
// expression runs, since && and || absorb them; they never leave an evaluation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cel/cel.h"
#include "engine/cel/runtime/ip.h"
#include "engine/cel/runtime/quantity.h"
#include "engine/cel/runtime/semver.h"
#include "engine/cel/runtime/time.h"
#include "engine/cel/runtime/url.h"
#include "engine/value/arena.h"
#include "engine/value/value.h"

namespace plimsoll::cel {

struct NamedFormat;  // runtime/formats.h

struct DurationValue : Extension {
  static constexpr ExtensionType kType{"google.protobuf.Duration"};
  int64_t nanoseconds;
};

struct TimestampValue : Extension {
  static constexpr ExtensionType kType{"google.protobuf.Timestamp"};
  Time time;
};

struct TypeValue : Extension {
  static constexpr ExtensionType kType{"type"};
  std::string_view name;
};

struct Optional : Extension {
  static constexpr ExtensionType kType{"optional_type"};
  bool has_value;
  Value value;
};

struct QuantityValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.Quantity"};
  Quantity quantity;
  bool computed;  // by add() or sub(): Kubernetes refuses it on the right of ==, a slip that policies have come to see
};

struct IpValue : Extension {
  static constexpr ExtensionType kType{"net.IP"};
  IpAddress address;
};

struct CidrValue : Extension {
  static constexpr ExtensionType kType{"net.CIDR"};
  IpPrefix prefix;
};

struct UrlValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.URL"};
  Url url;
};

struct SemverValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.Semver"};
  Semver version;
};

struct FormatValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.NamedFormat"};
  const NamedFormat* format;
};

// Object{...} of a mutating policy: an apply configuration. Its type is its path: Object.spec.template.
struct ObjectValue : Extension {
  static constexpr ExtensionType kType{"Object"};
  std::string_view type_name;
  Map* fields;
};

// JSONPatch{...} of a mutating policy: one operation of RFC 6902.
struct JsonPatchValue : Extension {
  static constexpr ExtensionType kType{"JSONPatch"};
  std::string_view op, path, from;
  bool has_value;
  Value value;
};

// The chain authorizer.group(g).resource(r)...check(verb). A policy's `authorizer` and `authorizer.requestResource` are made
// with make_authorizer() and make_resource_check().
struct AuthorizerValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.authorization.Authorizer"};
  std::string_view service_account_namespace, service_account_name;  // empty: the requesting user
};
struct PathCheckValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.authorization.PathCheck"};
  AuthorizerValue authorizer;
  std::string_view path;
};
struct GroupCheckValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.authorization.GroupCheck"};
  AuthorizerValue authorizer;
  std::string_view group;
};
struct ResourceCheckValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.authorization.ResourceCheck"};
  AuthorizerValue authorizer;
  std::string_view group, resource, subresource, namespace_name, name, field_selector, label_selector;
};
struct DecisionValue : Extension {
  static constexpr ExtensionType kType{"kubernetes.authorization.Decision"};
  bool allowed;
  std::string_view reason, error;
};

// The variable `resources` of a plimsoll.dev/v1 Policy.
struct ResourcesValue : Extension {
  static constexpr ExtensionType kType{kResourcesType};
};

// A failed computation. The commonest messages are put together only if somebody reads them.
struct ErrorValue : Extension {
  static constexpr ExtensionType kType{"error"};
  enum class Form : uint8_t { kText, kNoSuchKey, kIndexOutOfBounds, kNoSuchOverload };
  Form form;
  std::string_view text;  // kText: the message; kNoSuchOverload: the function, if known
  Value detail;           // the key or index
};

inline bool is_error(const Value& value) {
  return value.is_extension() && value.as_extension()->type == &ErrorValue::kType;
}
std::string error_message(const Value& error);

Value make_duration(Arena& arena, int64_t nanoseconds);
Value make_timestamp(Arena& arena, Time time);
Value make_type(Arena& arena, std::string_view name);  // borrows the name
Value make_optional(Arena& arena, Value value);
Value no_value();  // optional.none()
Value make_quantity(Arena& arena, const Quantity& quantity, bool computed = false);
Value make_ip(Arena& arena, const IpAddress& address);
Value make_cidr(Arena& arena, const IpPrefix& prefix);
Value make_url(Arena& arena, const Url& url);
Value make_semver(Arena& arena, const Semver& version);
Value make_format(Arena& arena, const NamedFormat& format);
Value make_object(Arena& arena, std::string_view type_name, Map* fields);
Value make_authorizer(Arena& arena);
Value make_resource_check(Arena& arena, std::string_view group, std::string_view resource, std::string_view subresource,
                          std::string_view namespace_name, std::string_view name);

Value make_error(Arena& arena, std::string_view message);  // copies the message
Value no_such_key(Arena& arena, const Value& key);
Value index_out_of_bounds(Arena& arena, const Value& index);
// "no such overload", or "no such overload: name".
Value no_such_overload();
Value no_such_overload(Arena& arena, std::string_view function);

// The name of the value's type, as type(value) prints: "int", "list", "kubernetes.Quantity", "Object.spec".
std::string_view type_name(const Value& value);

// a == b in CEL: numbers by value across kinds (as cel-go compares them, integers by way of double), containers element by element; true, false or an
// error (two Kubernetes values of different kinds).
Value equals(const Value& a, const Value& b);
// What `in`, distinct() and sets compare with: errors count as unequal.
bool is_equal(const Value& a, const Value& b);

// Flavours of lists and maps while an expression runs. cel-go appends to an accumulator that began empty in place, and compares lists
// that came from + more strictly.
inline constexpr uint8_t kMutable = 1;
inline constexpr uint8_t kConcatenated = 2;

enum class Ordering : int8_t { kLess = -1, kEqual = 0, kGreater = 1, kNotANumber = 2, kIncomparable = 3 };
// Order of bool, numbers, string, bytes, duration, timestamp. kIncomparable where `b` does not fit `a`.
Ordering compare(const Value& a, const Value& b);
// Whether the type of the value has an order at all.
bool is_comparable(const Value& value);

// The entry of a key: numbers match across kinds if lossless and the exact kind wins, as in cel-go's maps. nullptr if absent.
const Value* find_key(const Map& map, const Value& key);

// Size in the sense of cost and size(): code points, bytes, entries; for addresses their bytes; 1 for everything else.
uint64_t size_of(const Value& value);
bool has_size(const Value& value);
bool is_zero_value(const Value& value);

// As Go's %v prints a value of cel-go.
std::string go_text(const Value& value);

// Map::tag of what {...} made, which Go holds as map[ref.Val]ref.Val: inside the lists and maps of an Object{...} the API server does not
// take it for an object.
inline constexpr uint32_t kMapLiteral = 1;

// JSON-like form of an Object{...}: maps and lists of plain values; an error value where a key is no string.
Value object_to_plain(Arena& arena, const ObjectValue& object);
// The same of the value of one field.
Value plain_field(Arena& arena, const Value& value);

}  // namespace plimsoll::cel
