#include "engine/source/rendered_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/value/utf8.h"

namespace plimsoll::source {

namespace {

constexpr size_t kMaxValues = 4;   // values keys that a finding names
constexpr size_t kMaxChain = 8;    // includes

// Lines above byte `offset`.
uint32_t lines_before(std::string_view text, size_t offset) {
  return static_cast<uint32_t>(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(std::min(offset, text.size())), '\n'));
}

// The range of `text` from byte `begin` to `end`, which are on one line.
yaml::Range range_on_line(std::string_view text, uint32_t line, size_t line_start, size_t begin, size_t end) {
  const auto column = [&](size_t at) {
    return static_cast<uint32_t>(utf8::length(text.substr(line_start, at - line_start))) + 1;
  };
  return {.line = line,
          .column = column(begin),
          .end_line = line,
          .end_column = column(end),
          .offset = static_cast<uint32_t>(begin),
          .end_offset = static_cast<uint32_t>(end)};
}

// The values keys to name: the path that holds them all if they are many parts of one thing.
std::vector<Path> summarise(std::vector<Path> paths) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  // A container says nothing beside its part.
  std::vector<Path> distinct;
  for (size_t i = 0; i < paths.size(); ++i) {
    const bool contained = i + 1 < paths.size() && paths[i + 1].starts_with(paths[i]);
    if (!contained) distinct.push_back(paths[i]);
  }
  if (distinct.size() <= kMaxValues) return distinct;
  std::vector<Path::Step> common = distinct.front().steps();
  for (const Path& path : distinct) {
    const auto& steps = path.steps();
    const size_t size = std::min(common.size(), steps.size());
    common.resize(static_cast<size_t>(std::mismatch(common.begin(), common.begin() + static_cast<ptrdiff_t>(size), steps.begin()).first -
                                      common.begin()));
  }
  if (!common.empty()) return {Path(std::move(common))};
  distinct.resize(kMaxValues);
  return distinct;
}

// A part of the rendered text that is one object.
class RenderedOrigin final : public Origin {
 public:
  RenderedOrigin(std::shared_ptr<const RenderedChart> chart, const chart::RenderedFile& file, size_t offset,
                 yaml::Document document, Path prefix, std::shared_ptr<const Arena> arena)
      : chart_(std::move(chart)),
        file_(file),
        offset_(offset),
        document_(std::move(document)),
        prefix_(std::move(prefix)),
        arena_(std::move(arena)) {}

  Places locate(const Path& path) const override {
    std::vector<Path::Step> steps = prefix_.steps();
    steps.insert(steps.end(), path.steps().begin(), path.steps().end());
    Path whole(std::move(steps));
    if (whole.empty() || (prefix_.empty() && whole.resolvable(document_.root()) == 0)) whole = Path().key("kind");
    const yaml::Range marked = marked_range(document_, whole);
    yaml::Range node = document_.locate(whole).value;
    // Of a missing field the whole surroundings may be what should have held it; of an object as a whole only its kind.
    if (!node.known() || path.empty()) node = marked;
    const Value* object = prefix_.resolve(document_.root());
    return chart_->locate(file_, {.begin = offset_ + marked.offset,
                                  .end = offset_ + marked.end_offset,
                                  .whole_begin = offset_ + node.offset,
                                  .whole_end = offset_ + node.end_offset,
                                  .secret = object != nullptr && is_secret(*object, path)});
  }
  std::string_view variant() const override { return chart_->variant(); }
  ObjectText text() const override {
    return {.document = &document_, .prefix = prefix_, .file = nullptr, .chart = chart_.get(), .rendered_file = file_.name, .offset = offset_};
  }
  const void* group() const override { return &chart_->release(); }

 private:
  std::shared_ptr<const RenderedChart> chart_;
  const chart::RenderedFile& file_;
  size_t offset_;  // of the document in the file
  yaml::Document document_;
  Path prefix_;
  std::shared_ptr<const Arena> arena_;
};

}  // namespace

