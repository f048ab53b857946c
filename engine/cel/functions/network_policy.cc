// policies.allows('Ingress', from, to, 5432, 'TCP')
#include "engine/cel/functions.h"
#include "engine/cel/runtime/network_policy.h"

namespace plimsoll::cel {

namespace {

Value allows(Frame& frame, const Value* arguments, size_t) {
  const Connection connection{arguments[1].as_string(), arguments[2], arguments[3], arguments[4], arguments[5].as_string()};
  const Result<bool> allowed = network_allows(*arguments[0].as_list(), connection, frame.arena());
  return allowed ? Value::boolean(*allowed) : frame.error(allowed.error().message());
}

constexpr Binding kBindings[] = {{"networkpolicies_allows", allows}};

}  // namespace

std::span<const Binding> functions::network_policies() { return kBindings; }

}  // namespace plimsoll::cel
