#include "cli/requirements.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace plimsoll::cli {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// The cells of a row; \| is a bar within a cell.
std::vector<std::string> cells_of(std::string_view line) {
  line = trim(line);
  if (line.starts_with('|')) line.remove_prefix(1);
  std::vector<std::string> cells(1);
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cells.back() += line[++i];
    } else if (line[i] == '|') {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  if (cells.size() > 1 && trim(cells.back()).empty()) cells.pop_back();
  for (std::string& cell : cells) cell = std::string(trim(cell));
  return cells;
}

// |---|:-:|
bool is_delimiter_row(std::string_view line) {
  line = trim(line);
  return line.find('-') != std::string_view::npos && line.find_first_not_of("|:- \t") == std::string_view::npos &&
         line.find('|') != std::string_view::npos;
}

// A cell without emphasis, code marks and link: **`LR-06`** and [LR-06](#lr-06) are LR-06.
std::string bare(std::string_view cell) {
  const auto unmarked = [](std::string_view text) {
    const size_t begin = text.find_first_not_of("*`_ "), end = text.find_last_not_of("*`_ ");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, end - begin + 1);
  };
  cell = unmarked(cell);
  if (const size_t close = cell.find("]("); cell.starts_with('[') && close != std::string_view::npos) {
    cell = unmarked(cell.substr(1, close - 1));
  }
  return std::string(cell);
}

bool is_id(std::string_view text) {
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '/'; };
  return std::ranges::all_of(text, fits) && std::ranges::any_of(text, is_digit);
}

// Columns of the table at hand.
struct Table {
  bool all_ids;  // the first column says so
  size_t text;
};

std::optional<Table> table_of(std::string_view header) {
  const std::vector<std::string> cells = cells_of(header);
  Table table{lower(bare(cells.front())) == "id", cells.size() - 1};
  for (size_t i = cells.size(); i-- > 1;) {
    const std::string name = lower(bare(cells[i]));
    if (name == "requirement" || name == "description" || name == "text") table.text = i;
  }
  return table;
}

}  // namespace

Result<std::vector<Requirement>> read_requirements(std::string_view markdown, const std::string& name) {
  std::vector<Requirement> found;
  std::map<std::string, uint32_t> lines;  // by id
  std::string section;
  std::string_view previous, fence;
  std::optional<Table> table;
  uint32_t number = 0;
  while (!markdown.empty()) {
    const size_t end = std::min(markdown.find('\n'), markdown.size());
    const std::string_view line = trim(markdown.substr(0, end));
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
    ++number;
    const std::string_view before = std::exchange(previous, line);
    if (!fence.empty()) {
      if (line.starts_with(fence)) fence = {};
      continue;
    }
    if (line.starts_with("```") || line.starts_with("~~~")) {
      fence = line.substr(0, 3);
      table.reset();
      continue;
    }
    if (line.find('|') == std::string_view::npos) {
      table.reset();
      if (line.starts_with('#')) section = trim(line.substr(std::min(line.find_first_not_of('#'), line.size())));
      continue;
    }
    if (!table) {
      if (is_delimiter_row(line) && before.find('|') != std::string_view::npos) table = table_of(before);
      continue;
    }
    std::vector<std::string> cells = cells_of(line);
    std::string id = bare(cells.front());
    if (id.empty() || !(table->all_ids || is_id(id))) continue;
    if (const auto [first, is_new] = lines.try_emplace(id, number); !is_new) {
      return std::unexpected(
          Error(ErrorCode::kInvalid, fmt::format("id {} is already that of line {}", id, first->second)).at(number, 1).in_file(name));
    }
    std::string text = table->text < cells.size() && table->text > 0 ? std::move(cells[table->text]) : std::string();
    found.push_back({std::move(id), std::move(text), section, number});
  }
  if (found.empty()) {
    return std::unexpected(Error(ErrorCode::kNotFound, "has no Markdown table whose first column is an id")
                               .in_file(name)
                               .with_remedy("write | id | requirement | with a row such as | LR-06 | ... |"));
  }
  return found;
}

bool has_prefix(std::string_view id, std::string_view prefix) {
  if (!id.starts_with(prefix) || prefix.empty()) return false;
  if (id.size() == prefix.size()) return true;
  const char last = prefix.back(), next = id[prefix.size()];
  return !(is_letter(last) && is_letter(next)) && !(is_digit(last) && is_digit(next)) && !(last == '-' && !is_digit(next));
}

}  // namespace plimsoll::cli
