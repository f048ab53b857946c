// Requirements from Markdown: the rows of tables whose first column is an id.
//
//   | id    | requirement                  |
//   |-------|------------------------------|
//   | LR-06 | MySQL ignores letter case    |
//
//   auto requirements = read_requirements(text, "requirements.md");
//   requirements->front().id;   // "LR-06"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"

namespace plimsoll::cli {

struct Requirement {
  std::string id;
  std::string text;     // of the column "requirement", "description" or "text", else of the last one
  std::string section;  // the heading above the table
  uint32_t line = 0;
};

// In the order of the file. An id is a word with a digit (LR-06, 4.1.2), or whatever stands under the heading "id". Errors: kInvalid
// for an id that comes twice, kNotFound if there is none.
Result<std::vector<Requirement>> read_requirements(std::string_view markdown, const std::string& name);

// Whether `id` is of the family `prefix`: LR-06 is of LR and of LR-06, not of L or LR-0.
bool has_prefix(std::string_view id, std::string_view prefix);

}  // namespace plimsoll::cli
