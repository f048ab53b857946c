#include "engine/yaml/builder.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "engine/value/base64.h"
#include "engine/value/json.h"
#include "engine/value/utf8.h"
#include "engine/yaml/go_format.h"
#include "engine/yaml/source_text.h"

namespace plimsoll::yaml {

namespace {

constexpr size_t kGoMaxDepth = 10'000;
// Marks the plain key << on the node stack.
constexpr uint8_t kMergeFlavour = 1;

// Which part of all decoded nodes go-yaml lets aliases bring in: nearly all of a small document, a tenth of a large
// one.
double allowed_alias_ratio(size_t decoded) {
  constexpr double kLow = 400'000;
  constexpr double kHigh = 4'000'000;
  const auto count = static_cast<double>(decoded);
  if (count <= kLow) return 0.99;
  if (count >= kHigh) return 0.10;
  return 0.99 - 0.89 * (count - kLow) / (kHigh - kLow);
}

// Text as it survives encoding/json: U+FFFD for every invalid byte.
std::string replace_invalid(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const utf8::Rune rune = utf8::decode(text);
    if (rune.valid) {
      out += text.substr(0, rune.size);
    } else {
      utf8::append(out, utf8::kReplacement);
    }
    text.remove_prefix(rune.size);
  }
  return out;
}

// 1.0 is sent to the API server as 1, which reads it as an integer; -0 stays what it is. Beyond 2^53 the digits that
// JSON has for a double are not those of its value.
Value as_json_number(double real) {
  constexpr double kExact = 9007199254740992.0;
  constexpr double kIntLimit = 9223372036854775808.0;
  const double magnitude = std::fabs(real);
  if (std::trunc(real) != real || magnitude >= kIntLimit || (real == 0 && std::signbit(real))) return Value::real(real);
  if (magnitude < kExact) return Value::integer(static_cast<int64_t>(real));
  std::string digits;
  json::append_double(digits, real);
  int64_t integer = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
  return error == std::errc() ? Value::integer(integer) : Value::real(real);
}

std::string type_name(std::string_view tag) {
  return tag.starts_with(kTagPrefix) ? "!!" + std::string(tag.substr(kTagPrefix.size())) : std::string(tag);
}

}  // namespace

Builder::Builder(Arena& arena, std::vector<Span>* spans, const SourceText& source, const ReadOptions& options)
    : arena_(arena),
      spans_(spans),
      source_(source),
      options_(options),
      strict_(options.dialect == Dialect::kStrict),
      go_strict_(options.dialect == Dialect::kGoStrict),
      max_depth_(strict_ ? options.max_depth : kGoMaxDepth) {}

void Builder::begin_document() {
  nodes_.clear();
  frames_.clear();
  anchor_names_.clear();
  anchors_.clear();
  bare_keys_.clear();
  decode_count_ = 1;
  alias_count_ = 0;
  non_finite_ = false;
  strict_keys_.clear();
  strict_pending_.clear();
  repetitions_.clear();
  fatal_.reset();
  for (auto& pending : pending_) pending.reset();
}

Result<Value> Builder::finish_document() {
  if (fatal_) return std::unexpected(*std::exchange(fatal_, std::nullopt));
  if (auto& decode = pending_[static_cast<size_t>(Stage::kDecode)]) return std::unexpected(*std::move(decode));
  if (!repetitions_.empty()) {
    std::string message = "yaml: unmarshal errors:";
    for (const std::string& repetition : repetitions_) message += "\n  " + repetition;
    return fail(ErrorCode::kInvalid, std::move(message));
  }
  if (auto& convert = pending_[static_cast<size_t>(Stage::kConvert)]) return std::unexpected(*std::move(convert));
  if (nodes_.empty()) return Value::null();
  const Node& root = nodes_.front();
  root_span_ = {0, 0, root.start, root.end};
  if (non_finite_) {
    const std::string number = first_unsupported_number(root.value);
    if (!number.empty()) return fail(ErrorCode::kInvalid, "json: unsupported value: " + number);
  }
  return root.value;
}

