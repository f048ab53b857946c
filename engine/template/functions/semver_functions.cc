// Semantic versions: the functions, and *semver.Version as a template value with its methods.
#include "engine/template/functions/families.h"
#include "engine/template/go_object.h"
#include "engine/value/go_quote.h"
#include "engine/value/semver.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;
using semver::compare_versions;
using semver::Constraint;
using semver::parse_version;
using semver::Version;

// Both *semver.Version, which `semver` returns, and semver.Version, which its Inc methods return.
struct VersionObject : GoObject {
  static const GoObjectType kStruct;
  static const GoObjectType kPointer;
  uint64_t major = 0;
  uint64_t minor = 0;
  uint64_t patch = 0;
  std::string_view prerelease;
  std::string_view metadata;
  std::string_view original;
};

Value make_version(Arena& arena, const GoObjectType& type, const Version& version) {
  auto* object = arena.make<VersionObject>();
  object->type = &type;
  object->major = version.major;
  object->minor = version.minor;
  object->patch = version.patch;
  object->prerelease = arena.copy(version.prerelease);
  object->metadata = arena.copy(version.metadata);
  object->original = arena.copy(version.original);
  return Value::extension(object);
}

const VersionObject& object_of(const Value& value) {
  return *static_cast<const VersionObject*>(value.as_extension());
}

Version version_of(const VersionObject& object) {
  Version version;
  version.major = object.major;
  version.minor = object.minor;
  version.patch = object.patch;
  version.prerelease = object.prerelease;
  version.metadata = object.metadata;
  version.original = object.original;
  return version;
}

std::string print_version(const GoObject& object) {
  return version_of(static_cast<const VersionObject&>(object)).to_string();
}
Result<Value> version_as_json(Arena& arena, const GoObject& object) {
  return Value::string(arena.copy(print_version(object)));
}
bool same_struct(const GoObject& a, const GoObject& b) {
  const auto& x = static_cast<const VersionObject&>(a);
  const auto& y = static_cast<const VersionObject&>(b);
  return x.major == y.major && x.minor == y.minor && x.patch == y.patch && x.prerelease == y.prerelease &&
         x.metadata == y.metadata && x.original == y.original;
}
bool same_pointer(const GoObject& a, const GoObject& b) { return &a == &b; }

Result<Value> major(CallContext&, Args args) { return Value::uinteger(object_of(args[0]).major); }
Result<Value> minor(CallContext&, Args args) { return Value::uinteger(object_of(args[0]).minor); }
Result<Value> patch(CallContext&, Args args) { return Value::uinteger(object_of(args[0]).patch); }
Result<Value> prerelease(CallContext&, Args args) { return Value::string(object_of(args[0]).prerelease); }
Result<Value> metadata(CallContext&, Args args) { return Value::string(object_of(args[0]).metadata); }
Result<Value> original(CallContext&, Args args) { return Value::string(object_of(args[0]).original); }
Result<Value> string(CallContext& context, Args args) { return context.text(print_version(object_of(args[0]))); }

// A nil *semver.Version is the only other thing that the signature lets through.
Result<int> compare_with(Args args) {
  if (!args[1].is_extension()) return std::unexpected(Error(ErrorCode::kEvaluation, std::string(kNilDereference)));
  return compare_versions(version_of(object_of(args[0])), version_of(object_of(args[1])));
}
Result<Value> compare(CallContext&, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const int order, compare_with(args));
  return go_int(order);
}
bool is_zero(int order) { return order == 0; }
bool is_negative(int order) { return order < 0; }
bool is_positive(int order) { return order > 0; }
bool is_not_negative(int order) { return order >= 0; }
bool is_not_positive(int order) { return order <= 0; }

template <bool (*kTest)(int)>
Result<Value> test(CallContext&, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const int order, compare_with(args));
  return Value::boolean(kTest(order));
}
Result<Value> equal_method(CallContext& context, Args args) {
  if (!args[1].is_extension()) return Value::boolean(false);
  return test<is_zero>(context, args);
}

template <Result<Version> (*kIncrement)(const Version&)>
Result<Value> increment(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Version next, kIncrement(version_of(object_of(args[0]))));
  return make_version(context.arena, VersionObject::kStruct, next);
}
template <Result<Version> (*kChange)(const Version&, std::string_view)>
Result<Value> change(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Version next, kChange(version_of(object_of(args[0])), args[1].as_string()));
  return make_version(context.arena, VersionObject::kStruct, next);
}

// Those of semver.Version come first; the pointer has all of them.
constexpr GoMethod kMethods[] = {
    {"IncMajor", "() semver.Version", increment<semver::increment_major>},
    {"IncMinor", "() semver.Version", increment<semver::increment_minor>},
    {"IncPatch", "() semver.Version", increment<semver::increment_patch>},
    {"Major", "() uint64", major},
    {"Metadata", "() string", metadata},
    {"Minor", "() uint64", minor},
    {"Patch", "() uint64", patch},
    {"Prerelease", "() string", prerelease},
    {"SetMetadata", "(string) (semver.Version, error)", change<semver::with_metadata>},
    {"SetPrerelease", "(string) (semver.Version, error)", change<semver::with_prerelease>},
    {"String", "() string", string},
    {"Compare", "(*semver.Version) int", compare},
    {"Equal", "(*semver.Version) bool", equal_method},
    {"GreaterThan", "(*semver.Version) bool", test<is_positive>},
    {"GreaterThanEqual", "(*semver.Version) bool", test<is_not_negative>},
    {"LessThan", "(*semver.Version) bool", test<is_negative>},
    {"LessThanEqual", "(*semver.Version) bool", test<is_not_positive>},
    {"Original", "() string", original},
};
constexpr size_t kStructMethods = 11;

Result<Value> semver(CallContext& context, Args args) {
  PLIMSOLL_ASSIGN_OR_RETURN(const Version version, parse_version(args[0].as_string()));
  return make_version(context.arena, VersionObject::kPointer, version);
}

Result<Value> semver_compare(CallContext&, Args args) {
  const Result<Constraint> constraint = Constraint::parse(args[0].as_string());
  if (!constraint) {
    std::string_view message = constraint.error().message();
    if (!message.starts_with(semver::kImproperConstraint)) return std::unexpected(constraint.error());
    return fail(ErrorCode::kSyntax,
                std::string(semver::kImproperConstraint) + go::quoted(message.substr(semver::kImproperConstraint.size())));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const Version version, parse_version(args[1].as_string()));
  return Value::boolean(constraint->check(version));
}

constexpr Function kFunctions[] = {
    {"semver", "(string) (*semver.Version, error)", "A semantic version with .Major, .Minor, .Patch, .Prerelease, .Metadata, .Original.", semver},
    {"semverCompare", "(string, string) (bool, error)", "Whether a version meets a constraint: semverCompare \"^1.2\" \"1.5.0\" == true.", semver_compare},
};

}  // namespace

constinit const GoObjectType VersionObject::kStruct{{"semver.Version"},
                                                    GoKind::kStruct,
                                                    {},
                                                    std::span(kMethods).first(kStructMethods),
                                                    print_version,
                                                    false,
                                                    version_as_json,
                                                    same_struct,
                                                    nullptr,
                                                    &VersionObject::kPointer};
constinit const GoObjectType VersionObject::kPointer{{"*semver.Version"},
                                                     GoKind::kPointer,
                                                     {},
                                                     kMethods,
                                                     print_version,
                                                     false,
                                                     version_as_json,
                                                     same_pointer,
                                                     &VersionObject::kStruct,
                                                     nullptr};

FunctionFamily semver_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
