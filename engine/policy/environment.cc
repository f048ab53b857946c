#include "engine/policy/environment.h"

#include <string>
#include <string_view>
#include <utility>

namespace plimsoll::policy {
namespace {

using cel::FieldDeclaration;
using cel::Type;
using cel::TypeKind;

Type string_type() { return Type::simple(TypeKind::kString); }
Type strings() { return Type::list(string_type()); }
Type timestamp() { return Type::simple(TypeKind::kTimestamp); }

}  // namespace

std::vector<cel::ObjectDeclaration> admission_types() {
  return {
      {"kubernetes.GroupVersionKind", {{"group", string_type()}, {"version", string_type()}, {"kind", string_type()}}},
      {"kubernetes.GroupVersionResource",
       {{"group", string_type()}, {"version", string_type()}, {"resource", string_type()}}},
      {"kubernetes.UserInfo",
       {{"username", string_type()},
        {"uid", string_type()},
        {"groups", strings()},
        {"extra", Type::map(string_type(), strings())}}},
      {"kubernetes.AdmissionRequest",
       {{"kind", Type::object("kubernetes.GroupVersionKind")},
        {"resource", Type::object("kubernetes.GroupVersionResource")},
        {"subResource", string_type()},
        {"requestKind", Type::object("kubernetes.GroupVersionKind")},
        {"requestResource", Type::object("kubernetes.GroupVersionResource")},
        {"requestSubResource", string_type()},
        {"name", string_type()},
        {"namespace", string_type()},
        {"operation", string_type()},
        {"userInfo", Type::object("kubernetes.UserInfo")},
        {"dryRun", Type::simple(TypeKind::kBool)},
        {"options", Type::dyn()}}},
      {"kubernetes.NamespaceSpec", {{"finalizers", strings()}}},
      {"kubernetes.NamespaceCondition",
       {{"status", string_type()},
        {"type", string_type()},
        {"lastTransitionTime", timestamp()},
        {"message", string_type()},
        {"reason", string_type()}}},
      {"kubernetes.NamespaceStatus",
       {{"conditions", Type::list(Type::object("kubernetes.NamespaceCondition"))}, {"phase", string_type()}}},
      {"kubernetes.NamespaceMetadata",
       {{"name", string_type()},
        {"generateName", string_type()},
        {"namespace", string_type()},
        {"labels", Type::map(string_type(), string_type())},
        {"annotations", Type::map(string_type(), string_type())},
        {"UID", string_type()},
        {"creationTimestamp", timestamp()},
        {"deletionGracePeriodSeconds", Type::simple(TypeKind::kInt)},
        {"deletionTimestamp", timestamp()},
        {"generation", Type::simple(TypeKind::kInt)},
        {"resourceVersion", string_type()},
        {"finalizers", strings()}}},
      {"kubernetes.Namespace",
       {{"metadata", Type::object("kubernetes.NamespaceMetadata")},
        {"spec", Type::object("kubernetes.NamespaceSpec")},
        {"status", Type::object("kubernetes.NamespaceStatus")}}},
  };
}

Type declared_type(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kAny:
    case TypeKind::kBool:
    case TypeKind::kBytes:
    case TypeKind::kDouble:
    case TypeKind::kDuration:
    case TypeKind::kInt:
    case TypeKind::kNull:
    case TypeKind::kString:
    case TypeKind::kTimestamp:
    case TypeKind::kUint:
      return type;
    case TypeKind::kList:
      return Type::list(declared_type(type.parameters()[0]));
    case TypeKind::kMap:
      return Type::map(declared_type(type.parameters()[0]), declared_type(type.parameters()[1]));
    default:
      return Type::dyn();
  }
}

}  // namespace plimsoll::policy
