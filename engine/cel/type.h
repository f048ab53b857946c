// Types of CEL expressions, as the checker deduces them and cel-go prints them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::cel {

enum class TypeKind : uint8_t {
  kDyn,
  kError,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kDuration,
  kTimestamp,
  kAny,
  kList,       // list(T)
  kMap,        // map(K, V)
  kType,       // type(T)
  kWrapper,    // wrapper(T)
  kOptional,   // optional_type(T)
  kOpaque,     // named abstract type: kubernetes.Quantity, net.IP, ...
  kObject,     // declared object type (ObjectDeclaration) or message
  kParameter,  // type parameter of an overload
};

// A small immutable value; parameters are shared.
class Type {
 public:
  Type() = default;  // dyn
  static Type dyn() { return {}; }
  static Type simple(TypeKind kind) { return Type(kind, {}, {}); }
  static Type list(Type item) { return Type(TypeKind::kList, {}, {std::move(item)}); }
  static Type map(Type key, Type value) { return Type(TypeKind::kMap, {}, {std::move(key), std::move(value)}); }
  static Type optional(Type item) { return Type(TypeKind::kOptional, {}, {std::move(item)}); }
  static Type type_of(Type item) { return Type(TypeKind::kType, {}, {std::move(item)}); }
  static Type wrapper(Type item) { return Type(TypeKind::kWrapper, {}, {std::move(item)}); }
  static Type opaque(std::string name, std::vector<Type> parameters = {}) {
    return Type(TypeKind::kOpaque, std::move(name), std::move(parameters));
  }
  static Type object(std::string name) { return Type(TypeKind::kObject, std::move(name), {}); }
  static Type parameter(std::string name) { return Type(TypeKind::kParameter, std::move(name), {}); }

  TypeKind kind() const { return kind_; }
  bool is_dyn() const { return kind_ == TypeKind::kDyn; }
  // Of opaque, object and parameter types.
  std::string_view name() const { return detail_ ? std::string_view(detail_->name) : std::string_view(); }
  const std::vector<Type>& parameters() const;

  // As cel-go prints: "list(int)", "map(string, dyn)", "google.protobuf.Duration", "optional_type(int)".
  std::string to_string() const;
  friend bool operator==(const Type& a, const Type& b);

 private:
  struct Detail {
    std::string name;
    std::vector<Type> parameters;
  };
  Type(TypeKind kind, std::string name, std::vector<Type> parameters);

  TypeKind kind_ = TypeKind::kDyn;
  std::shared_ptr<const Detail> detail_;
};

}  // namespace plimsoll::cel
