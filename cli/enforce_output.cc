#include "cli/enforce_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/report/summary.h"
#include "engine/report/terminal.h"
#include "engine/report/tree.h"
#include "engine/value/json.h"
#include "engine/value/unified_diff.h"
#include "engine/yaml/writer.h"

namespace plimsoll::cli {

namespace {

using policy::Change;

constexpr std::string_view kHidden = "(hidden)";

std::string name_of(const policy::RuleInfo* rule, const std::string& policy) { return rule != nullptr ? rule->qualified_id() : policy; }

// The content of a Secret must not be shown.
bool is_hidden(const EnforcedObject& object, const Path& path) {
  if (!object.secret || path.empty()) return object.secret;
  const auto* key = std::get_if<std::string>(&path.steps().front());
  return key != nullptr && (*key == "data" || *key == "stringData");
}

std::string shown(const EnforcedObject& object, const Path& path, const Value& value) {
  return is_hidden(object, path) ? std::string(kHidden) : json::write(value);
}

// "1 -> 2"; of a list that only grew, what it grew by.
std::string change_text(const EnforcedObject& object, const schema::Difference& difference) {
  const Value before = difference.before, after = difference.after;
  if (difference.removed) return "removed";
  if (difference.added) return shown(object, difference.path, after);
  if (before.is_list() && after.is_list() && before.size() < after.size() && !is_hidden(object, difference.path)) {
    const auto grown = after.items().subspan(before.size());
    if (std::ranges::equal(before.items(), after.items().first(before.size()), equal)) {
      std::string text = "with";
      for (const Value& item : grown) text += (text.size() > 4 ? ", " : " ") + json::write(item);
      return text + " added";
    }
  }
  return fmt::format("{} -> {}", shown(object, difference.path, before), shown(object, difference.path, after));
}

Value without_secrets(const EnforcedObject& object, const Value& value, Arena& arena) {
  if (!object.secret || !value.is_map()) return value;
  Map* copy = Map::copy_of(arena, *value.as_map());
  for (const std::string_view field : {"data", "stringData"}) {
    const Value content = value[field];
    if (!content.is_map()) continue;
    Map* hidden = Map::create(arena, content.size());
    for (const Map::Entry& entry : *content.as_map()) hidden->set(arena, entry.key, Value::string(kHidden));
    copy->set(arena, field, Value::map(hidden));
  }
  return Value::map(copy);
}

// Lines of a text from 1 that the node at a path takes; nothing if there is none.
struct Lines {
  uint32_t first = 0, last = 0;
};
Lines lines_of(const yaml::Document& document, const Path& path) {
  if (path.resolve(document.root()) == nullptr) return {};
  const auto place = document.locate(path);
  const uint32_t first = place.key.known() ? place.key.line : place.value.line;
  // A block ends at the beginning of the line after it.
  const uint32_t end = place.value.end_column <= 1 && place.value.end_line > first ? place.value.end_line - 1 : place.value.end_line;
  return {first, std::max(first, end)};
}

class Diff {
 public:
  explicit Diff(bool color) : paint_(color) {}

  void add(const EnforcedObject& object) {
    Arena arena;
    const std::string before = yaml::write(without_secrets(object, object.before, arena)).value_or("");
    const std::string after = yaml::write(without_secrets(object, object.after, arena)).value_or("");
    out_ += paint_(report::Color::kBold, report::visible(object.subject.description())) + "\n";
    for (const Change& change : object.outcome.changes) {
      out_ += report::visible(fmt::format("  {}: {} (rule {})", change.difference.place, change_text(object, change.difference),
                                          name_of(change.rule, change.policy))) +
              "\n";
    }
    const std::string diff =
        unified_diff(before, after, {.before_name = "a/" + object.template_name, .after_name = "b/" + object.template_name});
    const auto old_text = yaml::read(before), new_text = yaml::read(after);
    std::string_view rest = diff;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      std::string line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.starts_with("@@ ") && old_text && new_text) line += rules_of(object, *old_text, *new_text, line);
      write_line(line);
    }
    out_ += '\n';
  }

  std::string take() { return std::move(out_); }

