// time.Time as a template value, and the methods of package time's types.
#pragma once

#include <span>

#include "engine/template/functions/go_time.h"
#include "engine/template/go_object.h"
#include "engine/template/host.h"

namespace plimsoll::tmpl {

struct TimeObject : GoObject {
  static const GoObjectType kType;
  GoTime time;
};

Value make_time(Arena& arena, const GoTime& time);
inline Value make_duration(Duration duration) {
  return Value::integer(duration).with_flavour(flavour(GoType::kDuration));
}

// The time of the host's clock.
GoTime current_time(Host& host);

// Methods of the time package's integer types (Duration, Month, Weekday); empty for other types.
std::span<const GoMethod> time_methods(GoType type);

}  // namespace plimsoll::tmpl
