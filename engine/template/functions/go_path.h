// Slash-separated paths as Go's package path treats them.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::tmpl {

std::string clean_path(std::string_view path);     // "a/../b//c/." == "b/c"
std::string_view base_name(std::string_view path);  // "a/b.txt" == "b.txt", "" == "."
std::string directory_name(std::string_view path);  // "a/b.txt" == "a"
std::string_view extension(std::string_view path);  // "b.tar.gz" == ".gz"

}  // namespace plimsoll::tmpl
