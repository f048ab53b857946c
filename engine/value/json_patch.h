// JSON Patch (RFC 6902) as the API server applies it to objects under admission.
//
//   JsonPatchOperation add{.op = "add", .path = "/metadata/labels/app", .value = Value::string("web")};
//   Result<JsonPatchOutcome> outcome = apply_json_patch(object, std::span(&add, 1), arena);
//
// The server uses evanphx/json-patch v4, which differs from the RFC: `replace` of a missing key adds it, `copy` and `test` read a
// missing key as null, indexes may be negative, a path without leading "/" begins at its second part. Its messages are kept.
#pragma once

#include <span>
#include <string_view>

#include "engine/value/error.h"
#include "engine/value/value.h"

namespace plimsoll {

struct JsonPatchOperation {
  std::string_view op;    // add, remove, replace, move, copy, test
  std::string_view path;  // JSON pointer
  std::string_view from = {};
  Value value = {};
};

struct JsonPatchOutcome {
  Value document;  // a new tree; the original where a test failed
  bool test_failed = false;
};

// Most that all copies of one patch may add, as JSON (3 MiB, as in the API server), and the longest path, in parts.
inline constexpr size_t kMaxPatchCopyBytes = 3 * 1024 * 1024;
inline constexpr size_t kMaxPatchDepth = 512;

// Neither `document` nor the operations' values are changed. Errors: kNotFound, kInvalid, kLimit.
Result<JsonPatchOutcome> apply_json_patch(const Value& document, std::span<const JsonPatchOperation> patch, Arena& arena);

}  // namespace plimsoll
