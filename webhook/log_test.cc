#include "webhook/log.h"

#include <gtest/gtest.h>

#include "engine/value/json.h"
#include "webhook/log_object.h"

namespace plimsoll::webhook {
namespace {

// What one event comes to on standard error.
std::string written(LogFormat format, std::string_view message, std::initializer_list<Log::Field> fields) {
  testing::internal::CaptureStderr();
  const Log log(format, LogLevel::kInfo);
  log.write(LogLevel::kInfo, message, fields);
  log.write(LogLevel::kDebug, "not this", fields);
  return testing::internal::GetCapturedStderr();
}

TEST(LogTest, EventsAreJsonOrTextWithTheirFields) {
  const std::string line = written(LogFormat::kJson, "request", {{"uid", "u-1"}, {"seconds", 0.25}, {"dryRun", false}, {"code", int64_t{422}}, {"none", ""},
                                                                {"object", Log::Json{R"({"a":[1]})"}}});
  Arena arena;
  const auto event = json::read(arena, line);
  ASSERT_TRUE(event) << line;
  EXPECT_EQ((*event)["level"].string_or(), "info");
  EXPECT_EQ((*event)["message"].string_or(), "request");
  EXPECT_EQ((*event)["time"].size(), 24U);
  EXPECT_EQ((*event)["uid"].string_or(), "u-1");
  EXPECT_EQ((*event)["code"].int_or(0), 422);
  EXPECT_EQ((*event)["object"]["a"].size(), 1U);
  EXPECT_EQ(event->find("none"), nullptr);
  const std::string text = written(LogFormat::kText, "request", {{"uid", "u-1"}, {"name", "a b"}, {"object", Log::Json{R"({"a":1})"}}});
  EXPECT_NE(text.find(R"( info    request uid=u-1 name="a b" object="{\"a\":1}")"), std::string::npos) << text;
}

// Names come from whoever reaches the webhook.
TEST(LogTest, NoTextLeavesItsLineOrSteersATerminal) {
  const std::string_view names[] = {"a\nlevel=error fake", "a\r\x1b[2Jb",         "a\x7f\x08",          "a\xC2\x9B" "31m",      "a\xE2\x80\xA8" "b",
                                    "a\xE2\x80\xAEgpj.exe", "\xE2\x81\xA6" "a", "a\" verdict=allowed", "a=b verdict=allowed", "a\\\" b"};
  for (const std::string_view name : names) {
    for (const LogFormat format : {LogFormat::kJson, LogFormat::kText}) {
      const std::string object = [&] {
        std::string json = "{\"x\":";
        json::append_quoted(json, name);
        return json + "}";
      }();
      const std::string line = written(format, "request", {{"name", name}, {"verdict", "denied"}, {"object", Log::Json{object}}});
      EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
      for (const char c : line.substr(0, line.size() - 1)) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << line;
      if (format == LogFormat::kText) {
        EXPECT_NE(line.find(" name=\""), std::string::npos) << line;
        continue;
      }
      Arena arena;
      const auto event = json::read(arena, line);
      ASSERT_TRUE(event) << line;
      EXPECT_EQ((*event)["name"].string_or(), name);
      EXPECT_EQ((*event)["object"]["x"].string_or(), name);
    }
  }
}

TEST(LogTest, LongTextsAreCutBetweenCharacters) {
  std::string name;
  while (name.size() < 100'000) name += "\xC3\xB6";
  name.insert(0, "x");
  const std::string line = written(LogFormat::kJson, "request", {{"name", name}});
  EXPECT_LT(line.size(), 4300U);
  Arena arena;
  const auto event = json::read(arena, line);
  ASSERT_TRUE(event) << line;
  EXPECT_TRUE((*event)["name"].string_or().ends_with("\xC3\xB6..."));
}

TEST(LogObjectTest, HasNoDataOfSecretsAndNoTokens) {
  Arena arena;
  const auto logged = [&](std::string_view kind, std::string_view text) {
    policy::Request request;
    request.kind = {"", "v1", kind};
    request.object = *json::read(arena, text);
    return loggable_object(request);
  };
  EXPECT_EQ(logged("ConfigMap", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[{}]},"data":{"a":"b"}})"),
            R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"b"}})");
  // Whether the request or the object says that it is a Secret.
  for (const auto& [kind, own] : {std::pair("Secret", "Secret"), std::pair("Secret", "Other"), std::pair("Other", "Secret")}) {
    const std::string text = logged(kind, std::string(R"({"apiVersion":"v1","kind":")") + own +
                                              R"(","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"aHVzaA=="}},"data":{"password":"aHVzaA=="},"stringData":{"p":"hush"}})");
    EXPECT_NE(text.find("\"password\":\"\""), std::string::npos) << text;
    EXPECT_EQ(text.find("aHVzaA"), std::string::npos) << text;
    EXPECT_EQ(text.find("hush"), std::string::npos) << text;
  }
  // Not even what is public.
  EXPECT_EQ(logged("Secret", R"({"data":{"ca.crt":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}})").find("LS0t"),
            std::string::npos);
  EXPECT_EQ(logged("TokenReview", R"({"spec":{"token":"hush"}})").find("hush"), std::string::npos);
  EXPECT_LT(logged("ConfigMap", R"({"data":{"a":")" + std::string(1UL << 20, 'x') + "\"}}").size(), 100U);
  EXPECT_EQ(loggable_object({}), "");
}

}  // namespace
}  // namespace plimsoll::webhook
