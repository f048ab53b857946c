// Values files, --set flags and coalescing against Helm's recorded answers (values.json).
#include <map>

#include "engine/chart/load.h"
#include "engine/chart/release_chart.h"
#include "engine/chart/values.h"
#include "tests/conformance/runner.h"

namespace plimsoll::conformance {
namespace {

std::vector<std::string> strings(const Value& list) {
  std::vector<std::string> result;
  for (const Value& item : list.items()) result.emplace_back(item.string_or());
  return result;
}

std::string sorted_json(const Value& value) { return json::write(value, {.sort_keys = true}); }

// JSON pointers of all int64 values, sorted by key; other numbers are float64.
void collect_integers(const Value& value, const std::string& path, std::vector<std::string>& out) {
  if (value.is_int()) out.push_back(path);
  if (value.is_map()) {
    for (const Map::Entry& entry : *value.as_map()) {
      collect_integers(entry.value, path + "/" + std::string(entry.key.string_or()), out);
    }
  }
  size_t index = 0;
  for (const Value& item : value.items()) collect_integers(item, path + "/" + std::to_string(index++), out);
}

// "merged" and, with a chart, "coalesced" as one text; or the error.
std::string run(const Value& test) {
  std::map<std::string, std::string, std::less<>> files;
  chart::ValuesFlags flags;
  for (const Value& text : test["values_files"].items()) {
    const std::string name = "values-" + std::to_string(flags.files.size()) + ".yaml";
    files[name] = text.as_string();
    flags.files.push_back(name);
  }
  if (test["files"].is_map()) {
    for (const Map::Entry& entry : *test["files"].as_map()) files[std::string(entry.key.as_string())] = entry.value.as_string();
  }
  flags.set = strings(test["set"]);
  flags.set_string = strings(test["set_string"]);
  flags.set_json = strings(test["set_json"]);
  flags.set_file = strings(test["set_file"]);
  flags.set_literal = strings(test["set_literal"]);

  Arena arena;
  const auto user = chart::merge_user_values(arena, flags, [&](std::string_view name) -> Result<std::string> {
    const auto file = files.find(name);
    if (file == files.end()) return fail(ErrorCode::kNotFound, "open " + std::string(name) + ": no such file or directory");
    return file->second;
  });
  if (!user) return "error: " + user.error().message();
  const Value merged = Value::map(user->merged);
  std::string out = "merged: " + sorted_json(merged);
  std::vector<std::string> integers;
  collect_integers(merged, "", integers);
  std::sort(integers.begin(), integers.end());
  for (const std::string& path : integers) out += " int64 " + path;

  if (const Value* chart_values = test.find("chart_values")) {
    chart::Warnings warnings;
    auto loaded = chart::load_files({{"Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.2.3\n"},
                                     {"values.yaml", std::string(chart_values->as_string())}},
                                    "c", warnings);
    if (!loaded) return "error: " + loaded.error().message();
    const chart::ReleaseChart root(*loaded, arena);
    const auto coalesced = root.coalesce_values(user->merged, false, warnings);
    if (!coalesced) return "error: " + coalesced.error().message();
    out += " coalesced: " + sorted_json(Value::map(*coalesced));
  }
  return out;
}

std::string expected(const Value& test) {
  if (const Value* error = test.find("error")) return "error: " + std::string(error->as_string());
  std::string out = "merged: " + sorted_json(test["merged"]);
  std::vector<std::string> integers = strings(test["int64_at"]);
  std::sort(integers.begin(), integers.end());
  for (const std::string& path : integers) out += " int64 " + path;
  if (const Value* coalesced = test.find("coalesced")) out += " coalesced: " + sorted_json(*coalesced);
  return out;
}

}  // namespace
}  // namespace plimsoll::conformance

int main(int argc, char** argv) {
  using namespace plimsoll::conformance;
  Tally tally;
  for (const std::string& file : case_files(argc > 1 ? argv[1] : ".", "values")) {
    for_each_case(file, [&](const plimsoll::Value& test) { tally.check(test["name"].string_or(), expected(test), run(test)); });
  }
  return tally.finish();
}
