#include "webhook/admission_review.h"

#include <gtest/gtest.h>

#include "engine/value/json.h"

namespace plimsoll::webhook {
namespace {

constexpr std::string_view kReview = R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
  "uid": "7", "operation": "UPDATE", "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
  "resource": {"group": "apps", "version": "v1", "resource": "deployments"}, "subResource": "scale",
  "namespace": "shop", "name": "web", "dryRun": true, "userInfo": {"username": "alice", "uid": "u", "groups": ["dev"]},
  "options": {"kind": "UpdateOptions"}, "object": {"spec": {"replicas": 2}}, "oldObject": {"spec": {"replicas": 1}}}})";

std::string refusal(std::string_view body) {
  Arena arena;
  json::Reader reader;
  const auto review = read_review(body, reader, arena);
  return review ? "accepted" : review.error().message();
}

TEST(AdmissionReviewTest, TellsWhatIsAsked) {
  Arena arena;
  json::Reader reader;
  const auto review = read_review(kReview, reader, arena);
  ASSERT_TRUE(review) << review.error().to_string();
  EXPECT_EQ(review->uid, "7");
  const policy::Request& request = review->request;
  EXPECT_EQ(request.operation, "UPDATE");
  EXPECT_EQ(request.kind.to_string(), "apps/v1, Kind=Deployment");
  EXPECT_EQ(request.resource.resource, "deployments");
  EXPECT_EQ(request.subresource, "scale");
  EXPECT_EQ(request.namespace_name, "shop");
  EXPECT_EQ(request.name, "web");
  EXPECT_TRUE(request.dry_run);
  EXPECT_EQ(request.user.name, "alice");
  EXPECT_EQ(request.user.groups.items()[0].as_string(), "dev");
  EXPECT_EQ(request.options["kind"].string_or(), "UpdateOptions");
  EXPECT_EQ(request.object["spec"]["replicas"].int_or(0), 2);
  EXPECT_EQ(request.old_object["spec"]["replicas"].int_or(0), 1);
}

TEST(AdmissionReviewTest, KnowsWhatTheServerConvertedForIt) {
  std::string text(kReview);
  text.insert(text.find(R"("namespace")"), R"("requestKind": {"group": "extensions", "version": "v1beta1", "kind": "Deployment"},
    "requestResource": {"group": "extensions", "version": "v1beta1", "resource": "deployments"}, "requestSubResource": "scale", )");
  json::Reader reader;
  Arena arena;
  const auto review = read_review(text, reader, arena);
  ASSERT_TRUE(review) << review.error().to_string();
  EXPECT_EQ(review->request.kind.to_string(), "extensions/v1beta1, Kind=Deployment");
  EXPECT_EQ(review->request.resource.group, "extensions");
  EXPECT_EQ(review->request.object_kind().to_string(), "apps/v1, Kind=Deployment");
}

TEST(AdmissionReviewTest, RefusesWhatItDoesNotUnderstandAndSaysWhy) {
  EXPECT_EQ(refusal(R"({"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {}})"),
            "AdmissionReview of \"admission.k8s.io/v1beta1\" is not supported, only of admission.k8s.io/v1: set "
            "admissionReviewVersions: [v1] in the webhook configuration");
  EXPECT_EQ(refusal(R"({"apiVersion": "v1", "kind": "Pod"})"),
            "the body must be an AdmissionReview of admission.k8s.io/v1, not kind \"Pod\" of apiVersion \"v1\"");
  EXPECT_EQ(refusal("[]"), "the body must be an AdmissionReview, not a list");
  EXPECT_EQ(refusal(""), "empty text where JSON was expected");
  EXPECT_EQ(refusal("{\"a\": \"\xff\"}"), "JSON text is not valid UTF-8");
  EXPECT_EQ(refusal(std::string(600, '[') + std::string(600, ']')), "JSON nested deeper than 512 levels");
  EXPECT_EQ(refusal(R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"})"),
            "the AdmissionReview has no request");
  EXPECT_EQ(refusal(R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {}})"),
            "the request has no uid");
  EXPECT_EQ(
      refusal(
          R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "operation": "GET"}})"),
      "the request's operation must be one of CREATE, UPDATE, DELETE, CONNECT, not \"GET\"");
  std::string text(kReview);
  text.replace(text.find(R"({"spec": {"replicas": 1}})"), 25, "[]");
  EXPECT_EQ(refusal(text), "the request's oldObject is no object");
}

TEST(AdmissionReviewTest, WritesAnswersAsTheServerReadsThem) {
  EXPECT_EQ(write_review("7", {}),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"7","allowed":true}})");
  EXPECT_EQ(
      write_review("7\"", {.allowed = false, .message = "no\n", .reason = "Forbidden", .code = 403, .warnings = {"w"}}),
      R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"7\"","allowed":false,)"
      R"("status":{"metadata":{},"status":"Failure","message":"no\n","reason":"Forbidden","code":403},"warnings":["w"]}})");
  EXPECT_EQ(write_review("7", {.audit_annotations = {{"a", "b"}, {"c", "d"}}, .patch = "[]"}),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"7","allowed":true,)"
            R"("patch":"W10=","patchType":"JSONPatch","auditAnnotations":{"a":"b","c":"d"}}})");
}

}  // namespace
}  // namespace plimsoll::webhook
