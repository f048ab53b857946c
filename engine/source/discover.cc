#include "engine/source/discover.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "engine/chart/load.h"
#include "engine/source/file.h"

namespace plimsoll::source {

namespace {

constexpr std::string_view kIgnoreFile = ".plimsollignore";
constexpr size_t kMaxIgnoreFileBytes = 1UL << 20;

using Identity = std::pair<dev_t, ino_t>;

bool has_manifest_extension(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

std::string join(const std::string& folder, std::string_view name) {
  return folder == "/" ? folder + std::string(name) : folder + "/" + std::string(name);
}

// The chart's folder if `path` is a part of a chart that means nothing without the rest: a template, a file of values, a subchart.
// Of charts within charts the outermost: the inner ones get their values from it.
std::string chart_of(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr std::string_view kParts[] = {"templates", "charts", "Chart.yaml", "values.yaml", "values.schema.json"};
  std::string chart;
  std::error_code error;
  fs::path part = path;
  for (fs::path folder = part.parent_path(); part.has_relative_path(); part = folder, folder = folder.parent_path()) {
    const bool is_part = std::find(std::begin(kParts), std::end(kParts), part.filename().string()) != std::end(kParts);
    if (is_part && fs::exists(folder / "Chart.yaml", error)) chart = folder.string();
    if (fs::exists(folder / ".git", error)) break;
  }
  return chart;
}

class Walk {
 public:
  Walk(const DiscoverOptions& options, Discovery& result) : options_(options), result_(result) {
    for (const IgnoreList& list : options.exclude) lists_.push_back(&list);
  }

  void visit_named(const std::string& given) {
    const std::string path = absolute_path(given);
    const std::string name = display_path(path, given);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      const int code = errno;
      add_error(name, code == ENOENT ? "does not exist" : fmt::format("cannot be read: {}", std::strerror(code)));
      return;
    }
    const size_t common_lists = lists_.size();
    add_lists_above(path);
    const bool is_directory = S_ISDIR(status.st_mode);
    if (is_directory) result_.folder_named = true;
    if (!excluded_from_above(path, is_directory, name)) {
      const bool is_chart = is_directory && ::access(join(path, "Chart.yaml").c_str(), F_OK) == 0;
      const std::string chart = is_chart ? std::string() : chart_of(path);
      struct stat chart_status {};
      if (!chart.empty() && ::stat(chart.c_str(), &chart_status) == 0) {
        visit_directory(chart, display_path(chart, chart), {chart_status.st_dev, chart_status.st_ino}, 0);
      } else if (is_directory) {
        visit_directory(path, name, {status.st_dev, status.st_ino}, 0);
      } else {
        add_file(path, name, status, true);
      }
    }
    lists_.resize(common_lists);
  }

 private:
  struct Entry {
    std::string name;
    struct stat status {};
    int stat_error = 0;
    bool is_link = false;
  };

  void add_error(const std::string& name, std::string message, ErrorCode code = ErrorCode::kInputOutput) {
    result_.errors.push_back(Error(code, std::move(message)).in_file(name));
  }
  void add_note(Note::Kind kind, const std::string& name, std::string message) {
    result_.notes.push_back({kind, {.file = name}, std::move(message)});
  }

  // The ignore files of the folders above `path`, outermost first.
  void add_lists_above(const std::string& path) {
    std::vector<std::string> folders;
    std::filesystem::path folder = std::filesystem::path(path).parent_path();
    while (true) {
      folders.push_back(folder.string());
      struct stat status {};
      if (::stat(join(folders.back(), ".git").c_str(), &status) == 0) break;
      if (!folder.has_relative_path()) break;
      folder = folder.parent_path();
    }
    for (auto it = folders.rbegin(); it != folders.rend(); ++it) add_list_of(*it);
  }

  void add_list_of(const std::string& folder) {
    const std::string path = join(folder, kIgnoreFile);
    auto [known, is_new] = ignore_files_.try_emplace(path);
    if (is_new && ::access(path.c_str(), F_OK) == 0) {
      const std::string name = display_path(path, path);
      auto file = read_file(path, name, kMaxIgnoreFileBytes);
      if (!file) {
        result_.errors.push_back(std::move(file.error()));
      } else {
        known->second = std::make_unique<IgnoreList>(folder, name);
        known->second->add_lines((*file)->text());
      }
    }
    if (known->second) lists_.push_back(known->second.get());
  }

  // Innermost list that has something to say decides, as with .gitignore.
  bool excluded(const std::string& path, bool is_directory, const std::string& name) {
    for (auto list = lists_.rbegin(); list != lists_.rend(); ++list) {
      const IgnoreList::Match match = (*list)->match(path, is_directory);
      if (match.verdict == IgnoreList::Verdict::kKept) return false;
      if (match.verdict == IgnoreList::Verdict::kIgnored) {
        add_note(Note::Kind::kExcluded, name, fmt::format("excluded by \"{}\" of {}", match.pattern, (*list)->origin()));
        return true;
      }
    }
    return false;
  }

  bool excluded_from_above(const std::string& path, bool is_directory, const std::string& name) {
    if (lists_.empty()) return false;
    for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      if (excluded(path.substr(0, slash), true, name)) return true;
    }
    return excluded(path, is_directory, name);
  }