 private:
  void write_line(const std::string& line) {
    const report::Color color = line.starts_with("---") || line.starts_with("+++") ? report::Color::kBold
                                : line.starts_with('-')                           ? report::Color::kError
                                : line.starts_with('+')                           ? report::Color::kMarker
                                : line.starts_with("@@")                          ? report::Color::kNote
                                                                                  : report::Color::kNone;
    std::string text;
    report::append_visible(text, line);
    out_ += paint_(color, text) + "\n";
  }

  // The rules that changed lines of the hunk "@@ -a,b +c,d @@".
  static std::string rules_of(const EnforcedObject& object, const yaml::Document& before, const yaml::Document& after,
                              std::string_view hunk) {
    const auto range = [&](char mark) {
      std::string_view text = hunk.substr(std::min(hunk.find(mark) + 1, hunk.size()));
      uint32_t first = 0, count = 1;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), first);
      if (parsed.ptr < text.data() + text.size() && *parsed.ptr == ',') {
        std::from_chars(parsed.ptr + 1, text.data() + text.size(), count);
      }
      return Lines{first, first + std::max(count, 1U) - 1};
    };
    const Lines old_lines = range('-'), new_lines = range('+');
    const auto overlap = [](const Lines& a, const Lines& b) { return a.first != 0 && a.first <= b.last && b.first <= a.last; };
    std::vector<std::string> rules;
    for (const Change& change : object.outcome.changes) {
      const Path& path = change.difference.path;
      const bool here = change.difference.removed ? overlap(lines_of(before, path), old_lines) : overlap(lines_of(after, path), new_lines);
      std::string name = name_of(change.rule, change.policy);
      if (here && std::ranges::find(rules, name) == rules.end()) rules.push_back(std::move(name));
    }
    return rules.empty() ? std::string() : fmt::format(" (rule {})", fmt::join(rules, ", "));
  }

  report::Painter paint_;
  std::string out_;
};

// The object of an enforcement that a finding in its result is about; nullptr if no rule touched it.
const EnforcedObject* object_of(const Enforced& enforced, const report::Finding& finding) {
  for (const EnforcedObject& object : enforced.objects) {
    if (object.subject.description() == finding.subject.description() && object.subject.api_version == finding.subject.api_version) {
      return &object;
    }
  }
  return nullptr;
}

// A change of another rule that a finding refuses.
const Change* contradicted(const Enforced& enforced, const report::Finding& finding) {
  const EnforcedObject* object = object_of(enforced, finding);
  if (object == nullptr) return nullptr;
  for (const report::Mark& mark : finding.marks) {
    if (mark.missing()) continue;
    for (const size_t index : policy::changes_at(object->outcome.changes, mark.path)) {
      const Change& change = object->outcome.changes[index];
      if (change.rule != finding.rule && mark.path.starts_with(change.difference.path)) return &change;
    }
  }
  return nullptr;
}

bool counts(const report::Finding& finding) { return !finding.suppression; }

}  // namespace

std::string enforcement_diff(const Enforced& enforced, bool color) {
  Diff diff(color);
  for (const EnforcedObject& object : enforced.objects) {
    if (object.outcome.allowed) diff.add(object);
  }
  return diff.take();
}

