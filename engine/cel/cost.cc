#include "engine/cel/cost.h"

#include <algorithm>
#include <cmath>

#include "engine/cel/runtime/formats.h"

namespace plimsoll::cel {

namespace {

struct Price {
  std::string_view name;
  CostRule rule;
};

// By overload, before all else: libraries with trackers of their own.
constexpr Price kTracked[] = {
    {"list_slice", CostRule::kListResult},
    {"lists_range", CostRule::kListResult},
    {"list_reverse", CostRule::kListResult},
    {"list_flatten", CostRule::kFlatten},
    {"list_flatten_int", CostRule::kFlatten},
    {"list_distinct", CostRule::kCompareFirst},
    {"list_sets_contains_list", CostRule::kSets},
    {"list_sets_intersects_list", CostRule::kSets},
    {"list_sets_equivalent_list", CostRule::kSetsTwice},
};

// By function: what Kubernetes prices. Functions that are left out here and below cost 1.
constexpr Price kFunctions[] = {
    {"check", CostRule::kCheck},
    {"fieldSelector", CostRule::kSelector},
    {"labelSelector", CostRule::kSelector},
    {"isSorted", CostRule::kTraversal},
    {"sum", CostRule::kTraversal},
    {"max", CostRule::kTraversal},
    {"min", CostRule::kTraversal},
    {"indexOf", CostRule::kTraversal},
    {"lastIndexOf", CostRule::kTraversal},
    {"url", CostRule::kTenth},
    {"lowerAscii", CostRule::kTenth},
    {"upperAscii", CostRule::kTenth},
    {"substring", CostRule::kTenth},
    {"trim", CostRule::kTenth},
    {"jsonpatch.escapeKey", CostRule::kTenth},
    {"replace", CostRule::kFifth},
    {"split", CostRule::kFifth},
    {"join", CostRule::kFifthOfResult},
    {"find", CostRule::kMatch},
    {"findAll", CostRule::kMatch},
    {"cidr", CostRule::kTenth},
    {"isIP", CostRule::kTenth},
    {"isCIDR", CostRule::kTenth},
    {"ip", CostRule::kTenth},
    {"ip.isCanonical", CostRule::kFifth},
    {"containsIP", CostRule::kContainsIp},
    {"containsCIDR", CostRule::kContainsCidr},
    {"quantity", CostRule::kTenth},
    {"isQuantity", CostRule::kTenth},
    {"semver", CostRule::kTenth},
    {"isSemver", CostRule::kTenth},
    {"validate", CostRule::kValidate},
    {"get", CostRule::kLookup},
    {"list", CostRule::kListResult},
    {"selects", CostRule::kSelects},
    {"allows", CostRule::kAllows},
    {"x509.certificates", CostRule::kCertificates},
    {"x509.isCertificate", CostRule::kCertificates},
    {"x509.isPrivateKey", CostRule::kKey},
    {"matchesKey", CostRule::kKey},
    {"issuedBy", CostRule::kSignature},
    {"covers", CostRule::kLookup},
    {"java.heap", CostRule::kTenth},
    {"java.initialHeap", CostRule::kTenth},
    {"java.maxRAMPercentage", CostRule::kTenth},
    {"entropy", CostRule::kTenth},
    {"weakSecret", CostRule::kTenth},
    {"semverMatches", CostRule::kSumTenth},
    {"yaml.parse", CostRule::kParse},
    {"yaml.valid", CostRule::kParse},
    {"_==_", CostRule::kEquals},
    {"_!=_", CostRule::kSmallerTenth},
};

// By overload: cel-go's own prices, and Kubernetes' where the overload matters.
constexpr Price kOverloads[] = {
    {"starts_with_string", CostRule::kTenth},
    {"ends_with_string", CostRule::kTenth},
    {"string_to_bytes", CostRule::kTenth},
    {"bytes_to_string", CostRule::kTenth},
    {"strings_quote", CostRule::kTenth},
    {"string_format", CostRule::kTenth},
    {"in_list", CostRule::kInList},
    {"less_string", CostRule::kSmallerTenth},
    {"greater_string", CostRule::kSmallerTenth},
    {"less_equals_string", CostRule::kSmallerTenth},
    {"greater_equals_string", CostRule::kSmallerTenth},
    {"less_bytes", CostRule::kSmallerTenth},
    {"greater_bytes", CostRule::kSmallerTenth},
    {"less_equals_bytes", CostRule::kSmallerTenth},
    {"greater_equals_bytes", CostRule::kSmallerTenth},
    {"add_string", CostRule::kSumTenth},
    {"add_bytes", CostRule::kSumTenth},
    {"matches_string", CostRule::kMatch},
    {"contains_string", CostRule::kContains},
};

template <size_t N>
const CostRule* find(const Price (&prices)[N], std::string_view name) {
  for (const Price& price : prices) {
    if (price.name == name) return &price.rule;
  }
  return nullptr;
}

// In floating point, as Go computes it: 0.1 is a little more than a tenth.
uint64_t scaled(double size, double factor) { return static_cast<uint64_t>(std::ceil(size * factor)); }
uint64_t tenth(uint64_t size) {
  if (size <= 10) return size == 0 ? 0 : 1;
  return scaled(static_cast<double>(size), 0.1);
}

// The smaller size of two texts without counting the code points of a long one.
uint64_t smaller_size(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) {
    const Value& shorter = a.size() < b.size() ? a : b;
    // At least one code point in every four bytes.
    if (shorter.size() == 0) return 0;
    if (shorter.size() <= 10) return 1;
  }
  const auto size = [](const Value& value) {
    const Value* inner = &value;
    for (const auto* optional = inner->as<Optional>(); optional != nullptr && optional->has_value; optional = inner->as<Optional>()) {
      inner = &optional->value;
    }
    return size_of(*inner);
  };
  return std::min(size(a), size(b));
}

bool has_unit_equality(const Value& value) {
  if (!value.is_extension()) return false;
  const ExtensionType* type = value.as_extension()->type;
  return type == &QuantityValue::kType || type == &IpValue::kType || type == &CidrValue::kType || type == &FormatValue::kType ||
         type == &UrlValue::kType || type == &SemverValue::kType || type == &AuthorizerValue::kType || type == &PathCheckValue::kType ||
         type == &GroupCheckValue::kType || type == &ResourceCheckValue::kType || type == &DecisionValue::kType;
}

uint64_t traversal(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
    case Kind::kBytes: return static_cast<uint64_t>(static_cast<double>(value.size()) * 0.1);
    case Kind::kList: {
      uint64_t cost = 0;
      for (const Value& item : *value.as_list()) cost += traversal(item);
      return cost;
    }
    case Kind::kMap: {
      uint64_t cost = 0;
      for (const Map::Entry& entry : *value.as_map()) cost += traversal(entry.key) + traversal(entry.value);
      return cost;
    }
    default: return 1;
  }
}

