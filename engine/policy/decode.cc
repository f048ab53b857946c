#include "engine/policy/decode.h"

#include <algorithm>

namespace plimsoll::policy {
namespace {

std::string_view article_and_name(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "a boolean";
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "an object";
    default:
      return kind_name(kind);
  }
}

}  // namespace

Path Decoder::path() const {
  std::vector<Path::Step> steps;
  for (const DecodeStep* step = step_; step != nullptr; step = step->parent) {
    if (step->is_member) {
      steps.emplace_back(std::string(step->key));
    } else {
      steps.emplace_back(step->index);
    }
  }
  std::ranges::reverse(steps);
  return Path(std::move(steps));
}

// Borrows the key until the end of decoding.
Decoder Decoder::member(std::string_view key, const Value& value) const {
  return {value, *state_, state_->steps.make<DecodeStep>(step_, key, size_t{0}, true)};
}

Decoder Decoder::take(std::string_view key) {
  taken_.push_back(key);
  expect(Kind::kMap);
  return member(key, value_[key]);
}

void Decoder::finish() {
  if (!value_.is_map()) return;
  for (const Map::Entry& entry : *value_.as_map()) {
    const std::string_view key = entry.key.string_or();
    if (std::ranges::find(taken_, key) != taken_.end() || state_->failure) continue;
    state_->failure = DecodeFailure{path().key(key), "unknown field"};
  }
}

void Decoder::fail(std::string message) const {
  if (!state_->failure) state_->failure = DecodeFailure{path(), std::move(message)};
}

bool Decoder::expect(Kind kind) const {
  if (value_.kind() == kind) return true;
  if (present()) {
    fail("must be " + std::string(article_and_name(kind)) + ", not " + std::string(article_and_name(value_.kind())));
  }
  return false;
}

std::string Decoder::string() const { return expect(Kind::kString) ? std::string(value_.as_string()) : std::string(); }

std::optional<std::string> Decoder::optional_string() const {
  if (!expect(Kind::kString)) return std::nullopt;
  return std::string(value_.as_string());
}

std::vector<std::string> Decoder::strings() const {
  std::vector<std::string> result;
  each([&](const Decoder& item) { result.push_back(item.string()); });
  return result;
}

std::vector<std::pair<std::string, std::string>> Decoder::string_map() const {
  std::vector<std::pair<std::string, std::string>> result;
  if (!expect(Kind::kMap)) return result;
  for (const Map::Entry& entry : *value_.as_map()) {
    const std::string_view key = entry.key.string_or();
    result.emplace_back(key, member(key, entry.value).string());
  }
  return result;
}

}  // namespace plimsoll::policy
