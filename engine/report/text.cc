#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/report/excerpt.h"
#include "engine/report/format.h"
#include "engine/report/summary.h"
#include "engine/value/utf8.h"

namespace plimsoll::report {

namespace {

constexpr size_t kMaxMarks = 4;
constexpr size_t kWidth = 110;

Color severity_color(policy::Severity severity) {
  switch (severity) {
    case policy::Severity::kError: return Color::kError;
    case policy::Severity::kWarning: return Color::kWarning;
    case policy::Severity::kInfo: return Color::kInfo;
  }
  return Color::kNone;
}

// Whether rendering changed nothing but the indentation.
bool same_line(const source::Place& rendered, const source::Place& source) {
  const auto text = [](const source::Place& place) {
    const std::string_view line = place.file ? place.file->line(place.range.line) : std::string_view();
    const size_t start = std::min(line.find_first_not_of(' '), line.size());
    return line.substr(start, line.find_last_not_of(" \r") + 1 - start);
  };
  return text(rendered) == text(source);
}

std::string missing_label(const Mark& mark) {
  if (!mark.missing()) return {};
  if (mark.default_value.empty()) return fmt::format("{} is missing", visible(mark.missing_part()));
  return fmt::format("{} is not set: the default is {}", visible(mark.missing_part()), visible(mark.default_value));
}

class Writer {
 public:
  Writer(const Report& report, const Style& style) : report_(report), style_(style), paint_(style.color) {}

  std::string write() {
    for (const Finding& finding : report_.findings) {
      if (!finding.suppression || style_.show_suppressed) write_finding(finding);
    }
    for (const Error& error : report_.errors) write_error(error);
    if (style_.verbose) {
      for (const source::Note& note : report_.notes) write_line(note.location, Color::kNote, "note", note.message);
    }
    for (const std::string& warning : report_.warnings) write_line({}, Color::kWarning, "warning", warning);
    if (!style_.quiet) write_summary();
    return std::move(out_);
  }

 private:
  void write_head(const Location& location, Color color, std::string_view label) {
    const std::string place = location.to_string();
    if (!place.empty()) out_ += paint_(Color::kBold, visible(place) + ":") + " ";
    out_ += paint_(color, fmt::format("{}:", label)) + " ";
  }

  void write_line(const Location& location, Color color, std::string_view label, std::string_view message) {
    write_head(location, color, label);
    append_visible(out_, message);
    out_ += '\n';
  }

  // Further lines of a message stand indented below its first.
  void write_message(std::string_view message) {
    std::string text;
    append_visible(text, message, true);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    for (size_t i = text.find('\n'); i != std::string::npos; i = text.find('\n', i + 3)) text.replace(i, 1, "\n  ");
    out_ += paint_(Color::kBold, text);
  }

  void start_detail(size_t gutter) { out_ += std::string(gutter + 2, ' ') + paint_(Color::kDim, "=") + " "; }

  // Places and paths stay in one line, so that they can be searched for and clicked.
  void write_place(size_t gutter, std::string_view text) {
    start_detail(gutter);
    append_visible(out_, text);
    out_ += '\n';
  }

  void write_detail(size_t gutter, std::string_view label, std::string_view text) {
    start_detail(gutter);
    out_ += label;
    out_ += wrap(text, kWidth - gutter - label.size(), std::string(gutter + 4 + label.size(), ' '));
    out_ += '\n';
  }

  // What was told three times in full is told in one line from then on.
  bool is_repetition(const Finding& finding) {
    constexpr size_t kInFull = 3;
    return !style_.verbose && ++told_[{finding.rule, finding.message}] > kInFull;
  }

