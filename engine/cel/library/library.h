// The tables of all libraries, see declare.h. Overload order within a function is the order of the checker's tries.
#pragma once

#include "engine/cel/declare.h"

namespace plimsoll::cel::library {

std::span<const Signature> standard();
std::span<const Signature> strings();
std::span<const Signature> strings_extended();
std::span<const Signature> regex();
std::span<const Signature> regex_extended();
std::span<const Signature> encoders();
std::span<const Signature> k8s_lists();
std::span<const Signature> lists();
std::span<const Signature> sets();
std::span<const Signature> two_var();
std::span<const Signature> optional();
std::span<const Signature> url();
std::span<const Signature> ip();
std::span<const Signature> cidr();
std::span<const Signature> quantity();
std::span<const Signature> semver();
std::span<const Signature> format();
std::span<const Signature> jsonpatch();
std::span<const Signature> authorizer();
std::span<const Signature> math();
std::span<const Signature> deployment();

}  // namespace plimsoll::cel::library
