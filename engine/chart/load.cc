#include "engine/chart/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "engine/chart/archive.h"
#include "engine/chart/go_decode.h"
#include "engine/chart/ignore.h"

namespace plimsoll::chart {

namespace {

namespace fs = std::filesystem;

// Subcharts within subcharts; Helm knows no limit but the file system's.
constexpr int kMaxNesting = 32;

Error io_error(const std::string& path, const std::error_code& code) {
  return Error(ErrorCode::kInputOutput, "cannot read: " + code.message()).in_file(path);
}

Result<std::string> read_file(const std::string& path, size_t limit) {
  const auto failed = [&] { return std::unexpected(io_error(path, std::error_code(errno, std::generic_category()))); };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed();
  struct stat status = {};
  // A byte more than the size: fewer bytes than asked for show the end without another allocation.
  const bool sized = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
  size_t expected = sized ? static_cast<size_t>(status.st_size) + 1 : 4096;
  std::string data;
  ssize_t count = 0;
  bool end = false;
  while (!end && data.size() <= limit) {
    const size_t size = data.size();
    const size_t wanted = std::min(expected, limit + 1);
    data.resize_and_overwrite(size + wanted, [&](char* begin, size_t) {
      count = ::read(file, begin + size, wanted);
      return size + (count > 0 ? static_cast<size_t>(count) : 0);
    });
    end = count <= 0 || (sized && static_cast<size_t>(count) < wanted);
    expected = 65536;
  }
  if (count < 0) {
    const auto error = failed();
    close(file);
    return error;
  }
  close(file);
  if (data.size() > limit) {
    return std::unexpected(
        Error(ErrorCode::kLimit, "chart file is larger than the maximum file size " + std::to_string(limit))
            .in_file(path));
  }
  return data;
}

// Walks a chart's folder in lexical order, following links as Helm does, but never in a circle.
class FolderReader {
 public:
  FolderReader(fs::path root, IgnoreRules rules, Warnings& warnings)
      : root_(std::move(root)), rules_(std::move(rules)), warnings_(warnings) {}

  Result<std::vector<File>> read() {
    PLIMSOLL_RETURN_IF_ERROR(visit(root_, "", 0));
    return std::move(files_);
  }

 private:
  Result<void> visit(const fs::path& path, const std::string& name, int depth) {
    std::error_code code;
    if (fs::is_symlink(fs::symlink_status(path, code)) && !name.empty()) {
      const fs::path target = fs::canonical(path, code);
      if (code) return std::unexpected(io_error(path.string(), code));
      warnings_.push_back("found symbolic link in path: " + path.string() + " resolves to " + target.string() +
                          ". Contents of linked file included and used");
    }
    const fs::file_status status = fs::status(path, code);
    if (code) return std::unexpected(io_error(path.string(), code));
    const bool is_directory = status.type() == fs::file_type::directory;
    if (rules_.ignores(name, is_directory)) return {};
    if (is_directory) return visit_directory(path, name, depth);
    if (status.type() != fs::file_type::regular) {
      return std::unexpected(
          Error(ErrorCode::kInputOutput, "cannot load irregular file as it has file mode type bits set")
              .in_file(path.string()));
    }
    PLIMSOLL_ASSIGN_OR_RETURN(std::string data, read_file(path.string(), kMaxFileBytes));
    if (data.starts_with("\xEF\xBB\xBF")) data.erase(0, 3);
    files_.push_back({name, std::move(data)});
    return {};
  }