  void visit_directory(const std::string& path, const std::string& name, Identity identity, size_t depth) {
    if (std::find(ancestors_.begin(), ancestors_.end(), identity) != ancestors_.end()) {
      add_note(Note::Kind::kLoop, name, "a link back to a folder above it; not followed");
      return;
    }
    if (auto [known, is_new] = directories_.emplace(identity, name); !is_new) {
      add_note(Note::Kind::kRepeated, name, fmt::format("already read as {}", known->second));
      return;
    }
    if (depth > options_.max_depth) {
      add_error(name, fmt::format("folders are nested deeper than {}", options_.max_depth), ErrorCode::kLimit);
      return;
    }
    std::vector<Entry> entries;
    if (!list_directory(path, name, entries)) return;
    if (std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return e.name == "Chart.yaml"; })) {
      add({SourceFile::Kind::kChart, path, name, false});
      return;
    }
    ancestors_.push_back(identity);
    const size_t lists_before = lists_.size();
    add_list_of(path);
    for (Entry& entry : entries) visit_entry(path, name, entry, depth);
    lists_.resize(lists_before);
    ancestors_.pop_back();
  }

  bool list_directory(const std::string& path, const std::string& name, std::vector<Entry>& entries) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
    if (!directory) {
      add_error(name, fmt::format("cannot be read: {}", std::strerror(errno)));
      return false;
    }
    while (true) {
      errno = 0;
      const dirent* item = ::readdir(directory.get());
      if (item == nullptr) break;
      const std::string_view item_name = item->d_name;
      if (item_name == "." || item_name == ".." || item_name == ".git") continue;
      // Links, folders and unknown types are looked at by stat; plain files only when their name asks for it.
      if (item->d_type == DT_REG && !has_manifest_extension(item_name)) {
        ++result_.other_files;
        continue;
      }
      entries.push_back({.name = std::string(item_name), .is_link = item->d_type == DT_LNK});
    }
    if (errno != 0) {
      add_error(name, fmt::format("cannot be read: {}", std::strerror(errno)));
      return false;
    }
    for (Entry& entry : entries) {
      if (::stat(join(path, entry.name).c_str(), &entry.status) != 0) entry.stat_error = errno;
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return true;
  }

  void visit_entry(const std::string& folder, const std::string& folder_name, const Entry& entry, size_t depth) {
    const std::string path = join(folder, entry.name);
    const std::string name = folder_name == "." ? entry.name : join(folder_name, entry.name);
    const bool manifest = has_manifest_extension(entry.name);
    if (entry.stat_error != 0) {
      // A broken link to something that would not be read anyway is nobody's concern.
      if (!manifest && entry.is_link && entry.stat_error != ELOOP) {
        ++result_.other_files;
      } else if (!excluded(path, false, name)) {
        add_error(name, entry.is_link && entry.stat_error == ENOENT
                            ? "is a link to a file that does not exist"
                            : fmt::format("cannot be read: {}", std::strerror(entry.stat_error)));
      }
      return;
    }
    if (S_ISDIR(entry.status.st_mode)) {
      if (!excluded(path, true, name)) {
        visit_directory(path, name, {entry.status.st_dev, entry.status.st_ino}, depth + 1);
      }
      return;
    }
    if (!manifest) {
      ++result_.other_files;
      return;
    }
    if (excluded(path, false, name)) return;
    if (!S_ISREG(entry.status.st_mode)) {
      add_note(Note::Kind::kSpecial, name, "a pipe, socket or device; not read");
      return;
    }
    add_file(path, name, entry.status, false);
  }

  void add_file(const std::string& path, const std::string& name, const struct stat& status, bool named) {
    if (std::find(options_.skip.begin(), options_.skip.end(), path) != options_.skip.end()) return;
    if (S_ISREG(status.st_mode)) {
      auto [known, is_new] = files_.emplace(Identity{status.st_dev, status.st_ino}, name);
      if (!is_new) {
        add_note(Note::Kind::kRepeated, name, fmt::format("already read as {}", known->second));
        return;
      }
    }
    const bool archive = named && chart::is_chart(path);
    add({archive ? SourceFile::Kind::kChart : SourceFile::Kind::kManifests, path, name, named});
  }

  void add(SourceFile file) {
    if (result_.files.size() == options_.max_files) {
      if (!full_) add_error(file.name, fmt::format("more than {} files", options_.max_files), ErrorCode::kLimit);
      full_ = true;
      return;
    }
    result_.files.push_back(std::move(file));
  }

  const DiscoverOptions& options_;
  Discovery& result_;
  std::vector<const IgnoreList*> lists_;  // outermost first
  std::map<std::string, std::unique_ptr<IgnoreList>> ignore_files_;
  std::vector<Identity> ancestors_;
  std::map<Identity, std::string> directories_;
  std::map<Identity, std::string> files_;
  bool full_ = false;
};

}  // namespace

