// JSON Patch (RFC 6902) that makes of an object what a mutation made of it.
//
//   make_patch(sent, before, after);
//   // [{"op":"add","path":"/metadata/labels","value":{"team":"a"}},{"op":"remove","path":"/spec/hostNetwork"}]
//
// `before` is `sent` as it was decoded for the mutation, with defaults that the patch shall not tell of: only what
// differs between `before` and `after` is patched, but the operations fit `sent`, where a map may be missing that
// `before` has.
#pragma once

#include <string>

#include "engine/value/value.h"

namespace plimsoll::webhook {

// Empty if nothing changed. All three are maps.
std::string make_patch(const Value& sent, const Value& before, const Value& after);

}  // namespace plimsoll::webhook
