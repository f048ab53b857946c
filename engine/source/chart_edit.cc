#include "engine/source/chart_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/source/values_place.h"
#include "engine/value/utf8.h"

namespace plimsoll::source {
namespace {

// Renders that a chart may take to find out which edits do what is wanted and nothing else.
constexpr size_t kMaxRenders = 200;

// An edit of a source file. Several changes of objects may ask for the same one.
struct SourceChange {
  std::string file;                      // as the chart or the command line names it
  std::optional<edit::TreeChange> value;  // of a values file: in its tree
  std::vector<edit::Splice> splices;      // of a template

  std::string key() const {
    std::string text = file;
    if (value) return text + "\nvalues " + value->path.to_string();
    for (const edit::Splice& splice : splices) text += fmt::format("\n{} {} {}", splice.begin, splice.end, splice.text);
    return text;
  }
};

// A changed field of an object.
struct FieldChange {
  size_t member;
  edit::TreeChange change;
  SourceChange source;
};

// Changes that stand or fall together, for one edit makes them.
struct Group {
  SourceChange source;
  std::vector<size_t> fields;
};

using Texts = std::map<std::string, std::string>;

// The chart with other texts in some of its files.
Result<std::shared_ptr<const chart::Chart>> with_texts(const chart::Chart& original, const Texts& texts) {
  auto copy = std::make_shared<chart::Chart>(original);
  const auto text_of = [&](const std::string& name) {
    const auto found = texts.find(original.path + "/" + name);
    return found == texts.end() ? nullptr : &found->second;
  };
  for (auto* files : {&copy->templates, &copy->files}) {
    for (chart::File& file : *files) {
      if (const std::string* text = text_of(file.name)) file.data = *text;
    }
  }
  if (const std::string* text = text_of("values.yaml")) {
    PLIMSOLL_ASSIGN_OR_RETURN(yaml::Document document,
                              yaml::read(*text, {.file = original.path + "/values.yaml", .dialect = yaml::Dialect::kGo,
                                                 .numbers_as_double = true}));
    copy->values = std::make_shared<const yaml::Document>(std::move(document));
  }
  for (auto& dependency : copy->dependencies) {
    PLIMSOLL_ASSIGN_OR_RETURN(dependency, with_texts(*dependency, texts));
  }
  return std::shared_ptr<const chart::Chart>(std::move(copy));
}

// Finds the edit that makes a change: where the field's text comes from.
class SourceFinder {
 public:
  SourceFinder(const RenderedChart& chart, const chart::FileReader& read_file)
      : release_(chart.release()), chart_(chart), locator_(chart.release().locator()), read_file_(read_file) {}

  // The reason if there is none.
  std::expected<SourceChange, std::string> find(const Object& object, const edit::TreeChange& change) {
    const ObjectText text = object.text();
    std::vector<Path::Step> steps = text.prefix.steps();
    steps.insert(steps.end(), change.path.steps().begin(), change.path.steps().end());
    const Path path(std::move(steps));
    std::string reason;
    if (const auto key = values_key(text, path)) {
      auto source = values_change(*key, change.value);
      if (source) return source;
      reason = source.error();
    } else if (auto source = template_change(text, {path, change.value})) {
      return source;
    } else {
      reason = source.error();
    }
    return std::unexpected(reason);
  }

