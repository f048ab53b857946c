#include "engine/yaml/syntax_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/value/utf8.h"

namespace plimsoll::yaml {

namespace {

struct Explanation {
  std::string_view problem;
  std::string_view message;  // "{}" stands for the place where the construct began
  std::string_view remedy;
  bool at_context = false;  // report where the construct began instead of where it failed
};

constexpr std::string_view kTab = "a tab cannot indent YAML";
constexpr std::string_view kUseSpaces = "indent with spaces";

constexpr Explanation kExplanations[] = {
    {"mapping values are not allowed in this context", "a map cannot begin here",
     "quote the text if it contains \": \", or correct the indentation"},
    {"mapping keys are not allowed in this context", "a key cannot begin here",
     "quote the text or correct the indentation"},
    {"block sequence entries are not allowed in this context", "a list item cannot begin here",
     "begin the list on a line of its own"},
    {"did not find expected key", "this is no key of the map that begins at {}",
     "correct the indentation, or quote the value before it"},
    {"did not find expected '-' indicator", "this is no item of the list that begins at {}", "correct the indentation"},
    {"could not find expected ':'", "a key without ':'", "add the colon, or correct the indentation", true},
    {"found unexpected end of stream", "the quote opened here is never closed",
     "close it; inside single quotes a quote is written twice", true},
    {"found unexpected document indicator", "the quote opened here is not closed before the next document",
     "close it; inside single quotes a quote is written twice", true},
    {"did not find expected ',' or ']'", "the list that begins at {} needs ',' or ']' here",
     "close or separate its items"},
    {"did not find expected ',' or '}'", "the map that begins at {} needs ',' or '}' here",
     "close or separate its entries"},
    {"did not find expected node content", "a value is missing here", "add it, or remove what announces it"},
    {"did not find expected <document start>", "content after the end of the document",
     "remove it, or begin a new document with ---"},
    {"found a tab character where an indentation space is expected", kTab, kUseSpaces},
    {"found a tab character that violates indentation", kTab, kUseSpaces},
    {"found unknown escape character", "unknown escape sequence", "double the backslash or use single quotes"},
    {"did not find expected hexdecimal number", "\\x, \\u and \\U take 2, 4 and 8 hexadecimal digits",
     "double the backslash or use single quotes"},
    {"found invalid Unicode character escape code", "the escape sequence is no Unicode character",
     "write the character itself, or one \\U escape for a surrogate pair"},
    {"did not find expected alphabetic or numeric character",
     "the name of an anchor or alias is missing or has odd characters", "quote text that begins with & or *", true},
    {"found undefined tag handle", "the tag is not defined", "quote text that begins with !"},
    {"did not find expected whitespace or line break", "the tag has odd characters", "quote text that begins with !",
     true},
    {"did not find expected tag URI", "the tag is not complete", "quote text that begins with !", true},
    {"did not find expected comment or line break", "only a comment may follow on this line",
     "begin the text on the next line"},
    {"found an indentation indicator equal to 0", "the indentation of a block scalar is 1 to 9", "leave the digit out"},
    {"found incompatible YAML document", "Kubernetes reads YAML 1.1 only", "remove the %YAML line"},
    {"found unknown directive name", "unknown directive", "quote text that begins with %"},
    {"could not find expected directive name", "a directive without a name", "quote text that begins with %"},
    {"found unexpected non-alphabetical character", "unknown directive", "quote text that begins with %"},
    {"found duplicate %YAML directive", "a second %YAML line", "remove one"},
    {"found duplicate %TAG directive", "the tag handle is defined twice", "remove one %TAG line"},
};

std::string_view first_line(std::string_view text) { return text.substr(0, text.find_first_of("\r\n")); }

Error make_error(std::string message, std::string remedy, size_t at, std::string_view fragment,
                 const SourceText& source, std::string_view file) {
  const Position position = source.position(at);
  return Error(ErrorCode::kSyntax, std::move(message))
      .at(position.line, position.column)
      .in_file(file)
      .with_fragment(fragment)
      .with_remedy(std::move(remedy));
}

std::string place(size_t at, const SourceText& source) {
  const Position position = source.position(at);
  return fmt::format("line {}, column {}", position.line, position.column);
}

}  // namespace

Error explain_syntax(const SyntaxProblem& problem, const SourceText& source, std::string_view file) {
  const std::string_view text = source.text();
  const auto rest = [&](size_t at) { return first_line(text.substr(std::min(at, text.size()))); };
  const bool at_end =
      text.find_first_not_of(" \t\r\n", std::min<size_t>(problem.at, text.size())) == std::string_view::npos;
  const bool template_text = text.substr(std::min<size_t>(problem.context_at, text.size())).starts_with("{{");

  if (problem.problem == "found character that cannot start any token") {
    const std::string_view fragment = rest(problem.at);
    if (fragment.starts_with('\t')) {
      return make_error(std::string(kTab), std::string(kUseSpaces), problem.at, source.line_at(problem.at), source,
                        file);
    }
    return make_error(fmt::format("a value cannot begin with '{}'", fragment.substr(0, 1)), "quote it", problem.at,
                      fragment, source, file);
  }
  for (const Explanation& entry : kExplanations) {
    if (entry.problem != problem.problem) continue;
    const size_t at = entry.at_context ? problem.context_at : problem.at;
    std::string message(entry.message);
    std::string remedy(entry.remedy);
    const bool in_brackets =
        problem.context == "while parsing a flow sequence" || problem.context == "while parsing a flow mapping";
    if (in_brackets && at_end) {
      return make_error("the bracket opened here is never closed", "close it; the text may have been cut off",
                        problem.context_at, rest(problem.context_at), source, file);
    }
    if (template_text) remedy = "this looks like a template: render it first, or quote it";
    if (const size_t hole = message.find("{}"); hole != std::string::npos) {
      message.replace(hole, 2, place(problem.context_at, source));
    }
    return make_error(std::move(message), std::move(remedy), at, rest(at), source, file);
  }
  return make_error(std::string(problem.problem), {}, problem.at, rest(problem.at), source, file);
}

Error explain_forbidden_byte(size_t at, const SourceText& source, std::string_view file) {
  const std::string_view text = source.text();
  const auto byte = static_cast<uint8_t>(text[at]);
  const std::string_view line = source.line_at(at);
  // What stands before the byte on its line is known to be good text.
  const std::string_view fragment = line.substr(0, static_cast<size_t>(text.data() + at - line.data()));
  if (byte == 0) {
    return make_error("a NUL byte: this is not a text file", "exclude binary files", at, fragment, source, file);
  }
  if (byte < 0x80 || utf8::decode(text.substr(at)).valid) {
    return make_error(fmt::format("the control character U+{:04X} is not allowed in YAML",
                                  static_cast<uint32_t>(utf8::decode(text.substr(at)).code)),
                      "remove it, or write it as an escape in double quotes", at, fragment, source, file);
  }
  return make_error(fmt::format("the byte 0x{:02X} is not valid UTF-8", byte), "save the file as UTF-8", at, fragment,
                    source, file);
}

}  // namespace plimsoll::yaml
