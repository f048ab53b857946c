// Kubernetes' resource quantities: "1.5Gi", "100m", "2e3". Behaviour of k8s.io/apimachinery/pkg/api/resource.
//
//   auto memory = Quantity::parse("1536Mi", arena);
//   auto sum = memory->plus(*Quantity::parse("512Mi", arena), arena);
//   sum->to_string();   // "2Gi"
//
// A quantity is exact: an int64 times a power of ten where that holds it, decimal digits in an arena where it does not. Go draws
// the line at the same place, and AsInt64 depends on it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "engine/value/arena.h"

namespace plimsoll::cel {

class Quantity {
 public:
  enum class Format : uint8_t { kDecimalExponent, kBinarySi, kDecimalSi };

  // The error is Go's message. `text` is copied if it is kept.
  static std::expected<Quantity, std::string_view> parse(std::string_view text, Arena& arena);
  static Quantity of(int64_t value, Format format);

  int sign() const;
  // -1, 0, 1
  int compare(const Quantity& other) const;
  // Zero takes over the other's format. nullopt: more digits than kMaxDigits.
  std::optional<Quantity> plus(const Quantity& other, Arena& arena) const;
  std::optional<Quantity> minus(const Quantity& other, Arena& arena) const;
  // The value as Go's AsInt64 gives it: nullopt if fractional, too large or held in digits.
  std::optional<int64_t> as_int64() const;
  double as_approximate_double() const;
  // Canonical form: the largest suffix that needs no fraction; a text that was parsed and is canonical stays as it is.
  std::string to_string() const;

  static constexpr size_t kMaxDigits = 10000;

 private:
  friend struct Digits;
  bool is_wide() const { return !digits_.empty(); }

  int64_t value_ = 0;         // unless wide
  int32_t scale_ = 0;         // times 10^scale
  Format format_ = Format::kDecimalSi;
  bool negative_ = false;     // wide
  std::string_view digits_;   // wide: magnitude, without leading zeros
  std::string_view text_;     // what was parsed, if to_string() is to give it back
};

}  // namespace plimsoll::cel
