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

#include <memory>
#include <vector>

#include "engine/source/discover.h"
#include "engine/source/file.h"
#include "engine/source/object.h"

namespace plimsoll::source {

struct Manifests {
  std::vector<Object> objects;
  std::vector<Note> notes;
  std::vector<Error> errors;
  std::shared_ptr<const File> file;
  size_t documents = 0;
};

Manifests read_manifests(std::shared_ptr<const File> file);
// The objects of a document that was read already.
void add_objects(const std::shared_ptr<const File>& file, const yaml::Document& document, Manifests& manifests);

}  // namespace plimsoll::source