const chart::RenderedFile* RenderedChart::file(std::string_view name) const {
  const auto& files = release_->files();
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& candidate) { return candidate.name == name; });
  return found == files.end() ? nullptr : &*found;
}

Place RenderedChart::template_place(const tmpl::SourcePlace& source, size_t length, bool literal) const {
  Place place;
  const chart::File* file = release_->template_file(source.file);
  if (file == nullptr) return place;
  place.file = texts_.of(shown_path(release_->template_path(source.file)), file->data);
  const std::string_view text = place.file->text();
  const std::string_view line = place.file->line(source.line);
  const auto line_start = static_cast<size_t>(line.data() - text.data());
  // Columns count code points.
  size_t at = 0;
  for (uint32_t column = 1; column < source.column && at < line.size(); ++column) {
    do ++at;
    while (at < line.size() && (static_cast<uint8_t>(line[at]) & 0xC0) == 0x80);
  }
  size_t end = line.size();
  if (literal) {
    if (length < end - std::min(at, end)) end = at + length;
  } else {
    // An action is marked with its braces.
    if (const size_t open = line.rfind("{{", at); open != std::string_view::npos) at = open;
    if (const size_t close = line.find("}}", at); close != std::string_view::npos) end = close + 2;
  }
  while (end > at && (line[end - 1] == ' ' || line[end - 1] == '\r')) --end;
  place.range = range_on_line(text, source.line, line_start, line_start + at, line_start + std::max(at, end));
  return place;
}

Places RenderedChart::locate(const chart::RenderedFile& file, const Target& target) const {
  const tmpl::Spans& spans = release_->spans(file.name);
  const tmpl::Tracer& tracer = *release_->tracer();
  // Spans are in order and apart from each other.
  const auto from = [&](size_t begin) {
    return std::partition_point(spans.begin(), spans.end(), [&](const tmpl::Span& span) { return span.end <= begin; });
  };
  Places places;
  auto span = from(target.begin);
  if (span == spans.end() && !spans.empty()) --span;
  if (span != spans.end()) {
    tmpl::Span first = *span;
    const bool within = first.begin <= target.begin && target.begin < first.end;
    if (first.literal && within) first.offset += static_cast<uint32_t>(target.begin - first.begin);
    const tmpl::OutputSpan resolved = tracer.resolve(first);
    const bool whole = resolved.literal && target.end <= first.end;
    places.primary = template_place(resolved.place, whole ? target.end - target.begin : std::string::npos, resolved.literal);
    for (const tmpl::SourcePlace& caller : resolved.chain) {
      if (places.related.size() == kMaxChain) break;
      Place place = template_place(caller, 0, false);
      if (!place.file) continue;
      place.role = Place::Role::kInclude;
      place.note = "included here";
      places.related.push_back(std::move(place));
    }
  }

  const size_t rendered_line_start = file.text.rfind('\n', target.begin == 0 ? 0 : target.begin - 1) + 1;
  const uint32_t rendered_line = lines_before(file.text, target.begin) + 1;
  const size_t line_end = std::min(file.text.find('\n', target.begin), file.text.size());
  const size_t line_start = target.begin == 0 || rendered_line_start > target.begin ? 0 : rendered_line_start;
  Place rendered;
  rendered.role = Place::Role::kRendered;
  rendered.note = "rendered";
  rendered.range = range_on_line(file.text, rendered_line, line_start, std::min(target.begin, line_end),
                                 std::clamp(target.end, std::min(target.begin, line_end), line_end));

  if (!places.primary.file) {
    // No template wrote it that can be shown: the rendered text is all there is.
    rendered.role = Place::Role::kPrimary;
    rendered.note.clear();
    rendered.file = texts_.of(fmt::format("{} (rendered)", file.name), file.text);
    places.primary = std::move(rendered);
    return places;
  }

  std::vector<Path> values;
  std::vector<Path> conditions;
  const auto collect = [&](size_t begin, size_t end) {
    for (auto it = from(begin); it != spans.end() && it->begin < end; ++it) {
      tmpl::OutputSpan resolved = tracer.resolve(*it);
      std::move(resolved.values.begin(), resolved.values.end(), std::back_inserter(values));
      std::move(resolved.conditions.begin(), resolved.conditions.end(), std::back_inserter(conditions));
    }
  };
  collect(target.begin, target.end);
  if (values.empty()) collect(target.whole_begin, target.whole_end);
  const bool by_condition = values.empty();
  if (by_condition) values = std::move(conditions);
  for (const Path& path : summarise(std::move(values))) {
    Place place = ValuesPlaces(locator_, texts_).of(path);
    if (by_condition) place.note += ", read by the condition around it";
    places.related.push_back(std::move(place));
  }
  rendered.file = texts_.of(fmt::format("{} (rendered)", file.name), file.text);
  places.related.push_back(std::move(rendered));
  if (target.secret) {
    // The template's own text is no secret unless it says so literally.
    places.primary.hidden = span != spans.end() && span->literal;
    for (Place& place : places.related) place.hidden = place.role != Place::Role::kInclude;
  }
  return places;
}

