// AdmissionReview v1: what the API server asks webhooks, and their answer.
//
//   json::Reader reader;  // of this thread
//   Arena arena;
//   Result<AdmissionReview> review = read_review(body, reader, arena);
//   if (!review) return bad_request(review.error());
//   AdmissionAnswer answer{.allowed = false, .message = "no", .reason = "Forbidden", .code = 403};
//   std::string reply = write_review(review->uid, answer);
//
// Source: k8s.io/api/admission/v1/types.go; what the server makes of an answer: k8s.io/apiserver/pkg/admission/plugin/
// webhook/{request,validating,mutating}.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/policy/request.h"
#include "engine/value/error.h"
#include "engine/value/json.h"

namespace plimsoll::webhook {

struct AdmissionReview {
  std::string_view uid;
  // As `kind` and `resource` of the review say, which is what `object` is; requestKind may be another version of it.
  policy::Request request;
};

// Reading takes some 60 bytes for a value. Two objects of the size that etcd takes have a third of that.
inline constexpr size_t kMaxReviewValues = 1'000'000;

// Borrows from `arena`, and from `reader` until its next text. Errors: kSyntax for what is no JSON, kLimit for JSON nested
// too deep or of more values than that, kInvalid for another kind or version, or a request without what every request has.
Result<AdmissionReview> read_review(std::string_view body, json::Reader& reader, Arena& arena);

struct AdmissionAnswer {
  bool allowed = true;
  // Of the status, only if not allowed. The server takes a code below 400 for 400.
  std::string message = {};
  std::string reason = {};
  int code = 403;
  std::vector<std::string> warnings = {};
  // Keys are completed by the server with the webhook's name: they have no slash.
  std::vector<std::pair<std::string, std::string>> audit_annotations = {};
  std::string patch = {};  // JSON Patch as JSON; empty: the object stays as it is
};

std::string write_review(std::string_view uid, const AdmissionAnswer& answer);

// A Status object that says why a request could not be answered; the API server shows its message.
std::string write_failure(int code, std::string_view reason, std::string_view message);

}  // namespace plimsoll::webhook