Error Builder::error_at(uint32_t start, uint32_t end, ErrorCode code, std::string message, std::string remedy) const {
  const Position position = source_.position(start);
  const std::string_view fragment = source_.text().substr(start, end - start);
  return Error(code, std::move(message))
      .at(position.line, position.column)
      .in_file(options_.file)
      .with_fragment(fragment.substr(0, fragment.find('\n')))
      .with_remedy(std::move(remedy));
}

void Builder::problem(Stage stage, std::string go_message, uint32_t start, uint32_t end, std::string message,
                      std::string remedy) {
  if (strict_) {
    stop(error_at(start, end, ErrorCode::kInvalid, std::move(message), std::move(remedy)));
    return;
  }
  auto& pending = pending_[static_cast<size_t>(stage)];
  if (!pending) pending = error_at(start, end, ErrorCode::kInvalid, std::move(go_message));
}

Value Builder::number(const Scalar& scalar, uint32_t start, uint32_t end) {
  const Value& value = scalar.value;
  if (scalar.type == ScalarType::kFloat) {
    const double real = value.as_double();
    if (!std::isfinite(real)) {
      if (at_key()) return value;
      if (strict_) {
        problem(Stage::kConvert, {}, start, end, "JSON, and so the API, has no number for this value",
                "quote it if text is meant");
      }
      non_finite_ = true;
      return value;
    }
    if (options_.numbers_as_double || at_key()) return value;
    return as_json_number(real);
  }
  if (scalar.type == ScalarType::kInt && options_.numbers_as_double && !at_key()) {
    return Value::real(value.is_int() ? static_cast<double>(value.as_int()) : static_cast<double>(value.as_uint()));
  }
  return value;
}

void Builder::plain(std::string_view text, uint32_t start, uint32_t end) {
  count_node();
  if (text == "<<" && at_key()) {
    frames_.back().has_merge = true;
    add(Value::string(text).with_flavour(kMergeFlavour), start, end);
    return;
  }
  const Scalar scalar = resolve_plain(text);
  if (scalar.value.is_string()) {
    add(scalar.value, start, end);
  } else {
    add(number(scalar, start, end), start, end);
  }
}

void Builder::quoted(std::string_view text, uint32_t start, uint32_t end) {
  count_node();
  add(Value::string(text), start, end);
}

void Builder::tagged(std::string_view tag, std::string_view text, std::string_view anchor, uint32_t start,
                     uint32_t end) {
  count_node();
  Value value;
  if (tag == "tag:yaml.org,2002:binary") {
    const auto data = base64::decode(text);
    if (!data) {
      problem(Stage::kDecode, "yaml: !!binary value contains invalid base64 data", start, end,
              "the text is tagged !!binary but is not base64");
    }
    value = Value::string(arena_.copy(replace_invalid(data.value_or(std::string()))));
  } else {
    ScalarType found = ScalarType::kString;
    const auto scalar = resolve_tagged(tag, text, found);
    if (!scalar) {
      problem(Stage::kDecode,
              fmt::format("yaml: cannot decode {} `{}` as a {}", short_tag(found), text, type_name(tag)), start, end,
              fmt::format("the value is tagged {} but reads as {}", type_name(tag), short_tag(found)),
              "correct the tag or the value");
    }
    if (scalar) value = number(*scalar, start, end);
  }
  if (!anchor.empty()) anchors_[static_cast<size_t>(open_anchor(anchor))] = {.value = value, .count = 1};
  if (text == "<<" && at_key() && (tag.empty() || tag == "!" || tag == "tag:yaml.org,2002:merge")) {
    frames_.back().has_merge = true;
    value = value.with_flavour(kMergeFlavour);
  }
  add(value, start, end);
}

int32_t Builder::open_anchor(std::string_view name) {
  const auto index = static_cast<int32_t>(anchors_.size());
  anchors_.push_back({.open = true});
  anchor_names_[std::string(name)] = index;
  return index;
}

