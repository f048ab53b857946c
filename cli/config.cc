#include "cli/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "engine/source/discover.h"
#include "engine/source/file.h"
#include "engine/yaml/field_reader.h"

namespace plimsoll::cli {

namespace {

constexpr size_t kMaxConfigBytes = 4UL << 20;
constexpr std::string_view kApiVersion = "plimsoll.dev/v1";

class Reader : public yaml::FieldReader {
 public:
  using FieldReader::FieldReader;

  Field severity(std::optional<policy::Severity>& to) const {
    return [this, &to](const Value& value, const Path& path) -> Result<void> {
      to = policy::parse_severity(value.string_or());
      return to ? Result<void>() : type_error(value, path, "error, warning or info");
    };
  }

  Result<Ignore> ignore(const Value& value, const Path& path) const {
    PLIMSOLL_ASSIGN_OR_RETURN(policy::Exception exception, policy::read_exception(*this, value, path));
    return Ignore{std::move(exception), location(path)};
  }
};

std::string resolve(const std::string& folder, const std::string& path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

// A set of values for a chart: files are relative to the configuration.
Result<source::ValueSet> read_value_set(const Reader& reader, const Value& value, const Path& path, const std::string& folder) {
  source::ValueSet set;
  PLIMSOLL_RETURN_IF_ERROR(reader.read_map(value, path,
                                           {{"name", reader.text(set.name)},
                                            {"files", reader.texts(set.values.files)},
                                            {"set", reader.texts(set.values.set)},
                                            {"setString", reader.texts(set.values.set_string)}}));
  for (std::string& file : set.values.files) file = source::display_path(resolve(folder, file), file);
  if (set.name.empty()) set.name = fmt::format("{}", fmt::join(set.values.files, " + "));
  if (set.name.empty()) return reader.type_error(value["name"], path.key("name"), "given");
  return set;
}

Result<source::ChartSetup> read_chart(const Reader& reader, const Value& value, const Path& path, const std::string& folder) {
  source::ChartSetup setup;
  const Reader::Field sets = [&](const Value& list, const Path& at) -> Result<void> {
    if (!list.is_list()) return reader.type_error(list, at, "a list of sets of values");
    for (size_t i = 0; i < list.size(); ++i) {
      PLIMSOLL_ASSIGN_OR_RETURN(source::ValueSet set, read_value_set(reader, list.items()[i], at.index(i), folder));
      setup.sets.push_back(std::move(set));
    }
    return {};
  };
  PLIMSOLL_RETURN_IF_ERROR(reader.read_map(value, path,
                                           {{"path", reader.text(setup.path)},
                                            {"release", reader.text(setup.release)},
                                            {"namespace", reader.text(setup.name_space)},
                                            {"values", sets}}));
  if (setup.path.empty()) return reader.type_error(value["path"], path.key("path"), "given");
  setup.path = source::absolute_path(resolve(folder, setup.path));
  return setup;
}

}  // namespace

std::string find_config(const std::string& folder) {
  std::filesystem::path current = source::absolute_path(folder);
  while (true) {
    const std::string candidate = (current / kConfigName).string();
    if (::access(candidate.c_str(), F_OK) == 0) return candidate;
    if (::access((current / ".git").c_str(), F_OK) == 0 || !current.has_relative_path()) return {};
    current = current.parent_path();
  }
}

Result<Configuration> read_config(const std::string& path) {
  const std::string absolute = source::absolute_path(path);
  const std::string name = source::display_path(absolute, path);
  PLIMSOLL_ASSIGN_OR_RETURN(const auto file, source::read_file(absolute, name, kMaxConfigBytes));
  return parse_config(file->text(), absolute, name);
}

Result<Configuration> parse_config(std::string_view text, const std::string& path, const std::string& name) {
  Configuration config;
  config.file = path;
  config.folder = std::filesystem::path(path).parent_path().string();
  PLIMSOLL_ASSIGN_OR_RETURN(const auto documents, yaml::read_stream(text, {.file = name}));
  if (documents.empty()) return config;
  if (documents.size() > 1) {
    return std::unexpected(Error(ErrorCode::kUsage, "the configuration must be one document")
                               .at(documents[1].range().line, documents[1].range().column)
                               .in_file(name));
  }

  const yaml::Document& document = documents.front();
  const Reader reader(document);
  std::string api_version;
  const Reader::Field ignores = reader.each([&](const Value& value, const Path& at) -> Result<void> {
    PLIMSOLL_ASSIGN_OR_RETURN(Ignore ignore, reader.ignore(value, at));
    config.ignores.push_back(std::move(ignore));
    return {};
  });
  const Reader::Field charts = reader.each([&](const Value& value, const Path& at) -> Result<void> {
    PLIMSOLL_ASSIGN_OR_RETURN(source::ChartSetup setup, read_chart(reader, value, at, config.folder));
    config.charts.push_back(std::move(setup));
    return {};
  });
  const Reader::Field params = [&](const Value& value, const Path& at) -> Result<void> {
    PLIMSOLL_ASSIGN_OR_RETURN(config.params, policy::read_params(reader, value, at));
    return {};
  };
  PLIMSOLL_RETURN_IF_ERROR(reader.read_map(document.root(), {},
                                           {{"apiVersion", reader.text(api_version)},
                                            {"packs", reader.texts(config.packs)},
                                            {"policies", reader.texts(config.policies)},
                                            {"params", params},
                                            {"exclude", reader.texts(config.exclude)},
                                            {"severity", reader.severity(config.severity)},
                                            {"failOn", reader.severity(config.fail_on)},
                                            {"namespace", reader.text(config.namespace_name)},
                                            {"kubeVersion", reader.text(config.kube_version)},
                                            {"raw", reader.flag(config.raw)},
                                            {"baseline", reader.text(config.baseline)},
                                            {"charts", charts},
                                            {"ignores", ignores}}));
  if (!api_version.empty() && api_version != kApiVersion) {
    const Location place = reader.location(Path().key("apiVersion"));
    return std::unexpected(Error(ErrorCode::kUsage, fmt::format("apiVersion must be {}, not \"{}\"", kApiVersion, api_version))
                               .at(place.line, place.column)
                               .in_file(name));
  }
  for (std::string& policy : config.policies) policy = resolve(config.folder, policy);
  for (std::string& pack : config.packs) {
    if (pack.find('/') != std::string::npos) pack = resolve(config.folder, pack);
  }
  if (!config.baseline.empty()) config.baseline = resolve(config.folder, config.baseline);
  return config;
}

}  // namespace plimsoll::cli
