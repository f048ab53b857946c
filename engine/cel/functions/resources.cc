// resources.get('v1', 'Secret', 'web', 'tls'), resources.list(...), selects(): the other objects, and choosing among them by label.
#include "engine/cel/functions.h"
#include "engine/value/label_selector.h"

namespace plimsoll::cel {

namespace {

// The view of the activation, or the reason why there is none.
const Resources* view(Frame& frame, Value& error) {
  const Resources* resources = frame.activation().resources();
  if (resources == nullptr) error = frame.error("resources: no view of other objects is given to this evaluation");
  return resources;
}

// A selector in either of its forms.
Result<LabelSelector> read_selector(const Value& value) {
  if (value.is_string()) return LabelSelector::parse(value.as_string());
  if (value.is_map()) return LabelSelector::decode(value);
  return fail(ErrorCode::kInvalid, "label selector: expected a map with matchLabels and matchExpressions, or a string such as 'app=web', not " +
                                       std::string(type_name(value)));
}

Value get(Frame& frame, const Value* arguments, size_t) {
  Value error;
  const Resources* resources = view(frame, error);
  if (resources == nullptr) return error;
  const Value* found =
      resources->get(arguments[1].as_string(), arguments[2].as_string(), arguments[3].as_string(), arguments[4].as_string());
  return found == nullptr ? no_value() : make_optional(frame.arena(), *found);
}

Value list(Frame& frame, const Value* arguments, size_t count) {
  Value error;
  const Resources* resources = view(frame, error);
  if (resources == nullptr) return error;
  List* found = List::create(frame.arena());
  Resources::Query query{arguments[1].as_string(), arguments[2].as_string(), count > 3 ? arguments[3].as_string() : std::string_view(), nullptr};
  LabelSelector selector;
  if (count > 4) {
    if (arguments[4].is_null()) return Value::list(found);  // selects nothing
    Result<LabelSelector> read = read_selector(arguments[4]);
    if (!read) return frame.error(read.error().message());
    selector = *std::move(read);
    if (!selector.empty()) query.selector = &selector;
  }
  resources->list(query, *found, frame.arena());
  return Value::list(found);
}

Value complete(Frame& frame, const Value* arguments, size_t) {
  Value error;
  const Resources* resources = view(frame, error);
  if (resources == nullptr) return error;
  return Value::boolean(resources->complete(arguments[1].as_string(), arguments[2].as_string()));
}

Value selects(Frame& frame, const Value* arguments, size_t count) {
  if (!arguments[1].is_map() && !arguments[1].is_null()) return no_such_overload(frame, "selects", arguments, count);
  if (arguments[0].is_null()) return Value::boolean(false);
  const Result<LabelSelector> selector = read_selector(arguments[0]);
  if (!selector) return frame.error(selector.error().message());
  return Value::boolean(selector->matches(arguments[1]));
}

constexpr Binding kBindings[] = {
    {"resources_get", get},
    {"resources_list", list},
    {"resources_list_namespace", list},
    {"resources_list_selector", list},
    {"resources_complete", complete},
    {"selects", selects},
};

}  // namespace

std::span<const Binding> functions::resources() { return kBindings; }

}  // namespace plimsoll::cel
