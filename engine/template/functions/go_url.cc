#include "engine/template/functions/go_url.h"

#include <arpa/inet.h>

#include <algorithm>

#include "engine/template/functions/text_case.h"
#include "engine/template/go_format.h"
#include "engine/value/go_quote.h"

namespace plimsoll::tmpl {
namespace {

// Where a piece of text stands in a URL: each place has its own characters that need no escape.
enum class Place : uint8_t { kPath, kUser, kHost, kZone, kFragment };

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool needs_escape(char c, Place place) {
  if (is_alphanumeric(c)) return false;
  const auto among = [c](std::string_view set) { return set.find(c) != std::string_view::npos; };
  if (among("-_.~")) return false;
  switch (place) {
    case Place::kHost:
    case Place::kZone: return !among("!$&'()*+,;=:[]<>\"");
    case Place::kPath: return !among("$&+,/:;=@");
    case Place::kUser: return !among("$&+,;=");
    case Place::kFragment: return !among("$&+,/:;=?@!()*");
  }
  return true;
}

std::string escape(std::string_view text, Place place) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (!needs_escape(c, place)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::unexpected<Error> problem(std::string message) { return fail(ErrorCode::kSyntax, std::move(message)); }
std::unexpected<Error> problem_with(std::string message, std::string_view fragment, std::string_view rest = {}) {
  go::append_quoted(message, fragment);
  return problem(message.append(rest));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

Result<std::string> unescape(std::string_view text, Place place) {
  const bool in_host = place == Place::kHost || place == Place::kZone;
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%') {
      if (in_host && static_cast<unsigned char>(c) < 0x80 && needs_escape(c, place)) {
        return problem_with("invalid character ", text.substr(i, 1), " in host name");
      }
      out += c;
      continue;
    }
    const std::string_view sequence = text.substr(i, 3);
    const int high = sequence.size() == 3 ? hex_value(sequence[1]) : -1;
    const int low = sequence.size() == 3 ? hex_value(sequence[2]) : -1;
    if (high < 0 || low < 0) return problem_with("invalid URL escape ", sequence);
    const char byte = static_cast<char>(high << 4 | low);
    // A host may only have escapes of bytes beyond ASCII; its zone those of characters that need none, and a blank.
    const bool refused = (place == Place::kHost && high < 8 && sequence != "%25") ||
                         (place == Place::kZone && sequence != "%25" && byte != ' ' && needs_escape(byte, Place::kHost));
    if (refused) return problem_with("invalid URL escape ", sequence);
    out += byte;
    i += 2;
  }
  return out;
}

struct Cut {
  std::string_view before;
  std::string_view after;
  bool found;
};
Cut cut(std::string_view text, char separator) {
  const size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + 1), true};
}

bool valid_optional_port(std::string_view port) {
  if (port.empty()) return true;
  return port[0] == ':' && std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool valid_user_info(std::string_view text) {
  constexpr std::string_view kAllowed = "-._:~!$&'()*+,;=%@";
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_alphanumeric(c) || kAllowed.find(c) != std::string_view::npos; });
}

Result<std::string> parse_bracketed_host(std::string_view host) {
  const size_t close = host.rfind(']');
  if (close == std::string_view::npos) return problem("missing ']' in host");
  const std::string_view port = host.substr(close + 1);
  if (!valid_optional_port(port)) return problem_with("invalid port ", port, " after host");
  std::string_view name = host.substr(1, close - 1);
  const size_t zone_at = name.find("%25");
  PLIMSOLL_ASSIGN_OR_RETURN(std::string address, unescape(name.substr(0, zone_at), Place::kHost));
  std::string zone;
  if (zone_at != std::string_view::npos) {
    PLIMSOLL_ASSIGN_OR_RETURN(zone, unescape(name.substr(zone_at), Place::kZone));
  }
  in_addr ipv4{};
  if (inet_pton(AF_INET, address.c_str(), &ipv4) == 1) return problem("invalid IP-literal");
  in6_addr ipv6{};
  // "fe80::1%" has an empty zone, which is none.
  if (inet_pton(AF_INET6, address.c_str(), &ipv6) != 1 || zone == "%") {
    return problem("invalid host: ParseAddr(" + go::quoted(address + zone) + "): unable to parse IP");
  }
  return '[' + address + zone + ']' + std::string(port);
}