void Builder::begin_container(bool is_map, uint32_t start, std::string_view anchor) {
  count_node();
  if (frames_.size() >= max_depth_ && !stopped()) {
    stop(strict_
             ? error_at(start, start + 1, ErrorCode::kLimit, fmt::format("nested deeper than {} levels", max_depth_))
             : error_at(start, start + 1, ErrorCode::kLimit,
                        fmt::format("yaml: exceeded max depth of {}", kGoMaxDepth)));
  }
  Frame frame{.base = static_cast<uint32_t>(nodes_.size()), .start = start, .count = decode_count_ - 1};
  frame.is_map = is_map;
  frame.at_key = is_map;
  if (!anchor.empty()) frame.anchor = open_anchor(anchor);
  frames_.push_back(frame);
  if (is_map && go_strict_) strict_keys_.emplace_back();
}

void Builder::begin_list(uint32_t start, std::string_view anchor) { begin_container(false, start, anchor); }
void Builder::begin_map(uint32_t start, std::string_view anchor) { begin_container(true, start, anchor); }

void Builder::close_container(const Value& value, uint32_t end) {
  const Frame frame = frames_.back();
  if (end == 0) end = nodes_.size() > frame.base ? nodes_.back().end : frame.start;
  nodes_.resize(frame.base);
  frames_.pop_back();
  if (frame.anchor >= 0) {
    anchors_[static_cast<size_t>(frame.anchor)] = {
        .value = value, .count = decode_count_ - frame.count, .height = frame.height};
  }
  add(value, frame.start, end, frame.height);
}

void Builder::end_list(uint32_t end) {
  const Frame& frame = frames_.back();
  const size_t count = nodes_.size() - frame.base;
  List* list = List::create(arena_, count);
  if (spans_ != nullptr && count != 0) {
    list->position = static_cast<uint32_t>(spans_->size() + 1);
    for (size_t i = frame.base; i < nodes_.size(); ++i) spans_->push_back({0, 0, nodes_[i].start, nodes_[i].end});
  }
  for (size_t i = frame.base; i < nodes_.size(); ++i) list->push_back(arena_, nodes_[i].value);
  close_container(Value::list(list), end);
}

void Builder::end_map(uint32_t end) {
  const Frame& frame = frames_.back();
  Map* map = Map::create(arena_, (nodes_.size() - frame.base) / 2);
  const size_t first_span = spans_ != nullptr ? spans_->size() : 0;
  for (size_t i = frame.base; i + 1 < nodes_.size(); i += 2) {
    const Node& key = nodes_[i];
    const Node& value = nodes_[i + 1];
    if (frame.has_merge && key.value.flavour() == kMergeFlavour) {
      if (value.value.is_map()) {
        apply_merge(*map, first_span, value.value);
      } else if (value.value.is_list()) {
        // Earlier maps take precedence, hence they are put in last.
        const List& sources = *value.value.as_list();
        for (size_t k = sources.size(); k-- > 0;) {
          if (sources[k].is_map()) apply_merge(*map, first_span, sources[k]);
        }
      }
      continue;
    }
    const Span span{key.start, key.end, value.start, value.end};
    if (!frame.has_merge) {
      const Value* existing = map->find(key.value.as_string());
      if (existing == nullptr) {
        map->append(arena_, key.value, value.value);
        if (spans_ != nullptr) spans_->push_back(span);
        continue;
      }
      if (strict_) {
        for (size_t first = frame.base; first < i; first += 2) {
          if (nodes_[first].value.as_string() != key.value.as_string()) continue;
          report_duplicate(key.value.as_string(), {nodes_[first].start, nodes_[first].end, 0, 0}, key);
          break;
        }
      }
    } else if (strict_) {
      for (size_t first = frame.base; first < i; first += 2) {
        const Node& other = nodes_[first];
        if (other.value.flavour() == kMergeFlavour || other.value.as_string() != key.value.as_string()) continue;
        report_duplicate(key.value.as_string(), {other.start, other.end, 0, 0}, key);
        break;
      }
    }
    put(*map, first_span, key.value, value.value, span);
  }
  if (spans_ != nullptr && map->size() != 0) map->position = static_cast<uint32_t>(first_span + 1);
  if (go_strict_) strict_keys_.pop_back();
  close_container(Value::map(map), end);
}

