// What calls cost at run time: cel-go's interpreter/runtimecost.go, its libraries' trackers and Kubernetes' pkg/cel/library/cost.go.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/cel/frame.h"
#include "engine/value/value.h"

namespace plimsoll::cel {

// How a call is priced, decided when it is planned. Sizes are those of size_of().
enum class CostRule : uint8_t {
  kOne,
  kTenth,              // ceil(0.1 n) of the first argument
  kFifth,              // ceil(0.2 n)
  kFifthOfResult,      // join()
  kEquals,             // 1 for Kubernetes' values, else as kSmallerTenth
  kSmallerTenth,       // ceil(0.1 min(n, m))
  kSumTenth,           // ceil(0.1 (n + m))
  kInList,             // size of the second argument
  kContains,           // ceil(0.1 n) x ceil(0.1 m)
  kMatch,              // ceil(0.1 (n + 1)) x ceil(0.25 m)
  kTraversal,          // elements of a list, tenths of strings
  kContainsIp,
  kContainsIpString,
  kContainsCidr,
  kContainsCidrString,
  kValidate,           // a match with the format's pattern
  kCheck,              // an authorization check: two fit into one expression
  kSelector,           // parsing a field or label selector
  kListResult,         // 11 + size of the result
  kFlatten,            // 11 + depth x size
  kCompareFirst,       // 11 + 2 n^2: sort() and distinct()
  kCompareSecond,      // the same of the second argument: sortBy()
  kSets,               // 1 + n m
  kSetsTwice,          // 1 + 2 n m
  // Of the deployment library, about 100 ns a unit:
  kLookup,             // of an object in an index: 10
  kSelects,            // a walk of selector and labels
  kAllows,             // a walk of the policies
  kParse,              // 10 + n/4
  kCertificates,       // 10 + n, for signatures of themselves are verified
  kKey,                // 1000 + n/4 of the last argument
  kSignature,          // 2000
};

// `overload` is empty if the checker could not tell one.
CostRule cost_rule(std::string_view function, std::string_view overload);

// Whether the price needs the result; else the call is charged before it runs, so that what is too expensive never starts.
inline bool is_priced_by_result(CostRule rule) { return rule == CostRule::kFifthOfResult || rule == CostRule::kListResult; }
uint64_t cost_of(CostRule rule, const Value* arguments, size_t count, const Value& result);

inline constexpr uint64_t kListCost = 10;
inline constexpr uint64_t kMapCost = 30;
inline constexpr uint64_t kMessageCost = 40;

}  // namespace plimsoll::cel
