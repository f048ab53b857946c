// URLs as Go's net/url parses and prints them, for Kubernetes' url() and isURL().
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/value/arena.h"

namespace plimsoll::cel {

// All text lives in the arena it was parsed into.
struct Url {
  std::string_view scheme, opaque, host, path, raw_path, raw_query, fragment, raw_fragment;
  std::string_view user, password;  // unescaped
  bool has_user = false, has_password = false, force_query = false, omit_host = false;

  // What url() accepts: an absolute URI or path (ParseRequestURI), read again with its fragment. The error is Go's message.
  static std::expected<Url, std::string> parse(std::string_view text, Arena& arena);
  // Go's url.ParseRequestURI.
  static std::expected<Url, std::string> parse_request(std::string_view text, Arena& arena);

  std::string_view hostname() const;  // without port and brackets
  std::string_view port() const;
  std::string escaped_path() const;
  std::string to_string() const;
  // Keys and values of the query in order, unescaped; malformed pairs are left out.
  std::vector<std::pair<std::string, std::string>> query() const;
};

}  // namespace plimsoll::cel
