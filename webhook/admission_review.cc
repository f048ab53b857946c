#include "webhook/admission_review.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/value/base64.h"
#include "engine/value/json.h"

namespace plimsoll::webhook {
namespace {

constexpr std::string_view kGroup = "admission.k8s.io";
constexpr std::string_view kVersion = "admission.k8s.io/v1";
constexpr std::array<std::string_view, 4> kOperations = {"CREATE", "UPDATE", "DELETE", "CONNECT"};

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::kInvalid, std::move(message)); }

// Text of a client in a message: bounded, and without what would break a line.
std::string shown(const Value& value) {
  if (!value.is_string()) return std::string(kind_name(value.kind()));
  constexpr size_t kMax = 64;
  return json::quoted(value.as_string().substr(0, kMax));
}

Result<void> check_version(const Value& root) {
  if (!root.is_map())
    return refuse(fmt::format("the body must be an AdmissionReview, not a {}", kind_name(root.kind())));
  const std::string_view version = root["apiVersion"].string_or();
  if (root["kind"].string_or() == "AdmissionReview" && version == kVersion) return {};
  if (policy::split_api_version(version).group == kGroup && root["kind"].string_or() == "AdmissionReview") {
    return refuse(
        fmt::format("AdmissionReview of {} is not supported, only of {}: set admissionReviewVersions: [v1] in the "
                    "webhook configuration",
                    shown(root["apiVersion"]), kVersion));
  }
  return refuse(fmt::format("the body must be an AdmissionReview of {}, not kind {} of apiVersion {}", kVersion,
                            shown(root["kind"]), shown(root["apiVersion"])));
}

policy::GroupVersionKind kind_of(const Value& value) {
  return {value["group"].string_or(), value["version"].string_or(), value["kind"].string_or()};
}

policy::GroupVersionResource resource_of(const Value& value) {
  return {value["group"].string_or(), value["version"].string_or(), value["resource"].string_or()};
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  json::append_quoted(out, key);
  out += ':';
  json::append_quoted(out, value);
}

}  // namespace

Result<AdmissionReview> read_review(std::string_view body, json::Reader& reader, Arena& arena) {
  if (json::has_more_values(body, kMaxReviewValues)) {
    return fail(ErrorCode::kLimit, fmt::format("the AdmissionReview has more than {} values and keys", kMaxReviewValues));
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const Value root, reader.read(arena, body));
  PLIMSOLL_RETURN_IF_ERROR(check_version(root));
  const Value given = root["request"];
  if (!given.is_map()) return refuse("the AdmissionReview has no request");
  AdmissionReview review;
  review.uid = given["uid"].string_or();
  if (review.uid.empty()) return refuse("the request has no uid");

  policy::Request& request = review.request;
  request.operation = given["operation"].string_or();
  if (std::ranges::find(kOperations, request.operation) == kOperations.end()) {
    return refuse(fmt::format("the request's operation must be one of {}, not {}", fmt::join(kOperations, ", "),
                              shown(given["operation"])));
  }
  request.kind = kind_of(given["kind"]);
  request.resource = resource_of(given["resource"]);
  if (request.kind.kind.empty() || request.kind.version.empty()) return refuse("the request names no kind");
  if (request.resource.resource.empty() || request.resource.version.empty())
    return refuse("the request names no resource");
  request.subresource = given["subResource"].string_or();
  // What was asked for, if the API server has converted that to what the webhook configuration names.
  const policy::GroupVersionKind asked_kind = kind_of(given["requestKind"]);
  const policy::GroupVersionResource asked_resource = resource_of(given["requestResource"]);
  if (!asked_kind.kind.empty() && !asked_resource.resource.empty()) {
    request.converted = std::exchange(request.kind, asked_kind);
    request.resource = asked_resource;
    request.subresource = given["requestSubResource"].string_or();
  }
  request.namespace_name = given["namespace"].string_or();
  request.name = given["name"].string_or();
  request.dry_run = given["dryRun"].bool_or(false);
  request.options = given["options"];
  const Value user = given["userInfo"];
  request.user = {user["username"].string_or(), user["uid"].string_or(), user["groups"], user["extra"]};
  for (const auto& [name, object] :
       {std::pair("object", &request.object), std::pair("oldObject", &request.old_object)}) {
    *object = given[name];
    if (!object->is_null() && !object->is_map()) return refuse(fmt::format("the request's {} is no object", name));
  }
  return review;
}

std::string write_review(std::string_view uid, const AdmissionAnswer& answer) {
  std::string out = R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{)";
  append_member(out, "uid", uid);
  out += answer.allowed ? R"(,"allowed":true)" : R"(,"allowed":false)";
  if (!answer.allowed) {
    out += R"(,"status":{"metadata":{},"status":"Failure",)";
    append_member(out, "message", answer.message);
    if (!answer.reason.empty()) {
      out += ',';
      append_member(out, "reason", answer.reason);
    }
    fmt::format_to(std::back_inserter(out), R"(,"code":{}}})", answer.code);
  } else if (!answer.patch.empty()) {
    out += ',';
    append_member(out, "patch", base64::encode(answer.patch));
    out += R"(,"patchType":"JSONPatch")";
  }
  if (!answer.audit_annotations.empty()) {
    out += R"(,"auditAnnotations":{)";
    for (const auto& [key, value] : answer.audit_annotations) {
      if (&key != &answer.audit_annotations.front().first) out += ',';
      append_member(out, key, value);
    }
    out += '}';
  }
  if (!answer.warnings.empty()) {
    out += R"(,"warnings":[)";
    for (const std::string& warning : answer.warnings) {
      if (&warning != &answer.warnings.front()) out += ',';
      json::append_quoted(out, warning);
    }
    out += ']';
  }
  out += "}}";
  return out;
}

std::string write_failure(int code, std::string_view reason, std::string_view message) {
  std::string out = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)";
  append_member(out, "message", message);
  out += ',';
  append_member(out, "reason", reason);
  fmt::format_to(std::back_inserter(out), R"(,"code":{}}})", code);
  return out;
}

}  // namespace plimsoll::webhook
