#include <array>

#include "engine/template/functions/families.h"

namespace plimsoll::tmpl {

std::span<const FunctionFamily> sprig_families() {
  static const std::array kFamilies = {
      string_functions(),   text_case_functions(), list_functions(),   dict_functions(),   math_functions(),
      default_functions(),  date_functions(),      semver_functions(), regex_functions(),  encoding_functions(),
      format_functions(),   path_functions(),      random_functions(), crypto_functions(), certificate_functions(),
  };
  return kFamilies;
}

}  // namespace plimsoll::tmpl
