// Signatures of several libraries; each table says where it comes from.
#include "engine/cel/library/library.h"

namespace plimsoll::cel::library {
namespace {

// Kubernetes' list functions (library/lists.go).
constexpr Signature kK8sLists[] = {
    {"indexOf", "list_a_index_of_int", "list(A).(A) -> int", "[1, 2, 1].indexOf(1) == 0; -1 if absent"},
    {"isSorted", "list_int_is_sorted_bool", "list(int).() -> bool", "[1, 2, 2].isSorted() == true"},
    {"isSorted", "list_uint_is_sorted_bool", "list(uint).() -> bool", "ascending, equal neighbours allowed"},
    {"isSorted", "list_double_is_sorted_bool", "list(double).() -> bool", "ascending, equal neighbours allowed"},
    {"isSorted", "list_bool_is_sorted_bool", "list(bool).() -> bool", "ascending, equal neighbours allowed"},
    {"isSorted", "list_duration_is_sorted_bool", "list(duration).() -> bool", "ascending, equal neighbours allowed"},
    {"isSorted", "list_timestamp_is_sorted_bool", "list(timestamp).() -> bool", "ascending, equal neighbours allowed"},
    {"isSorted", "list_string_is_sorted_bool", "list(string).() -> bool", "ascending, equal neighbours allowed"},
    {"isSorted", "list_bytes_is_sorted_bool", "list(bytes).() -> bool", "ascending, equal neighbours allowed"},
    {"lastIndexOf", "list_a_last_index_of_int", "list(A).(A) -> int", "[1, 2, 1].lastIndexOf(1) == 2; -1 if absent"},
    {"max", "list_int_max_int", "list(int).() -> int", "[3, 1, 2].max() == 3; error if empty"},
    {"max", "list_uint_max_uint", "list(uint).() -> uint", "error if empty"},
    {"max", "list_double_max_double", "list(double).() -> double", "error if empty"},
    {"max", "list_bool_max_bool", "list(bool).() -> bool", "error if empty"},
    {"max", "list_duration_max_duration", "list(duration).() -> duration", "error if empty"},
    {"max", "list_timestamp_max_timestamp", "list(timestamp).() -> timestamp", "error if empty"},
    {"max", "list_string_max_string", "list(string).() -> string", "error if empty"},
    {"max", "list_bytes_max_bytes", "list(bytes).() -> bytes", "error if empty"},
    {"min", "list_int_min_int", "list(int).() -> int", "[3, 1, 2].min() == 1; error if empty"},
    {"min", "list_uint_min_uint", "list(uint).() -> uint", "error if empty"},
    {"min", "list_double_min_double", "list(double).() -> double", "error if empty"},
    {"min", "list_bool_min_bool", "list(bool).() -> bool", "error if empty"},
    {"min", "list_duration_min_duration", "list(duration).() -> duration", "error if empty"},
    {"min", "list_timestamp_min_timestamp", "list(timestamp).() -> timestamp", "error if empty"},
    {"min", "list_string_min_string", "list(string).() -> string", "error if empty"},
    {"min", "list_bytes_min_bytes", "list(bytes).() -> bytes", "error if empty"},
    {"sum", "list_int_sum_int", "list(int).() -> int", "[1, 2, 3].sum() == 6; 0 if empty"},
    {"sum", "list_uint_sum_uint", "list(uint).() -> uint", "zero if empty"},
    {"sum", "list_double_sum_double", "list(double).() -> double", "zero if empty"},
    {"sum", "list_duration_sum_duration", "list(duration).() -> duration", "zero if empty"},
};

// cel-go's ext.Lists, version 3.
constexpr Signature kLists[] = {
    {"@sortByAssociatedKeys", "list_int_sortByAssociatedKeys", "list(T).(list(int)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"@sortByAssociatedKeys", "list_uint_sortByAssociatedKeys", "list(T).(list(uint)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"@sortByAssociatedKeys", "list_double_sortByAssociatedKeys", "list(T).(list(double)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"@sortByAssociatedKeys", "list_bool_sortByAssociatedKeys", "list(T).(list(bool)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"@sortByAssociatedKeys", "list_google.protobuf.Duration_sortByAssociatedKeys", "list(T).(list(duration)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"@sortByAssociatedKeys", "list_google.protobuf.Timestamp_sortByAssociatedKeys", "list(T).(list(timestamp)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"@sortByAssociatedKeys", "list_string_sortByAssociatedKeys", "list(T).(list(string)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"@sortByAssociatedKeys", "list_bytes_sortByAssociatedKeys", "list(T).(list(bytes)) -> list(T)", "what list.sortBy(e, key) expands to: sorts by a parallel list of keys"},
    {"distinct", "list_distinct", "list(T).() -> list(T)", "[1, 2, 1].distinct() == [1, 2]"},
    {"flatten", "list_flatten", "list(list(T)).() -> list(T)", "[[1], [2, 3]].flatten() == [1, 2, 3]"},
    {"flatten", "list_flatten_int", "list(dyn).(int) -> list(dyn)", "[1, [2, [3]]].flatten(2) == [1, 2, 3]"},
    {"lists.range", "lists_range", "(int) -> list(int)", "lists.range(3) == [0, 1, 2]"},
    {"reverse", "list_reverse", "list(T).() -> list(T)", "[1, 2].reverse() == [2, 1]"},
    {"slice", "list_slice", "list(T).(int, int) -> list(T)", "[1, 2, 3].slice(1, 3) == [2, 3]; error out of range"},
    {"sort", "list_int_sort", "list(int).() -> list(int)", "[3, 1].sort() == [1, 3]"},
    {"sort", "list_uint_sort", "list(uint).() -> list(uint)", "ascending"},
    {"sort", "list_double_sort", "list(double).() -> list(double)", "ascending"},
    {"sort", "list_bool_sort", "list(bool).() -> list(bool)", "ascending"},
    {"sort", "list_google.protobuf.Duration_sort", "list(duration).() -> list(duration)", "ascending"},
    {"sort", "list_google.protobuf.Timestamp_sort", "list(timestamp).() -> list(timestamp)", "ascending"},
    {"sort", "list_string_sort", "list(string).() -> list(string)", "ascending"},
    {"sort", "list_bytes_sort", "list(bytes).() -> list(bytes)", "ascending"},
};

// cel-go's ext.Sets.
constexpr Signature kSets[] = {
    {"sets.contains", "list_sets_contains_list", "(list(T), list(T)) -> bool", "sets.contains([1, 2], [2]) == true"},
    {"sets.equivalent", "list_sets_equivalent_list", "(list(T), list(T)) -> bool", "sets.equivalent([1, 2, 1], [2, 1]) == true"},
    {"sets.intersects", "list_sets_intersects_list", "(list(T), list(T)) -> bool", "sets.intersects([1, 2], [2, 3]) == true"},
};

// What the macros of cel-go's ext.TwoVarComprehensions call.
constexpr Signature kTwoVar[] = {
    {"cel.@mapInsert", "@mapInsert_map_key_value", "(map(K, V), K, V) -> map(K, V)", "what transformMap() adds to its result: error if the key is there"},
    {"cel.@mapInsert", "@mapInsert_map_map", "(map(K, V), map(K, V)) -> map(K, V)", "what transformMapEntry() adds to its result: error if a key is there"},
};

}  // namespace

std::span<const Signature> k8s_lists() { return kK8sLists; }
std::span<const Signature> lists() { return kLists; }
std::span<const Signature> sets() { return kSets; }
std::span<const Signature> two_var() { return kTwoVar; }

}  // namespace plimsoll::cel::library