std::string_view note_kind_name(Note::Kind kind) {
  switch (kind) {
    case Note::Kind::kExcluded: return "excluded";
    case Note::Kind::kRepeated: return "repeated";
    case Note::Kind::kLoop: return "loop";
    case Note::Kind::kSpecial: return "special";
    case Note::Kind::kNoManifest: return "no-manifest";
    case Note::Kind::kEmpty: return "empty";
    case Note::Kind::kLibrary: return "library";
    case Note::Kind::kNoCiValues: return "no-ci-values";
  }
  return "";
}

std::string absolute_path(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path result = fs::absolute(path, error);
  if (error) return path;
  // What ".." means depends on links, so that it cannot be removed by looking at the text alone.
  const bool climbs = std::find(result.begin(), result.end(), "..") != result.end();
  if (climbs) {
    fs::path resolved = fs::weakly_canonical(result, error);
    if (!error) result = std::move(resolved);
  }
  std::string text = result.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string display_path(const std::string& absolute, const std::string& otherwise) {
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string();
  if (error || here == "/") return absolute;
  if (absolute == here) return ".";
  if (absolute.starts_with(here) && absolute[here.size()] == '/') return absolute.substr(here.size() + 1);
  return std::filesystem::path(otherwise).lexically_normal().string();
}

Discovery discover(const std::vector<std::string>& paths, const DiscoverOptions& options) {
  Discovery result;
  Walk walk(options, result);
  for (const std::string& path : paths) {
    if (path != "-") {
      walk.visit_named(path);
    } else if (!result.stdin_named) {
      result.stdin_named = true;
      result.files.push_back({SourceFile::Kind::kStdin, "-", "<stdin>", true});
    }
  }
  return result;
}

}  // namespace plimsoll::source
