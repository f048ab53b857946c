// Paths, URLs and host names.
#include "engine/template/functions/families.h"
#include "engine/template/functions/go_path.h"
#include "engine/template/functions/go_url.h"
#include "engine/template/go_value.h"

namespace plimsoll::tmpl {
namespace {

using Args = std::span<const Value>;

template <std::string_view (*kPart)(std::string_view)>
Result<Value> part(CallContext& context, Args args) {
  return context.text(kPart(args[0].as_string()));
}
Result<Value> clean(CallContext& context, Args args) { return context.text(clean_path(args[0].as_string())); }
Result<Value> dir(CallContext& context, Args args) { return context.text(directory_name(args[0].as_string())); }
Result<Value> is_abs(CallContext&, Args args) { return Value::boolean(args[0].as_string().starts_with('/')); }

Result<Value> url_parse(CallContext& context, Args args) {
  const Result<Url> url = parse_url(args[0].as_string());
  if (!url) return go_error("unable to parse url: " + url.error().message());
  Map* map = Map::create(context.arena, 8);
  const auto add = [&](std::string_view key, std::string_view text) {
    map->append(context.arena, Value::string(key), context.text(text));
  };
  add("scheme", url->scheme);
  add("host", url->host);
  add("hostname", host_name(*url));
  add("path", url->path);
  add("query", url->query);
  add("opaque", url->opaque);
  add("fragment", url->fragment);
  add("userinfo", url->user ? to_string(*url->user) : "");
  return Value::map(map);
}

Result<Value> url_join(CallContext& context, Args args) {
  Url url;
  std::string user_info;
  struct Part {
    std::string_view key;
    std::string& target;
  };
  const Part parts[] = {{"scheme", url.scheme}, {"host", url.host},         {"path", url.path},         {"query", url.query},
                        {"opaque", url.opaque}, {"fragment", url.fragment}, {"userinfo", user_info}};
  for (const auto& [key, target] : parts) {
    const Value* value = args[0].find(key);
    if (value == nullptr) continue;
    const GoKind kind = kind_of(*value);
    if (kind == GoKind::kInvalid) return go_error(std::string(kNilDereference));
    if (kind != GoKind::kString) {
      return go_error("unable to parse " + std::string(key) + " key, must be of type string, but " +
                      std::string(kind_text(kind)) + " found");
    }
    target = value->as_string();
  }
  if (!user_info.empty()) {
    Result<Url> user = parse_url("proto://" + user_info + "@host");
    if (!user) return go_error("unable to parse userinfo in dict: " + user.error().message());
    url.user = std::move(user->user);
  }
  return context.text(to_string(url));
}

Result<Value> get_host_by_name(CallContext& context, Args args) {
  return context.text(context.host.resolve(args[0].as_string()));
}

constexpr Function kFunctions[] = {
    {"base", "(string) string", "The last part of a path: base \"a/b.txt\" == \"b.txt\".", part<base_name>},
    {"dir", "(string) string", "A path without its last part: dir \"a/b.txt\" == \"a\".", dir},
    {"clean", "(string) string", "The shortest form of a path: clean \"a/../b\" == \"b\".", clean},
    {"ext", "(string) string", "The extension: ext \"b.txt\" == \".txt\".", part<extension>},
    {"isAbs", "(string) bool", "Whether a path begins at the root.", is_abs},
    {"osBase", "(string) string", "As base, for paths of the operating system.", part<base_name>},
    {"osDir", "(string) string", "As dir, for paths of the operating system.", dir},
    {"osClean", "(string) string", "As clean, for paths of the operating system.", clean},
    {"osExt", "(string) string", "As ext, for paths of the operating system.", part<extension>},
    {"osIsAbs", "(string) bool", "As isAbs, for paths of the operating system.", is_abs},
    {"urlParse", "(string) map[string]interface {}", "The parts of a URL: scheme, host, hostname, path, query, opaque, fragment, userinfo.", url_parse},
    {"urlJoin", "(map[string]interface {}) string", "A URL from its parts.", url_join},
    {"getHostByName", "(string) string", "An address of a host; \"\" unless look-ups are allowed.", get_host_by_name},
};

}  // namespace

FunctionFamily path_functions() { return kFunctions; }

}  // namespace plimsoll::tmpl
