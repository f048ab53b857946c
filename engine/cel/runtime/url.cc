#include "engine/cel/runtime/url.h"

#include <algorithm>

#include "engine/cel/runtime/ip.h"
#include "engine/value/go_quote.h"

namespace plimsoll::cel {

namespace {

enum class Mode { kPath, kHost, kZone, kUserPassword, kQuery, kFragment };
using Text = std::expected<std::string, std::string>;

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Which characters stand for themselves in each part of a URL.
bool should_escape(char c, Mode mode) {
  if (is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '~') return false;
  std::string_view plain;
  switch (mode) {
    case Mode::kPath: plain = "$&+,/:;=@"; break;
    case Mode::kHost:
    case Mode::kZone: plain = "!$&'()*+,;=:[]<>\""; break;
    case Mode::kUserPassword: plain = "$&+,;="; break;
    case Mode::kQuery: break;
    case Mode::kFragment: plain = "$&+,/:;=?@!()*"; break;
  }
  return c == '\0' || plain.find(c) == std::string_view::npos;
}

std::unexpected<std::string> bad_escape(std::string_view text) { return std::unexpected("invalid URL escape " + go::quoted(text.substr(0, 3))); }

Text unescape(std::string_view text, Mode mode) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return bad_escape(text.substr(i));
      const auto byte = static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      const bool percent = text.substr(i, 3) == "%25";
      // Hosts take escapes for non-ASCII bytes only, zones also for what a host would show as it is.
      if (mode == Mode::kHost && hex_value(text[i + 1]) < 8 && !percent) return bad_escape(text.substr(i));
      if (mode == Mode::kZone && !percent && byte != ' ' && should_escape(byte, Mode::kHost)) return bad_escape(text.substr(i));
      out += byte;
      i += 2;
    } else if (c == '+' && mode == Mode::kQuery) {
      out += ' ';
    } else {
      if ((mode == Mode::kHost || mode == Mode::kZone) && static_cast<unsigned char>(c) < 0x80 && should_escape(c, mode)) {
        return std::unexpected("invalid character " + go::quoted(text.substr(i, 1)) + " in host name");
      }
      out += c;
    }
  }
  return out;
}

std::string escape(std::string_view text, Mode mode) {
  std::string out;
  for (const char c : text) {
    if (!should_escape(c, mode)) {
      out += c;
      continue;
    }
    out += '%';
    out += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789ABCDEF"[c & 15];
  }
  return out;
}

bool is_valid_encoded(std::string_view text, Mode mode) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::string_view("!$&'()*+,;=:@[]%").find(c) != std::string_view::npos || !should_escape(c, mode);
  });
}

bool is_valid_port(std::string_view port) {
  return port.empty() || (port[0] == ':' && std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

// The escaped form to print: the original where it still means the same.
std::string escaped(std::string_view raw, std::string_view plain, Mode mode) {
  if (!raw.empty() && is_valid_encoded(raw, mode)) {
    if (const Text text = unescape(raw, mode); text && *text == plain) return std::string(raw);
  }
  if (mode == Mode::kPath && plain == "*") return "*";
  return escape(plain, mode);
}

Text parse_host(std::string_view scheme, std::string_view host) {
  const auto bad_port = [](std::string_view port) { return std::unexpected("invalid port " + go::quoted(port) + " after host"); };
  if (const size_t open = host.rfind('['); open != std::string_view::npos) {
    if (open > 0) return std::unexpected("invalid IP-literal");
    const size_t close = host.rfind(']');
    if (close == std::string_view::npos) return std::unexpected("missing ']' in host");
    const std::string_view port = host.substr(close + 1);
    if (!is_valid_port(port)) return bad_port(port);
    const std::string_view name = host.substr(1, close - 1);
    const size_t zone = name.find("%25");
    Text address = unescape(name.substr(0, zone), Mode::kHost);
    if (!address) return address;
    if (zone != std::string_view::npos) {
      const Text zone_text = unescape(name.substr(zone), Mode::kZone);
      if (!zone_text) return zone_text;
      *address += *zone_text;
    }
    const auto ip = IpAddress::parse(*address);
    if (!ip) return std::unexpected("invalid host: " + ip.error());
    if (!ip->v6) return std::unexpected("invalid IP-literal");
    return "[" + *address + "]" + std::string(port);
  }
  if (size_t colon = host.find(':'); colon != std::string_view::npos) {
    if (scheme != "http" && scheme != "https") colon = host.rfind(':');
    if (!is_valid_port(host.substr(colon))) return bad_port(host.substr(colon));
  }
  return unescape(host, Mode::kHost);
}

bool is_valid_user_info(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
  });
}

std::expected<void, std::string> parse_authority(std::string_view authority, Url& url, Arena& arena) {
  const size_t at = authority.rfind('@');
  const Text host = parse_host(url.scheme, at == std::string_view::npos ? authority : authority.substr(at + 1));
  if (!host) return std::unexpected(host.error());
  url.host = arena.copy(*host);
  if (at == std::string_view::npos) return {};
  const std::string_view info = authority.substr(0, at);
  if (!is_valid_user_info(info)) return std::unexpected("net/url: invalid userinfo");
  const size_t colon = info.find(':');
  const Text user = unescape(info.substr(0, colon), Mode::kUserPassword);
  if (!user) return std::unexpected(user.error());
  url.has_user = true;
  url.user = arena.copy(*user);
  if (colon != std::string_view::npos) {
    const Text password = unescape(info.substr(colon + 1), Mode::kUserPassword);
    if (!password) return std::unexpected(password.error());
    url.has_password = true;
    url.password = arena.copy(*password);
  }
  return {};
}

