// An object to judge, and where its parts come from.
//
//   for (const Object& object : set.objects()) {
//     object.kind();                                              // "Deployment"
//     object.locate(Path::parse("spec.replicas")).primary;        // deploy.yaml:7:13
//   }
//
// What an object comes from is an Origin: a manifest here, a chart's template with its values elsewhere. Whoever judges and
// reports needs to know nothing of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/source/file.h"
#include "engine/value/path.h"
#include "engine/value/value.h"
#include "engine/yaml/document.h"

namespace plimsoll::source {

// A range of a file. `file` is nullptr where no text is at hand.
struct Place {
  std::shared_ptr<const File> file;
  yaml::Range range;
  // Why a related place is one; kPrimary for the others.
  enum class Role : uint8_t {
    kPrimary,
    kInclude,   // a template that includes the one with the primary place
    kValues,    // what set a value that flowed into the field
    kRendered,  // the field in the rendered text, which is no file on disk
  };
  Role role = Role::kPrimary;
  bool hidden = false;           // part of a Secret: the place may be told, its text must not be shown
  std::string values_key = {};  // of kValues: "image.tag"
  std::string note = {};  // what a related place has to do with the matter: "value set here"; empty for the primary place

  Location location() const;
};

// Where the node at some path comes from: first the place to look at, then others that have a part in it.
struct Places {
  Place primary;
  std::vector<Place> related;
};

class RenderedChart;

// The document that holds an object, for those who edit its text.
struct ObjectText {
  // nullptr: the object has no text of its own.
  const yaml::Document* document = nullptr;
  Path prefix;                          // of the object in the document
  std::shared_ptr<const File> file;     // of manifests; nullptr for rendered objects
  const RenderedChart* chart = nullptr;  // of rendered objects
  std::string_view rendered_file = {};  // its name among the release's files
  size_t offset = 0;                    // of the document in it
};

class Origin {
 public:
  virtual ~Origin() = default;
  virtual ObjectText text() const { return {}; }
  // `path` starts at the object's root. Where it does not exist, its nearest existing ancestor is meant. Never without a place.
  virtual Places locate(const Path& path) const = 0;
  // Which of several renders of a chart made the object: the name of its set of values. Empty where there is but one.
  virtual std::string_view variant() const { return {}; }
  // Which objects belong together: one render of a chart. nullptr: manifests, which stand for themselves.
  virtual const void* group() const { return nullptr; }
  // One of the objects of release_object.h, which no cluster will ever see.
  virtual bool is_pseudo() const { return false; }
};

class Object {
 public:
  // `root` must live as long as `origin`.
  Object(Value root, std::shared_ptr<const Origin> origin) : root_(root), origin_(std::move(origin)) {}

  const Value& root() const { return root_; }
  // The same object with other content, for those who ask what would be if its text were changed.
  Object with_root(Value root) const { return Object(root, origin_); }
  Places locate(const Path& path) const { return origin_->locate(path); }
  ObjectText text() const { return origin_->text(); }
  std::string_view variant() const { return origin_->variant(); }
  const void* group() const { return origin_->group(); }
  bool is_pseudo() const { return origin_->is_pseudo(); }

  std::string_view api_version() const { return root_["apiVersion"].string_or(); }
  std::string_view kind() const { return root_["kind"].string_or(); }
  // metadata.name, or metadata.generateName with a '*'; may be empty.
  std::string name() const;
  // metadata.namespace; empty if the object names none.
  std::string_view namespace_name() const { return root_["metadata"]["namespace"].string_or(); }
  // "Deployment shop/web", for people.
  std::string description() const;

 private:
  Value root_;
  std::shared_ptr<const Origin> origin_;
};

// The range to show for the node at `path`, or at its nearest existing ancestor: the value; but of a mapping or sequence that
// begins below its key, the key.
yaml::Range marked_range(const yaml::Document& document, const Path& path);
// Whether the node at `path` of `object` is the content of a Secret, or holds it.
bool is_secret(const Value& object, const Path& path);
// "include", "values", "rendered"; empty for kPrimary.
std::string_view role_name(Place::Role role);

}  // namespace plimsoll::source
