// Reading a Value as the fields of a known type, with the path of whatever does not fit.
//
//   DecodeState state;
//   Decoder spec = Decoder(object, state).take("spec");
//   std::string name = spec.take("policyName").string();
//   spec.finish();                       // fields that were not taken are unknown
//   if (state.failure) report(state.failure->path, state.failure->message);
//
// As in the API server, null counts as absent, and absent fields read as empty. Only the first failure is kept; reading
// goes on with empty values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/value/path.h"
#include "engine/value/value.h"

namespace plimsoll::policy {

struct DecodeFailure {
  Path path;
  std::string message;  // without the path: "must be a string, not a list"
};

// A step of the way to a value: kept as a chain, since paths are only asked for when something is wrong.
struct DecodeStep {
  const DecodeStep* parent;
  std::string_view key;  // of a member; else `index` is that of an item
  size_t index;
  bool is_member;
};

struct DecodeState {
  std::optional<DecodeFailure> failure;
  Arena steps{};
};

class Decoder {
 public:
  Decoder(const Value& value, DecodeState& state) : value_(value), state_(&state) {}

  bool present() const { return !value_.is_null(); }
  const Value& value() const { return value_; }
  Path path() const;

  // A member of this object; absent if there is none.
  Decoder take(std::string_view key);
  // Reports members that were never taken.
  void finish();
  void fail(std::string message) const;

  std::string string() const;
  std::optional<std::string> optional_string() const;
  std::vector<std::string> strings() const;
  std::vector<std::pair<std::string, std::string>> string_map() const;

  // Calls `visit` with each item of this list.
  template <typename Visit>
  void each(Visit visit) const {
    if (!expect(Kind::kList)) return;
    size_t index = 0;
    for (const Value& item : value_.items()) {
      visit(Decoder(item, *state_, state_->steps.make<DecodeStep>(step_, std::string_view(), index++, false)));
    }
  }

 private:
  Decoder(const Value& value, DecodeState& state, const DecodeStep* step) : value_(value), state_(&state), step_(step) {}
  Decoder member(std::string_view key, const Value& value) const;
  // False, having reported it unless the value is absent, if this is of another kind.
  bool expect(Kind kind) const;

  Value value_;
  DecodeState* state_;
  const DecodeStep* step_ = nullptr;  // nullptr: the root
  std::vector<std::string_view> taken_;
};

}  // namespace plimsoll::policy