 private:
  // All values that flowed into a stretch of the rendered text; `literal`: text of a template is in it, too.
  std::vector<Path> origins(const ObjectText& text, const yaml::Range& range, bool& literal) const {
    const tmpl::Spans& spans = release_.spans(text.rendered_file);
    const size_t begin = text.offset + range.offset;
    const size_t end = std::max<size_t>(begin + 1, text.offset + range.end_offset);
    std::vector<Path> paths;
    auto span = std::partition_point(spans.begin(), spans.end(), [&](const tmpl::Span& one) { return one.end <= begin; });
    for (; span != spans.end() && span->begin < end; ++span) {
      const tmpl::OutputSpan resolved = release_.tracer()->resolve(*span);
      literal |= resolved.literal || resolved.values.empty();
      paths.insert(paths.end(), resolved.values.begin(), resolved.values.end());
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
  }

  // The one key that a node's text comes from.
  std::optional<Path> whole_origin(const ObjectText& text, const yaml::Range& range) const {
    bool literal = false;
    std::vector<Path> paths = origins(text, range, literal);
    if (literal || paths.empty()) return std::nullopt;
    // Of containers the outermost: the others are its parts.
    const bool one = std::all_of(paths.begin(), paths.end(), [&](const Path& path) { return path.starts_with(paths[0]); });
    if (!one) return std::nullopt;
    return paths[0];
  }

  // The key that sets the node at `path`, or that would.
  std::optional<Path> values_key(const ObjectText& text, const Path& path) const {
    const yaml::Document& document = *text.document;
    const Value& root = document.root();
    if (path.resolve(root) != nullptr) return whole_origin(text, document.locate(path).value);
    const Path parent = path.parent();
    const Value* holder = parent.resolve(root);
    if (holder == nullptr || !(holder->is_map() || holder->is_list())) return std::nullopt;
    const Path::Step& step = path.steps().back();
    const auto joined = [&](const Path& base) {
      return std::holds_alternative<std::string>(step) ? base.key(std::get<std::string>(step)) : base.index(std::get<size_t>(step));
    };
    for (size_t i = 0; i < holder->size(); ++i) {
      const Path::Step own = holder->is_map() ? Path::Step(std::string(holder->as_map()->begin()[i].key.string_or())) : Path::Step(i);
      const yaml::Place place = holder->is_map() ? document.child(*holder->as_map(), i) : document.child(*holder->as_list(), i);
      const auto key = whole_origin(text, place.value);
      if (!key || key->empty() || key->steps().back() != own) continue;
      // The key itself must come from there as well, else it is the template that makes the map.
      if (place.key.known()) {
        bool literal = false;
        origins(text, place.key, literal);
        if (literal) continue;
      }
      return joined(key->parent());
    }
    if (holder->size() > 0) return std::nullopt;
    const auto key = whole_origin(text, document.locate(parent).value);
    return key ? std::optional(joined(*key)) : std::nullopt;
  }

  // The part of `key` that leads to it in the document of its origin: charts see the values of their own below their name.
  static std::optional<Path> path_in(const chart::ValueOrigin& origin, const Path& key) {
    const auto& steps = key.steps();
    for (size_t skip = 0; skip <= steps.size(); ++skip) {
      Path below(std::vector<Path::Step>(steps.begin() + static_cast<ptrdiff_t>(skip), steps.end()));
      if (origin.document->has(below) && origin.document->locate(below).value.offset == origin.range.offset) return below;
    }
    return std::nullopt;
  }

  std::expected<SourceChange, std::string> values_change(const Path& key, const std::optional<Value>& value) const {
    const auto user_files = release_.user_values().files;
    std::optional<chart::ValueOrigin> origin = locator_.locate(key);
    std::vector<Path::Step> added;
    Path at = key;
    while (!origin && !at.empty()) {
      added.insert(added.begin(), at.steps().back());
      at = at.parent();
      origin = locator_.locate(at);
    }
    if (!origin) return std::unexpected(fmt::format("no values file sets the key {}", key.to_string()));
    if (origin->kind == chart::ValueOrigin::Kind::kFlag) {
      return std::unexpected(fmt::format("the values key {} is set by {}", key.to_string(), origin->flag.substr(0, origin->flag.find('='))));
    }
    if (origin->kind == chart::ValueOrigin::Kind::kDefault && key.steps().size() > 1) {
      // What a user says elsewhere of the same table wins over the default.
      for (auto file = user_files.rbegin(); file != user_files.rend(); ++file) {
        const Value* table = key.parent().resolve((*file)->root());
        if (table == nullptr || !table->is_map() || !value) continue;
        return checked({(*file)->file(), edit::TreeChange{key, value}, {}});
      }
    }
    std::optional<Path> path = path_in(*origin, at);
    if (!path) return std::unexpected(fmt::format("the values key {} is imported", key.to_string()));
    for (const Path::Step& step : added) {
      path = std::holds_alternative<std::string>(step) ? path->key(std::get<std::string>(step)) : path->index(std::get<size_t>(step));
    }
    return checked({origin->document->file(), edit::TreeChange{*path, value}, {}});
  }

  std::expected<SourceChange, std::string> checked(SourceChange change) const {
    std::error_code code;
    if (std::filesystem::is_regular_file(change.file, code)) return change;
    return std::unexpected(fmt::format("{} is part of an archive, or standard input", change.file));
  }

  // Offset in its template of a byte of rendered text that stands there literally.
  struct Literal {
    std::string_view file;
    size_t offset = 0;
    size_t column = 0;
  };
  std::optional<Literal> literal_at(std::string_view rendered, size_t at) const {
    const tmpl::Spans& spans = release_.spans(rendered);
    const auto span = std::partition_point(spans.begin(), spans.end(), [&](const tmpl::Span& one) { return one.end <= at; });
    if (span == spans.end() || span->begin > at) return std::nullopt;
    tmpl::Span first = *span;
    first.offset += static_cast<uint32_t>(at - first.begin);
    if (!span->literal) return std::nullopt;
    const tmpl::OutputSpan resolved = release_.tracer()->resolve(first);
    const chart::File* file = release_.template_file(resolved.place.file);
    if (!resolved.literal || file == nullptr) return std::nullopt;
    size_t offset = 0;
    for (uint32_t line = 1; line < resolved.place.line && offset != std::string::npos; ++line) {
      offset = file->data.find('\n', offset);
      if (offset != std::string::npos) ++offset;
    }
    if (offset == std::string::npos) return std::nullopt;
    for (uint32_t column = 1; column < resolved.place.column && offset < file->data.size(); ++column) {
      do ++offset;
      while (offset < file->data.size() && (static_cast<uint8_t>(file->data[offset]) & 0xC0) == 0x80);
    }
    const chart::RenderedFile* text = chart_.file(rendered);
    if (text == nullptr || offset >= file->data.size() || file->data[offset] != text->text[at]) return std::nullopt;
    return Literal{resolved.place.file, offset, resolved.place.column - 1};
  }

  std::expected<SourceChange, std::string> template_change(const ObjectText& text, const edit::TreeChange& change) const {
    const std::string no_literal = "the field does not stand in a template literally";
    Arena arena;
    const auto wanted = edit::with_changes(text.document->root(), {&change, 1}, arena);
    if (!wanted) return std::unexpected(wanted.error().message());
    const edit::Target target = {0, *wanted};
    const auto plan = edit::plan_edits({text.document, 1}, {&target, 1});
    if (!plan) return std::unexpected(plan.error().message());
    if (!plan->refusals.empty()) return std::unexpected(plan->refusals[0].reason.message());
    SourceChange source;
    for (const edit::Splice& splice : plan->splices) {
      auto mapped = to_template(text, splice);
      if (!mapped) return std::unexpected(no_literal);
      if (!source.file.empty() && source.file != mapped->first) return std::unexpected(no_literal);
      source.file = mapped->first;
      source.splices.push_back(std::move(mapped->second));
    }
    if (source.splices.empty()) return std::unexpected(no_literal);
    return checked(std::move(source));
  }

  std::optional<std::pair<std::string, edit::Splice>> to_template(const ObjectText& text, const edit::Splice& splice) const {
    const chart::RenderedFile* rendered = chart_.file(text.rendered_file);
    if (rendered == nullptr || splice.text.find("{{") != std::string::npos) return std::nullopt;
    const size_t begin = text.offset + splice.begin;
    const size_t end = text.offset + splice.end;
    std::optional<Literal> place;
    edit::Splice mapped = splice;
    if (begin < end) {
      place = literal_at(rendered->name, begin);
      const auto last = literal_at(rendered->name, end - 1);
      if (!place || !last || last->file != place->file || last->offset - place->offset != end - 1 - begin) return std::nullopt;
      mapped.begin = place->offset;
    } else {
      // Behind the byte before it, if that is literal; else in front of the one behind, if an action that prints a value stands there.
      const auto before = begin > 0 ? literal_at(rendered->name, begin - 1) : std::nullopt;
      place = before ? before : begin < rendered->text.size() ? literal_at(rendered->name, begin) : std::nullopt;
      if (!place || (!before && !follows_value(*place))) return std::nullopt;
      mapped.begin = before ? before->offset + 1 : place->offset;
      // What is put behind a sibling that only a condition prints would go with it.
      const Path parent = splice.path.parent();
      const size_t holder = text.offset + text.document->locate(parent).value.offset;
      if (condition_at(rendered->name, holder) != condition_at(rendered->name, before ? begin - 1 : begin)) return std::nullopt;
    }
    mapped.end = mapped.begin + (end - begin);
    if (splice.text.find('\n') != std::string::npos && !reindent(*rendered, begin, *place, mapped.text)) return std::nullopt;
    return std::pair(release_.template_path(place->file), std::move(mapped));
  }

  // What the nearest if, with or range around a byte has read; 0: none.
  tmpl::OriginId condition_at(std::string_view rendered, size_t at) const {
    const tmpl::Spans& spans = release_.spans(rendered);
    const auto span = std::partition_point(spans.begin(), spans.end(), [&](const tmpl::Span& one) { return one.end <= at; });
    return span == spans.end() ? 0 : span->condition;
  }

  // Whether an action stands right before it in the template, on its line, that is no keyword of control.
  bool follows_value(const Literal& place) const {
    const chart::File* file = release_.template_file(place.file);
    if (file == nullptr) return false;
    std::string_view line = std::string_view(file->data).substr(0, place.offset);
    line.remove_prefix(line.rfind('\n') + 1);
    if (!line.ends_with("}}") || line.rfind("{{") == std::string_view::npos) return false;
    std::string_view action = line.substr(line.rfind("{{") + 2);
    action.remove_prefix(std::min(action.find_first_not_of("- \t"), action.size()));
    const std::string_view word = action.substr(0, action.find_first_of(" \t-}"));
    static constexpr std::string_view kControl[] = {"end", "else", "if", "with", "range", "define", "block", "break", "continue"};
    return std::find(std::begin(kControl), std::end(kControl), word) == std::end(kControl);
  }

  // Lines put in take part in the indentation that functions add to the text around them: it is taken off.
  bool reindent(const chart::RenderedFile& rendered, size_t at, const Literal& near, std::string& text) const {
    size_t start = at == 0 ? 0 : rendered.text.rfind('\n', at - 1) + 1;
    if (at > 0 && rendered.text[at - 1] == '\n') start = at;
    const size_t visible = std::min(rendered.text.find_first_not_of(' ', start), rendered.text.size());
    const auto first = literal_at(rendered.name, visible);
    if (!first || first->file != near.file) return false;
    const size_t column = visible - start;
    if (first->column > column) return false;
    const size_t shift = column - first->column;
    if (shift == 0) return true;
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      out += text[i];
      if (text[i] != '\n') continue;
      for (size_t k = 0; k < shift; ++k) {
        if (i + 1 >= text.size() || text[i + 1] != ' ') return i + 1 < text.size() && text[i + 1] == '\n';
        ++i;
      }
    }
    text = std::move(out);
    return true;
  }

