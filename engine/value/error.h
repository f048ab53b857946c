// The one error type of the engine: what could not be done, where, and what to do about it.
//
//   std::expected<Document, Error> doc = read(text);
//   if (!doc) return std::unexpected(std::move(doc.error()).in_file("values.yaml"));
//
// An Error says that the engine could not do its work. That a policy is violated is never an Error (see policy/finding.h).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll {

// What kind of thing went wrong; callers branch on this, never on message text.
enum class ErrorCode : uint8_t {
  kSyntax,       // the text is not what its language allows
  kType,         // well-formed, but of the wrong type
  kInvalid,      // well-typed, but refused by a rule of its specification
  kNotFound,     // a named thing does not exist
  kEvaluation,   // an expression or template failed while it ran
  kLimit,        // a budget (bytes, depth, cost, time) is used up
  kInputOutput,  // the operating system refused a file or a connection
  kUsage,        // flags or configuration
  kInternal,     // a defect of the engine itself
};

// A place in a text. Lines and columns count from 1; 0 means unknown. Columns count code points.
struct Location {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;

  bool known() const { return line != 0; }
  // "file:line:column", without the parts that are unknown.
  std::string to_string() const;
  friend bool operator==(const Location&, const Location&) = default;
};

class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  Error&& at(uint32_t line, uint32_t column) && {
    location_.line = line;
    location_.column = column;
    return std::move(*this);
  }
  Error&& in_file(std::string_view file) && {
    if (location_.file.empty()) location_.file = file;
    return std::move(*this);
  }
  // The offending piece of input, at most 80 bytes of it.
  Error&& with_fragment(std::string_view fragment) &&;
  // What the user can do about it.
  Error&& with_remedy(std::string remedy) && {
    remedy_ = std::move(remedy);
    return std::move(*this);
  }
  // Puts `context` and ": " before the message.
  Error&& with_context(std::string_view context) &&;

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const Location& location() const { return location_; }
  const std::string& fragment() const { return fragment_; }
  const std::string& remedy() const { return remedy_; }

  // One line: "file:line:column: message (near "fragment"); remedy".
  std::string to_string() const;

 private:
  ErrorCode code_;
  std::string message_;
  Location location_;
  std::string fragment_;
  std::string remedy_;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error(code, std::move(message)));
}

}  // namespace plimsoll

// Returns the error of a Result-valued expression from the enclosing function.
#define PLIMSOLL_CONCAT_INNER(a, b) a##b
#define PLIMSOLL_CONCAT(a, b) PLIMSOLL_CONCAT_INNER(a, b)
#define PLIMSOLL_RETURN_IF_ERROR(expression)                                              \
  do {                                                                                    \
    if (auto plimsoll_status = (expression); !plimsoll_status)                            \
      return std::unexpected(std::move(plimsoll_status).error());                         \
  } while (false)
// PLIMSOLL_ASSIGN_OR_RETURN(auto x, compute()): binds the value or returns the error.
#define PLIMSOLL_ASSIGN_OR_RETURN(target, expression) \
  PLIMSOLL_ASSIGN_OR_RETURN_IMPL(PLIMSOLL_CONCAT(plimsoll_result_, __LINE__), target, expression)
#define PLIMSOLL_ASSIGN_OR_RETURN_IMPL(result, target, expression) \
  auto result = (expression);                                      \
  if (!result) return std::unexpected(std::move(result).error());  \
  target = *std::move(result)