void Builder::put(Map& map, size_t first_span, const Value& key, const Value& value, const Span& span) {
  Value* existing = map.find(key);
  if (existing == nullptr) {
    map.append(arena_, key, value);
    if (spans_ != nullptr) spans_->push_back(span);
    return;
  }
  *existing = value;
  if (spans_ == nullptr) return;
  size_t index = 0;
  while (&map.begin()[index].value != existing) ++index;
  (*spans_)[first_span + index] = span;
}

void Builder::apply_merge(Map& map, size_t first_span, const Value& source) {
  const Map& other = *source.as_map();
  for (size_t i = 0; i < other.size(); ++i) {
    const Map::Entry& entry = other.begin()[i];
    const Span span = spans_ != nullptr ? (*spans_)[other.position - 1 + i] : Span();
    put(map, first_span, entry.key, entry.value, span);
  }
}

void Builder::report_duplicate(std::string_view key, const Span& first, const Node& key_node) {
  const Position before = source_.position(first.key);
  stop(error_at(key_node.start, key_node.end, ErrorCode::kInvalid,
                fmt::format("the key \"{}\" was already set at line {}, column {}", key, before.line, before.column),
                "remove one of the two: only the last one would count"));
}

// A key was added that is no string, or its spelling matters.
void Builder::finish_key(Frame& frame) {
  Node& key = nodes_.back();
  if (go_strict_) strict_pending_.push_back(go_syntax(key.value, &bare_keys_));
  std::string text;
  switch (key.value.kind()) {
    case Kind::kString:
      return;
    case Kind::kBool:
      text = key.value.as_bool() ? "true" : "false";
      break;
    case Kind::kInt:
      text = std::to_string(key.value.as_int());
      break;
    case Kind::kDouble:
      text = yaml_float(key.value.as_double(), 32);
      break;
    case Kind::kList:
    case Kind::kMap:
      problem(Stage::kDecode, strict_ ? std::string() : "yaml: invalid map key: " + go_syntax(key.value, &bare_keys_),
              key.start, key.end, "a map or list cannot be a key",
              "quote the text if it is no template left unrendered");
      break;
    default:
      frame.odd_key = true;
      return;  // the message shows the value as well
  }
  const std::string_view kept = arena_.copy(text);
  bare_keys_.insert(kept.data());
  key.value = Value::string(kept);
}

// A pair was added to a map that merges, that has an odd key, or whose keys are watched.
void Builder::finish_pair(Frame& frame) {
  const Node value = nodes_.back();
  Node& key = nodes_[nodes_.size() - 2];
  if (go_strict_) {
    std::string text = std::move(strict_pending_.back());
    strict_pending_.pop_back();
    if (key.value.flavour() != kMergeFlavour) note_strict_key(std::move(text), value.start);
  }
  if (key.value.is_string() && key.value.flavour() == kMergeFlavour) finish_merge(value);
  if (!frame.odd_key) return;
  frame.odd_key = false;
  problem(Stage::kConvert,
          strict_ ? std::string()
                  : fmt::format("unsupported map key of type: {}, key: {}, value: {}",
                                key.value.is_null() ? "%!s(<nil>)" : "uint64", go_syntax(key.value, &bare_keys_),
                                go_syntax(value.value, &bare_keys_)),
          key.start, key.end, key.value.is_null() ? "the key is null" : "the key is a number beyond 64 bits with sign",
          "give the value a key, or quote it");
  const std::string_view kept = arena_.copy("interface {}(nil)");
  bare_keys_.insert(kept.data());
  key.value = Value::string(kept);
}

