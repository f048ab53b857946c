// url(), ip(), cidr() and what Kubernetes asks of them.
#include "engine/cel/functions.h"
#include "engine/value/go_quote.h"

namespace plimsoll::cel {

namespace {

const Url& url_of(const Value& value) { return value.as<UrlValue>()->url; }

Value to_url(Frame& frame, const Value* arguments, size_t) {
  const auto url = Url::parse(arguments[0].as_string(), frame.arena());
  if (!url) return frame.error("URL parse error during conversion from string: " + url.error());
  return make_url(frame.arena(), *url);
}
Value is_url(Frame& frame, const Value* arguments, size_t) {
  return Value::boolean(Url::parse_request(arguments[0].as_string(), frame.arena()).has_value());
}
Value get_scheme(Frame&, const Value* arguments, size_t) { return Value::string(url_of(arguments[0]).scheme); }
Value get_host(Frame&, const Value* arguments, size_t) { return Value::string(url_of(arguments[0]).host); }
Value get_hostname(Frame&, const Value* arguments, size_t) { return Value::string(url_of(arguments[0]).hostname()); }
Value get_port(Frame&, const Value* arguments, size_t) { return Value::string(url_of(arguments[0]).port()); }
Value get_escaped_path(Frame& frame, const Value* arguments, size_t) { return frame.string(url_of(arguments[0]).escaped_path()); }
Value get_query(Frame& frame, const Value* arguments, size_t) {
  Arena& arena = frame.arena();
  Map* map = Map::create(arena);
  for (const auto& [key, value] : url_of(arguments[0]).query()) {
    Value* values = map->find(key);
    if (values == nullptr) {
      map->append(arena, Value::string(arena.copy(key)), Value::list(List::create(arena, 1)));
      values = map->find(key);
    }
    values->as_list()->push_back(arena, Value::string(arena.copy(value)));
  }
  return Value::map(map);
}

std::expected<IpAddress, std::string> parse_ip(std::string_view text) {
  auto address = IpAddress::parse(text);
  if (!address) return std::unexpected("IP Address " + go::quoted(text) + " parse error during conversion from string: " + address.error());
  if (address->zone) return std::unexpected("IP address " + go::quoted(text) + " with zone value is not allowed");
  if (address->is_v4_mapped()) return std::unexpected("IPv4-mapped IPv6 address " + go::quoted(text) + " is not allowed");
  return address;
}

std::expected<IpPrefix, std::string> parse_cidr(std::string_view text) {
  auto prefix = IpPrefix::parse(text);
  if (!prefix) return std::unexpected("network address parse error during conversion from string: " + prefix.error());
  if (prefix->address.is_v4_mapped()) return std::unexpected("IPv4-mapped IPv6 address " + go::quoted(text) + " is not allowed");
  return prefix;
}

const IpAddress& ip_of(const Value& value) { return value.as<IpValue>()->address; }
const IpPrefix& cidr_of(const Value& value) { return value.as<CidrValue>()->prefix; }

Value to_ip(Frame& frame, const Value* arguments, size_t) {
  const auto address = parse_ip(arguments[0].as_string());
  return address ? make_ip(frame.arena(), *address) : frame.error(address.error());
}
Value is_ip(Frame&, const Value* arguments, size_t) { return Value::boolean(parse_ip(arguments[0].as_string()).has_value()); }
Value is_canonical(Frame& frame, const Value* arguments, size_t) {
  const auto address = parse_ip(arguments[0].as_string());
  return address ? Value::boolean(address->to_string() == arguments[0].as_string()) : frame.error(address.error());
}
Value ip_to_string(Frame& frame, const Value* arguments, size_t) { return frame.string(ip_of(arguments[0]).to_string()); }
Value family(Frame&, const Value* arguments, size_t) { return Value::integer(ip_of(arguments[0]).v6 ? 6 : 4); }
template <bool (IpAddress::*kTest)() const>
Value test(Frame&, const Value* arguments, size_t) {
  return Value::boolean((ip_of(arguments[0]).*kTest)());
}

Value to_cidr(Frame& frame, const Value* arguments, size_t) {
  const auto prefix = parse_cidr(arguments[0].as_string());
  if (!prefix) return frame.error("network address parse error during conversion from string: " + prefix.error());
  return make_cidr(frame.arena(), *prefix);
}
Value is_cidr(Frame&, const Value* arguments, size_t) { return Value::boolean(parse_cidr(arguments[0].as_string()).has_value()); }
Value cidr_to_string(Frame& frame, const Value* arguments, size_t) { return frame.string(cidr_of(arguments[0]).to_string()); }
Value cidr_ip(Frame& frame, const Value* arguments, size_t) { return make_ip(frame.arena(), cidr_of(arguments[0]).address); }
Value masked(Frame& frame, const Value* arguments, size_t) { return make_cidr(frame.arena(), cidr_of(arguments[0]).masked()); }
Value prefix_length(Frame&, const Value* arguments, size_t) { return Value::integer(cidr_of(arguments[0]).bits); }

// What does not parse is no such overload to Kubernetes, the reason is lost.
Value contains_ip(Frame&, const Value* arguments, size_t) {
  if (arguments[1].is_string()) {
    const auto address = parse_ip(arguments[1].as_string());
    return address ? Value::boolean(cidr_of(arguments[0]).contains(*address)) : no_such_overload();
  }
  return Value::boolean(cidr_of(arguments[0]).contains(ip_of(arguments[1])));
}
Value contains_prefix(const IpPrefix& outer, const IpPrefix& inner) {
  return Value::boolean(outer.overlaps(inner) && outer.bits <= inner.bits);
}
Value contains_cidr(Frame& frame, const Value* arguments, size_t) {
  if (!arguments[1].is_string()) return contains_prefix(cidr_of(arguments[0]), cidr_of(arguments[1]));
  const auto prefix = parse_cidr(arguments[1].as_string());
  if (!prefix) return frame.error("network address parse error during conversion from string: " + prefix.error());
  return contains_prefix(cidr_of(arguments[0]), *prefix);
}

constexpr Binding kUrls[] = {
    {"string_to_url", to_url},
    {"is_url_string", is_url},
    {"url_get_scheme", get_scheme},
    {"url_get_host", get_host},
    {"url_get_hostname", get_hostname},
    {"url_get_port", get_port},
    {"url_get_escaped_path", get_escaped_path},
    {"url_get_query", get_query},
};

constexpr Binding kAddresses[] = {
    {"string_to_ip", to_ip},
    {"is_ip", is_ip},
    {"ip_is_canonical", is_canonical},
    {"ip_to_string", ip_to_string},
    {"ip_family", family},
    {"ip_is_unspecified", test<&IpAddress::is_unspecified>},
    {"ip_is_loopback", test<&IpAddress::is_loopback>},
    {"ip_is_link_local_multicast", test<&IpAddress::is_link_local_multicast>},
    {"ip_is_link_local_unicast", test<&IpAddress::is_link_local_unicast>},
    {"ip_is_global_unicast", test<&IpAddress::is_global_unicast>},
    {"string_to_cidr", to_cidr},
    {"is_cidr", is_cidr},
    {"cidr_to_string", cidr_to_string},
    {"cidr_ip", cidr_ip},
    {"cidr_masked", masked},
    {"cidr_prefix_length", prefix_length},
    {"cidr_contains_ip_string", contains_ip},
    {"cidr_contains_ip_ip", contains_ip},
    {"cidr_contains_cidr_string", contains_cidr},
    {"cidr_contains_cidr", contains_cidr},
};

}  // namespace

std::span<const Binding> functions::urls() { return kUrls; }
std::span<const Binding> functions::addresses() { return kAddresses; }

}  // namespace plimsoll::cel