std::string enforcement_json(const Enforced& enforced) {
  report::Tree tree;
  const auto subject = [&](const report::Subject& of) {
    return tree.object().set("apiVersion", of.api_version).set("kind", of.kind).set_if("namespace", of.namespace_name).set("name", of.name);
  };
  report::ListBuilder objects = tree.list();
  for (const EnforcedObject& object : enforced.objects) {
    const auto value_at = [&](const Path& path, const Value& value) { return is_hidden(object, path) ? tree.text(kHidden) : value; };
    report::ListBuilder changes = tree.list();
    for (const Change& change : object.outcome.changes) {
      const schema::Difference& difference = change.difference;
      report::ObjectBuilder item = tree.object();
      item.set("rule", name_of(change.rule, change.policy)).set_if("binding", change.binding);
      item.set("path", difference.path.to_string()).set("pointer", difference.path.to_json_pointer()).set("place", difference.place);
      item.set("op", difference.removed ? "remove" : difference.added ? "add" : "replace");
      if (!difference.added) item.set("before", value_at(difference.path, difference.before));
      if (!difference.removed) item.set("after", value_at(difference.path, difference.after));
      changes.add(item);
    }
    report::ListBuilder conflicts = tree.list();
    for (const policy::Conflict& conflict : object.outcome.conflicts) {
      const Path path = Path::parse(conflict.place);
      conflicts.add(tree.object()
                        .set("place", conflict.place)
                        .set("first", name_of(conflict.first_rule, conflict.first))
                        .set("second", name_of(conflict.second_rule, conflict.second))
                        .set("firstValue", value_at(path, conflict.first_value))
                        .set("secondValue", value_at(path, conflict.second_value)));
    }
    report::ObjectBuilder item = tree.object();
    item.set("source", object.template_name).set("object", subject(object.subject)).set("changes", changes).set("conflicts", conflicts);
    if (!object.outcome.allowed) item.set("refused", object.outcome.message);
    objects.add(item);
  }
  report::ListBuilder findings = tree.list();
  for (const report::Finding& finding : enforced.report.findings) {
    if (!counts(finding)) continue;
    report::ObjectBuilder item = tree.object();
    item.set("rule", finding.rule->qualified_id()).set("severity", policy::severity_name(finding.severity)).set("message", finding.message);
    item.set("object", subject(finding.subject)).set("path", finding.primary().path.to_string());
    if (const Change* change = contradicted(enforced, finding)) item.set("contradicts", name_of(change->rule, change->policy));
    findings.add(item);
  }
  const Value document = tree.object().set("version", 1).set("objects", objects).set("findings", findings);
  return json::write(document, {.indent = 2}) + "\n";
}

std::vector<std::string> enforcement_problems(const Enforced& enforced) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view severity, const report::Subject& subject, const std::string& text) {
    lines.push_back(report::visible(fmt::format("{}: {}: {}", severity, subject.description(), text)));
  };
  for (const EnforcedObject& object : enforced.objects) {
    if (!object.outcome.allowed) add("error", object.subject, "is not changed: " + object.outcome.message);
    for (const policy::Conflict& conflict : object.outcome.conflicts) {
      const Path path = Path::parse(conflict.place);
      add("error", object.subject,
          fmt::format("two rules disagree about {}: {} wants {}, {} wants {}, which stands", conflict.place,
                      name_of(conflict.first_rule, conflict.first), shown(object, path, conflict.first_value),
                      name_of(conflict.second_rule, conflict.second), shown(object, path, conflict.second_value)));
    }
  }
  for (const report::Finding& finding : enforced.report.findings) {
    if (!counts(finding)) continue;
    const std::string path = finding.primary().path.to_string();
    std::string text = fmt::format("{}{}{} [{}]", path, path.empty() ? "" : ": ", finding.message, finding.rule->qualified_id());
    if (const Change* change = contradicted(enforced, finding)) {
      text += fmt::format("; it refuses what rule {} made there", name_of(change->rule, change->policy));
    }
    add(policy::severity_name(finding.severity), finding.subject, text);
  }
  for (const Error& error : enforced.report.errors) lines.push_back(report::visible("error: " + error.to_string()));
  for (const std::string& warning : enforced.report.warnings) lines.push_back(report::visible("warning: " + warning));
  size_t changes = 0;
  for (const EnforcedObject& object : enforced.objects) {
    if (object.outcome.allowed) changes += object.outcome.changes.size();
  }
  const report::Report::Counts open = enforced.report.counts();
  const std::string left = open.total() == 0 ? "nothing remains to be found"
                                             : fmt::format("{} and {} remain", report::plural(open.errors, "error"),
                                                           report::plural(open.warnings + open.infos, "warning"));
  lines.push_back(fmt::format("{} in {}; {}", report::plural(changes, "change"), report::plural(enforced.objects.size(), "object"), left));
  return lines;
}

bool enforcement_failed(const Enforced& enforced) {
  if (!enforced.report.errors.empty() || enforced.report.counts().errors > 0) return true;
  return std::ranges::any_of(enforced.report.findings, [&](const report::Finding& f) { return counts(f) && contradicted(enforced, f); }) ||
         std::ranges::any_of(enforced.objects, [](const EnforcedObject& object) {
           return !object.outcome.allowed || !object.outcome.conflicts.empty();
         });
}

}  // namespace plimsoll::cli