// Values at any depth, and a tenth of the text that they hold.
uint64_t nodes(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
    case Kind::kBytes: return 1 + value.size() / 10;
    case Kind::kList: {
      uint64_t cost = 1;
      for (const Value& item : *value.as_list()) cost += nodes(item);
      return cost;
    }
    case Kind::kMap: {
      uint64_t cost = 1;
      for (const Map::Entry& entry : *value.as_map()) cost += nodes(entry.key) + nodes(entry.value);
      return cost;
    }
    default: return 1;
  }
}

uint64_t pattern_match(uint64_t text_size, uint64_t pattern_size) {
  return scaled(1.0 + static_cast<double>(text_size), 0.1) * scaled(static_cast<double>(pattern_size), 0.25);
}

uint64_t allocating_call(double factor, uint64_t size) { return static_cast<uint64_t>(static_cast<double>(size) * factor) + 1 + kListCost; }

uint64_t self_comparison(const Value& list) {
  const uint64_t size = size_of(list);
  double factor = 2.0;
  if (list.is_list() && size > 0 && (list.items()[0].is_string() || list.items()[0].is_bytes())) factor += 0.1;
  return allocating_call(factor, size * size);
}

}  // namespace

CostRule cost_rule(std::string_view function, std::string_view overload) {
  if (const CostRule* rule = find(kTracked, overload)) return *rule;
  if (function == "sort" && !overload.empty()) return CostRule::kCompareFirst;
  if (function == "@sortByAssociatedKeys" && !overload.empty()) return CostRule::kCompareSecond;
  if (overload == "cidr_ip") return CostRule::kOne;
  if (overload == "cidr_contains_ip_string") return CostRule::kContainsIpString;
  if (overload == "cidr_contains_cidr_string") return CostRule::kContainsCidrString;
  if (const CostRule* rule = find(kFunctions, function)) return *rule;
  if (const CostRule* rule = find(kOverloads, overload)) return *rule;
  return CostRule::kOne;
}

