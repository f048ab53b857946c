#include "engine/chart/metadata.h"

#include <algorithm>
#include <set>

#include "engine/chart/go_decode.h"
#include "engine/template/go_format.h"
#include "engine/chart/capabilities.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"
#include "engine/yaml/document.h"

namespace plimsoll::chart {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// Decodes the fields of one Go struct from a map, keeping the first misfit as encoding/json does.
class StructDecoder {
 public:
  // `prefix`: path of enclosing fields ("maintainers.").
  StructDecoder(const Value& map, std::string_view go_struct, std::string prefix, std::optional<Error>& error)
      : map_(map), go_struct_(go_struct), prefix_(std::move(prefix)), error_(error) {}

  void text(std::string_view field, std::string& target) {
    if (const Value* value = find(field); value && !value->is_null() && !scalar_text(*value, target)) {
      misfit(*value, field, "string");
    }
  }

  void boolean(std::string_view field, bool& target) {
    const Value* value = find(field);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_bool()) return misfit(*value, field, "bool");
    target = value->as_bool();
  }

  void texts(std::string_view field, std::vector<std::string>& target) {
    const Value* value = find(field);
    if (value == nullptr) return;
    target.clear();
    if (value->is_null()) return;
    if (!value->is_list()) return misfit(*value, field, "[]string");
    for (const Value& item : value->items()) {
      std::string text;
      if (!item.is_null() && !scalar_text(item, text)) misfit(item, field, "string");
      target.push_back(std::move(text));
    }
  }

  void text_map(std::string_view field, std::map<std::string, std::string>& target) {
    const Value* value = find(field);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_map()) return misfit(*value, field, "map[string]string");
    for (const Map::Entry& entry : *value->as_map()) {
      std::string text;
      if (!entry.value.is_null() && !scalar_text(entry.value, text)) {
        misfit(entry.value, field, "string");
      }
      target[std::string(entry.key.string_or())] = std::move(text);
    }
  }

  // A list of pointers to structs; `decode` fills one from a decoder of its map. nullptr: the field is absent.
  template <typename T, typename Decode>
  bool structs(std::string_view field, std::string_view element, std::vector<std::optional<T>>& target, Decode decode) {
    const Value* value = find(field);
    if (value == nullptr) return false;
    target.clear();
    if (value->is_null()) return false;
    if (!value->is_list()) {
      misfit(*value, field, "[]*chart." + std::string(element));
      return false;
    }
    for (const Value& item : value->items()) {
      if (item.is_null()) {
        target.emplace_back();
        continue;
      }
      T decoded;
      if (!item.is_map()) {
        misfit(item, field, "chart." + std::string(element));
      } else {
        StructDecoder inner(item, element, prefix_ + std::string(field) + ".", error_);
        decode(inner, decoded);
      }
      target.push_back(std::move(decoded));
    }
    return true;
  }

  const Value* find(std::string_view field) const {
    if (const Value* exact = map_.find(field)) return exact;
    for (const Map::Entry& entry : *map_.as_map()) {
      if (entry.key.is_string() && same_name(entry.key.as_string(), field)) return &entry.value;
    }
    return nullptr;
  }

  void misfit(const Value& value, std::string_view field, std::string_view type) {
    if (!error_) error_ = decode_error(value, go_struct_, prefix_ + std::string(field), type);
  }

 private:
  const Value& map_;
  std::string_view go_struct_;
  std::string prefix_;
  std::optional<Error>& error_;
};

void decode_imports(StructDecoder& decoder, std::vector<ImportValue>& imports) {
  const Value* list = decoder.find("import-values");
  if (list == nullptr || list->is_null()) return;
  if (!list->is_list()) return decoder.misfit(*list, "import-values", "[]interface {}");
  for (const Value& item : list->items()) {
    if (item.is_string()) {
      imports.push_back({"exports." + std::string(item.as_string()), ".", true});
    } else if (item.is_map()) {
      // Helm prints whatever stands there: a missing entry is "<nil>".
      imports.push_back({tmpl::to_text(item["child"]), tmpl::to_text(item["parent"]), false});
    }
  }
}

void decode_dependency(StructDecoder& decoder, Dependency& dependency) {
  decoder.text("alias", dependency.alias);
  decoder.text("condition", dependency.condition);
  decoder.boolean("enabled", dependency.enabled);
  decode_imports(decoder, dependency.import_values);
  decoder.text("name", dependency.name);
  decoder.text("repository", dependency.repository);
  decoder.texts("tags", dependency.tags);
  decoder.text("version", dependency.version);
}

