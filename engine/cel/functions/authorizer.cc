// authorizer.group('apps').resource('deployments').check('create').allowed()
#include <algorithm>

#include "engine/cel/functions.h"
#include "engine/cel/runtime/formats.h"

namespace plimsoll::cel {

namespace {

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
}

template <typename T>
Value store(Frame& frame, const T& value) {
  return Value::extension(frame.arena().make<T>(value));
}

Value path(Frame& frame, const Value* arguments, size_t) {
  if (is_blank(arguments[1].as_string())) return frame.error("path must not be empty");
  return store(frame, PathCheckValue{{&PathCheckValue::kType}, *arguments[0].as<AuthorizerValue>(), arguments[1].as_string()});
}

Value group(Frame& frame, const Value* arguments, size_t) {
  return store(frame, GroupCheckValue{{&GroupCheckValue::kType}, *arguments[0].as<AuthorizerValue>(), arguments[1].as_string()});
}

Value service_account(Frame& frame, const Value* arguments, size_t) {
  AuthorizerValue authorizer = *arguments[0].as<AuthorizerValue>();
  if (!is_dns1123_subdomain(arguments[2].as_string())) return frame.error("Invalid service account name");
  if (!is_dns1123_label(arguments[1].as_string())) return frame.error("Invalid service account namespace");
  authorizer.service_account_namespace = arguments[1].as_string();
  authorizer.service_account_name = arguments[2].as_string();
  return store(frame, authorizer);
}

Value resource(Frame& frame, const Value* arguments, size_t) {
  if (is_blank(arguments[1].as_string())) return frame.error("resource must not be empty");
  const GroupCheckValue& check = *arguments[0].as<GroupCheckValue>();
  ResourceCheckValue result{{&ResourceCheckValue::kType}, check.authorizer, check.group, arguments[1].as_string(), {}, {}, {}, {}, {}};
  return store(frame, result);
}

template <std::string_view ResourceCheckValue::*kField>
Value narrow(Frame& frame, const Value* arguments, size_t) {
  ResourceCheckValue result = *arguments[0].as<ResourceCheckValue>();
  result.*kField = arguments[1].as_string();
  return store(frame, result);
}

Value decide(Frame& frame, Authorizer::Attributes attributes, const AuthorizerValue& subject) {
  attributes.service_account_namespace = subject.service_account_namespace;
  attributes.service_account_name = subject.service_account_name;
  Authorizer* authorizer = frame.activation().authorizer();
  if (authorizer == nullptr) return frame.error("no authorizer");
  const Authorizer::Decision decision = authorizer->authorize(attributes, frame.arena());
  return store(frame, DecisionValue{{&DecisionValue::kType}, decision.allowed, decision.reason, decision.error});
}

Value check_path(Frame& frame, const Value* arguments, size_t) {
  const PathCheckValue& check = *arguments[0].as<PathCheckValue>();
  Authorizer::Attributes attributes;
  attributes.path = check.path;
  attributes.verb = arguments[1].as_string();
  return decide(frame, attributes, check.authorizer);
}

Value check_resource(Frame& frame, const Value* arguments, size_t) {
  const ResourceCheckValue& check = *arguments[0].as<ResourceCheckValue>();
  Authorizer::Attributes attributes;
  attributes.verb = arguments[1].as_string();
  attributes.group = check.group;
  attributes.resource = check.resource;
  attributes.subresource = check.subresource;
  attributes.namespace_name = check.namespace_name;
  attributes.name = check.name;
  attributes.field_selector = check.field_selector;
  attributes.label_selector = check.label_selector;
  return decide(frame, attributes, check.authorizer);
}

Value allowed(Frame&, const Value* arguments, size_t) { return Value::boolean(arguments[0].as<DecisionValue>()->allowed); }
Value reason(Frame&, const Value* arguments, size_t) { return Value::string(arguments[0].as<DecisionValue>()->reason); }
Value error(Frame&, const Value* arguments, size_t) { return Value::string(arguments[0].as<DecisionValue>()->error); }
Value errored(Frame&, const Value* arguments, size_t) { return Value::boolean(!arguments[0].as<DecisionValue>()->error.empty()); }

constexpr Binding kBindings[] = {
    {"authorizer_path", path},
    {"authorizer_group", group},
    {"authorizer_serviceaccount", service_account},
    {"groupcheck_resource", resource},
    {"resourcecheck_subresource", narrow<&ResourceCheckValue::subresource>},
    {"resourcecheck_namespace", narrow<&ResourceCheckValue::namespace_name>},
    {"resourcecheck_name", narrow<&ResourceCheckValue::name>},
    {"authorizer_fieldselector", narrow<&ResourceCheckValue::field_selector>},
    {"authorizer_labelselector", narrow<&ResourceCheckValue::label_selector>},
    {"pathcheck_check", check_path},
    {"resourcecheck_check", check_resource},
    {"decision_allowed", allowed},
    {"decision_reason", reason},
    {"decision_error", error},
    {"decision_errored", errored},
};

}  // namespace

std::span<const Binding> functions::authorizers() { return kBindings; }

}  // namespace plimsoll::cel
