// Changes of objects -> changes of the files they come from.
//
//   std::vector<WantedObject> wanted = {{&set.objects[3], compliant}};
//   SourceEdits edits = edit_sources(wanted, read_file);
//   for (const FileEdit& file : edits.files) ...      // file.name, file.before, file.after
//   for (const RefusedEdit& refused : edits.refused)  // which field of which object stays as it is, and why
//
// A manifest is edited where the object stands. Of a rendered object each changed field is looked up: what comes wholly from one
// values key is changed in the values file that sets it, what stands in a template literally is changed there. The chart is rendered
// again with the edits, and only those are kept that change the objects as wanted and nothing else. Nothing is written here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/chart/values.h"
#include "engine/source/object.h"
#include "engine/value/arena.h"

namespace plimsoll::source {

struct WantedObject {
  const Object* object;
  Value wanted;  // what it should be
};

struct FileEdit {
  std::string name;  // path of the file, as messages call it
  std::string before, after;
};

struct RefusedEdit {
  size_t object;  // index in the objects given
  Path path;      // of the field, in the object
  Error reason;
};

struct SourceEdits {
  std::vector<FileEdit> files;  // by name, each once
  std::vector<RefusedEdit> refused;  // in the order of the objects
};

// `read_file`: as ChartOptions::read_file.
SourceEdits edit_sources(std::span<const WantedObject> objects, const chart::FileReader& read_file);

}  // namespace plimsoll::source
