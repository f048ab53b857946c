#include "engine/chart/source_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_map>

#include "engine/value/json.h"

namespace plimsoll::chart {

namespace {

namespace fs = std::filesystem;

// Origins of a rendered file's lines, by line number.
using FileLines = std::unordered_map<uint32_t, tmpl::LineOrigin>;

// Names files relative to the folder that holds the chart.
class Namer {
 public:
  explicit Namer(const std::string& chart_path)
      : parent_(fs::absolute(chart_path).lexically_normal().parent_path().string() + "/") {}

  std::string name(const std::string& file) const {
    const std::string full = fs::absolute(file).lexically_normal().string();
    return full.starts_with(parent_) ? full.substr(parent_.size()) : file;
  }

 private:
  std::string parent_;
};

class Mapper {
 public:
  explicit Mapper(const Release& release)
      : release_(release), locator_(release.locator()), namer_(release.chart().source().path) {
    for (const RenderedFile& file : release.files()) texts_.emplace(file.name, file.text);
  }

  std::vector<MappedLine> map(const TemplateOutput& output) {
    std::vector<MappedLine> lines;
    size_t position = 0;
    uint32_t line = 1;
    for (const OutputPiece& piece : output.pieces) {
      const auto text = texts_.find(piece.file);
      if (text == texts_.end()) continue;  // a CRD: no template made it
      line += count_lines(output.text, position, piece.begin);
      position = piece.begin;
      const FileLines& origins = lines_of(piece.file, text->second);
      uint32_t file_line = 1 + count_lines(text->second, 0, piece.offset);
      const size_t end = piece.begin + piece.length;
      for (uint32_t output_line = line; position < end; ++output_line, ++file_line) {
        if (const auto origin = origins.find(file_line); origin != origins.end()) {
          lines.push_back(mapped(output_line, origin->second));
        }
        const size_t next = output.text.find('\n', position);
        if (next == std::string::npos || next >= end) break;
        position = next + 1;
        line = output_line + 1;
      }
    }
    return lines;
  }

 private:
  static uint32_t count_lines(std::string_view text, size_t begin, size_t end) {
    return static_cast<uint32_t>(
        std::count(text.begin() + static_cast<ptrdiff_t>(begin), text.begin() + static_cast<ptrdiff_t>(end), '\n'));
  }

  const FileLines& lines_of(std::string_view file, std::string_view text) {
    auto [known, is_new] = lines_.try_emplace(std::string(file));
    if (is_new) {
      for (tmpl::LineOrigin& origin : release_.tracer()->lines(text, release_.spans(file))) {
        const uint32_t number = origin.line;
        known->second.emplace(number, std::move(origin));
      }
    }
    return known->second;
  }

  MappedLine mapped(uint32_t line, const tmpl::LineOrigin& origin) {
    MappedLine result{line, place(origin.place), {}, {}};
    for (const tmpl::SourcePlace& caller : origin.chain) result.chain.push_back(place(caller));
    for (const Path& path : origin.values) {
      auto [known, is_new] = origins_.try_emplace(path.to_string());
      if (is_new) {
        known->second = locator_.locate(path);
        if (known->second && !known->second->file.empty()) known->second->file = namer_.name(known->second->file);
      }
      result.values.push_back({path, known->second});
    }
    return result;
  }

  MappedPlace place(const tmpl::SourcePlace& source) {
    auto [known, is_new] = names_.try_emplace(std::string(source.file));
    if (is_new) known->second = namer_.name(release_.template_path(source.file));
    return {known->second, source.line, source.column};
  }

  const Release& release_;
  ValuesLocator locator_;
  Namer namer_;
  std::unordered_map<std::string, std::string> names_;  // of templates
  std::unordered_map<std::string_view, std::string_view> texts_;
  std::map<std::string, FileLines> lines_;
  std::unordered_map<std::string, std::optional<ValueOrigin>> origins_;
};

Value place_value(Arena& arena, const MappedPlace& place) {
  Map* map = Map::create(arena);
  map->set(arena, "template", Value::string(place.file));
  map->set(arena, "line", Value::integer(place.line));
  return Value::map(map);
}

Value mapped_value(Arena& arena, const MappedValue& value) {
  Map* map = Map::create(arena);
  map->set(arena, "path", Value::string(arena.copy(value.path.to_string())));
  if (value.origin && value.origin->kind == ValueOrigin::Kind::kFlag) {
    map->set(arena, "flag", Value::string(value.origin->flag));
  } else if (value.origin) {
    map->set(arena, "file", Value::string(value.origin->file));
    map->set(arena, "line", Value::integer(value.origin->range.line));
    map->set(arena, "column", Value::integer(value.origin->range.column));
  }
  return Value::map(map);
}

std::string origin_text(const MappedLine& line) {
  std::string text = fmt::format("{}:{}:{}", line.place.file, line.place.line, line.place.column);
  for (const MappedValue& value : line.values) {
    text += "  ." + value.path.to_string();
    if (!value.origin) continue;
    text += value.origin->kind == ValueOrigin::Kind::kFlag
                ? " (" + value.origin->flag + ")"
                : fmt::format(" ({}:{})", value.origin->file, value.origin->range.line);
  }
  return text;
}

}  // namespace

std::vector<MappedLine> map_lines(const Release& release, const TemplateOutput& output) {
  return Mapper(release).map(output);
}

std::string source_map_json(const std::vector<MappedLine>& lines) {
  Arena arena;
  List* entries = List::create(arena, lines.size());
  for (const MappedLine& line : lines) {
    Map* entry = Map::create(arena);
    entry->set(arena, "line", Value::integer(line.line));
    entry->set(arena, "template", Value::string(line.place.file));
    entry->set(arena, "template_line", Value::integer(line.place.line));
    entry->set(arena, "template_column", Value::integer(line.place.column));
    List* chain = List::create(arena);
    for (const MappedPlace& place : line.chain) chain->push_back(arena, place_value(arena, place));
    entry->set(arena, "chain", Value::list(chain));
    List* values = List::create(arena);
    for (const MappedValue& value : line.values) values->push_back(arena, mapped_value(arena, value));
    entry->set(arena, "values", Value::list(values));
    entries->push_back(arena, Value::map(entry));
  }
  Map* root = Map::create(arena);
  root->set(arena, "version", Value::integer(1));
  root->set(arena, "lines", Value::list(entries));
  return json::write(Value::map(root)) + "\n";
}

std::string annotate(std::string_view output, const std::vector<MappedLine>& lines) {
  // Comments stand in one column, unless a line reaches beyond it.
  constexpr size_t kColumn = 60;
  std::string out;
  auto origin = lines.begin();
  uint32_t number = 1;
  while (!output.empty()) {
    const size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = output.substr(0, end);
    out += line;
    for (; origin != lines.end() && origin->line < number; ++origin) {
    }
    if (origin != lines.end() && origin->line == number) {
      out.append(line.size() < kColumn ? kColumn - line.size() : 1, ' ');
      out += "# " + origin_text(*origin);
    }
    out += '\n';
    output.remove_prefix(std::min(end + 1, output.size()));
    ++number;
  }
  return out;
}

}  // namespace plimsoll::chart
