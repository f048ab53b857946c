#include "engine/cel/type.h"

#include <utility>

namespace plimsoll::cel {
namespace {

std::string_view simple_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::kDyn: return "dyn";
    case TypeKind::kError: return "error";
    case TypeKind::kNull: return "null_type";
    case TypeKind::kBool: return "bool";
    case TypeKind::kInt: return "int";
    case TypeKind::kUint: return "uint";
    case TypeKind::kDouble: return "double";
    case TypeKind::kString: return "string";
    case TypeKind::kBytes: return "bytes";
    case TypeKind::kDuration: return "google.protobuf.Duration";
    case TypeKind::kTimestamp: return "google.protobuf.Timestamp";
    case TypeKind::kAny: return "google.protobuf.Any";
    case TypeKind::kList: return "list";
    case TypeKind::kMap: return "map";
    case TypeKind::kType: return "type";
    case TypeKind::kWrapper: return "wrapper";
    case TypeKind::kOptional: return "optional_type";
    case TypeKind::kOpaque:
    case TypeKind::kObject:
    case TypeKind::kParameter: return "";
  }
  return "";
}

const std::vector<Type>& no_parameters() {
  static const std::vector<Type> kNone;
  return kNone;
}

}  // namespace

Type::Type(TypeKind kind, std::string name, std::vector<Type> parameters) : kind_(kind) {
  if (!name.empty() || !parameters.empty()) {
    detail_ = std::make_shared<const Detail>(Detail{std::move(name), std::move(parameters)});
  }
}

const std::vector<Type>& Type::parameters() const { return detail_ ? detail_->parameters : no_parameters(); }

std::string Type::to_string() const {
  if (kind_ == TypeKind::kParameter) return "<" + std::string(name()) + ">";
  std::string result(name().empty() ? simple_name(kind_) : name());
  if (parameters().empty()) return result;
  const char* separator = "(";
  for (const Type& parameter : parameters()) {
    result += separator;
    result += parameter.to_string();
    separator = ", ";
  }
  return result + ")";
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind_ != b.kind_) return false;
  if (a.detail_ == b.detail_) return true;
  return a.name() == b.name() && a.parameters() == b.parameters();
}

}  // namespace plimsoll::cel
