// quantity(), semver(), format.* and the escape of JSON Patch keys.
#include "engine/cel/functions.h"
#include "engine/cel/runtime/formats.h"

namespace plimsoll::cel {

namespace {

const Quantity& quantity_of(const Value& value) { return value.as<QuantityValue>()->quantity; }

Value to_quantity(Frame& frame, const Value* arguments, size_t) {
  const auto quantity = Quantity::parse(arguments[0].as_string(), frame.arena());
  return quantity ? make_quantity(frame.arena(), *quantity) : frame.error(quantity.error());
}
Value is_quantity(Frame& frame, const Value* arguments, size_t) {
  return Value::boolean(Quantity::parse(arguments[0].as_string(), frame.arena()).has_value());
}
Value sign(Frame&, const Value* arguments, size_t) { return Value::integer(quantity_of(arguments[0]).sign()); }
Value is_integer(Frame&, const Value* arguments, size_t) { return Value::boolean(quantity_of(arguments[0]).as_int64().has_value()); }
Value as_integer(Frame& frame, const Value* arguments, size_t) {
  const std::optional<int64_t> value = quantity_of(arguments[0]).as_int64();
  return value ? Value::integer(*value) : frame.error("cannot convert value to integer");
}
Value as_approximate_float(Frame&, const Value* arguments, size_t) {
  return Value::real(quantity_of(arguments[0]).as_approximate_double());
}
Value compare_quantities(Frame&, const Value* arguments, size_t) {
  return Value::integer(quantity_of(arguments[0]).compare(quantity_of(arguments[1])));
}
Value is_greater_quantity(Frame&, const Value* arguments, size_t) {
  return Value::boolean(quantity_of(arguments[0]).compare(quantity_of(arguments[1])) > 0);
}
Value is_less_quantity(Frame&, const Value* arguments, size_t) {
  return Value::boolean(quantity_of(arguments[0]).compare(quantity_of(arguments[1])) < 0);
}

template <std::optional<Quantity> (Quantity::*kOperation)(const Quantity&, Arena&) const>
Value combine(Frame& frame, const Value* arguments, size_t) {
  const Quantity other = arguments[1].is_int() ? Quantity::of(arguments[1].as_int(), Quantity::Format::kDecimalExponent) : quantity_of(arguments[1]);
  const std::optional<Quantity> result = (quantity_of(arguments[0]).*kOperation)(other, frame.arena());
  return result ? make_quantity(frame.arena(), *result, true) : frame.error("quantity has too many digits");
}

std::expected<Semver, std::string> parse_semver(Frame& frame, const Value* arguments, size_t count) {
  if (count < 2 || !arguments[1].as_bool()) return Semver::parse(arguments[0].as_string());
  const auto normal = normalize_semver(arguments[0].as_string());
  if (!normal) return std::unexpected(normal.error());
  return Semver::parse(frame.arena().copy(*normal));
}

const Semver& semver_of(const Value& value) { return value.as<SemverValue>()->version; }

Value to_semver(Frame& frame, const Value* arguments, size_t count) {
  const auto version = parse_semver(frame, arguments, count);
  return version ? make_semver(frame.arena(), *version) : frame.error(version.error());
}
Value is_semver(Frame& frame, const Value* arguments, size_t count) {
  return Value::boolean(parse_semver(frame, arguments, count).has_value());
}
template <uint64_t Semver::*kPart>
Value part(Frame&, const Value* arguments, size_t) {
  return Value::integer(static_cast<int64_t>(semver_of(arguments[0]).*kPart));
}
Value compare_semvers(Frame&, const Value* arguments, size_t) {
  return Value::integer(semver_of(arguments[0]).compare(semver_of(arguments[1])));
}
Value is_greater_semver(Frame&, const Value* arguments, size_t) {
  return Value::boolean(semver_of(arguments[0]).compare(semver_of(arguments[1])) > 0);
}
Value is_less_semver(Frame&, const Value* arguments, size_t) {
  return Value::boolean(semver_of(arguments[0]).compare(semver_of(arguments[1])) < 0);
}

template <size_t kIndex>
Value constant_format(Frame& frame, const Value*, size_t) {
  return make_format(frame.arena(), named_formats()[kIndex]);
}
Value named_format(Frame& frame, const Value* arguments, size_t) {
  const NamedFormat* format = find_format(arguments[0].as_string());
  return format == nullptr ? no_value() : make_optional(frame.arena(), make_format(frame.arena(), *format));
}
Value validate(Frame& frame, const Value* arguments, size_t) {
  const std::vector<std::string> problems = arguments[0].as<FormatValue>()->format->validate(arguments[1].as_string());
  if (problems.empty()) return no_value();
  List* list = List::create(frame.arena(), problems.size());
  for (const std::string& problem : problems) list->push_back(frame.arena(), frame.string(problem));
  return make_optional(frame.arena(), Value::list(list));
}

Value escape_key(Frame& frame, const Value* arguments, size_t) {
  std::string out;
  for (const char c : arguments[0].as_string()) {
    if (c == '/') {
      out += "~1";
    } else if (c == '~') {
      out += "~0";
    } else {
      out += c;
    }
  }
  return frame.string(out);
}

constexpr Binding kQuantities[] = {
    {"string_to_quantity", to_quantity},
    {"is_quantity_string", is_quantity},
    {"quantity_sign", sign},
    {"quantity_is_integer", is_integer},
    {"quantity_get_int", as_integer},
    {"quantity_get_float", as_approximate_float},
    {"quantity_compare_to", compare_quantities},
    {"quantity_is_greater_than", is_greater_quantity},
    {"quantity_is_less_than", is_less_quantity},
    {"quantity_add", combine<&Quantity::plus>},
    {"quantity_add_int", combine<&Quantity::plus>},
    {"quantity_sub", combine<&Quantity::minus>},
    {"quantity_sub_int", combine<&Quantity::minus>},
};

constexpr Binding kSemvers[] = {
    {"string_to_semver", to_semver},
    {"string_bool_to_semver", to_semver},
    {"is_semver_string", is_semver},
    {"is_semver_string_bool", is_semver},
    {"semver_major", part<&Semver::major>},
    {"semver_minor", part<&Semver::minor>},
    {"semver_patch", part<&Semver::patch>},
    {"semver_compare_to", compare_semvers},
    {"semver_is_greater_than", is_greater_semver},
    {"semver_is_less_than", is_less_semver},
};

// In the order of named_formats().
constexpr Binding kFormats[] = {
    {"format.dns1123Label", constant_format<0>},
    {"format.dns1123Subdomain", constant_format<1>},
    {"format.dns1035Label", constant_format<2>},
    {"format.qualifiedName", constant_format<3>},
    {"format.dns1123LabelPrefix", constant_format<4>},
    {"format.dns1123SubdomainPrefix", constant_format<5>},
    {"format.dns1035LabelPrefix", constant_format<6>},
    {"format.labelValue", constant_format<7>},
    {"format.uri", constant_format<8>},
    {"format.uuid", constant_format<9>},
    {"format.byte", constant_format<10>},
    {"format.date", constant_format<11>},
    {"format.datetime", constant_format<12>},
    {"format-named", named_format},
    {"format-validate", validate},
    {"string_jsonpatch_escapeKey_string", escape_key},
};

}  // namespace

std::span<const Binding> functions::quantities() { return kQuantities; }
std::span<const Binding> functions::semvers() { return kSemvers; }
std::span<const Binding> functions::formats() { return kFormats; }

}  // namespace plimsoll::cel
