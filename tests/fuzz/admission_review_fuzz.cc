// Bodies of requests to the webhook: whatever they hold, the answer is a review or a Status, and JSON.
#include <cstdlib>
#include <iostream>

#include "engine/value/json.h"
#include "webhook/judge.h"

namespace {

using namespace plimsoll;

// Rules that look at much of what comes.
std::shared_ptr<const webhook::Rulebook> rulebook() {
  auto book = webhook::load_rulebook({.packs = {"pod-security-restricted"}}, 1);
  if (book) return *std::move(book);
  std::cerr << book.error().to_string() << "\n";
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const webhook::RulebookStore store(rulebook());
  static const webhook::Log log(webhook::LogFormat::kJson, webhook::LogLevel::kError);
  static const webhook::ClusterWindow window;
  static webhook::Metrics metrics(1);
  static webhook::Judge judge(store, window, metrics.part(0), log, webhook::OnFault::kDeny);
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const webhook::Endpoint endpoint : {webhook::Endpoint::kValidate, webhook::Endpoint::kMutate}) {
    const webhook::HttpResponse answer =
        judge.answer(endpoint, {}, {.query = body, .body = body, .received = std::chrono::steady_clock::now()});
    Arena arena;
    const auto read = json::read(arena, answer.body);
    if (!read || (answer.status != 200 && answer.status != 400)) std::abort();
    if (answer.status == 200 && !(*read)["response"]["allowed"].is_bool()) std::abort();
  }
  return 0;
}
