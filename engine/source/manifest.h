// Text of YAML or JSON -> Kubernetes objects.
//
//   Manifests manifests = read_manifests(file);
//   for (const Object& object : manifests.objects) ...
//
// A document with apiVersion and kind is an object. A List, or any kind ending in "List" with `items`, stands for its items, lists
// within lists included; items of a typed list that name no kind (as the API server returns them) get it from the list. Other
// documents are notes; but a scalar is an error, and so is a mapping with metadata that lacks just apiVersion or kind: it was
// meant as an object.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/source/discover.h"
#include "engine/source/file.h"
#include "engine/source/object.h"

namespace plimsoll::source {

struct Manifests {
  std::vector<Object> objects;
  std::vector<Note> notes;
  std::vector<Error> errors;
  std::vector<std::string> warnings;
  std::shared_ptr<const File> file;
  std::vector<std::shared_ptr<const File>> texts = {};  // further files that errors point into
  std::vector<std::string> renders = {};  // of a chart with several sets of values: "charts/web with ci/a-values.yaml"
  size_t documents = 0;
  // The sole document of the file if it is a mapping that is no object: values of a chart, perhaps. Its note is the last one.
  std::optional<yaml::Document> mapping = {};
};

Manifests read_manifests(std::shared_ptr<const File> file);
// The objects of a document that was read already.
void add_objects(const std::shared_ptr<const File>& file, const yaml::Document& document, Manifests& manifests);

// Makes the origin of an object that stands at `prefix` of a document; `arena` holds what the document's own does not.
using MakeOrigin = std::function<std::shared_ptr<const Origin>(Path prefix, std::shared_ptr<const Arena> arena)>;
// The same for documents that are no file's own text. `place`: where a faulty part of the document is to be looked for.
void add_objects(const yaml::Document& document, const MakeOrigin& make_origin,
                 const std::function<Location(const Path&)>& place, Manifests& manifests);

}  // namespace plimsoll::source
