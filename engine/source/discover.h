// Paths given by a user -> the files to read, in a stable order, and an account of everything that is not read.
//
//   Discovery found = discover({"deploy", "-"}, {.exclude = {...}});
//   for (const SourceFile& file : found.files) ...
//
// Folders are walked to their end, sorted by name, links followed; files ending in .yaml, .yml or .json are taken. A file named by
// the user is taken whatever its name; but a chart's template, values file or subchart stands for the chart, so that pre-commit may name
// what was changed. A folder or file is visited once, however many paths and links lead to it. Folders named
// .git are left out. A .plimsollignore (glob.h) applies to its folder and all below; those of the folders above a path apply
// as well, up to the one that holds .git.
#pragma once

#include <string>
#include <vector>

#include "engine/source/glob.h"
#include "engine/value/error.h"

namespace plimsoll::source {

// Something that was not judged, for a reason that is no fault of the input.
struct Note {
  enum class Kind {
    kExcluded,     // an ignore pattern says so
    kRepeated,     // already read by another path
    kLoop,         // a link that leads back to a folder above
    kSpecial,      // a pipe, socket or device within a folder
    kNoManifest,   // YAML or JSON that is no Kubernetes object
    kEmpty,        // a file without any document
    kLibrary,      // a chart that renders nothing itself
    kNoCiValues,   // a chart without the values files that --ci-values asks for
  };
  Kind kind;
  Location location;
  std::string message;
};
// "excluded", "repeated", "loop", "special", "no-manifest", "empty",
// "library", "no-ci-values".
std::string_view note_kind_name(Note::Kind kind);

struct SourceFile {
  enum class Kind {
    kManifests,  // YAML or JSON documents
    kStdin,
    kChart,      // a Helm chart's folder, or its archive
  };
  Kind kind = Kind::kManifests;
  std::string path;  // to open it
  std::string name;  // to show it
  bool named = false;  // the user named this very file
};

struct DiscoverOptions {
  // Applied to all paths, those that the user named included.
  std::vector<IgnoreList> exclude = {};
  // Absolute paths of files to leave out without a note (the configuration itself).
  std::vector<std::string> skip = {};
  size_t max_files = 1000000;
  size_t max_depth = 256;
};

struct Discovery {
  std::vector<SourceFile> files;
  std::vector<Note> notes;
  std::vector<Error> errors;  // what could not be looked at
  size_t other_files = 0;     // files in folders that are neither YAML nor JSON by name
  bool folder_named = false;  // the user named a folder
  bool stdin_named = false;
};

// "-" is standard input.
Discovery discover(const std::vector<std::string>& paths, const DiscoverOptions& options);

// `path` made absolute and normal; links are resolved only where ".." demands it.
std::string absolute_path(const std::string& path);
// How to show an absolute path: relative to the working directory where it lies within, else `otherwise` made normal.
std::string display_path(const std::string& absolute, const std::string& otherwise);

}  // namespace plimsoll::source
