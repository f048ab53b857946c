#include "engine/source/values_place.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/source/discover.h"

namespace plimsoll::source {

namespace {

// How keys end whose values are secrets, in lower case without '-' and '_'.
constexpr std::string_view kSecretEndings[] = {"password", "passwd", "pass", "token", "tokens", "secret", "key", "keys",
                                               "license",  "credentials", "jwt", "seed"};
// Tables all of whose content is secret.
constexpr std::string_view kSecretTables[] = {"secrets", "license", "credentials"};
// Keys that only name a Secret, as existing_secret does.
constexpr std::string_view kNames = "existing";

std::string folded(std::string_view key) {
  std::string lower;
  for (const char c : key) {
    if (c != '_' && c != '-') lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  return lower;
}

// "--set general.name" of "--set general.name=x,other=y": a flag's values may be secrets.
std::string without_value(const std::string& flag, const Path& path) {
  return flag.substr(0, flag.find(' ')) + " " + path.to_string();
}

}  // namespace

std::shared_ptr<const File> ShownTexts::of(const std::string& name, std::string_view text) const {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const File>& known = texts_[name];
  if (!known) known = std::make_shared<File>(name, std::string(text));
  return known;
}

std::string shown_path(const std::string& path) {
  return path == "<stdin>" || path == "-" ? "<stdin>" : display_path(absolute_path(path), path);
}

bool is_secret_key(const Path& path) {
  std::string last;
  for (const Path::Step& step : path.steps()) {
    const auto* key = std::get_if<std::string>(&step);
    if (key == nullptr) continue;
    if (std::ranges::find(kSecretTables, last) != std::end(kSecretTables)) return true;
    last = folded(*key);
  }
  return last.find(kNames) == std::string::npos &&
         std::ranges::any_of(kSecretEndings, [&](std::string_view ending) { return last.ends_with(ending); });
}

Place ValuesPlaces::place_of(const chart::ValueOrigin& origin) const {
  Place place;
  place.file = texts_.of(shown_path(origin.file), origin.document->text());
  place.range = origin.range.line == origin.key.line || !origin.key.known() ? origin.range : origin.key;
  return place;
}

Place ValuesPlaces::of(const Path& path) const {
  Place place;
  const std::string key = path.to_string();
  const std::optional<chart::ValueOrigin> origin = locator_.locate(path);
  if (!origin) {
    place.note = fmt::format("values key {} is set nowhere", key);
  } else if (origin->kind == chart::ValueOrigin::Kind::kFlag) {
    place.note = fmt::format("values key {}, set by {}", key, origin->flag.substr(0, origin->flag.find('=')));
  } else {
    place = place_of(*origin);
    place.note = fmt::format("values key {}{}", key, origin->kind == chart::ValueOrigin::Kind::kDefault ? ", a default" : "");
  }
  place.role = Place::Role::kValues;
  place.values_key = key;
  return place;
}

Place ValuesPlaces::key(const Path& path) const {
  Place place = nearest(path);
  const std::optional<chart::ValueOrigin> origin = locator_.locate(path);
  if (origin && origin->kind != chart::ValueOrigin::Kind::kFlag && origin->key.known()) place.range = origin->key;
  return place;
}

Place ValuesPlaces::nearest(const Path& path) const {
  std::optional<chart::ValueOrigin> origin = locator_.locate(path);
  if (origin && origin->kind == chart::ValueOrigin::Kind::kFlag && !path.empty()) {
    Place place;
    place.file = texts_.of(without_value(origin->flag, path), "");
    place.hidden = true;
    return place;
  }
  Path at = path;
  for (origin = locator_.locate_in_files(at); !origin && !at.empty(); origin = locator_.locate_in_files(at)) at = at.parent();
  if (!origin) return {};
  Place place = place_of(*origin);
  // The values as a whole are best shown by their first line.
  if (at.empty()) place.range = {.line = 1, .column = 1, .end_line = 1, .end_column = 1, .offset = 0, .end_offset = 0};
  place.hidden = is_secret_key(at);
  place.values_key = at.to_string();
  return place;
}

}  // namespace plimsoll::source
