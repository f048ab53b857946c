// JSON Schema, drafts 4, 6, 7, 2019-09 and 2020-12, on Values: values.schema.json of charts, configuration, Kubernetes types.
//
//   auto schema = schema::JsonSchema::compile(R"({"properties": {"port": {"type": "integer"}}})", "values.schema.json");
//   if (auto violation = (*schema)->validate(values)) {
//     violation->to_string();  // - at '/port': got string, want integer
//   }
//
// Schemas are untrusted: patterns run on RE2 in linear time, nothing is fetched, and nesting and work are limited.
// Verdicts and words are those of github.com/santhosh-tekuri/jsonschema/v6, which Helm uses. Why not valijson: it matches
// patterns with std::regex (exponential, and it overflows the stack), knows no draft after 7 and gives no expected value.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value/error.h"
#include "engine/value/path.h"
#include "engine/value/value.h"

namespace plimsoll::schema {

// What a value violates. Combinators ("'allOf' failed") have causes; leaves have none.
struct Violation {
  Path location;        // in the value
  std::string message;  // "got string, want integer"
  std::vector<Violation> causes;
  bool group = false;      // only holds its causes
  bool reference = false;  // a $ref; left out of texts if it has one cause
  // Keys at `location` that the schema does not admit, each with the admitted key that is nearest (or nothing).
  struct Key {
    std::string name, suggestion;
  };
  std::vector<Key> refused = {};

  // One line a violation, causes indented below: "- at '/a': got number, want string".
  std::string to_string() const;
  // The innermost violations, those that say what to change.
  std::vector<const Violation*> leaves() const;
};

struct SchemaSet;  // json_schema_node.h

// Which formats are asserted beside those of the draft.
enum class Formats : unsigned char {
  kStandard,
  kKubernetes,  // and "quantity": 500m, 2Gi
};

class JsonSchema {
 public:
  // `name` stands for the schema in messages: "values.schema.json". Errors: kSyntax (no JSON), kInvalid (not valid against its
  // metaschema, unresolved reference, bad pattern), kNotFound (a remote reference), kLimit.
  static Result<std::shared_ptr<const JsonSchema>> compile(std::string_view text, const std::string& name,
                                                           Formats formats = Formats::kStandard);
  ~JsonSchema();

  // nullopt if valid. Error: kLimit if the schema needs too much work.
  Result<std::optional<Violation>> validate(const Value& value) const;

 private:
  explicit JsonSchema(std::unique_ptr<const SchemaSet> impl);
  static Result<std::unique_ptr<const SchemaSet>> build(std::string_view text, const std::string& name, bool trusted,
                                                        Formats formats);

  std::unique_ptr<const SchemaSet> impl_;
};

}  // namespace plimsoll::schema
