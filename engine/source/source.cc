#include "engine/source/source.h"

#include "engine/source/manifest.h"
#include "engine/source/parallel.h"

namespace plimsoll::source {

namespace {

Manifests read(const SourceFile& source, const ChartOptions& charts) {
  if (source.kind == SourceFile::Kind::kChart) return read_chart(source, charts);
  auto file = source.kind == SourceFile::Kind::kStdin ? read_stdin() : read_file(source.path, source.name);
  if (!file) {
    Manifests manifests;
    manifests.errors.push_back(std::move(file.error()));
    return manifests;
  }
  return read_manifests(std::move(*file));
}

template <typename T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Set load(const std::vector<std::string>& paths, const LoadOptions& options) {
  Discovery found = discover(paths, options.discover);
  std::vector<Manifests> read_files(found.files.size());
  parallel_for(found.files.size(), thread_count(found.files.size(), options.threads),
               [&](size_t index, size_t) { read_files[index] = read(found.files[index], options.charts); });
  Set set;
  set.notes = std::move(found.notes);
  set.errors = std::move(found.errors);
  for (const SourceFile& file : found.files) ++(file.kind == SourceFile::Kind::kChart ? set.charts : set.files);
  set.other_files = found.other_files;
  set.expects_objects = found.folder_named || found.stdin_named;
  std::vector<LooseFile> mappings;
  for (size_t i = 0; i < read_files.size(); ++i) {
    if (!read_files[i].mapping) continue;
    mappings.push_back({found.files[i], *std::move(read_files[i].mapping), std::move(read_files[i].notes.back())});
    read_files[i].notes.pop_back();
  }
  ValuesResult values = read_values(std::move(mappings), options.charts, options.is_values);
  set.charts += values.charts;
  append(set.notes, values.notes);
  append(read_files, values.manifests);
  for (Manifests& manifests : read_files) {
    set.documents += manifests.documents;
    append(set.objects, manifests.objects);
    append(set.notes, manifests.notes);
    if (!manifests.errors.empty() && manifests.file) set.texts.push_back(manifests.file);
    append(set.texts, manifests.texts);
    append(set.errors, manifests.errors);
    append(set.warnings, manifests.warnings);
    append(set.renders, manifests.renders);
  }
  return set;
}

}  // namespace plimsoll::source