  const chart::Release& release_;
  const RenderedChart& chart_;
  chart::ValuesLocator locator_;
  const chart::FileReader& read_file_;
};

// One chart with one set of values.
class Trial {
 public:
  Trial(const RenderedChart& chart, std::span<const WantedObject> objects, const chart::FileReader& read_file)
      : chart_(chart), objects_(objects), read_file_(read_file) {}

  std::vector<FieldChange> fields;
  std::vector<Group> groups;

  // Objects as they are without edits; false: the chart does not render a second time.
  bool prepare() {
    auto rendered = render({});
    if (!rendered) return false;
    baseline_ = std::move(*rendered);
    for (size_t i = 0; i < fields.size(); ++i) {
      const ObjectText text = objects_[fields[i].member].object->text();
      const auto same = std::find_if(baseline_.objects.begin(), baseline_.objects.end(), [&](const Object& other) {
        const ObjectText there = other.text();
        return there.chart != nullptr && there.rendered_file == text.rendered_file && there.prefix == text.prefix &&
               other.description() == objects_[fields[i].member].object->description();
      });
      if (same == baseline_.objects.end()) return false;
      positions_.push_back(static_cast<size_t>(same - baseline_.objects.begin()));
    }
    return true;
  }

  // The texts that these groups make, if the chart then renders just what they want.
  std::optional<Texts> attempt(const std::vector<size_t>& chosen) {
    if (++renders_ > kMaxRenders) return std::nullopt;
    auto texts = edited_texts(chosen);
    if (!texts) return std::nullopt;
    const auto rendered = render(*texts);
    if (!rendered || rendered->objects.size() != baseline_.objects.size()) return std::nullopt;
    Arena arena;
    std::map<size_t, std::vector<edit::TreeChange>> wanted;
    for (const size_t group : chosen) {
      for (const size_t field : groups[group].fields) wanted[positions_[field]].push_back(fields[field].change);
    }
    for (size_t i = 0; i < baseline_.objects.size(); ++i) {
      Value expected = baseline_.objects[i].root();
      if (const auto changes = wanted.find(i); changes != wanted.end()) {
        const auto changed = edit::with_changes(expected, changes->second, arena);
        if (!changed) return std::nullopt;
        expected = *changed;
      }
      if (!equal(rendered->objects[i].root(), expected)) return std::nullopt;
    }
    return texts;
  }

