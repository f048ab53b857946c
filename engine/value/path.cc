#include "engine/value/path.h"

#include <algorithm>
#include <charconv>

#include "engine/value/json.h"

namespace plimsoll {

namespace {

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$';
  });
}

const Value* child(const Value& parent, const Path::Step& step) {
  if (const auto* key = std::get_if<std::string>(&step)) return parent.find(*key);
  const size_t index = std::get<size_t>(step);
  return parent.is_list() && index < parent.size() ? &(*parent.as_list())[index] : nullptr;
}

}  // namespace

Path Path::key(std::string_view name) const& { return Path(*this).key(name); }
Path Path::index(size_t position) const& { return Path(*this).index(position); }

Path&& Path::key(std::string_view name) && {
  steps_.emplace_back(std::string(name));
  return std::move(*this);
}

Path&& Path::index(size_t position) && {
  steps_.emplace_back(position);
  return std::move(*this);
}

Path Path::parent() const {
  Path result = *this;
  if (!result.steps_.empty()) result.steps_.pop_back();
  return result;
}

bool Path::starts_with(const Path& prefix) const {
  return prefix.steps_.size() <= steps_.size() &&
         std::equal(prefix.steps_.begin(), prefix.steps_.end(), steps_.begin());
}

const Value* Path::resolve(const Value& root) const {
  const Value* current = &root;
  for (const Step& step : steps_) {
    current = child(*current, step);
    if (current == nullptr) return nullptr;
  }
  return current;
}

size_t Path::resolvable(const Value& root) const {
  const Value* current = &root;
  size_t count = 0;
  for (const Step& step : steps_) {
    current = child(*current, step);
    if (current == nullptr) break;
    ++count;
  }
  return count;
}

std::string Path::to_string() const {
  std::string out;
  for (const Step& step : steps_) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      if (is_plain_key(*key)) {
        if (!out.empty()) out += '.';
        out += *key;
      } else {
        out += '[';
        json::append_quoted(out, *key);
        out += ']';
      }
    } else {
      out += '[' + std::to_string(std::get<size_t>(step)) + ']';
    }
  }
  return out;
}

std::string Path::to_json_pointer() const {
  std::string out;
  for (const Step& step : steps_) {
    out += '/';
    if (const auto* key = std::get_if<std::string>(&step)) {
      for (const char c : *key) {
        if (c == '~') {
          out += "~0";
        } else if (c == '/') {
          out += "~1";
        } else {
          out += c;
        }
      }
    } else {
      out += std::to_string(std::get<size_t>(step));
    }
  }
  return out;
}

Path Path::parse(std::string_view text) {
  Path path;
  size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '.') {
      ++i;
      continue;
    }
    if (text[i] == '[') {
      if (i + 1 < text.size() && text[i + 1] == '"') {
        const size_t close = text.find("\"]", i + 2);
        Arena scratch;
        if (close != std::string_view::npos) {
          if (auto key = json::read(scratch, text.substr(i + 1, close - i)); key && key->is_string()) {
            path.steps_.emplace_back(std::string(key->as_string()));
            i = close + 2;
            continue;
          }
        }
      } else {
        size_t index = 0;
        const char* first = text.data() + i + 1;
        const auto [end, error] = std::from_chars(first, text.data() + text.size(), index);
        if (error == std::errc() && end != text.data() + text.size() && *end == ']') {
          path.steps_.emplace_back(index);
          i = static_cast<size_t>(end - text.data()) + 1;
          continue;
        }
      }
    }
    const size_t end = std::min(text.find_first_of(".[", i + 1), text.size());
    path.steps_.emplace_back(std::string(text.substr(i, end - i)));
    i = end;
  }
  return path;
}

}  // namespace plimsoll
