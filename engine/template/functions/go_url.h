// URLs as Go's net/url takes them apart and puts them together.
//
//   Result<Url> url = parse_url("http://user@example.com:8080/p%20a?q#f");
//   url->host;      // "example.com:8080"
//   url->path;      // "/p a"
//   to_string(*url)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/value/error.h"

namespace plimsoll::tmpl {

struct UserInfo {
  std::string name;
  std::optional<std::string> password;
};

struct Url {
  std::string scheme;
  std::string opaque;
  std::optional<UserInfo> user;
  std::string host;      // with port
  std::string path;      // unescaped
  std::string query;     // as written
  std::string fragment;  // unescaped
};

// As url.Parse; the error is url.Error's text: parse "http://%zz": invalid URL escape "%zz".
Result<Url> parse_url(std::string_view text);
// Host without port and brackets.
std::string_view host_name(const Url& url);
// "user:password", escaped.
std::string to_string(const UserInfo& user);
// As URL.String for a URL that was put together from its parts.
std::string to_string(const Url& url);

}  // namespace plimsoll::tmpl
