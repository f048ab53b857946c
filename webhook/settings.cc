#include "webhook/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/source/discover.h"
#include "engine/source/file.h"
#include "engine/source/glob.h"
#include "engine/yaml/field_reader.h"

namespace plimsoll::webhook {
namespace {

constexpr size_t kMaxConfigBytes = 4UL << 20;
constexpr std::string_view kApiVersion = "plimsoll.dev/v1";
constexpr std::string_view kKind = "WebhookConfiguration";
constexpr std::array<std::string_view, 4> kModes = {"off", "audit", "warn", "deny"};

using yaml::FieldReader;

FieldReader::Field exactly(const FieldReader& reader, std::string_view wanted) {
  return [&reader, wanted](const Value& value, const Path& path) -> Result<void> {
    if (value.string_or() != wanted) return reader.type_error(value, path, wanted);
    return {};
  };
}

Result<void> read_mode(const FieldReader& reader, const Value& value, const Path& path, Settings& settings) {
  policy::Exception pattern{.rule = "*"};
  std::vector<std::string> namespaces;
  std::string name;
  PLIMSOLL_RETURN_IF_ERROR(reader.read_map(
      value, path,
      {{"rule", reader.text(pattern.rule)}, {"namespaces", reader.texts(namespaces)}, {"mode", reader.text(name)}}));
  const auto mode = std::ranges::find(kModes, name);
  if (mode == kModes.end())
    return reader.type_error(value["mode"], path.key("mode"), fmt::format("{}", fmt::join(kModes, ", ")));
  if (namespaces.empty()) namespaces.emplace_back("*");
  for (const std::string& space : namespaces) {
    pattern.namespace_name = space;
    settings.mode_patterns.push_back(pattern);
    settings.modes.push_back(static_cast<Mode>(mode - kModes.begin()));
  }
  return {};
}

}  // namespace

Mode Settings::mode_of(const policy::RuleInfo& rule, std::string_view namespace_name) const {
  const policy::ExceptionSubject subject{.kind = {}, .name = {}, .namespace_name = namespace_name, .path = {}};
  const policy::Exception* found = policy::find_exception(mode_patterns, rule, subject, {}).exception;
  return found == nullptr ? Mode::kDeny : modes[static_cast<size_t>(found - mode_patterns.data())];
}

bool Settings::is_exempt(std::string_view namespace_name) const {
  if (namespace_name.empty()) return false;
  return std::ranges::any_of(exempt_namespaces, [&](const std::string& pattern) {
    return pattern == namespace_name || source::glob_match(pattern, namespace_name);
  });
}

Result<Settings> read_settings(const std::string& path) {
  const std::string absolute = source::absolute_path(path);
  PLIMSOLL_ASSIGN_OR_RETURN(const auto file,
                            source::read_file(absolute, source::display_path(absolute, path), kMaxConfigBytes));
  return parse_settings(file->text(), absolute);
}

Result<Settings> parse_settings(std::string_view text, const std::string& path) {
  Settings settings;
  PLIMSOLL_ASSIGN_OR_RETURN(const auto documents, yaml::read_stream(text, {.file = source::display_path(path, path)}));
  if (documents.empty()) return settings;
  const FieldReader reader(documents.front());
  if (documents.size() > 1) {
    return std::unexpected(Error(ErrorCode::kUsage, "the configuration must be one document")
                               .at(documents[1].range().line, documents[1].range().column)
                               .in_file(reader.file()));
  }
  const FieldReader::Field params = [&](const Value& value, const Path& at) -> Result<void> {
    PLIMSOLL_ASSIGN_OR_RETURN(settings.params, policy::read_params(reader, value, at));
    return {};
  };
  const FieldReader::Field modes =
      reader.each([&](const Value& value, const Path& at) { return read_mode(reader, value, at, settings); });
  const FieldReader::Field exceptions = reader.each([&](const Value& value, const Path& at) -> Result<void> {
    PLIMSOLL_ASSIGN_OR_RETURN(policy::Exception exception, policy::read_exception(reader, value, at));
    settings.exceptions.push_back(std::move(exception));
    return {};
  });
  PLIMSOLL_RETURN_IF_ERROR(reader.read_map(documents.front().root(), {},
                                           {{"apiVersion", exactly(reader, kApiVersion)},
                                            {"kind", exactly(reader, kKind)},
                                            {"packs", reader.texts(settings.packs)},
                                            {"params", params},
                                            {"kubeVersion", reader.text(settings.kube_version)},
                                            {"exemptNamespaces", reader.texts(settings.exempt_namespaces)},
                                            {"modes", modes},
                                            {"exceptions", exceptions},
                                            {"objectExceptions", reader.flag(settings.object_exceptions)}}));
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  for (std::string& pack : settings.packs) {
    if (pack.find('/') != std::string::npos) pack = (folder / pack).lexically_normal().string();
  }
  return settings;
}

}  // namespace plimsoll::webhook
