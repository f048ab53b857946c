#include "engine/chart/template_output.h"

#include <algorithm>
#include <cstdint>

#include "engine/chart/glob.h"

namespace plimsoll::chart {

namespace {

constexpr std::string_view kSource = "# Source: ";

class Writer {
 public:
  void document(std::string_view name, std::string_view text, size_t offset) {
    out_.text += "---\n";
    out_.text += kSource;
    out_.text += name;
    out_.text += '\n';
    out_.pieces.push_back({out_.text.size(), text.size(), name, offset});
    out_.text += text;
    out_.text += '\n';
  }

  // strings.TrimSpace of all so far, then a newline.
  void trim() {
    while (!out_.text.empty() && (out_.text.back() == '\n' || out_.text.back() == ' ')) out_.text.pop_back();
    out_.text += '\n';
    for (OutputPiece& piece : out_.pieces) {
      const size_t limit = out_.text.size() - 1;
      piece.length = piece.begin >= limit ? 0 : std::min(piece.length, limit - piece.begin);
    }
  }

  TemplateOutput take() { return std::move(out_); }

 private:
  TemplateOutput out_;
};

// The name after "# Source: <chart>/" in a piece of output; empty if it has none.
std::string_view source_name(std::string_view document) {
  for (size_t at = document.find(kSource); at != std::string_view::npos; at = document.find(kSource, at + 1)) {
    std::string_view line = document.substr(at + kSource.size());
    line = line.substr(0, line.find('\n'));
    const size_t slash = line.find('/');
    if (slash != std::string_view::npos && slash > 0 && slash + 1 < line.size()) return line.substr(slash + 1);
  }
  return {};
}

// The pieces of `all` that show-only patterns ask for, each behind a separator.
Result<TemplateOutput> select(const TemplateOutput& all, const std::vector<std::string>& patterns) {
  const std::vector<std::string_view> documents = split_manifests(all.text);
  TemplateOutput selected;
  for (const std::string& pattern : patterns) {
    bool missing = true;
    for (const std::string_view document : documents) {
      const std::string_view name = source_name(document);
      if (name.empty() || !path_match(pattern, name).value_or(false)) continue;
      missing = false;
      selected.text += "---\n";
      const auto first = static_cast<size_t>(document.data() - all.text.data());
      for (const OutputPiece& piece : all.pieces) {
        const size_t begin = std::max(piece.begin, first);
        const size_t end = std::min(piece.begin + piece.length, first + document.size());
        if (begin >= end) continue;
        selected.pieces.push_back(
            {selected.text.size() + begin - first, end - begin, piece.file, piece.offset + begin - piece.begin});
      }
      selected.text += document;
      selected.text += '\n';
    }
    if (missing) {
      return std::unexpected(Error(ErrorCode::kUsage, "could not find template " + pattern + " in chart"));
    }
  }
  return selected;
}

template <typename Visit>
void visit_manifests(const SortedManifests& sorted, const std::vector<RenderedFile>& crds, const OutputOptions& options,
                     Visit visit) {
  if (options.include_crds) {
    for (const RenderedFile& crd : crds) visit(crd.name, std::string_view(crd.text), size_t{0}, false);
  }
  for (const Manifest& manifest : sorted.manifests) {
    visit(manifest.template_name, manifest.text, manifest.offset, false);
  }
  if (!options.hooks) return;
  for (const Manifest& hook : sorted.hooks) {
    if (!options.tests && hook.is_test()) continue;
    visit(hook.template_name, hook.text, hook.offset, true);
  }
}

}  // namespace

Result<TemplateOutput> template_output(const SortedManifests& sorted, const std::vector<RenderedFile>& crds,
                                       const OutputOptions& options) {
  Writer writer;
  bool in_hooks = false;
  visit_manifests(sorted, crds, options, [&](std::string_view name, std::string_view text, size_t offset, bool hook) {
    if (hook && !in_hooks) writer.trim();
    in_hooks = in_hooks || hook;
    writer.document(name, text, offset);
  });
  if (!in_hooks) writer.trim();
  TemplateOutput all = writer.take();
  return options.show_only.empty() ? Result<TemplateOutput>(std::move(all)) : select(all, options.show_only);
}

std::vector<OutputWrite> output_writes(const SortedManifests& sorted, const std::vector<RenderedFile>& crds,
                                       const OutputOptions& options) {
  std::vector<OutputWrite> writes;
  visit_manifests(sorted, crds, options, [&](std::string_view name, std::string_view text, size_t, bool) {
    Writer writer;
    writer.document(name, text, 0);
    writes.push_back({std::string(name), writer.take().text});
  });
  return writes;
}

}  // namespace plimsoll::chart
