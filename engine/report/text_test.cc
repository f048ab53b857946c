#include <gtest/gtest.h>

#include "engine/report/excerpt.h"
#include "engine/report/format.h"
#include "engine/report/sample.h"

namespace plimsoll::report {
namespace {

TEST(Text, ShowsPlaceSourceMarkerAndRemedy) {
  const auto sample = make_sample();
  const std::string text = write_text(sample->report, {});
  EXPECT_NE(text.find("deploy dir/web,1.yaml:13:25: error: privileged containers: app, side [shop/no-privileged]\n"
                      "  10 |         - name: app\n"
                      " ... |\n"
                      "  13 |             privileged: true\n"
                      "     |                         ^~~~\n"
                      "  14 |         - name: side\n"
                      "  15 |           securityContext: {privileged: true}\n"
                      "     |                                         ^~~~\n"
                      "     = Deployment shop/web: spec.template.spec.containers[0].securityContext.privileged\n"
                      "     = fix: Remove privileged, or set it to false.\n"),
            std::string::npos)
      << text;
}

TEST(Text, SaysWhatIsMissingAndWhere) {
  const auto sample = make_sample();
  const std::string text = write_text(sample->report, {});
  EXPECT_NE(text.find(" resources.requests is missing\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  14 |         - name: side\n     |           ^~~~~~~~~~ resources.requests is missing\n"), std::string::npos)
      << text;
}

TEST(Text, CannotBeForgedByWhatItReportsOn) {
  const auto sample = make_sample();
  const std::string text = write_text(sample->report, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("\n  <U+001B>[31m100% <U+202E> forged, it's <b>\"\xEF\xBF\xBD"), std::string::npos) << text;
}

TEST(Text, HidesSuppressedFindingsUnlessAsked) {
  const auto sample = make_sample();
  EXPECT_EQ(write_text(sample->report, {}).find("known"), std::string::npos);
  const std::string text = write_text(sample->report, {.show_suppressed = true});
  EXPECT_NE(text.find("known"), std::string::npos);
  EXPECT_NE(text.find("= ignored: by annotation: agreed (until 2099-01-01)"), std::string::npos);
}

TEST(Text, EndsWithAnAccountOfEverything) {
  const auto sample = make_sample();
  const std::string text = write_text(sample->report, {});
  EXPECT_NE(text.find("1 error, 1 warning, 1 fatal error in 1 of 2 objects; 1 file, 2 rules, 12 ms\n"
                      "  packs: shop (asked for)\n"
                      "  no rule applies to 1 object: 1 ConfigMap\n"
                      "  ignored: 1 by annotation (--show-ignored shows them)\n"
                      "  not judged: 1 document not of Kubernetes (--verbose names them)\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(write_text(sample->report, {.quiet = true}).find("packs:"), std::string::npos);
  EXPECT_NE(write_text(sample->report, {.verbose = true}).find("values.yaml:1:1: note: no Kubernetes object"), std::string::npos);
}

TEST(Text, ColoursOnlyWhenAsked) {
  const auto sample = make_sample();
  EXPECT_EQ(write_text(sample->report, {}).find("\x1b["), std::string::npos);
  EXPECT_NE(write_text(sample->report, {.color = true}).find("\x1b[1;31merror:\x1b[0m"), std::string::npos);
}

std::string excerpt(const std::string& text, yaml::Range range) {
  const source::File file("x", text);
  std::string out;
  append_excerpt(out, {.file = &file, .range = range, .label = {}}, 3, Painter(false));
  return out;
}

TEST(Excerpt, CutsLongLinesAroundTheMarker) {
  const std::string line = std::string(1000, 'a') + "BAD" + std::string(1 << 20, 'b');
  const std::string out =
      excerpt(line, {.line = 1, .column = 1001, .end_line = 1, .end_column = 1004, .offset = 1000, .end_offset = 1003});
  EXPECT_LT(out.size(), 700);
  const size_t marker_line = out.find('\n') + 1;
  // Columns on the screen: the ellipsis is three bytes wide but one column.
  EXPECT_EQ(out.find("BAD") - 2, out.find('^') - marker_line);
  EXPECT_NE(out.find("^~~\n"), std::string::npos);
}

TEST(Excerpt, AlignsBehindWideAndCombiningCharacters) {
  const std::string line = "名e\xCC\x81: x";  // two columns, one, none
  const std::string out =
      excerpt(line, {.line = 1, .column = 6, .end_line = 1, .end_column = 7, .offset = 8, .end_offset = 9});
  EXPECT_NE(out.find("     |      ^\n"), std::string::npos) << out;
}

TEST(Excerpt, MarksTheFirstLineOfARangeOfSeveral) {
  const std::string out = excerpt("a:\n  b: |\n    one\n    two\n",
                                  {.line = 2, .column = 6, .end_line = 4, .end_column = 8, .offset = 8, .end_offset = 25});
  EXPECT_EQ(out, "   2 |   b: |\n     |      ^\n");
}

TEST(Terminal, WrapsAtBlanks) {
  EXPECT_EQ(wrap("one two  three\nfour", 9, "  "), "one two\n  three\n  four");
  EXPECT_EQ(wrap("", 10, " "), "");
}

}  // namespace
}  // namespace plimsoll::report
