// Quantities of resources: "1500m", "2Gi", 1e3 (apimachinery's resource.Quantity).
//
//   canonical_quantity("1024Mi")          == "1Gi"
//   canonical_quantity("0.0005", kMilli)  == "1m"
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/value/value.h"

namespace plimsoll::schema {

class Quantity {
 public:
  enum class Format : unsigned char { kDecimalExponent, kDecimalSi, kBinarySi };

  // As the API server reads it: fractions below a nano are rounded up. nullopt for a text that is none, or of more digits than
  // are kept here (some 29 before the point).
  static std::optional<Quantity> parse(std::string_view text);
  // A quantity in a manifest may be a bare number.
  static std::optional<Quantity> of(const Value& value);

  // As the server writes it: the largest suffix that keeps the number whole.
  std::string to_string() const;
  void round_up_to_milli();

  bool is_zero() const { return nano_ == 0; }
  // The sum and the larger keep the format of the left one.
  Quantity& operator+=(const Quantity& other);
  friend bool operator<(const Quantity& a, const Quantity& b) { return a.nano_ < b.nano_; }
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nano_ == b.nano_; }

 private:
  __extension__ typedef __int128 Number;
  Number nano_ = 0;
  Format format_ = Format::kDecimalSi;
};

}  // namespace plimsoll::schema
