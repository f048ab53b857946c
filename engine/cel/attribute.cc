// Attributes: a variable, local or computed value with its selections. Behaviour of cel-go's interpreter/attributes.go.
//
// What they cost: 1 for the attribute, and 1 for each qualifier reached. An attribute that is a branch of ?: or a key of another
// costs only its qualifiers, because cel-go resolves it past the step that counts.
#include <algorithm>
#include <cmath>

#include "engine/cel/runtime/certificate.h"
#include "engine/cel/step.h"

namespace plimsoll::cel {

namespace {

// An absent value in optional selection: the flavour keeps it apart from null.
bool is_absent(const Value& value) { return is_unset(value); }

Value bad_index_type(Frame& frame, const Value& key) { return frame.error("unsupported index type '" + std::string(type_name(key)) + "' in list"); }

// The element of a list, an error, or unset() if `if_present` and there is none.
Value select_element(Frame& frame, const List& list, const Value& key, bool if_present) {
  int64_t index = 0;
  switch (key.kind()) {
    case Kind::kInt: index = key.as_int(); break;
    case Kind::kUint:
      if (key.as_uint() > static_cast<uint64_t>(INT64_MAX)) return frame.error("unsupported index value " + go_text(key) + " in list");
      index = static_cast<int64_t>(key.as_uint());
      break;
    case Kind::kDouble: {
      const double number = key.as_double();
      if (!(number > -9223372036854775808.0 && number < 9223372036854775808.0) || number != std::trunc(number)) {
        return frame.error("unsupported index value " + go_text(key) + " in list");
      }
      index = static_cast<int64_t>(number);
      break;
    }
    default: return bad_index_type(frame, key);
  }
  if (index >= 0 && index < static_cast<int64_t>(list.size())) return list[static_cast<size_t>(index)];
  return if_present ? unset() : index_out_of_bounds(frame.arena(), key);
}

Value select_patch_field(Frame& frame, const JsonPatchValue& patch, const Value& key, bool if_present) {
  const std::string_view name = key.string_or();
  if (name == "value") {
    if (patch.has_value) return patch.value;
    return if_present ? unset() : Value();
  }
  if (name == "op" || name == "path" || name == "from") {
    const std::string_view text = name == "op" ? patch.op : name == "path" ? patch.path : patch.from;
    return if_present && text.empty() ? unset() : Value::string(text);
  }
  return frame.error((if_present ? "unsupported field: " : "unsupported indexer: ") + go_text(key));
}

Value select_key(Frame& frame, const Value& object, const Value& key, bool if_present) {
  if (object.is_map()) {
    const Value* found = find_key(*object.as_map(), key);
    if (found != nullptr) return *found;
    return if_present ? unset() : no_such_key(frame.arena(), key);
  }
  if (object.is_list()) {
    return select_element(frame, *object.as_list(), key, if_present);
  }
  if (const auto* patch = object.as<JsonPatchValue>()) return select_patch_field(frame, *patch, key, if_present);
  if (const auto* certificate = object.as<CertificateValue>()) return select_key(frame, Value::map(certificate->fields), key, if_present);
  if (is_error(object)) return object;
  return if_present && !frame.refuses_presence_tests() ? unset() : no_such_key(frame.arena(), key);
}

// Resolving an optional that a variable holds, and the fields of an Object{...}, cel-go unwraps values to Go's and back, which not every
// value survives.
Value through_go(Frame& frame, const Value& value) {
  if (!value.is_extension()) return value;
  if (const auto* type = value.as<TypeValue>()) return Value::string(type->name);
  std::string_view go_name;
  if (value.as<QuantityValue>() != nullptr) go_name = "*resource.Quantity";
  if (value.as<UrlValue>() != nullptr) go_name = "*url.URL";
  if (value.as<SemverValue>() != nullptr) go_name = "semver.Version";
  if (value.as<IpValue>() != nullptr) go_name = "netip.Addr";
  if (value.as<CidrValue>() != nullptr) go_name = "netip.Prefix";
  if (!go_name.empty()) return frame.error("unsupported conversion to ref.Val: (" + std::string(go_name) + ")" + go_text(value));
  if (const auto* object = value.as<ObjectValue>()) return object_to_plain(frame.arena(), *object);
  // An optional in an optional loses a layer.
  if (const auto* optional = value.as<Optional>()) return optional->has_value ? through_go(frame, optional->value) : Value();
  return value;
}

// A field where the checker knows the operand to be an Object{...}; absent fields are null.
Value select_field(Frame& frame, const Value& object, const Value& name, bool if_present) {
  const auto* from = object.as<ObjectValue>();
  const auto unconvertible = [](const Map::Entry& field) {
    if (!field.value.is_map()) return false;
    const Map& map = *field.value.as_map();
    return std::any_of(map.begin(), map.end(), [](const Map::Entry& entry) { return !entry.key.is_string(); });
  };
  const Map* fields = from != nullptr ? from->fields : object.is_map() ? object.as_map() : nullptr;
  if (fields == nullptr || (from != nullptr && std::any_of(fields->begin(), fields->end(), unconvertible))) {
    if (if_present) return unset();
    return frame.error("cannot get field \"" + std::string(name.as_string()) + "\"");
  }
  const Value* found = fields->find(name.as_string());
  if (found == nullptr) return if_present ? unset() : Value();
  if (if_present) return *found;  // only whether it is there matters
  return through_go(frame, from != nullptr ? plain_field(frame.arena(), *found) : *found);
}

// Keys that come out of expressions: what cel-go can make a qualifier of.
Value check_key(Frame& frame, const Value& key) {
  switch (key.kind()) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kString: return key;
    case Kind::kNull: return frame.error("invalid qualifier type: <nil>");
    case Kind::kMap: return frame.error("invalid qualifier type: map[string]interface {}");
    case Kind::kList: return frame.error("invalid qualifier type: []interface {}");
    default: return is_error(key) ? key : frame.error("invalid qualifier type: " + std::string(go_type(key)));
  }
}

Value qualify(const Qualifier& qualifier, Frame& frame, const Value& object, bool if_present) {
  Value key = qualifier.key;
  switch (qualifier.kind) {
    case Qualifier::Kind::kField: return select_field(frame, object, key, if_present);
    case Qualifier::Kind::kAttribute: key = check_key(frame, resolve(*qualifier.attribute, frame)); break;
    case Qualifier::Kind::kComputed: key = check_key(frame, run(*qualifier.computed, frame)); break;
    default: break;
  }
  if (is_error(key)) return key;
  return select_key(frame, object, key, if_present);
}

Value apply_qualifiers(const Attribute& attribute, Frame& frame, Value object) {
  bool is_optional = false;
  if (const auto* optional = object.as<Optional>()) {
    if (!optional->has_value) return object;
    is_optional = true;
    object = through_go(frame, optional->value);
  }
  uint32_t first = 0;
  if (attribute.base == Attribute::Base::kVariable && attribute.count > 0 && attribute.qualifiers[0]->kind == Qualifier::Kind::kLazyField) first = 1;
  for (uint32_t i = first; i < attribute.count; ++i) {
    const Qualifier& qualifier = *attribute.qualifiers[i];
    is_optional = is_optional || qualifier.optional;
    if (is_optional) {
      object = qualify(qualifier, frame, object, true);
      if (is_error(object)) return object;
      if (is_absent(object)) return no_value();
      frame.charge(1);
    } else if (qualifier.test_only) {
      object = qualify(qualifier, frame, object, true);
      frame.charge(1);
      if (is_error(object)) return object;
      object = Value::boolean(!is_absent(object));
    } else {
      object = qualify(qualifier, frame, object, false);
      frame.charge(1);
      if (is_error(object)) return object;
    }
    if (frame.stopped()) return frame.stop_error();
  }
  return is_optional ? make_optional(frame.arena(), object) : object;
}

// A field of a lazy variable, which counts as a qualifier.
Value load_lazy_field(const Attribute& attribute, Frame& frame) {
  const Qualifier& qualifier = *attribute.qualifiers[0];
  Value value = frame.load(frame.activation().field(attribute.variable, qualifier.field));
  frame.charge(1);
  if (is_error(value)) return value;
  if (qualifier.test_only) return Value::boolean(true);
  return qualifier.optional ? make_optional(frame.arena(), value) : value;
}

Value local_value(const Attribute& attribute, Frame& frame) {
  Value& local = frame.local(attribute.slot);
  if (is_unset(local) && attribute.operand != nullptr) local = initial_accumulator(run(*attribute.operand, frame), frame);
  return local;
}

Value finish(const AttributeStep& step, Frame& frame, const Value& value) {
  if (step.attribute->base != Attribute::Base::kConditional) {
    if (!step.test_only) frame.charge(1);
  } else if (step.test_only) {
    frame.refund();
  }
  if (step.test_only) {
    if (const auto* optional = value.as<Optional>()) return Value::boolean(optional->has_value);
  }
  return value;
}

// Names only, which is what nearly all attributes are.
inline Value select_names(const Attribute& attribute, Frame& frame, Value object) {
  for (uint32_t i = 0; i < attribute.count; ++i) {
    const Qualifier& qualifier = *attribute.qualifiers[i];
    frame.charge(1);
    const Value* found = object.is_map() ? object.as_map()->find(qualifier.key.as_string()) : nullptr;
    if (qualifier.test_only) {
      if (found == nullptr && !object.is_map()) {
        const Value selected = select_key(frame, object, qualifier.key, true);
        if (is_error(selected)) return selected;
        return Value::boolean(!is_absent(selected));
      }
      return Value::boolean(found != nullptr);
    }
    if (found != nullptr) {
      object = *found;
      continue;
    }
    object = select_key(frame, object, qualifier.key, false);
    if (is_error(object)) return object;
  }
  return object;
}

inline Value run_plain(const AttributeStep& step, Frame& frame, const Value& base) {
  const Attribute& attribute = *step.attribute;
  Value value = base;
  if (base.is_extension()) [[unlikely]] {
    if (!is_error(base)) value = apply_qualifiers(attribute, frame, base);
    return finish(step, frame, value);
  }
  value = select_names(attribute, frame, base);
  if (!step.test_only) frame.charge(1);
  return frame.stopped() ? frame.stop_error() : value;
}

}  // namespace