bool is_space(char32_t rune) {
  return (rune >= 0x09 && rune <= 0x0D) || rune == 0x20 || rune == 0x85 || rune == 0xA0 || rune == 0x1680 ||
         (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 || rune == 0x202F || rune == 0x205F ||
         rune == 0x3000;
}

// Blanks of any kind become one space each, what cannot be printed goes.
void sanitize(std::string& text) {
  std::string clean;
  for (size_t i = 0; i < text.size();) {
    const utf8::Rune rune = utf8::decode(std::string_view(text).substr(i));
    i += rune.size;
    if (is_space(rune.code)) {
      clean += ' ';
    } else if (go::is_print(rune.code)) {
      utf8::append(clean, rune.code);
    }
  }
  text = std::move(clean);
}

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalid, "validation: " + std::move(message));
}

// Go's filepath.Base.
std::string_view base_name(std::string_view path) {
  if (path.empty()) return ".";
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos || path == "/" ? path : path.substr(slash + 1);
}

bool is_alias(std::string_view alias) {
  return std::all_of(alias.begin(), alias.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

Result<void> Metadata::read(std::string_view text, const std::string& file) {
  yaml::ReadOptions options;
  options.file = file;
  options.dialect = yaml::Dialect::kGo;
  const std::string context = "cannot load " + std::string(base_name(file));
  Result<yaml::Document> document = yaml::read(text, options);
  if (!document) {
    return std::unexpected(
        std::move(document.error()).with_context(context + ": error converting YAML to JSON"));
  }
  const Value& root = document->root();
  if (root.is_null()) return {};
  if (!root.is_map()) return std::unexpected(decode_error(root, "chart.Metadata").with_context(context).in_file(file));

  std::optional<Error> error;
  StructDecoder decoder(root, "Metadata", "", error);
  // In the order of the keys: the first misfit is the one that Go reports.
  decoder.text_map("annotations", annotations);
  decoder.text("apiVersion", api_version);
  decoder.text("appVersion", app_version);
  decoder.text("condition", condition);
  std::vector<std::optional<Dependency>> declared;
  if (decoder.structs("dependencies", "Dependency", declared, decode_dependency)) dependencies = std::move(declared);
  decoder.boolean("deprecated", deprecated);
  decoder.text("description", description);
  decoder.text("home", home);
  decoder.text("icon", icon);
  decoder.texts("keywords", keywords);
  decoder.text("kubeVersion", kube_version);
  decoder.structs("maintainers", "Maintainer", maintainers, [](StructDecoder& inner, Maintainer& maintainer) {
    inner.text("email", maintainer.email);
    inner.text("name", maintainer.name);
    inner.text("url", maintainer.url);
  });
  decoder.text("name", name);
  decoder.texts("sources", sources);
  decoder.text("tags", tags);
  decoder.text("type", type);
  decoder.text("version", version);
  if (error) return std::unexpected(std::move(*error).with_context(context).in_file(file));
  return {};
}

Result<void> Metadata::validate() {
  for (std::string* field : {&name, &description, &home, &icon, &condition, &tags, &app_version, &kube_version}) {
    sanitize(*field);
  }
  for (std::string& source : sources) sanitize(source);
  for (std::string& keyword : keywords) sanitize(keyword);
  if (api_version.empty()) return invalid("chart.metadata.apiVersion is required");
  if (name.empty()) return invalid("chart.metadata.name is required");
  if (name == "." || name == "..") return invalid("chart.metadata.name " + go::quoted(name) + " is not allowed");
  if (name != base_name(name)) return invalid("chart.metadata.name " + go::quoted(name) + " is invalid");
  if (version.empty()) return invalid("chart.metadata.version is required");
  if (!is_version(version)) return invalid("chart.metadata.version " + go::quoted(version) + " is invalid");
  if (!type.empty() && type != "application" && type != "library") {
    return invalid("chart.metadata.type must be application or library");
  }
  for (std::optional<Maintainer>& maintainer : maintainers) {
    if (!maintainer) return invalid("maintainers must not contain empty or null nodes");
    sanitize(maintainer->name);
    sanitize(maintainer->email);
    sanitize(maintainer->url);
  }
  if (!dependencies) return {};
  std::set<std::string> keys;
  for (std::optional<Dependency>& dependency : *dependencies) {
    if (!dependency) return invalid("dependencies must not contain empty or null nodes");
    for (std::string* field :
         {&dependency->name, &dependency->version, &dependency->repository, &dependency->condition}) {
      sanitize(*field);
    }
    for (std::string& tag : dependency->tags) sanitize(tag);
    if (!is_alias(dependency->alias)) {
      return invalid("dependency " + go::quoted(dependency->name) + " has disallowed characters in the alias");
    }
    const std::string& key = dependency->alias.empty() ? dependency->name : dependency->alias;
    if (!keys.insert(key).second) return invalid("more than one dependency with name or alias " + go::quoted(key));
  }
  return {};
}

}  // namespace plimsoll::chart
