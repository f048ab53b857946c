// Signatures: cel-go's ext.Math. math.greatest and math.least are macros over @max and @min.
#include "engine/cel/library/library.h"

namespace plimsoll::cel::library {
namespace {

constexpr Signature kMath[] = {
    {"math.@max", "math_@max_double", "(double) -> double", "itself"},
    {"math.@max", "math_@max_int", "(int) -> int", "itself"},
    {"math.@max", "math_@max_uint", "(uint) -> uint", "itself"},
    {"math.@max", "math_@max_double_double", "(double, double) -> double", "by value"},
    {"math.@max", "math_@max_int_int", "(int, int) -> int", "math.greatest(1, 2) == 2"},
    {"math.@max", "math_@max_uint_uint", "(uint, uint) -> uint", "by value"},
    {"math.@max", "math_@max_int_uint", "(int, uint) -> dyn", "by value"},
    {"math.@max", "math_@max_int_double", "(int, double) -> dyn", "by value"},
    {"math.@max", "math_@max_double_int", "(double, int) -> dyn", "by value"},
    {"math.@max", "math_@max_double_uint", "(double, uint) -> dyn", "by value"},
    {"math.@max", "math_@max_uint_int", "(uint, int) -> dyn", "by value"},
    {"math.@max", "math_@max_uint_double", "(uint, double) -> dyn", "by value"},
    {"math.@max", "math_@max_list_double", "(list(double)) -> double", "of a list; error if empty"},
    {"math.@max", "math_@max_list_int", "(list(int)) -> int", "of a list; error if empty"},
    {"math.@max", "math_@max_list_uint", "(list(uint)) -> uint", "of a list; error if empty"},
    {"math.@min", "math_@min_double", "(double) -> double", "itself"},
    {"math.@min", "math_@min_int", "(int) -> int", "itself"},
    {"math.@min", "math_@min_uint", "(uint) -> uint", "itself"},
    {"math.@min", "math_@min_double_double", "(double, double) -> double", "by value"},
    {"math.@min", "math_@min_int_int", "(int, int) -> int", "math.least(1, 2) == 1"},
    {"math.@min", "math_@min_uint_uint", "(uint, uint) -> uint", "by value"},
    {"math.@min", "math_@min_int_uint", "(int, uint) -> dyn", "by value"},
    {"math.@min", "math_@min_int_double", "(int, double) -> dyn", "by value"},
    {"math.@min", "math_@min_double_int", "(double, int) -> dyn", "by value"},
    {"math.@min", "math_@min_double_uint", "(double, uint) -> dyn", "by value"},
    {"math.@min", "math_@min_uint_int", "(uint, int) -> dyn", "by value"},
    {"math.@min", "math_@min_uint_double", "(uint, double) -> dyn", "by value"},
    {"math.@min", "math_@min_list_double", "(list(double)) -> double", "of a list; error if empty"},
    {"math.@min", "math_@min_list_int", "(list(int)) -> int", "of a list; error if empty"},
    {"math.@min", "math_@min_list_uint", "(list(uint)) -> uint", "of a list; error if empty"},
    {"math.abs", "math_abs_double", "(double) -> double", "absolute value"},
    {"math.abs", "math_abs_int", "(int) -> int", "math.abs(-1) == 1; error on overflow"},
    {"math.abs", "math_abs_uint", "(uint) -> uint", "absolute value"},
    {"math.bitAnd", "math_bitAnd_int_int", "(int, int) -> int", "math.bitAnd(3, 2) == 2"},
    {"math.bitAnd", "math_bitAnd_uint_uint", "(uint, uint) -> uint", "math.bitAnd(3, 2) == 2"},
    {"math.bitNot", "math_bitNot_int_int", "(int) -> int", "math.bitNot(1) == -2"},
    {"math.bitNot", "math_bitNot_uint_uint", "(uint) -> uint", "math.bitNot(1u) == 18446744073709551614u"},
    {"math.bitOr", "math_bitOr_int_int", "(int, int) -> int", "math.bitOr(1, 2) == 3"},
    {"math.bitOr", "math_bitOr_uint_uint", "(uint, uint) -> uint", "math.bitOr(1, 2) == 3"},
    {"math.bitShiftLeft", "math_bitShiftLeft_int_int", "(int, int) -> int", "math.bitShiftLeft(1, 2) == 4; error for a negative offset"},
    {"math.bitShiftLeft", "math_bitShiftLeft_uint_int", "(uint, int) -> uint", "math.bitShiftLeft(1, 2) == 4; error for a negative offset"},
    {"math.bitShiftRight", "math_bitShiftRight_int_int", "(int, int) -> int", "math.bitShiftRight(4, 2) == 1, zeros from the left; error for a negative offset"},
    {"math.bitShiftRight", "math_bitShiftRight_uint_int", "(uint, int) -> uint", "math.bitShiftRight(4, 2) == 1, zeros from the left; error for a negative offset"},
    {"math.bitXor", "math_bitXor_int_int", "(int, int) -> int", "math.bitXor(3, 1) == 2"},
    {"math.bitXor", "math_bitXor_uint_uint", "(uint, uint) -> uint", "math.bitXor(3, 1) == 2"},
    {"math.ceil", "math_ceil_double", "(double) -> double", "math.ceil(1.2) == 2.0"},
    {"math.floor", "math_floor_double", "(double) -> double", "math.floor(1.8) == 1.0"},
    {"math.isFinite", "math_isFinite_double", "(double) -> bool", "math.isFinite(1.0 / 0.0) == false"},
    {"math.isInf", "math_isInf_double", "(double) -> bool", "math.isInf(1.0 / 0.0) == true"},
    {"math.isNaN", "math_isNaN_double", "(double) -> bool", "math.isNaN(0.0 / 0.0) == true"},
    {"math.round", "math_round_double", "(double) -> double", "math.round(-1.5) == -2.0, half away from zero"},
    {"math.sign", "math_sign_double", "(double) -> double", "math.sign(x): -1, 0 or 1"},
    {"math.sign", "math_sign_int", "(int) -> int", "math.sign(-5) == -1"},
    {"math.sign", "math_sign_uint", "(uint) -> uint", "math.sign(x): -1, 0 or 1"},
    {"math.sqrt", "math_sqrt_double", "(double) -> double", "math.sqrt(9) == 3.0; NaN below zero"},
    {"math.sqrt", "math_sqrt_int", "(int) -> double", "math.sqrt(9) == 3.0; NaN below zero"},
    {"math.sqrt", "math_sqrt_uint", "(uint) -> double", "math.sqrt(9u) == 3.0"},
    {"math.trunc", "math_trunc_double", "(double) -> double", "math.trunc(-1.8) == -1.0"},
};

}  // namespace

std::span<const Signature> math() { return kMath; }

}  // namespace plimsoll::cel::library
