// Signatures of several libraries; each table says where it comes from.
#include "engine/cel/library/library.h"

namespace plimsoll::cel::library {
namespace {

// Resource quantities (library/quantity.go).
constexpr Signature kQuantity[] = {
    {"add", "quantity_add", "kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity", "quantity('1k').add(quantity('1')) == quantity('1001')"},
    {"add", "quantity_add_int", "kubernetes.Quantity.(int) -> kubernetes.Quantity", "quantity('1k').add(1) == quantity('1001')"},
    {"asApproximateFloat", "quantity_get_float", "kubernetes.Quantity.() -> double", "quantity('500m').asApproximateFloat() == 0.5"},
    {"asInteger", "quantity_get_int", "kubernetes.Quantity.() -> int", "quantity('1k').asInteger() == 1000; error if no int"},
    {"compareTo", "quantity_compare_to", "kubernetes.Quantity.(kubernetes.Quantity) -> int", "quantity('1k').compareTo(quantity('1M')) == -1"},
    {"isGreaterThan", "quantity_is_greater_than", "kubernetes.Quantity.(kubernetes.Quantity) -> bool", "quantity('1M').isGreaterThan(quantity('1k')) == true"},
    {"isInteger", "quantity_is_integer", "kubernetes.Quantity.() -> bool", "quantity('500m').isInteger() == false"},
    {"isLessThan", "quantity_is_less_than", "kubernetes.Quantity.(kubernetes.Quantity) -> bool", "quantity('1k').isLessThan(quantity('1M')) == true"},
    {"isQuantity", "is_quantity_string", "(string) -> bool", "isQuantity('1.5Mi') == true"},
    {"quantity", "string_to_quantity", "(string) -> kubernetes.Quantity", "quantity('1Gi'); error for anything that is no resource quantity"},
    {"sign", "quantity_sign", "(kubernetes.Quantity) -> int", "sign(quantity('-1')) == -1"},
    {"sub", "quantity_sub", "kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity", "quantity('1k').sub(quantity('1')) == quantity('999')"},
    {"sub", "quantity_sub_int", "kubernetes.Quantity.(int) -> kubernetes.Quantity", "quantity('1k').sub(1) == quantity('999')"},
};

// Semantic versions (library/semverlib.go).
constexpr Signature kSemver[] = {
    {"compareTo", "semver_compare_to", "kubernetes.Semver.(kubernetes.Semver) -> int", "semver('1.2.3').compareTo(semver('2.0.0')) == -1"},
    {"isGreaterThan", "semver_is_greater_than", "kubernetes.Semver.(kubernetes.Semver) -> bool", "semver('2.0.0').isGreaterThan(semver('1.2.3')) == true"},
    {"isLessThan", "semver_is_less_than", "kubernetes.Semver.(kubernetes.Semver) -> bool", "semver('1.2.3').isLessThan(semver('2.0.0')) == true"},
    {"isSemver", "is_semver_string", "(string) -> bool", "isSemver('1.2.3') == true"},
    {"isSemver", "is_semver_string_bool", "(string, bool) -> bool", "isSemver('v1.2', true) == true"},
    {"major", "semver_major", "kubernetes.Semver.() -> int", "semver('1.2.3').major() == 1"},
    {"minor", "semver_minor", "kubernetes.Semver.() -> int", "semver('1.2.3').minor() == 2"},
    {"patch", "semver_patch", "kubernetes.Semver.() -> int", "semver('1.2.3').patch() == 3"},
    {"semver", "string_to_semver", "(string) -> kubernetes.Semver", "semver('1.2.3'); error for anything that is no semantic version"},
    {"semver", "string_bool_to_semver", "(string, bool) -> kubernetes.Semver", "semver('v1.2', true): a leading v, missing parts and leading zeros are made good"},
};

// Named formats (library/format.go).
constexpr Signature kFormat[] = {
    {"format.byte", "format.byte", "() -> kubernetes.NamedFormat", "format.byte().validate(text) tells what is wrong with it as byte"},
    {"format.date", "format.date", "() -> kubernetes.NamedFormat", "format.date().validate(text) tells what is wrong with it as date"},
    {"format.datetime", "format.datetime", "() -> kubernetes.NamedFormat", "format.datetime().validate(text) tells what is wrong with it as datetime"},
    {"format.dns1035Label", "format.dns1035Label", "() -> kubernetes.NamedFormat", "format.dns1035Label().validate(text) tells what is wrong with it as dns1035Label"},
    {"format.dns1035LabelPrefix", "format.dns1035LabelPrefix", "() -> kubernetes.NamedFormat", "format.dns1035LabelPrefix().validate(text) tells what is wrong with it as dns1035LabelPrefix"},
    {"format.dns1123Label", "format.dns1123Label", "() -> kubernetes.NamedFormat", "format.dns1123Label().validate(text) tells what is wrong with it as dns1123Label"},
    {"format.dns1123LabelPrefix", "format.dns1123LabelPrefix", "() -> kubernetes.NamedFormat", "format.dns1123LabelPrefix().validate(text) tells what is wrong with it as dns1123LabelPrefix"},
    {"format.dns1123Subdomain", "format.dns1123Subdomain", "() -> kubernetes.NamedFormat", "format.dns1123Subdomain().validate(text) tells what is wrong with it as dns1123Subdomain"},
    {"format.dns1123SubdomainPrefix", "format.dns1123SubdomainPrefix", "() -> kubernetes.NamedFormat", "format.dns1123SubdomainPrefix().validate(text) tells what is wrong with it as dns1123SubdomainPrefix"},
    {"format.labelValue", "format.labelValue", "() -> kubernetes.NamedFormat", "format.labelValue().validate(text) tells what is wrong with it as labelValue"},
    {"format.named", "format-named", "(string) -> optional_type(kubernetes.NamedFormat)", "format.named('dns1123Label').value() == format.dns1123Label()"},
    {"format.qualifiedName", "format.qualifiedName", "() -> kubernetes.NamedFormat", "format.qualifiedName().validate(text) tells what is wrong with it as qualifiedName"},
    {"format.uri", "format.uri", "() -> kubernetes.NamedFormat", "format.uri().validate(text) tells what is wrong with it as uri"},
    {"format.uuid", "format.uuid", "() -> kubernetes.NamedFormat", "format.uuid().validate(text) tells what is wrong with it as uuid"},
    {"validate", "format-validate", "kubernetes.NamedFormat.(string) -> optional_type(list(string))", "format.uuid().validate('x').hasValue() == true: what is wrong, or none"},
};

// Keys of JSON Patch paths (library/jsonpatch.go).
constexpr Signature kJsonpatch[] = {
    {"jsonpatch.escapeKey", "string_jsonpatch_escapeKey_string", "(string) -> string", "jsonpatch.escapeKey('a/b') == 'a~1b'"},
};

// Authorization questions (library/authz.go).
constexpr Signature kAuthorizer[] = {
    {"allowed", "decision_allowed", "kubernetes.authorization.Decision.() -> bool", "....check('create').allowed()"},
    {"check", "pathcheck_check", "kubernetes.authorization.PathCheck.(string) -> kubernetes.authorization.Decision", "authorizer.path('/healthz').check('get'): asks"},
    {"check", "resourcecheck_check", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.Decision", "....check('create'): asks"},
    {"error", "decision_error", "kubernetes.authorization.Decision.() -> string", "....check('create').error()"},
    {"errored", "decision_errored", "kubernetes.authorization.Decision.() -> bool", "....check('create').errored()"},
    {"fieldSelector", "authorizer_fieldselector", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", "....fieldSelector('spec.nodeName=a'): of matching objects only"},
    {"group", "authorizer_group", "kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.GroupCheck", "authorizer.group('apps'): questions about an API group"},
    {"labelSelector", "authorizer_labelselector", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", "....labelSelector('app=a'): of matching objects only"},
    {"name", "resourcecheck_name", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", "....name('x'): of the named object only"},
    {"namespace", "resourcecheck_namespace", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", "....namespace('x'): in that namespace only"},
    {"path", "authorizer_path", "kubernetes.authorization.Authorizer.(string) -> kubernetes.authorization.PathCheck", "authorizer.path('/healthz'): questions about a non-resource path"},
    {"reason", "decision_reason", "kubernetes.authorization.Decision.() -> string", "....check('create').reason()"},
    {"resource", "groupcheck_resource", "kubernetes.authorization.GroupCheck.(string) -> kubernetes.authorization.ResourceCheck", "authorizer.group('apps').resource('deployments')"},
    {"serviceAccount", "authorizer_serviceaccount", "kubernetes.authorization.Authorizer.(string, string) -> kubernetes.authorization.Authorizer", "authorizer.serviceAccount('default', 'x'): questions about that account instead of the user"},
    {"subresource", "resourcecheck_subresource", "kubernetes.authorization.ResourceCheck.(string) -> kubernetes.authorization.ResourceCheck", "....subresource('scale')"},
};

}  // namespace

std::span<const Signature> quantity() { return kQuantity; }
std::span<const Signature> semver() { return kSemver; }
std::span<const Signature> format() { return kFormat; }
std::span<const Signature> jsonpatch() { return kJsonpatch; }
std::span<const Signature> authorizer() { return kAuthorizer; }

}  // namespace plimsoll::cel::library
