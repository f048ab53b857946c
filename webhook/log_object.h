// What the log may have of a request's object where it is asked for (--log-objects).
//
//   log.write(level, "request", {{"object", Log::Json{loggable_object(request)}}});
//
// Secrets are there with the keys of their data and without values; of reviews and requests of tokens there is nothing. Fields that the
// API server keeps for itself (managedFields) are left out, and so is an object of more than 256 KiB.
#pragma once

#include <string>

#include "engine/policy/request.h"

namespace plimsoll::webhook {

// JSON; the old object of a deletion. Empty: there is none.
std::string loggable_object(const policy::Request& request);

}  // namespace plimsoll::webhook
