#include "engine/policy/text.h"

#include <gtest/gtest.h>

#include "engine/policy/warnings.h"

namespace plimsoll::policy {
namespace {

TEST(TrimSpace, TakesUnicodeWhiteSpaceFromBothEnds) {
  EXPECT_EQ(trim_space(" \t\n a b \r\v\f "), "a b");
  EXPECT_EQ(trim_space("\u00a0\u2003x\u3000\u2028"), "x");
  EXPECT_EQ(trim_space(" \n "), "");
  EXPECT_EQ(trim_space("\xff x \xff"), "\xff x \xff");
}

TEST(WarningRecorder, WritesEachTextOnceAndOnlyWhatAHeaderCarries) {
  WarningRecorder recorder;
  for (const char* text : {"one", "", "one", "tab\there", "two", "bad \xff"}) recorder.add(text);
  EXPECT_EQ(recorder.take(), (std::vector<std::string>{"one", "two"}));
}

TEST(WarningRecorder, ShortensAllOnceTheyAreTooMany) {
  WarningRecorder recorder;
  const std::string first(4000, 'a'), second(100, 'b'), third(300, 'c');
  recorder.add(first);
  recorder.add(second);
  const std::vector<std::string> written = recorder.take();
  EXPECT_EQ(written, (std::vector<std::string>{std::string(256, 'a'), second}));
}

TEST(WarningRecorder, DropsWhatComesAfterTheLimit) {
  WarningRecorder recorder;
  for (char c = 'a'; c <= 'z'; ++c) recorder.add(std::string(300, c));
  const std::vector<std::string> written = recorder.take();
  EXPECT_EQ(written.size(), 16U);
  EXPECT_EQ(written.back(), std::string(256, 'p'));
}

}  // namespace
}  // namespace plimsoll::policy