Result<std::string> parse_host(std::string_view scheme, std::string_view host) {
  const size_t open = host.rfind('[');
  if (open != std::string_view::npos) {
    if (open > 0) return problem("invalid IP-literal");
    return parse_bracketed_host(host);
  }
  if (const size_t first = host.find(':'); first != std::string_view::npos) {
    // Only with http and https is a second colon part of a bad port.
    const bool web = scheme == "http" || scheme == "https";
    const std::string_view port = host.substr(web ? first : host.rfind(':'));
    if (!valid_optional_port(port)) return problem_with("invalid port ", port, " after host");
  }
  return unescape(host, Place::kHost);
}

Result<void> parse_authority(std::string_view authority, Url& url) {
  const size_t at = authority.rfind('@');
  const bool has_user = at != std::string_view::npos;
  PLIMSOLL_ASSIGN_OR_RETURN(url.host, parse_host(url.scheme, has_user ? authority.substr(at + 1) : authority));
  if (!has_user) return {};
  const std::string_view text = authority.substr(0, at);
  if (!valid_user_info(text)) return problem("net/url: invalid userinfo");
  const Cut parts = cut(text, ':');
  UserInfo user;
  PLIMSOLL_ASSIGN_OR_RETURN(user.name, unescape(parts.before, Place::kUser));
  if (parts.found) {
    PLIMSOLL_ASSIGN_OR_RETURN(user.password, unescape(parts.after, Place::kUser));
  }
  url.user = std::move(user);
  return {};
}

// Splits off "scheme:"; text without one is left as it is.
Result<std::string_view> take_scheme(std::string_view& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (i > 0 && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) continue;
    if (c != ':') break;
    if (i == 0) return problem("missing protocol scheme");
    const std::string_view scheme = text.substr(0, i);
    text.remove_prefix(i + 1);
    return scheme;
  }
  return std::string_view();
}

Result<Url> parse_without_fragment(std::string_view text) {
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7F;
  });
  if (has_control) return problem("net/url: invalid control character in URL");
  Url url;
  if (text == "*") {
    url.path = "*";
    return url;
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string_view scheme, take_scheme(text));
  url.scheme = to_lower(scheme);
  const Cut question = cut(text, '?');
  std::string_view rest = question.before;
  url.query = question.after;

  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return url;
    }
    if (cut(rest, '/').before.find(':') != std::string_view::npos) {
      return problem("first path segment in URL cannot contain colon");
    }
  }
  if (rest.starts_with("//") && (!url.scheme.empty() || !rest.starts_with("///"))) {
    const size_t slash = std::min(rest.find('/', 2), rest.size());
    PLIMSOLL_RETURN_IF_ERROR(parse_authority(rest.substr(2, slash - 2), url));
    rest.remove_prefix(slash);
  }
  PLIMSOLL_ASSIGN_OR_RETURN(url.path, unescape(rest, Place::kPath));
  return url;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const Cut hash = cut(text, '#');
  const auto failed = [](std::string_view part, const Error& error) {
    return problem("parse " + go::quoted(part) + ": " + error.message());
  };
  Result<Url> url = parse_without_fragment(hash.before);
  if (!url) return failed(hash.before, url.error());
  Result<std::string> fragment = unescape(hash.after, Place::kFragment);
  if (!fragment) return failed(text, fragment.error());
  url->fragment = *std::move(fragment);
  return url;
}

std::string_view host_name(const Url& url) {
  std::string_view host = url.host;
  const size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && valid_optional_port(host.substr(colon))) host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

std::string to_string(const UserInfo& user) {
  std::string text = escape(user.name, Place::kUser);
  if (user.password) text += ':' + escape(*user.password, Place::kUser);
  return text;
}

std::string to_string(const Url& url) {
  std::string text;
  if (!url.scheme.empty()) text += url.scheme + ':';
  if (!url.opaque.empty()) {
    text += url.opaque;
  } else {
    if (!url.host.empty() || url.user || (!url.scheme.empty() && !url.path.empty())) text += "//";
    if (url.user) text += to_string(*url.user) + '@';
    text += escape(url.host, Place::kHost);
    const std::string path = url.path == "*" ? url.path : escape(url.path, Place::kPath);
    if (!path.empty() && path[0] != '/' && !url.host.empty()) text += '/';
    // A colon in the first segment of a relative path would read as a scheme.
    if (text.empty() && cut(path, '/').before.find(':') != std::string_view::npos) text += "./";
    text += path;
  }
  if (!url.query.empty()) text += '?' + url.query;
  if (!url.fragment.empty()) text += '#' + escape(url.fragment, Place::kFragment);
  return text;
}

}  // namespace plimsoll::tmpl