// "http" of "http://x"; what follows the colon stays in `rest`.
std::expected<std::string, std::string> take_scheme(std::string_view& rest) {
  for (size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) continue;
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
      if (i == 0) return "";
      continue;
    }
    if (c != ':') return "";
    if (i == 0) return std::unexpected("missing protocol scheme");
    std::string scheme(rest.substr(0, i));
    for (char& letter : scheme) {
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter | 0x20);
    }
    rest.remove_prefix(i + 1);
    return scheme;
  }
  return "";
}

std::expected<Url, std::string> parse_reference(std::string_view text, bool via_request, Arena& arena) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; })) {
    return std::unexpected("net/url: invalid control character in URL");
  }
  if (text.empty() && via_request) return std::unexpected("empty url");
  Url url;
  if (text == "*") {
    url.path = "*";
    return url;
  }
  std::string_view rest = text;
  const auto scheme = take_scheme(rest);
  if (!scheme) return std::unexpected(scheme.error());
  url.scheme = arena.copy(*scheme);
  const size_t question = rest.find('?');
  if (question != std::string_view::npos && question == rest.size() - 1) {
    url.force_query = true;
    rest.remove_suffix(1);
  } else if (question != std::string_view::npos) {
    url.raw_query = arena.copy(rest.substr(question + 1));
    rest = rest.substr(0, question);
  }
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = arena.copy(rest);
      return url;
    }
    if (via_request) return std::unexpected("invalid URI for request");
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) {
      return std::unexpected("first path segment in URL cannot contain colon");
    }
  }
  if ((!url.scheme.empty() || (!via_request && !rest.starts_with("///"))) && rest.starts_with("//")) {
    std::string_view authority = rest.substr(2);
    const size_t slash = authority.find('/');
    rest = slash == std::string_view::npos ? std::string_view() : authority.substr(slash);
    authority = authority.substr(0, slash);
    if (auto parsed = parse_authority(authority, url, arena); !parsed) return std::unexpected(parsed.error());
  } else if (!url.scheme.empty() && rest.starts_with('/')) {
    url.omit_host = true;
  }
  const Text path = unescape(rest, Mode::kPath);
  if (!path) return std::unexpected(path.error());
  url.path = arena.copy(*path);
  if (escape(*path, Mode::kPath) != rest) url.raw_path = arena.copy(rest);
  return url;
}

std::unexpected<std::string> parse_error(std::string_view text, const std::string& error) {
  return std::unexpected("parse " + go::quoted(text) + ": " + error);
}

}  // namespace

std::expected<Url, std::string> Url::parse_request(std::string_view text, Arena& arena) {
  auto url = parse_reference(text, true, arena);
  if (!url) return parse_error(text, url.error());
  return url;
}

std::expected<Url, std::string> Url::parse(std::string_view text, Arena& arena) {
  if (auto request = parse_request(text, arena); !request) return request;
  const size_t hash = text.find('#');
  const std::string_view without = text.substr(0, hash);
  auto url = parse_reference(without, false, arena);
  if (!url) return parse_error(without, url.error());
  if (hash == std::string_view::npos || hash + 1 == text.size()) return url;
  const std::string_view fragment = text.substr(hash + 1);
  const Text plain = unescape(fragment, Mode::kFragment);
  if (!plain) return parse_error(text, plain.error());
  url->fragment = arena.copy(*plain);
  if (escape(*plain, Mode::kFragment) != fragment) url->raw_fragment = arena.copy(fragment);
  return url;
}

std::string_view Url::hostname() const {
  std::string_view name = host;
  if (const size_t colon = name.rfind(':'); colon != std::string_view::npos && is_valid_port(name.substr(colon))) name = name.substr(0, colon);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  return name;
}

std::string_view Url::port() const {
  const size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || !is_valid_port(host.substr(colon))) return {};
  return host.substr(colon + 1);
}

std::string Url::escaped_path() const { return escaped(raw_path, path, Mode::kPath); }

std::string Url::to_string() const {
  std::string out;
  if (!scheme.empty()) out.append(scheme).append(1, ':');
  if (!opaque.empty()) {
    out += opaque;
  } else {
    if (!scheme.empty() || !host.empty() || has_user) {
      if (!(omit_host && host.empty() && !has_user)) {
        if (!host.empty() || !path.empty() || has_user) out += "//";
        if (has_user) {
          out += escape(user, Mode::kUserPassword);
          if (has_password) out += ":" + escape(password, Mode::kUserPassword);
          out += '@';
        }
        out += escape(host, Mode::kHost);
      }
    }
    const std::string shown = escaped_path();
    if (!shown.empty() && shown[0] != '/' && !host.empty()) out += '/';
    if (out.empty() && shown.substr(0, shown.find('/')).find(':') != std::string::npos) out += "./";
    out += shown;
  }
  if (force_query || !raw_query.empty()) out.append(1, '?').append(raw_query);
  if (!fragment.empty()) out += "#" + escaped(raw_fragment, fragment, Mode::kFragment);
  return out;
}

std::vector<std::pair<std::string, std::string>> Url::query() const {
  constexpr size_t kMaxParameters = 10000;
  std::vector<std::pair<std::string, std::string>> result;
  if (static_cast<size_t>(std::count(raw_query.begin(), raw_query.end(), '&')) + 1 > kMaxParameters) return result;
  std::string_view rest = raw_query;
  while (!rest.empty()) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    const size_t equals = pair.find('=');
    const Text key = unescape(pair.substr(0, equals), Mode::kQuery);
    const Text value = unescape(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), Mode::kQuery);
    if (key && value) result.emplace_back(*key, *value);
  }
  return result;
}

}  // namespace plimsoll::cel
