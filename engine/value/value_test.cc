#include "engine/value/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/value/base64.h"
#include "engine/value/json.h"
#include "engine/value/path.h"
#include "engine/value/utf8.h"

namespace plimsoll {
namespace {

TEST(Value, ContainersShareTheirContents) {
  Arena arena;
  Map* map = Map::create(arena);
  const Value first = Value::map(map);
  const Value second = first;
  first.as_map()->set(arena, "a", Value::integer(1));
  EXPECT_EQ(second["a"].as_int(), 1);
  EXPECT_TRUE(second["b"].is_null());
  EXPECT_EQ(second.find("b"), nullptr);
}

TEST(Value, LargeMapsKeepOrderAndFindEveryKey) {
  Arena arena;
  Map* map = Map::create(arena);
  for (int i = 0; i < 1000; ++i) map->set(arena, arena.copy("key" + std::to_string(i)), Value::integer(i));
  for (int i = 0; i < 1000; i += 2) EXPECT_TRUE(map->erase("key" + std::to_string(i)));
  EXPECT_EQ(map->size(), 500U);
  EXPECT_EQ(map->begin()->value.as_int(), 1);
  for (int i = 0; i < 1000; ++i) {
    const Value* found = map->find("key" + std::to_string(i));
    ASSERT_EQ(found != nullptr, i % 2 == 1) << i;
    EXPECT_EQ(found == nullptr ? i : found->as_int(), i);
  }
}

TEST(Value, NumbersAreComparedWithoutRounding) {
  EXPECT_TRUE(equal(Value::integer(1), Value::real(1.0)));
  EXPECT_TRUE(equal(Value::integer(1), Value::uinteger(1)));
  EXPECT_FALSE(equal(Value::integer(9007199254740993), Value::real(9007199254740992.0)));
  EXPECT_FALSE(equal(Value::integer(-1), Value::uinteger(UINT64_MAX)));
  EXPECT_EQ(compare_numbers(Value::real(0.5), Value::integer(0)), 1);
  EXPECT_EQ(compare_numbers(Value::real(NAN), Value::integer(0)), std::nullopt);
}

TEST(Json, RoundTrip) {
  Arena arena;
  const std::string text = R"({"a":[1,-2,1.5,true,null,"x\"\n"],"b":{}})";
  const auto value = json::read(arena, text);
  ASSERT_TRUE(value);
  EXPECT_EQ(json::write(*value), text);
  EXPECT_EQ(json::write((*value)["a"], {.indent = 1}), "[\n 1,\n -2,\n 1.5,\n true,\n null,\n \"x\\\"\\n\"\n]");
}

TEST(Json, NumbersPrintAsGoPrintsThem) {
  const std::pair<double, std::string_view> cases[] = {{1e21, "1e+21"},         {1e20, "100000000000000000000"},
                                                       {1e-7, "1e-7"},          {1e-6, "0.000001"},
                                                       {1.10, "1.1"},           {-0.0, "-0"},
                                                       {1.5e300, "1.5e+300"},   {5e-324, "5e-324"}};
  for (const auto& [number, expected] : cases) {
    std::string out;
    json::append_double(out, number);
    EXPECT_EQ(out, expected);
  }
}

TEST(Json, ValuesAreCountedByPunctuationOutsideOfStrings) {
  constexpr std::string_view kText = R"({"a,b":[1,{"c":"\"[,:{\\"},[]],"d":"x"})";
  size_t least = 0;
  while (json::has_more_values(kText, least)) ++least;
  EXPECT_EQ(least, 11U);
  EXPECT_FALSE(json::has_more_values("[1,2,3]", 100));
  EXPECT_FALSE(json::has_more_values(std::string(1000, ' ') + "\"never, ended, [", 5));
  EXPECT_TRUE(json::has_more_values(std::string(1000, '['), 999));
}

TEST(Json, DeepOrBrokenTextIsAnError) {
  Arena arena;
  const auto deep = json::read(arena, std::string(100000, '['));
  ASSERT_FALSE(deep);
  EXPECT_EQ(json::read(arena, "{\"a\": \"\xff\"}").error().location().column, 8U);
  EXPECT_FALSE(json::read(arena, "{\"a\": }"));
  EXPECT_FALSE(json::read(arena, ""));
}

TEST(Path, PrintsReadsAndResolves) {
  Arena arena;
  const auto object = json::read(arena, R"({"spec":{"containers":[{"a.b/c":1}]}})");
  const Path path = Path().key("spec").key("containers").index(0).key("a.b/c");
  EXPECT_EQ(path.to_string(), "spec.containers[0][\"a.b/c\"]");
  EXPECT_EQ(path.to_json_pointer(), "/spec/containers/0/a.b~1c");
  EXPECT_EQ(Path::parse(path.to_string()), path);
  ASSERT_NE(path.resolve(*object), nullptr);
  EXPECT_EQ(path.resolve(*object)->as_int(), 1);
  EXPECT_EQ(Path::parse("spec.containers[3].image").resolvable(*object), 2U);
}

TEST(Base64, DecodesWhatItEncodes) {
  for (std::string_view text : {"", "f", "fo", "foo", "foob", "\xff\xfe\x00"}) {
    EXPECT_EQ(base64::decode(base64::encode(text)), text);
    EXPECT_EQ(base64::decode(base64::encode(text, base64::Alphabet::kUrl, false), base64::Alphabet::kUrl, false), text);
  }
  for (std::string_view text : {"Zg", "Zg=", "Zg===", "Z", "Zm9v=", "Zm9-", "=Zg="}) {
    EXPECT_EQ(base64::decode(text), std::nullopt) << text;
  }
}

TEST(Utf8, RejectsSurrogatesOverlongAndTruncated) {
  EXPECT_TRUE(utf8::is_valid("a\xC3\xA4\xF0\x9F\x98\x80"));
  EXPECT_EQ(utf8::find_invalid("ab\xED\xA0\x80"), 2U);
  EXPECT_EQ(utf8::find_invalid("\xC0\x80"), 0U);
  EXPECT_EQ(utf8::length("a\xC3\xA4\xFF"), 3U);
  EXPECT_EQ(utf8::floor_boundary("a\xC3\xA4", 2), 1U);
}

}  // namespace
}  // namespace plimsoll
