#include "engine/yaml/writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "engine/value/json.h"
#include "engine/yaml/document.h"

namespace plimsoll::yaml {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string written(const Value& value, bool pretty = false) {
  Result<std::string> text = pretty ? write_pretty(value) : write(value);
  if (!text) return "error: " + text.error().message();
  if (text->ends_with('\n')) text->pop_back();
  return *text;
}

// {k: v} and [v, ...] for the recorded templates.
Value dict(Arena& arena, std::initializer_list<std::pair<std::string_view, Value>> entries) {
  Map* map = Map::create(arena);
  for (const auto& [key, value] : entries) map->set(arena, key, value);
  return Value::map(map);
}
Value list(Arena& arena, std::initializer_list<Value> items) {
  return Value::list(List::copy_of(arena, std::span(items.begin(), items.size())));
}

// Helm's recorded output of toYaml and toYamlPretty, one text a case.
TEST(Writer, WritesWhatHelmWrites) {
  Arena arena;
  const auto cases =
      json::read(arena, read_text(PLIMSOLL_SOURCE_DIR "/tests/conformance/data/helm/templates_toyaml.json"));
  ASSERT_TRUE(cases.has_value()) << cases.error().to_string();
  size_t compared = 0;
  for (const Value& test : cases->items()) {
    if (test.find("output") == nullptr) continue;
    SCOPED_TRACE(test["name"].string_or());
    const auto values = read_go(arena, test["values"].string_or(), {.numbers_as_double = true});
    ASSERT_TRUE(values.has_value()) << values.error().to_string();
    const Value s = (*values)["s"];
    const std::string_view key = s.string_or();
    const bool pretty = test["files"]["templates/x.yaml"].string_or().find("toYamlPretty") != std::string_view::npos;
    std::string actual = written(s, pretty) + "|\n";
    if (pretty) {
      const Value items = list(arena, {s, dict(arena, {{key, Value::integer(1)}})});
      actual += written(dict(arena, {{"k", s}, {"l", items}}), true) + "|";
    } else {
      actual += written(*values) + "|\n" + written(list(arena, {s, dict(arena, {{"k", s}})})) + "|\n" +
                written(dict(arena, {{key, Value::integer(1)}})) + "|";
    }
    EXPECT_EQ(actual, test["output"]["templates/x.yaml"].string_or());
    ++compared;
  }
  EXPECT_GT(compared, 300U);
}

std::string write_json(std::string_view text) {
  Arena arena;
  const auto value = json::read(arena, text);
  return value ? written(*value) : "bad JSON";
}

TEST(Writer, NestsCollections) {
  EXPECT_EQ(write_json(R"({"b":{"c":[1,[2,3],{"x":null,"y":[]}],"d":{}},"a":[{"k":"v"}]})"),
            "a:\n- k: v\nb:\n  c:\n  - 1\n  - - 2\n    - 3\n  - x: null\n    \"y\": []\n  d: {}");
}

TEST(Writer, PassesNumbersThroughJson) {
  EXPECT_EQ(written(Value::real(1e6)), "1000000");
  EXPECT_EQ(written(Value::real(1234567.5)), "1.2345675e+06");
  EXPECT_EQ(written(Value::real(1e20)), "1e+20");
  EXPECT_EQ(written(Value::real(1e-7)), "1e-07");
  EXPECT_EQ(written(Value::real(-0.0)), "0");
  EXPECT_EQ(written(Value::real(9223372036854775808.0)), "9223372036854776000");
  EXPECT_EQ(written(Value::uinteger(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(written(Value::real(1e6), true), "1e+06");
  EXPECT_EQ(written(Value::real(std::nan(""))), "error: error marshaling into JSON: json: unsupported value: NaN");
}

TEST(Writer, OrdersKeysNaturally) {
  EXPECT_EQ(write_json(R"({"a10":0,"a2":0,"B":0,"a":0,"_x":0,"1":0,"a-1":0,"é":0})"),
            "_x: 0\n\"1\": 0\nB: 0\na: 0\na-1: 0\na2: 0\na10: 0\né: 0");
}

TEST(Writer, FoldsLongLines) {
  const std::string words =
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cc dd";
  EXPECT_EQ(written(Value::string(words)),
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n  cc dd");
  EXPECT_EQ(written(Value::string(words), true), words);
}

TEST(Writer, RefusesWhatMarshalRefuses) {
  EXPECT_EQ(written(Value::string("a\x7F")), "error: yaml: control characters are not allowed");
  Arena arena;
  EXPECT_EQ(written(dict(arena, {{std::string_view(arena.copy(std::string(1023, 'k'))), Value()}})),
            "error: yaml: did not find expected ',' or '}'");
  EXPECT_EQ(written(Value::string("a\xFF")), "a\xEF\xBF\xBD");
  EXPECT_EQ(written(Value::string("a \xC2\x85 b")), "a b");
}

TEST(Writer, ReadsBackWhatItWrote) {
  Arena arena;
  for (const std::string_view text :
       {"",           " ",      "a: b", "# x",   "- x",      "yes",   "0x1F",         "1_0",
        "2001-01-01", "a\nb\n", "\n",   "a\n\n", " a\nb",    "a\t",   "\"",           "'",
        "it's",       "%x",     "@x",   "`x`",   "!t",       "&a",    "*a",           "[",
        "}",          "<<",     "null", "~",     "12:30:45", "+.inf", "\xE2\x80\xA8", "\xF0\x9F\x98\x80",
        "---",        "...",    "a #b", "a:"}) {
    const auto document = dict(arena, {{"k", Value::string(text)}});
    for (const bool pretty : {false, true}) {
      const auto back = read_go(arena, written(document, pretty) + "\n");
      ASSERT_TRUE(back.has_value()) << text;
      EXPECT_TRUE(equal(*back, document)) << text;
    }
  }
}

}  // namespace
}  // namespace plimsoll::yaml