  void write_finding(const Finding& finding) {
    write_head(finding.location(), severity_color(finding.severity), policy::severity_name(finding.severity));
    write_message(finding.message);
    out_ += fmt::format(" [{}]\n", visible(finding.rule->qualified_id()));
    if (is_repetition(finding)) {
      const std::string path = finding.primary().path.to_string();
      write_place(3, finding.subject.description() + (path.empty() ? "" : ": " + path) + "; explained above");
      out_ += '\n';
      return;
    }

    std::vector<Excerpt> excerpts;
    for (const Mark& mark : finding.marks) {
      if (excerpts.size() == kMaxMarks) break;
      excerpts.push_back({.file = mark.place.file.get(),
                          .range = mark.place.range,
                          .context_line = mark.context_line,
                          .label = missing_label(mark),
                          .hidden = mark.place.hidden});
    }
    const size_t gutter = gutter_width(excerpts);
    for (const Excerpt& excerpt : excerpts) {
      if (excerpt.file != nullptr && excerpt.file != excerpts.front().file) {
        const Location place = {.file = excerpt.file->name(), .line = excerpt.range.line, .column = excerpt.range.column};
        write_place(gutter, place.to_string() + ": and here");
      }
      append_excerpt(out_, excerpt, gutter, paint_);
    }
    if (finding.marks.size() > kMaxMarks) {
      write_detail(gutter, "", fmt::format("and {} more places", finding.marks.size() - kMaxMarks));
    }
    for (const source::Place& place : finding.related) {
      if (place.role == source::Place::Role::kRendered && same_line(place, finding.primary().place)) continue;
      const std::string where = place.file ? place.location().to_string() + ": " : std::string();
      write_place(gutter, where + place.note);
      append_excerpt(out_, {.file = place.file.get(), .range = place.range, .label = {}, .hidden = place.hidden}, gutter, paint_);
    }
    const std::string path = finding.primary().path.to_string();
    write_place(gutter, path.empty() ? finding.subject.description() : finding.subject.description() + ": " + path);
    if (!finding.variants.empty()) write_detail(gutter, "with: ", fmt::format("{}", fmt::join(finding.variants, ", ")));
    if (!finding.rule->remediation.empty()) write_detail(gutter, "fix: ", finding.rule->remediation);
    if (finding.suppression) {
      const Suppression& by = *finding.suppression;
      write_detail(gutter, "ignored: ",
                   fmt::format("by {}{}{}", suppression_name(by.by), by.reason.empty() ? "" : ": " + by.reason,
                               by.expires.empty() ? "" : " (until " + by.expires + ")"));
    }
    out_ += '\n';
  }

  void write_error(const Error& error) {
    write_head(error.location(), Color::kError, "fatal error");
    write_message(error.message());
    const source::File* file = file_of(error);
    if (file == nullptr && !error.fragment().empty()) out_ += fmt::format(" (near \"{}\")", visible(error.fragment()));
    out_ += '\n';
    size_t gutter = 3;
    if (file != nullptr) {
      const Excerpt excerpt = {.file = file, .range = range_of(*file, error.location()), .label = {}};
      gutter = gutter_width({excerpt});
      append_excerpt(out_, excerpt, gutter, paint_);
    }
    if (!error.remedy().empty()) write_detail(gutter, "", error.remedy());
    out_ += '\n';
  }

  const source::File* file_of(const Error& error) {
    if (!error.location().known()) return nullptr;
    if (texts_.empty()) {
      for (const auto& file : report_.texts) texts_.emplace(file->name(), file.get());
    }
    const auto found = texts_.find(error.location().file);
    return found == texts_.end() ? nullptr : found->second;
  }

  // An error knows line and column only; the excerpt wants an offset. Errors of a file come in its order, so that counting goes on
  // where the last one stands: thousands of them in one minified line would be quadratic otherwise.
  yaml::Range range_of(const source::File& file, const Location& location) {
    const std::string_view line = file.line(location.line);
    if (line.data() == nullptr) return {};
    if (counted_.line.data() != line.data() || location.column < counted_.column) counted_ = {.line = line};
    while (counted_.column < location.column && counted_.offset < line.size()) {
      counted_.offset += utf8::decode(line.substr(counted_.offset)).size;
      ++counted_.column;
    }
    const auto offset = static_cast<uint32_t>(line.data() - file.text().data() + counted_.offset);
    return {.line = location.line, .column = location.column, .end_line = location.line,
            .end_column = location.column, .offset = offset, .end_offset = offset};
  }

  void write_summary() {
    out_ += paint_(report_.failed() || !report_.errors.empty() ? Color::kError : Color::kMarker, summary_line(report_));
    out_ += '\n';
    for (const std::string& line : summary_details(report_)) {
      out_ += "  ";
      append_visible(out_, line);
      out_ += '\n';
    }
  }

  // How far columns of a line were counted.
  struct Counted {
    std::string_view line;
    size_t offset = 0;
    uint32_t column = 1;
  };

  const Report& report_;
  const Style& style_;
  Painter paint_;
  std::map<std::string_view, const source::File*> texts_;  // by name; filled when the first error asks
  Counted counted_;
  std::string out_;
  std::map<std::pair<const policy::RuleInfo*, std::string_view>, size_t> told_;
};

}  // namespace

std::string write_text(const Report& report, const Style& style) { return Writer(report, style).write(); }

}  // namespace plimsoll::report
