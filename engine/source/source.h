// What the user's paths hold: the set of objects that is judged as one.
//
//   Set set = load({"deploy/"}, {});
//   set.objects;   // in the order of files, then of documents
//   set.errors;    // what could not be read: the set is not complete
//
// Nothing is left out without an entry in errors or notes.
#pragma once

#include <string>
#include <vector>

#include "engine/source/chart_source.h"
#include "engine/source/discover.h"
#include "engine/source/object.h"
#include "engine/source/values_source.h"

namespace plimsoll::source {

struct LoadOptions {
  DiscoverOptions discover;
  ChartOptions charts = {};
  IsValues is_values = {};  // of files that hold no objects; empty: none are
  size_t threads = 0;  // 0: as many as there are cores
};

struct Set {
  std::vector<Object> objects;
  std::vector<Note> notes;
  std::vector<Error> errors;
  std::vector<std::string> renders;   // Manifests::renders of all charts
  std::vector<std::string> warnings;  // about charts, as Helm logs them
  std::vector<std::shared_ptr<const File>> texts;  // of the files with errors, for excerpts
  size_t files = 0;        // read, charts not counted
  size_t charts = 0;       // rendered
  size_t documents = 0;    // in them
  size_t other_files = 0;  // in the folders, neither YAML nor JSON by name
  // The user named a folder or standard input, from which one expects objects; a file that was named may well hold none.
  bool expects_objects = false;
};

Set load(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace plimsoll::source