void Builder::finish_merge(const Node& value) {
  bool fits = value.value.is_map();
  if (value.value.is_list()) {
    // An alias may name a map, not a list of maps: its place in the text tells.
    fits = source_.text()[value.start] != '*';
    for (const Value& item : *value.value.as_list()) fits = fits && item.is_map();
  }
  if (!fits) {
    problem(Stage::kDecode, "yaml: map merge requires map or sequence of maps as the value", value.start, value.end,
            "only a map or a list of maps can be merged with <<");
    return;
  }
  if (!go_strict_) return;
  const auto note = [&](const Map& map) {
    for (size_t i = 0; i < map.size(); ++i) {
      const uint32_t offset = spans_ != nullptr ? (*spans_)[map.position - 1 + i].value : value.start;
      note_strict_key(go_syntax(map.begin()[i].key), offset);
    }
  };
  if (value.value.is_map()) {
    note(*value.value.as_map());
  } else {
    const List& maps = *value.value.as_list();
    for (size_t i = maps.size(); i-- > 0;) note(*maps[i].as_map());
  }
}

void Builder::note_strict_key(std::string key, uint32_t value_offset) {
  const auto [place, added] = strict_keys_.back().insert(std::move(key));
  if (!added) {
    repetitions_.push_back(
        fmt::format("line {}: key {} already set in map", source_.break_count(value_offset) + 1, *place));
  }
}

void Builder::alias(std::string_view name, uint32_t start, uint32_t end) {
  count_node();
  const auto found = anchor_names_.find(std::string(name));
  if (found == anchor_names_.end()) {
    stop(strict_
             ? error_at(start, end, ErrorCode::kInvalid, fmt::format("no anchor &{} stands before this alias", name),
                        "quote the text if no alias is meant")
             : error_at(start, end, ErrorCode::kInvalid, fmt::format("yaml: unknown anchor '{}' referenced", name)));
    return;
  }
  const Anchor& anchor = anchors_[static_cast<size_t>(found->second)];
  if (anchor.open) {
    problem(Stage::kDecode, fmt::format("yaml: anchor '{}' value contains itself", name), start, end,
            fmt::format("the anchor &{} contains itself", name));
    add(Value::null(), start, end);
    return;
  }
  decode_count_ += anchor.count;
  alias_count_ += anchor.count;
  if (anchor.value.is_double() && !std::isfinite(anchor.value.as_double()) && !at_key()) non_finite_ = true;
  check_aliasing();
  if (frames_.size() + anchor.height > max_depth_) {
    stop(error_at(start, end, ErrorCode::kLimit,
                  fmt::format("{}exceeded max depth of {}", strict_ ? "" : "yaml: ", max_depth_)));
  }
  if (stopped()) return;
  add(options_.copy_aliases ? copy_containers(anchor.value) : anchor.value, start, end, anchor.height);
}

void Builder::check_aliasing() {
  if (stopped()) return;
  const bool beyond_ratio =
      alias_count_ > kFreeAliases && decode_count_ > 1000 &&
      static_cast<double>(alias_count_) / static_cast<double>(decode_count_) > allowed_alias_ratio(decode_count_);
  const bool beyond_limit = strict_ && alias_count_ > options_.max_alias_expansion;
  if (!beyond_ratio && !beyond_limit) return;
  const auto offset = nodes_.empty() ? 0 : nodes_.back().end;
  stop(strict_ ? error_at(offset, offset, ErrorCode::kLimit, "aliases make too much of this document",
                          "write the values out, or use fewer aliases of aliases")
               : error_at(offset, offset, ErrorCode::kLimit, "yaml: document contains excessive aliasing"));
}

// Depth and number of nodes are bounded by alias().
Value Builder::copy_containers(const Value& value) {
  if (value.is_list()) {
    List* copy = List::create(arena_, value.size());
    for (const Value& item : *value.as_list()) copy->push_back(arena_, copy_containers(item));
    copy->position = value.as_list()->position;
    return Value::list(copy);
  }
  if (value.is_map()) {
    Map* copy = Map::create(arena_, value.size());
    for (const Map::Entry& entry : *value.as_map()) copy->append(arena_, entry.key, copy_containers(entry.value));
    copy->position = value.as_map()->position;
    return Value::map(copy);
  }
  return value;
}

}  // namespace plimsoll::yaml
