#include "engine/source/source_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/edit/editor.h"
#include "engine/source/chart_edit.h"
#include "engine/yaml/document.h"

namespace plimsoll::source {
namespace {

// The objects of one file.
class ManifestEditor {
 public:
  ManifestEditor(std::span<const WantedObject> objects, std::span<const size_t> members, SourceEdits& edits)
      : objects_(objects), members_(members), edits_(edits) {}

  void run() {
    const ObjectText first = objects_[members_[0]].object->text();
    const std::shared_ptr<const File>& file = first.file;
    auto documents = yaml::read_stream(file->text(), {.file = file->name()});
    if (!documents) return refuse_all(documents.error());
    Arena arena;
    std::map<size_t, size_t> positions;  // in `documents`, by index in the stream
    for (size_t i = 0; i < documents->size(); ++i) positions[(*documents)[i].index()] = i;
    std::map<size_t, std::vector<edit::TreeChange>> changes;
    for (const size_t member : members_) {
      const ObjectText text = objects_[member].object->text();
      const auto position = positions.find(text.document->index());
      if (position != positions.end()) changes[position->second].push_back({text.prefix, objects_[member].wanted});
      documents_[text.document->index()].push_back(member);
    }
    std::vector<edit::Target> targets;
    for (const auto& [position, wanted] : changes) {
      auto root = edit::with_changes((*documents)[position].root(), wanted, arena);
      if (!root) return refuse_all(root.error());
      targets.push_back({position, *root});
    }
    auto edited = edit::edit(*documents, targets);
    if (!edited) return refuse_all(edited.error());
    for (edit::Refusal& refusal : edited->refusals) refuse((*documents)[refusal.document], std::move(refusal));
    if (edited->text != file->text()) edits_.files.push_back({file->name(), file->text(), std::move(edited->text)});
  }

 private:
  void refuse_all(const Error& reason) {
    for (const size_t member : members_) edits_.refused.push_back({member, {}, reason});
  }

  // A refusal that is about more than one object is all of theirs.
  void refuse(const yaml::Document& document, edit::Refusal refusal) {
    for (const size_t member : documents_[document.index()]) {
      const ObjectText text = objects_[member].object->text();
      if (refusal.path.starts_with(text.prefix)) {
        const auto& steps = refusal.path.steps();
        Path below(std::vector<Path::Step>(steps.begin() + static_cast<ptrdiff_t>(text.prefix.steps().size()), steps.end()));
        edits_.refused.push_back({member, std::move(below), refusal.reason});
      } else if (text.prefix.starts_with(refusal.path)) {
        edits_.refused.push_back({member, {}, refusal.reason});
      }
    }
  }

  std::span<const WantedObject> objects_;
  std::span<const size_t> members_;
  SourceEdits& edits_;
  std::map<size_t, std::vector<size_t>> documents_;  // members by index of their document
};

}  // namespace

SourceEdits edit_sources(std::span<const WantedObject> objects, const chart::FileReader& read_file) {
  SourceEdits edits;
  std::map<std::string, std::vector<size_t>> files;
  std::map<const RenderedChart*, std::vector<size_t>> charts;
  std::vector<const RenderedChart*> chart_order;
  for (size_t i = 0; i < objects.size(); ++i) {
    const ObjectText text = objects[i].object->text();
    if (text.document == nullptr) {
      edits.refused.push_back({i, {}, Error(ErrorCode::kInvalid, "has no text of its own to edit")});
    } else if (text.chart != nullptr) {
      auto& members = charts[text.chart];
      if (members.empty()) chart_order.push_back(text.chart);
      members.push_back(i);
    } else {
      files[text.file->name()].push_back(i);
    }
  }
  for (const auto& [name, members] : files) ManifestEditor(objects, members, edits).run();
  ChartEditor chart_editor(objects, read_file, edits);
  for (const RenderedChart* chart : chart_order) chart_editor.run(*chart, charts[chart]);
  std::stable_sort(edits.files.begin(), edits.files.end(), [](const FileEdit& a, const FileEdit& b) { return a.name < b.name; });
  std::stable_sort(edits.refused.begin(), edits.refused.end(),
                   [](const RefusedEdit& a, const RefusedEdit& b) { return a.object < b.object; });
  return edits;
}

}  // namespace plimsoll::source
