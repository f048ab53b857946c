// Tests only: a report with a bit of everything, hostile text included.
#pragma once

#include "engine/report/report.h"

namespace plimsoll::report {

struct Sample {
  std::vector<policy::RuleInfo> rules;
  Report report;
};

// `text` is read as deploy.yaml; the findings are about its first object.
std::unique_ptr<Sample> make_sample();

inline constexpr char kSampleText[] =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata:\n"
    "  name: web\n"
    "  namespace: shop\n"
    "spec:\n"
    "  template:\n"
    "    spec:\n"
    "      containers:\n"
    "        - name: app\n"
    "          image: shop/web:latest\n"
    "          securityContext:\n"
    "            privileged: true\n"
    "        - name: side\n"
    "          securityContext: {privileged: true}\n";

}  // namespace plimsoll::report
