// What the deployment library of CEL reads: selectors, options of Java, PEM, secrets, versions, and NetworkPolicies of any shape.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/cel/runtime/certificate.h"
#include "engine/cel/runtime/java_options.h"
#include "engine/cel/runtime/network_policy.h"
#include "engine/cel/runtime/secret_strength.h"
#include "engine/value/label_selector.h"
#include "engine/value/semver.h"
#include "engine/yaml/document.h"

namespace {

using namespace plimsoll;

// {policies: [...], from: ..., to: ..., port: ...}, or any other document.
void ask_network_policies(std::string_view text) {
  Arena arena;
  const Result<Value> document = yaml::read_go(arena, text, {.max_bytes = 1 << 16, .max_alias_expansion = 10'000});
  if (!document) return;
  (void)LabelSelector::decode(*document);
  List* policies = (*document)["policies"].is_list() ? (*document)["policies"].as_list() : List::create(arena);
  for (const std::string_view direction : {"Ingress", "Egress", "Both"}) {
    (void)cel::network_allows(*policies, {direction, (*document)["from"], (*document)["to"], (*document)["port"], "TCP"}, arena);
  }
}

void read_certificates(std::string_view text) {
  Arena arena;
  const Result<List*> certificates = cel::parse_certificates(arena, text);
  (void)cel::check_private_key(text);
  if (!certificates) return;
  const auto& first = *(**certificates)[0].as<cel::CertificateValue>();
  (void)cel::certificate_covers(first, text.substr(0, 40));
  (void)cel::certificate_matches_key(first, text);
  (void)cel::certificate_issued_by(first, first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)LabelSelector::parse(text);
  (void)cel::read_java_options(text);
  (void)cel::is_weak_secret(text);
  (void)semver::Constraint::parse(text);
  read_certificates(text);
  ask_network_policies(text);
  return 0;
}