Value resolve(const Attribute& attribute, Frame& frame) {
  Value base;
  switch (attribute.base) {
    case Attribute::Base::kVariable:
      if (attribute.count > 0 && attribute.qualifiers[0]->kind == Qualifier::Kind::kLazyField) {
        base = load_lazy_field(attribute, frame);
      } else {
        base = frame.variable(attribute.slot, attribute.variable);
      }
      break;
    case Attribute::Base::kLocal: base = local_value(attribute, frame); break;
    case Attribute::Base::kStep: base = run(*attribute.operand, frame); break;
    case Attribute::Base::kConditional: {
      const Value condition = run(*attribute.operand, frame);
      if (!condition.is_bool()) return is_error(condition) ? condition : no_such_overload();
      return resolve(condition.as_bool() ? *attribute.truthy : *attribute.falsy, frame);
    }
  }
  if (is_error(base)) return base;
  return apply_qualifiers(attribute, frame, base);
}

Value run_attribute(const Step& step, Frame& frame) {
  const auto& attribute_step = static_cast<const AttributeStep&>(step);
  const Value value = resolve(*attribute_step.attribute, frame);
  const Value result = finish(attribute_step, frame, value);
  return frame.stopped() ? frame.stop_error() : result;
}

Value run_plain_variable(const Step& step, Frame& frame) {
  const auto& attribute_step = static_cast<const AttributeStep&>(step);
  const Attribute& attribute = *attribute_step.attribute;
  return run_plain(attribute_step, frame, frame.variable(attribute.slot, attribute.variable));
}

Value run_plain_local(const Step& step, Frame& frame) {
  const auto& attribute_step = static_cast<const AttributeStep&>(step);
  const Value& local = frame.local(attribute_step.attribute->slot);
  if (is_unset(local)) [[unlikely]] return run_attribute(step, frame);
  return run_plain(attribute_step, frame, local);
}

}  // namespace plimsoll::cel
