// Edits of random YAML: whatever is done reads exactly as planned, and no line is touched that no edit is about.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/edit/editor.h"
#include "engine/value/json.h"

namespace {

using namespace plimsoll;

// Numbers that follow from the input, so that any YAML is a seed.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) {
    for (size_t i = 0; i < size; ++i) state_ = (state_ ^ data[i]) * 1099511628211ULL;
  }
  size_t below(size_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return bound == 0 ? 0 : static_cast<size_t>(state_ >> 33) % bound;
  }

 private:
  uint64_t state_ = 14695981039346656037ULL;
};

Value some_value(Arena& arena, Choices& choices) {
  static constexpr const char* kValues[] = {
      "1", "true", "\"text\"", "\"a: b\"", "\"two\\nlines\\n\"", "null", "{}", "[]", "{\"k\": [1, {\"m\": \"n\"}]}", "[\"x\", \"yes\"]",
      "\" lead\"", "\"#\"", "\"\\t\\u0001\"", "1.5", "{\"a\": {\"b\": \"c\"}}", "\"\""};
  return *json::read(arena, kValues[choices.below(std::size(kValues))]);
}

// Walks down and changes something on the way.
void change(Value& value, Arena& arena, Choices& choices, int depth) {
  const size_t size = value.size();
  const bool container = (value.is_map() || value.is_list()) && size > 0;
  if (container && depth < 6 && choices.below(4) != 0) {
    const size_t child = choices.below(size);
    change(value.is_map() ? value.as_map()->begin()[child].value : value.items()[child], arena, choices, depth + 1);
    return;
  }
  static constexpr const char* kKeys[] = {"added", "on", "a b", "x/y", "9", "-", "name"};
  if (value.is_map()) {
    const size_t act = choices.below(3);
    if (act == 0 && size > 0) value.as_map()->erase(value.as_map()->begin()[choices.below(size)].key.string_or());
    else value.as_map()->set(arena, kKeys[choices.below(std::size(kKeys))], some_value(arena, choices));
  } else if (value.is_list()) {
    List* list = List::create(arena);
    const size_t at = choices.below(size + 1);
    const bool remove = choices.below(2) == 0;
    for (size_t i = 0; i <= size; ++i) {
      if (i == at && !remove) list->push_back(arena, some_value(arena, choices));
      if (i < size && !(i == at && remove)) list->push_back(arena, value.items()[i]);
    }
    value = Value::list(list);
  } else {
    value = some_value(arena, choices);
  }
}

void require(bool holds) {
  if (!holds) __builtin_trap();
}

// What a refusal leaves as it was is the target's value put back: compare the whole only without refusals.
void check(const std::vector<yaml::Document>& documents, const std::vector<edit::Target>& targets) {
  const auto edited = edit::edit(documents, targets);
  if (!edited) return;
  const std::string_view before = documents[0].text();
  require(edit::apply_splices(before, edited->splices) == edited->text);
  const auto again = yaml::read_stream(edited->text, {.max_alias_expansion = 100'000});
  require(again.has_value() && again->size() == documents.size());
  for (size_t i = 0; i < documents.size(); ++i) {
    const auto target = std::find_if(targets.begin(), targets.end(), [&](const edit::Target& one) { return one.document == i; });
    const bool refused = std::any_of(edited->refusals.begin(), edited->refusals.end(),
                                     [&](const edit::Refusal& refusal) { return refusal.document == i; });
    if (target == targets.end()) require(equal((*again)[i].root(), documents[i].root()));
    else if (!refused) require(equal((*again)[i].root(), target->root));
    // The same edit again finds nothing to do.
    if (target != targets.end() && !refused) {
      const auto twice = edit::edit(*again, std::vector<edit::Target>{*target});
      require(twice.has_value() && twice->text == edited->text);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto documents = yaml::read_stream(text, {.file = "fuzz.yaml", .max_alias_expansion = 100'000});
  if (!documents || documents->empty()) return 0;
  Arena arena;
  Choices choices(data, size);
  std::vector<edit::Target> targets;
  for (size_t i = 0; i < documents->size(); ++i) {
    if (targets.size() == 4 || choices.below(3) == 0) continue;
    Value wanted = deep_copy(arena, (*documents)[i].root());
    for (size_t edits = 1 + choices.below(4); edits > 0; --edits) change(wanted, arena, choices, 0);
    targets.push_back({i, wanted});
  }
  check(*documents, targets);
  return 0;
}
