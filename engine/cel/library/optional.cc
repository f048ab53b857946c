// Signatures: cel-go's cel.OptionalTypes.
#include "engine/cel/library/library.h"

namespace plimsoll::cel::library {
namespace {

constexpr Signature kOptional[] = {
    {"_?._", "select_optional_field", "(dyn, string) -> optional_type(V)", "{'a': 1}.?a == optional.of(1)"},
    {"_[?_]", "list_optindex_optional_int", "(list(V), int) -> optional_type(V)", "[1][?5] == optional.none()"},
    {"_[?_]", "optional_list_optindex_optional_int", "(optional_type(list(V)), int) -> optional_type(V)", "optional.of([1])[?0] == optional.of(1)"},
    {"_[?_]", "map_optindex_optional_value", "(map(K, V), K) -> optional_type(V)", "{'a': 1}[?'b'] == optional.none()"},
    {"_[?_]", "optional_map_optindex_optional_value", "(optional_type(map(K, V)), K) -> optional_type(V)", "optional.of({'a': 1})[?'a'] == optional.of(1)"},
    {"_[_]", "optional_list_index_int", "(optional_type(list(V)), int) -> optional_type(V)", "optional.of([1])[0] == optional.of(1)"},
    {"_[_]", "optional_map_index_value", "(optional_type(map(K, V)), K) -> optional_type(V)", "optional.of({'a': 1})['a'] == optional.of(1)"},
    {"first", "list_first", "list(V).() -> optional_type(V)", "[1, 2].first() == optional.of(1)"},
    {"hasValue", "optional_hasValue", "optional_type(V).() -> bool", "optional.of(1).hasValue() == true"},
    {"last", "list_last", "list(V).() -> optional_type(V)", "[1, 2].last() == optional.of(2)"},
    {"optional.none", "optional_none", "() -> optional_type(V)", "optional.none(): the empty optional"},
    {"optional.of", "optional_of", "(V) -> optional_type(V)", "optional.of(1) holds 1"},
    {"optional.ofNonZeroValue", "optional_ofNonZeroValue", "(V) -> optional_type(V)", "optional.ofNonZeroValue('') == optional.none()"},
    {"optional.unwrap", "optional_unwrap", "(list(optional_type(V))) -> list(V)", "optional.unwrap([optional.of(1), optional.none()]) == [1]"},
    {"or", "optional_or_optional", "optional_type(V).(optional_type(V)) -> optional_type(V)", "optional.none().or(optional.of(1)) == optional.of(1)"},
    {"orValue", "optional_orValue_value", "optional_type(V).(V) -> V", "optional.none().orValue(1) == 1"},
    {"unwrapOpt", "optional_unwrapOpt", "list(optional_type(V)).() -> list(V)", "[optional.of(1), optional.none()].unwrapOpt() == [1]"},
    {"value", "optional_value", "optional_type(V).() -> V", "optional.of(1).value() == 1; error if empty"},
};

}  // namespace

std::span<const Signature> optional() { return kOptional; }

}  // namespace plimsoll::cel::library
