// Label selectors as fields of policies and bindings.
//
//   LabelSelector selector = decode_selector(spec.take("objectSelector"));   // {matchLabels: {app: web}}
#pragma once

#include "engine/policy/decode.h"
#include "engine/value/label_selector.h"

namespace plimsoll::policy {

// Takes operators as they are: what the API server refuses is reported by validation, with all else that is wrong.
LabelSelector decode_selector(Decoder decoder);

}  // namespace plimsoll::policy