void add_objects(const std::shared_ptr<const RenderedChart>& chart, bool with_crds, Manifests& manifests) {
  const chart::Release& release = chart->release();
  const auto add = [&](const chart::Manifest& manifest) {
    const chart::RenderedFile* file = chart->file(manifest.template_name);
    if (file == nullptr || manifest.document == nullptr || manifest.document->root().is_null()) return;
    ++manifests.documents;
    const auto origin_of = [&](const yaml::Document& document) {
      return [&, document](Path prefix, std::shared_ptr<const Arena> arena) {
        return std::make_shared<RenderedOrigin>(chart, *file, manifest.offset, document, std::move(prefix), std::move(arena));
      };
    };
    // Helm's own reading has doubles for numbers and lets equal keys pass.
    auto strict = yaml::read(manifest.text, {.file = manifest.template_name});
    const yaml::ReadOptions lenient = {.file = manifest.template_name, .dialect = yaml::Dialect::kGo};
    if (!strict) {
      const Error& error = strict.error();
      size_t offset = 0;
      for (uint32_t line = 1; line < error.location().line && offset < manifest.text.size(); ++line) {
        offset = std::min(manifest.text.find('\n', offset), manifest.text.size() - 1) + 1;
      }
      const size_t at = manifest.offset + offset;
      const Place where = chart->locate(*file, {.begin = at, .end = at, .whole_begin = at, .whole_end = at}).primary;
      manifests.warnings.push_back(fmt::format("{}: rendered by {}: {}; Helm lets it pass", where.location().to_string(),
                                               manifest.template_name, error.message()));
    }
    auto document = strict ? std::move(strict) : yaml::read(manifest.text, lenient);
    const auto place = [&](const Path& path) {
      return origin_of(document ? *document : *manifest.document)({}, nullptr)->locate(path).primary.location();
    };
    if (!document) {
      manifests.errors.push_back(std::move(document.error()));
      return;
    }
    if (document->root().is_map() || document->root().is_list()) {
      add_objects(*document, origin_of(*document), place, manifests);
    }
  };
  for (const chart::Manifest& manifest : release.manifests().manifests) add(manifest);
  for (const chart::Manifest& hook : release.manifests().hooks) add(hook);

  if (!with_crds) return;
  const std::string prefix = release.chart().full_path() + "/";
  for (const chart::RenderedFile& crd : release.crds()) {
    const std::string path =
        crd.name.starts_with(prefix) ? release.chart().source().path + "/" + crd.name.substr(prefix.size()) : crd.name;
    Manifests read = read_manifests(std::make_shared<File>(shown_path(path), crd.text));
    manifests.documents += read.documents;
    std::move(read.objects.begin(), read.objects.end(), std::back_inserter(manifests.objects));
    std::move(read.notes.begin(), read.notes.end(), std::back_inserter(manifests.notes));
    std::move(read.errors.begin(), read.errors.end(), std::back_inserter(manifests.errors));
    if (!read.errors.empty()) manifests.texts.push_back(read.file);
  }
}

}  // namespace plimsoll::source
