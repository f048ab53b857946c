// Edits of YAML and JSON text that touch nothing but what changes: comments, order, quotes, indentation and line ends stay.
//
//   auto documents = yaml::read_stream(text);
//   Value wanted = ...;                                   // what documents[0] should read as
//   Result<EditedText> edited = edit(text, *documents, {{{.document = 0, .root = wanted}}});
//   edited->text;                                         // reads as wanted, but for what is in edited->refusals
//
// What is wanted is a tree, not a list of commands: what differs from it in the text is found and rewritten node by node, new
// entries go behind their siblings in the manner of the file. What cannot be done without touching something else is refused with
// its place, and stays as it was; the rest is done. The edited text is read again and compared, so that no edit loses or changes
// anything that was not asked for.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/arena.h"
#include "engine/value/error.h"
#include "engine/value/path.h"
#include "engine/value/value.h"
#include "engine/yaml/document.h"

namespace plimsoll::edit {

// What a document should read as.
struct Target {
  size_t document = 0;  // index in the documents given
  Value root;
};

// Bytes [begin, end) of the text become `text`.
struct Splice {
  size_t begin = 0;
  size_t end = 0;
  std::string text;
  size_t document = 0;
  Path path;  // of the value that is set, added or removed
};

struct Refusal {
  size_t document = 0;
  Path path;
  Error reason;  // with file, line and fragment
};

// Splices in the order of the text, which do not overlap.
struct EditPlan {
  std::vector<Splice> splices;
  std::vector<Refusal> refusals;
  // What the documents of the targets will read as: the targets without what was refused.
  std::vector<Target> results;
  std::shared_ptr<const Arena> arena;  // of the results
};

struct EditedText {
  std::string text;
  std::vector<Splice> splices;
  std::vector<Refusal> refusals;
};

// `documents`: of one stream, as yaml::read_stream() read it. Errors: the stream as a whole cannot be edited.
Result<EditPlan> plan_edits(std::span<const yaml::Document> documents, std::span<const Target> targets);
std::string apply_splices(std::string_view text, std::span<const Splice> splices);

// plan_edits(), applied and proved. Where the proof fails all edits of the stream are refused.
Result<EditedText> edit(std::span<const yaml::Document> documents, std::span<const Target> targets);

// A change of a tree by path: the value is set or, if there is none, removed. Where the path's parents are missing, maps are made.
// An index equal to the list's length adds an item.
struct TreeChange {
  Path path;
  std::optional<Value> value;
};
// A copy with the changes, one after the other. kInvalid if a step does not fit the tree.
Result<Value> with_changes(const Value& root, std::span<const TreeChange> changes, Arena& arena);
// What makes `after` of `before`, each change as deep as can be; items of lists by their index. Borrows the values of `after`.
std::vector<TreeChange> changes_between(const Value& before, const Value& after);

}  // namespace plimsoll::edit