  Result<void> visit_directory(const fs::path& path, const std::string& name, int depth) {
    std::error_code code;
    const fs::path real = fs::canonical(path, code);
    if (code) return std::unexpected(io_error(path.string(), code));
    if (depth > 255 || !open_.insert(real).second) {
      return std::unexpected(Error(ErrorCode::kInvalid, "symbolic link leads back to a folder that contains it")
                                 .in_file(path.string())
                                 .with_remedy("remove the link or list it in .helmignore"));
    }
    std::vector<std::string> names;
    for (auto it = fs::directory_iterator(path, code); !code && it != fs::directory_iterator(); it.increment(code)) {
      names.push_back(it->path().filename().string());
    }
    if (code) return std::unexpected(io_error(path.string(), code));
    std::sort(names.begin(), names.end());
    for (const std::string& child : names) {
      PLIMSOLL_RETURN_IF_ERROR(visit(path / child, name.empty() ? child : name + "/" + child, depth + 1));
    }
    open_.erase(real);
    return {};
  }

  fs::path root_;
  IgnoreRules rules_;
  Warnings& warnings_;
  std::set<fs::path> open_;
  std::vector<File> files_;
};

Result<std::shared_ptr<const Chart>> assemble(std::vector<File> files, const std::string& path, Warnings& warnings,
                                              int nesting);

// The files below charts/<entry> of one subchart.
Result<std::shared_ptr<const Chart>> subchart(const std::string& entry, std::vector<File> files,
                                              const std::string& parent_path, const std::string& parent_name,
                                              Warnings& warnings, int nesting) {
  const std::string path = parent_path + "/charts/" + entry;
  if (entry.ends_with(".tgz")) {
    if (files.front().name != entry) {
      return fail(ErrorCode::kInvalid, "error unpacking subchart tar in " + parent_name + ": expected " + entry +
                                           ", got " + files.front().name);
    }
    PLIMSOLL_ASSIGN_OR_RETURN(std::vector<File> unpacked, unpack(files.front().data));
    return assemble(std::move(unpacked), path, warnings, nesting);
  }
  std::vector<File> own;
  for (File& file : files) {
    const size_t slash = file.name.find('/');
    if (slash == std::string::npos) continue;
    own.push_back({file.name.substr(slash + 1), std::move(file.data)});
  }
  return assemble(std::move(own), path, warnings, nesting);
}

Result<void> read_values(Chart& chart, const File& file) {
  yaml::ReadOptions options;
  options.file = chart.path + "/" + file.name;
  options.dialect = yaml::Dialect::kGo;
  options.numbers_as_double = true;
  Result<yaml::Document> document = yaml::read(file.data, options);
  if (!document) return std::unexpected(std::move(document.error()).with_context("cannot load values.yaml: error converting YAML to JSON"));
  const Value& root = document->root();
  if (!root.is_map() && !root.is_null()) {
    return std::unexpected(decode_error(root, "map[string]interface {}")
                               .with_context("cannot load values.yaml")
                               .in_file(options.file)
                               .at(1, 1));
  }
  if (root.is_map()) chart.values = std::make_shared<const yaml::Document>(*std::move(document));
  return {};
}

Result<std::shared_ptr<const Chart>> assemble(std::vector<File> files, const std::string& path, Warnings& warnings,
                                              int nesting) {
  if (nesting > kMaxNesting) {
    return fail(ErrorCode::kLimit, "subcharts nested deeper than " + std::to_string(kMaxNesting) + " levels");
  }
  auto chart = std::make_shared<Chart>();
  chart->path = path;
  bool has_metadata = false;
  Metadata& metadata = chart->metadata;
  const auto find = [&](std::string_view name) {
    return std::find_if(files.begin(), files.end(), [&](const File& file) { return file.name == name; });
  };
  if (const auto file = find("Chart.yaml"); file != files.end()) {
    has_metadata = true;
    PLIMSOLL_RETURN_IF_ERROR(metadata.read(file->data, path + "/Chart.yaml"));
    if (metadata.api_version.empty()) metadata.api_version = "v1";
  }
  std::map<std::string, std::vector<File>> subcharts;
  for (File& file : files) {
    const std::string& name = file.name;
    if (name == "Chart.yaml" || name == "Chart.lock") continue;
    if (name == "values.yaml") {
      PLIMSOLL_RETURN_IF_ERROR(read_values(*chart, file));
    } else if (name == "values.schema.json") {
      chart->schema = std::move(file.data);
      chart->has_schema = true;
    } else if (name == "requirements.yaml" || name == "requirements.lock") {
      has_metadata = true;
      if (metadata.api_version != "v1") {
        warnings.push_back(name == "requirements.yaml"
                               ? "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend "
                                 "migrating dependencies to Chart.yaml."
                               : "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We "
                                 "recommend migrating to Chart.lock.");
      }
      if (name == "requirements.yaml") PLIMSOLL_RETURN_IF_ERROR(metadata.read(file.data, path + "/" + name));
      if (metadata.api_version == "v1") chart->files.push_back(std::move(file));
    } else if (name.starts_with("templates/")) {
      chart->templates.push_back(std::move(file));
    } else if (name.starts_with("charts/") && !name.ends_with(".prov")) {
      const std::string rest = name.substr(7);
      subcharts[rest.substr(0, rest.find('/'))].push_back({rest, std::move(file.data)});
    } else {
      chart->files.push_back(std::move(file));
    }
  }
  if (!has_metadata) {
    return std::unexpected(Error(ErrorCode::kNotFound, "Chart.yaml file is missing").in_file(path));
  }
  PLIMSOLL_RETURN_IF_ERROR(metadata.validate());
  for (auto& [entry, entry_files] : subcharts) {
    if (entry.starts_with('_') || entry.starts_with('.')) continue;
    auto loaded = subchart(entry, std::move(entry_files), path, metadata.name, warnings, nesting + 1);
    if (!loaded) {
      return std::unexpected(
          std::move(loaded.error()).with_context("error unpacking subchart " + entry + " in " + metadata.name));
    }
    chart->dependencies.push_back(*std::move(loaded));
  }
  return chart;
}

}  // namespace

bool is_chart(const std::string& path) {
  std::error_code code;
  if (fs::is_directory(path, code)) return fs::is_regular_file(fs::path(path) / "Chart.yaml", code);
  if (!path.ends_with(".tgz") && !path.ends_with(".tar.gz")) return false;
  std::ifstream in(path, std::ios::binary);
  char head[3] = {};
  in.read(head, sizeof head);
  return in && looks_packed({head, sizeof head});
}

Result<std::shared_ptr<const Chart>> load_files(std::vector<File> files, const std::string& path, Warnings& warnings) {
  return assemble(std::move(files), path, warnings, 0);
}

Result<std::shared_ptr<const Chart>> load(const std::string& path, Warnings& warnings) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status)) {
    return std::unexpected(Error(ErrorCode::kNotFound, "path \"" + path + "\" not found"));
  }
  if (fs::is_directory(status)) {
    std::string text;
    const fs::path ignore_file = fs::path(path) / ".helmignore";
    if (fs::exists(ignore_file, code)) {
      PLIMSOLL_ASSIGN_OR_RETURN(text, read_file(ignore_file.string(), kMaxFileBytes));
    }
    auto rules = IgnoreRules::parse(text);
    if (!rules) return std::unexpected(std::move(rules.error()).in_file(ignore_file.string()));
    PLIMSOLL_ASSIGN_OR_RETURN(std::vector<File> files, FolderReader(path, *std::move(rules), warnings).read());
    std::string display = path;
    while (display.size() > 1 && display.ends_with('/')) display.pop_back();
    return assemble(std::move(files), display, warnings, 0);
  }
  PLIMSOLL_ASSIGN_OR_RETURN(const std::string bytes, read_file(path, kMaxArchiveBytes));
  if (!looks_packed(bytes)) {
    const bool yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    return std::unexpected(Error(ErrorCode::kSyntax, yaml ? "file '" + path + "' seems to be a YAML file, but expected a gzipped archive"
                                                          : "file '" + path + "' does not appear to be a gzipped archive"));
  }
  Result<std::vector<File>> files = unpack(bytes);
  if (!files) return std::unexpected(std::move(files.error()).in_file(path));
  return assemble(*std::move(files), path, warnings, 0);
}

}  // namespace plimsoll::chart