 private:
  std::optional<Manifests> render(const Texts& texts) {
    const chart::Release& release = chart_.release();
    auto chart = with_texts(release.chart().source(), texts);
    if (!chart) return std::nullopt;
    const chart::FileReader read = [&](std::string_view path) -> Result<std::string> {
      const auto found = texts.find(std::string(path));
      return found != texts.end() ? Result<std::string>(found->second) : read_file_(path);
    };
    // Random values and times must be the same each time.
    tmpl::SystemHost host(1);
    chart::Warnings warnings;
    auto again = chart::render(*chart, release.options(), host, read, warnings);
    if (!again) return std::nullopt;
    Manifests manifests;
    add_objects(std::make_shared<RenderedChart>(std::move(*again), chart_.variant()), false, manifests);
    return manifests;
  }

  std::optional<std::string> original(const std::string& file) const {
    auto text = read_file_(file);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  }

  std::optional<Texts> edited_texts(const std::vector<size_t>& chosen) const {
    std::map<std::string, std::vector<const SourceChange*>> by_file;
    for (const size_t group : chosen) by_file[groups[group].source.file].push_back(&groups[group].source);
    Texts texts;
    for (const auto& [file, changes] : by_file) {
      const auto text = original(file);
      if (!text) return std::nullopt;
      std::vector<edit::TreeChange> values;
      std::vector<edit::Splice> splices;
      for (const SourceChange* change : changes) {
        if (change->value) values.push_back(*change->value);
        splices.insert(splices.end(), change->splices.begin(), change->splices.end());
      }
      if (values.empty()) {
        std::stable_sort(splices.begin(), splices.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
        for (size_t i = 1; i < splices.size(); ++i) {
          if (splices[i].begin < splices[i - 1].end) return std::nullopt;
        }
        texts[file] = edit::apply_splices(*text, splices);
        continue;
      }
      const auto documents = yaml::read_stream(*text, {.file = file});
      if (!documents || documents->empty()) return std::nullopt;
      Arena arena;
      const auto wanted = edit::with_changes((*documents)[0].root(), values, arena);
      if (!wanted) return std::nullopt;
      const edit::Target target = {0, *wanted};
      auto edited = edit::edit(*documents, {&target, 1});
      if (!edited || !edited->refusals.empty()) return std::nullopt;
      texts[file] = std::move(edited->text);
    }
    return texts;
  }

  const RenderedChart& chart_;
  std::span<const WantedObject> objects_;
  const chart::FileReader& read_file_;
  Manifests baseline_;
  std::vector<size_t> positions_;  // in the baseline, of the fields' objects
  size_t renders_ = 0;
};

Error reason_for(const Object& object, const Path& path, std::string why) {
  const Places places = object.locate(path);
  const Location location = places.primary.location();
  std::string keys;
  for (const Place& place : places.related) {
    if (place.role != Place::Role::kValues || place.values_key.empty()) continue;
    keys += (keys.empty() ? "" : ", ") + place.values_key;
  }
  std::string message = fmt::format("comes from {}", location.to_string());
  if (!keys.empty()) message += ", computed from " + keys;
  return Error(ErrorCode::kInvalid, fmt::format("{}: {}", message, why)).at(location.line, location.column).in_file(location.file);
}

}  // namespace

void ChartEditor::run(const RenderedChart& chart, std::span<const size_t> members) {
  SourceFinder finder(chart, read_file_);
  Trial trial(chart, objects_, read_file_);
  const auto refuse = [&](size_t member, const Path& path, std::string why) {
    edits_.refused.push_back({member, path, reason_for(*objects_[member].object, path, std::move(why))});
  };
  std::map<std::string, size_t> known;
  for (const size_t member : members) {
    for (edit::TreeChange& change : edit::changes_between(objects_[member].object->root(), objects_[member].wanted)) {
      auto source = finder.find(*objects_[member].object, change);
      if (!source) {
        refuse(member, change.path, std::move(source.error()));
        continue;
      }
      const bool touched = std::any_of(edits_.files.begin(), edits_.files.end(),
                                       [&](const FileEdit& file) { return file.name == shown_path(source->file); });
      if (touched) {
        refuse(member, change.path, "its file is edited for another render already; run again when that is written");
        continue;
      }
      const auto [place, added] = known.try_emplace(source->key(), trial.groups.size());
      if (added) trial.groups.push_back({*source, {}});
      Group& group = trial.groups[place->second];
      const auto& value = group.source.value;
      if (value && (value->value.has_value() != source->value->value.has_value() ||
                    (value->value && !equal(*value->value, *source->value->value)))) {
        refuse(member, change.path, fmt::format("another object wants another value of the key {}", value->path.to_string()));
        continue;
      }
      group.fields.push_back(trial.fields.size());
      trial.fields.push_back({member, std::move(change), std::move(*source)});
    }
  }
  if (trial.groups.empty()) return;
  const auto refuse_group = [&](size_t group, const std::string& why) {
    for (const size_t field : trial.groups[group].fields) refuse(trial.fields[field].member, trial.fields[field].change.path, why);
  };
  if (!trial.prepare()) {
    for (size_t i = 0; i < trial.groups.size(); ++i) refuse_group(i, "the chart does not render the same a second time");
    return;
  }
  std::vector<size_t> all(trial.groups.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  std::optional<Texts> texts = trial.attempt(all);
  if (!texts) {
    std::vector<size_t> good;
    for (const size_t group : all) {
      good.push_back(group);
      if (auto more = trial.attempt(good)) {
        texts = std::move(more);
        continue;
      }
      good.pop_back();
      const SourceChange& source = trial.groups[group].source;
      refuse_group(group, source.value ? fmt::format("values key {} of {} has other effects, too, or cannot be edited there",
                                                     source.value->path.to_string(), shown_path(source.file))
                                       : "an edit of the template has other effects, too");
    }
  }
  if (!texts) return;
  for (auto& [file, text] : *texts) {
    auto before = read_file_(file);
    if (before && *before != text) edits_.files.push_back({shown_path(file), std::move(*before), std::move(text)});
  }
}

}  // namespace plimsoll::source
