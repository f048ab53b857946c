// Signatures of several libraries; each table says where it comes from.
#include "engine/cel/library/library.h"

namespace plimsoll::cel::library {
namespace {

// Kubernetes' URLs (library/urls.go).
constexpr Signature kUrl[] = {
    {"getEscapedPath", "url_get_escaped_path", "kubernetes.URL.() -> string", "url('https://a/b c').getEscapedPath() == '/b%20c'"},
    {"getHost", "url_get_host", "kubernetes.URL.() -> string", "url('https://a:80/').getHost() == 'a:80'"},
    {"getHostname", "url_get_hostname", "kubernetes.URL.() -> string", "url('https://[::1]:80/').getHostname() == '::1'"},
    {"getPort", "url_get_port", "kubernetes.URL.() -> string", "url('https://a:80/').getPort() == '80'"},
    {"getQuery", "url_get_query", "kubernetes.URL.() -> map(string, list(string))", "url('https://a/?k=1&k=2').getQuery() == {'k': ['1', '2']}"},
    {"getScheme", "url_get_scheme", "kubernetes.URL.() -> string", "url('https://a/').getScheme() == 'https'"},
    {"isURL", "is_url_string", "(string) -> bool", "isURL('https://example.com/') == true"},
    {"url", "string_to_url", "(string) -> kubernetes.URL", "url('https://example.com/'): an absolute URI or absolute path; error otherwise"},
};

// Kubernetes' IP addresses (library/ip.go).
constexpr Signature kIp[] = {
    {"family", "ip_family", "net.IP.() -> int", "ip('127.0.0.1').family() == 4"},
    {"ip", "string_to_ip", "(string) -> net.IP", "ip('127.0.0.1'); error for zones and IPv4 in IPv6"},
    {"ip.isCanonical", "ip_is_canonical", "(string) -> bool", "ip.isCanonical('2001:DB8::1') == false"},
    {"isGlobalUnicast", "ip_is_global_unicast", "net.IP.() -> bool", "ip('8.8.8.8').isGlobalUnicast() == true"},
    {"isIP", "is_ip", "(string) -> bool", "isIP('::1') == true"},
    {"isLinkLocalMulticast", "ip_is_link_local_multicast", "net.IP.() -> bool", "ip('224.0.0.1').isLinkLocalMulticast() == true"},
    {"isLinkLocalUnicast", "ip_is_link_local_unicast", "net.IP.() -> bool", "ip('169.254.0.1').isLinkLocalUnicast() == true"},
    {"isLoopback", "ip_is_loopback", "net.IP.() -> bool", "ip('127.0.0.1').isLoopback() == true"},
    {"isUnspecified", "ip_is_unspecified", "net.IP.() -> bool", "ip('0.0.0.0').isUnspecified() == true"},
    {"string", "ip_to_string", "(net.IP) -> string", "string(ip('::1')) == '::1'"},
};

// Kubernetes' networks (library/cidr.go).
constexpr Signature kCidr[] = {
    {"cidr", "string_to_cidr", "(string) -> net.CIDR", "cidr('10.0.0.0/8')"},
    {"containsCIDR", "cidr_contains_cidr_string", "net.CIDR.(string) -> bool", "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') == true"},
    {"containsCIDR", "cidr_contains_cidr", "net.CIDR.(net.CIDR) -> bool", "cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16')) == true"},
    {"containsIP", "cidr_contains_ip_string", "net.CIDR.(string) -> bool", "cidr('10.0.0.0/8').containsIP('10.1.2.3') == true"},
    {"containsIP", "cidr_contains_ip_ip", "net.CIDR.(net.IP) -> bool", "cidr('10.0.0.0/8').containsIP(ip('10.1.2.3')) == true"},
    {"ip", "cidr_ip", "net.CIDR.() -> net.IP", "cidr('10.1.0.0/16').ip() == ip('10.1.0.0')"},
    {"isCIDR", "is_cidr", "(string) -> bool", "isCIDR('10.0.0.0/8') == true"},
    {"masked", "cidr_masked", "net.CIDR.() -> net.CIDR", "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')"},
    {"prefixLength", "cidr_prefix_length", "net.CIDR.() -> int", "cidr('10.0.0.0/8').prefixLength() == 8"},
    {"string", "cidr_to_string", "(net.CIDR) -> string", "string(cidr('10.0.0.0/8')) == '10.0.0.0/8'"},
};

}  // namespace

std::span<const Signature> url() { return kUrl; }
std::span<const Signature> ip() { return kIp; }
std::span<const Signature> cidr() { return kCidr; }

}  // namespace plimsoll::cel::library