uint64_t cost_of(CostRule rule, const Value* arguments, size_t count, const Value& result) {
  const auto size = [&](size_t argument) { return size_of(arguments[argument]); };
  switch (rule) {
    case CostRule::kOne: return 1;
    case CostRule::kTenth: return tenth(size(0));
    case CostRule::kFifth: return scaled(static_cast<double>(size(0)) * 2, 0.1);
    case CostRule::kFifthOfResult: return scaled(static_cast<double>(size_of(result)) * 2, 0.1);
    case CostRule::kEquals:
      if (has_unit_equality(arguments[0])) return 1;
      [[fallthrough]];
    case CostRule::kSmallerTenth: return tenth(smaller_size(arguments[0], arguments[1]));
    case CostRule::kSumTenth: return tenth(size(0) + size(1));
    case CostRule::kInList: return size(1);
    case CostRule::kContains: return tenth(size(0)) * tenth(size(1));
    case CostRule::kMatch: return count < 2 ? 1 : pattern_match(size(0), size(1));
    case CostRule::kTraversal: return count == 0 ? 0 : traversal(arguments[0]);
    case CostRule::kContainsIp: return tenth(2 * size(0));
    case CostRule::kContainsIpString: return tenth(2 * size(0)) + tenth(size(1));
    case CostRule::kContainsCidr: return tenth(2 * size(0)) + tenth(size(0)) + 1;
    case CostRule::kContainsCidrString: return tenth(2 * size(0)) + tenth(size(0)) + 1 + tenth(size(1));
    case CostRule::kValidate: {
      const auto* format = arguments[0].as<FormatValue>();
      return format == nullptr ? 1 : pattern_match(size(1), format->format->pattern_size);
    }
    case CostRule::kCheck: return 350000;
    case CostRule::kSelector: {
      // A list, the text, and for every two characters a requirement.
      const auto length = static_cast<double>(size(1));
      return kListCost + scaled(length, 0.1) + scaled(static_cast<double>(scaled(length, 0.5)), static_cast<double>(kListCost + kMessageCost));
    }
    case CostRule::kListResult: return allocating_call(1, size_of(result));
    case CostRule::kFlatten: return allocating_call(count == 2 && arguments[1].is_int() ? static_cast<double>(arguments[1].as_int()) : 1, size(0));
    case CostRule::kCompareFirst: return self_comparison(arguments[0]);
    case CostRule::kCompareSecond: return self_comparison(arguments[1]);
    case CostRule::kLookup: return 10;
    case CostRule::kSelects: return nodes(arguments[0]) + nodes(arguments[1]);
    case CostRule::kAllows: return 10 + nodes(arguments[0]);
    case CostRule::kParse: return 10 + arguments[0].size() / 4;
    case CostRule::kCertificates: return 10 + arguments[0].size();
    case CostRule::kKey: return 1000 + arguments[count - 1].size() / 4;
    case CostRule::kSignature: return 2000;
    case CostRule::kSets: return 1 + size(0) * size(1);
    case CostRule::kSetsTwice: return 1 + static_cast<uint64_t>(static_cast<double>(size(0) * size(1)) * 2);
  }
  return 1;
}

}  // namespace plimsoll::cel
