#include "engine/chart/manifest.h"

#include <algorithm>
#include <map>
#include <optional>

#include "engine/chart/go_decode.h"
#include "engine/value/go_quote.h"
#include "engine/value/utf8.h"

namespace plimsoll::chart {

namespace {

// Kinds in the order in which Helm installs them.
constexpr std::string_view kInstallOrder[] = {"PriorityClass",
                                              "Namespace",
                                              "NetworkPolicy",
                                              "ResourceQuota",
                                              "LimitRange",
                                              "PodSecurityPolicy",
                                              "PodDisruptionBudget",
                                              "ServiceAccount",
                                              "Secret",
                                              "SecretList",
                                              "ConfigMap",
                                              "StorageClass",
                                              "PersistentVolume",
                                              "PersistentVolumeClaim",
                                              "CustomResourceDefinition",
                                              "ClusterRole",
                                              "ClusterRoleList",
                                              "ClusterRoleBinding",
                                              "ClusterRoleBindingList",
                                              "Role",
                                              "RoleList",
                                              "RoleBinding",
                                              "RoleBindingList",
                                              "Service",
                                              "DaemonSet",
                                              "Pod",
                                              "ReplicationController",
                                              "ReplicaSet",
                                              "Deployment",
                                              "HorizontalPodAutoscaler",
                                              "StatefulSet",
                                              "Job",
                                              "CronJob",
                                              "IngressClass",
                                              "Ingress",
                                              "APIService"};

constexpr std::string_view kHookEvents[] = {"pre-install",  "post-install",  "pre-delete",   "post-delete", "pre-upgrade",
                                            "post-upgrade", "pre-rollback",  "post-rollback", "test",       "test-success"};

constexpr std::string_view kHookAnnotation = "helm.sh/hook";

bool installs_before(const Manifest& a, const Manifest& b) {
  const auto rank = [](const std::string& kind) {
    return std::find(std::begin(kInstallOrder), std::end(kInstallOrder), kind) - std::begin(kInstallOrder);
  };
  const auto first = rank(a.kind);
  const auto second = rank(b.kind);
  const auto unknown = static_cast<ptrdiff_t>(std::size(kInstallOrder));
  if (first == unknown && second == unknown) return a.kind < b.kind;
  return first < second;
}

// Go's unicode.IsSpace at the ends of a text.
size_t leading_space(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const utf8::Rune rune = utf8::decode(text.substr(i));
    const char32_t c = rune.code;
    const bool space = (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
                       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
                       c == 0x3000;
    if (!space) break;
    i += rune.size;
  }
  return i;
}

std::string_view trim_space(std::string_view text) {
  text.remove_prefix(leading_space(text));
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
    if (leading_space(text.substr(start)) != text.size() - start) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

// RE2's \s.
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

// The part of a manifest that Helm decodes into a struct.
struct Head {
  std::string api_version;
  std::string kind;
  std::map<std::string, std::string, std::less<>> annotations;
};

constexpr std::string_view kMetadataType =
    R"(struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" })";

Result<Head> decode_head(const Value& root) {
  Head head;
  if (root.is_null()) return head;
  if (!root.is_map()) return std::unexpected(decode_error(root, "releaseutil.SimpleHead"));
  const auto text = [&](const Value& value, std::string_view go_struct, std::string_view field,
                        std::string& target) -> Result<void> {
    if (!value.is_null() && !scalar_text(value, target)) {
      return std::unexpected(decode_error(value, go_struct, field, "string"));
    }
    return {};
  };
  PLIMSOLL_RETURN_IF_ERROR(text(root["apiVersion"], "SimpleHead", "apiVersion", head.api_version));
  PLIMSOLL_RETURN_IF_ERROR(text(root["kind"], "SimpleHead", "kind", head.kind));
  const Value metadata = root["metadata"];
  if (metadata.is_null()) return head;
  if (!metadata.is_map()) return std::unexpected(decode_error(metadata, "SimpleHead", "metadata", kMetadataType));
  const Value annotations = metadata["annotations"];
  if (annotations.is_map()) {
    for (const Map::Entry& entry : *annotations.as_map()) {
      std::string value;
      PLIMSOLL_RETURN_IF_ERROR(text(entry.value, "", "metadata.annotations", value));
      head.annotations.emplace(entry.key.string_or(), std::move(value));
    }
  } else if (!annotations.is_null()) {
    return std::unexpected(decode_error(annotations, "", "metadata.annotations", "map[string]string"));
  }
  std::string name;
  PLIMSOLL_RETURN_IF_ERROR(text(metadata["name"], "", "metadata.name", name));
  return head;
}

// Events of a hook annotation; nullopt if one of them is unknown.
std::optional<std::vector<std::string>> hook_events(std::string_view annotation) {
  std::vector<std::string> events;
  while (true) {
    const size_t comma = annotation.find(',');
    std::string event(trim_space(annotation.substr(0, comma)));
    std::transform(event.begin(), event.end(), event.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (std::find(std::begin(kHookEvents), std::end(kHookEvents), event) == std::end(kHookEvents)) return std::nullopt;
    events.push_back(std::move(event));
    if (comma == std::string_view::npos) return events;
    annotation.remove_prefix(comma + 1);
  }
}

// The line (from 1) of a rendered file at which `offset` lies.
uint32_t line_at(std::string_view text, size_t offset) {
  return static_cast<uint32_t>(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(offset), '\n')) + 1;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Result<Manifest> read_manifest(const RenderedFile& file, std::string_view text, Head& head) {
  Manifest manifest;
  manifest.template_name = file.name;
  manifest.text = text;
  manifest.offset = static_cast<size_t>(text.data() - file.text.data());
  yaml::ReadOptions options;
  options.file = file.name;
  options.dialect = yaml::Dialect::kGo;
  const auto in_file = [&](Error error) {
    const uint32_t first = line_at(file.text, manifest.offset);
    const uint32_t line = error.location().line == 0 ? first : first + error.location().line - 1;
    const uint32_t column = error.location().column;
    return std::unexpected(std::move(error).with_context("YAML parse error on " + file.name).at(line, column).in_file(file.name));
  };
  Result<yaml::Document> document = yaml::read(text, options);
  if (!document) return in_file(std::move(document.error()).with_context("error converting YAML to JSON"));
  Result<Head> decoded = decode_head(document->root());
  if (!decoded) return in_file(std::move(decoded.error()));
  head = *std::move(decoded);
  manifest.kind = head.kind;
  manifest.api_version = head.api_version;
  manifest.document = std::make_shared<const yaml::Document>(*std::move(document));
  return manifest;
}

}  // namespace

bool Manifest::is_test() const {
  return std::any_of(hook_events.begin(), hook_events.end(),
                     [](const std::string& event) { return event == "test" || event == "test-success"; });
}

// Imitates splitting at (?:^|\s*\n)---\s*: a separator eats the blanks around it, the newline that the next separator
// would need included, so that of two "---" lines in a row the second is text.
std::vector<std::string_view> split_manifests(std::string_view text) {
  text = trim_space(text);
  std::vector<std::string_view> pieces;
  const auto add = [&](std::string_view piece) {
    if (!piece.empty()) pieces.push_back(trim_space(piece));
  };
  size_t begin = 0;
  for (size_t at = text.find("---"); at != std::string_view::npos; at = text.find("---", at)) {
    const bool at_start = at == 0;
    if (!at_start && (at <= begin || text[at - 1] != '\n')) {
      ++at;
      continue;
    }
    size_t end = at;
    while (!at_start && end > begin && is_blank(text[end - 1])) --end;
    if (!at_start) add(text.substr(begin, end - begin));
    at += 3;
    while (at < text.size() && is_blank(text[at])) ++at;
    begin = at;
  }
  add(text.substr(begin));
  return pieces;
}

Result<SortedManifests> sort_manifests(const std::vector<RenderedFile>& files, Warnings& warnings) {
  std::vector<const RenderedFile*> order;
  for (const RenderedFile& file : files) order.push_back(&file);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  SortedManifests sorted;
  for (const RenderedFile* file : order) {
    if (base_name(file->name).starts_with('_')) continue;
    for (const std::string_view text : split_manifests(file->text)) {
      Head head;
      PLIMSOLL_ASSIGN_OR_RETURN(Manifest manifest, read_manifest(*file, text, head));
      const auto hook = head.annotations.find(kHookAnnotation);
      if (hook == head.annotations.end()) {
        sorted.manifests.push_back(std::move(manifest));
        continue;
      }
      auto events = hook_events(hook->second);
      if (!events) {
        warnings.push_back("info: skipping unknown hook: " + go::quoted(hook->second));
        continue;
      }
      manifest.hook_events = *std::move(events);
      sorted.hooks.push_back(std::move(manifest));
    }
  }
  std::stable_sort(sorted.manifests.begin(), sorted.manifests.end(), installs_before);
  std::stable_sort(sorted.hooks.begin(), sorted.hooks.end(), installs_before);
  return sorted;
}

}  // namespace plimsoll::chart
