#include "engine/schema/json_schema.h"

#include <gtest/gtest.h>

#include "engine/value/json.h"

namespace plimsoll::schema {
namespace {

// The violations as text, "" if there are none, or "error: ..." if the schema cannot be used.
std::string check(std::string_view schema, std::string_view value) {
  const auto compiled = JsonSchema::compile(schema, "values.schema.json");
  if (!compiled) return "error: " + compiled.error().message();
  Arena arena;
  const auto parsed = json::read(arena, value);
  if (!parsed) return "bad value";
  const auto result = (*compiled)->validate(*parsed);
  if (!result) return "error: " + result.error().message();
  return *result ? (*result)->to_string() : "";
}

struct Case {
  std::string_view schema;
  std::string_view value;
  std::string_view expected;
};

TEST(JsonSchema, VerdictsAndWords) {
  const Case cases[] = {
      {R"({"type": "integer"})", "3", ""},
      {R"({"type": "integer"})", "3.0", ""},
      {R"({"type": "integer"})", "3.5", "- at '': got number, want integer"},
      {R"({"type": ["string", "number"]})", "true", "- at '': got boolean, want number or string"},
      {R"({"required": ["a", "b"]})", "{}", "- at '': missing properties 'a', 'b'"},
      {R"({"properties": {"a": {"minimum": 5}}})", R"({"a": 3})", "- at '/a': minimum: got 3, want 5"},
      {R"({"maximum": 1000})", "1234.5", "- at '': maximum: got 1,234.5, want 1,000"},
      {R"({"multipleOf": 0.1})", "0.3", ""},
      {R"({"multipleOf": 2})", "3", "- at '': multipleOf: got 3, want 2"},
      {R"({"enum": ["x", 1, null]})", "2", "- at '': value must be one of 'x', 1, <nil>"},
      {R"({"additionalProperties": false})", R"({"it's": 1})", "- at '': additional properties 'it\\'s' not allowed"},
      {R"({"oneOf": [{"type": "string"}, {"type": "number"}]})", "true",
       "- at '': 'oneOf' failed, none matched\n  - at '': got boolean, want string\n  - at '': got boolean, want number"},
      {R"({"oneOf": [{"minimum": 1}, {"minimum": 2}]})", "3", "- at '': 'oneOf' failed, subschemas 0, 1 matched"},
      {R"({"not": {"type": "string"}})", R"("a")", "- at '': 'not' failed"},
      {R"({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}})", "1",
       "- at '': minimum: got 1, want 2"},
      {R"({"$defs": {"p": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/p"}}})", R"({"a": 1})",
       "- at '/a': got number, want string"},
      {R"({"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"p": {"type": "string"}},
           "properties": {"a": {"$ref": "#/definitions/p", "minLength": 9}}})", R"({"a": "x"})", ""},
      {R"({"$schema": "http://json-schema.org/draft-07/schema#", "format": "date"})", R"("2024-02-30")",
       "- at '': '2024-02-30' is not valid date: parsing time \"2024-02-30\": day out of range"},
      {R"({"format": "date"})", R"("2024-02-30")", ""},
      {R"({"properties": {"a": true}, "unevaluatedProperties": false})", R"({"a": 1, "b": 2})", "- at '/b': false schema"},
      {R"({"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false})", R"({"a": 1})", ""},
      {R"({"prefixItems": [{"type": "string"}], "items": {"type": "number"}})", R"(["a", "b"])",
       "- at '/1': got string, want number"},
      {R"({"uniqueItems": true})", R"([1, {"a": 1}, {"a": 1.0}])", "- at '': items at 1 and 2 are equal"},
      {R"({"contains": {"type": "number"}, "minContains": 2})", R"([1, "a"])",
       "- at '': min 2 items required to match contains schema, but matched 1 items at 0\n  - at '/1': got string, want number"},
      {R"({"dependentRequired": {"a": ["b"]}})", R"({"a": 1})", "- at '': properties 'b' required, if 'a' exists"},
      {R"({"$defs": {"node": {"$anchor": "node", "properties": {"next": {"$ref": "#node"}, "v": {"type": "number"}}}},
           "$ref": "#node"})", R"({"next": {"next": {"v": "x"}}})", "- at '/next/next/v': got string, want number"},
      {R"({"$id": "https://a.example/root", "$defs": {"x": {"$id": "x", "type": "string"}}, "$ref": "x"})", "1",
       "- at '': got number, want string"},
  };
  for (const Case& test : cases) EXPECT_EQ(check(test.schema, test.value), test.expected) << test.schema;
}

TEST(JsonSchema, SchemasThatAreWrongAreErrors) {
  EXPECT_EQ(check(R"({"type": "bogus"})", "1"),
            "error: \"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with "
            "'https://json-schema.org/draft/2020-12/schema#'\n"
            "- at '': 'allOf' failed\n"
            "  - at '/type': 'anyOf' failed\n"
            "    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'\n"
            "    - at '/type': got string, want array");
  EXPECT_EQ(check(R"({"properties": {"a": {"$ref": "#/nope"}}})", "1"),
            "error: json-pointer in \"file:///values.schema.json#/nope\" not found");
  EXPECT_TRUE(check(R"({"$ref": "https://example.com/x"})", "1").starts_with("error: failing loading"));
  EXPECT_TRUE(check(R"({"pattern": "("})", "1").starts_with("error: invalid regex"));
  EXPECT_TRUE(check("{", "1").starts_with("error: "));
}

TEST(JsonSchema, HostileSchemasEndInTime) {
  EXPECT_EQ(check(R"({"pattern": "^(a+)+$"})", "\"" + std::string(50000, 'a') + "!\"").substr(0, 7), "- at ''");
  EXPECT_TRUE(check(R"({"$ref": "#"})", "1").starts_with("- at '': reference cycle"));
  // 40 levels of anyOf over two references each would be 2^40 visits.
  std::string schema = R"({"$ref": "#/$defs/d0", "$defs": {)";
  for (int i = 0; i < 40; ++i) {
    const std::string next = "{\"$ref\": \"#/$defs/d" + std::to_string(i + 1) + "\"}";
    schema += "\"d" + std::to_string(i) + "\": {\"anyOf\": [" + next + ", " + next + "]}, ";
  }
  schema += R"("d40": {"type": "string"}}})";
  EXPECT_EQ(check(schema, "1"), "error: schema needs too much work on this value");
  // A chain of references longer than any stack.
  schema = R"({"$ref": "#/$defs/d0", "$defs": {)";
  for (int i = 0; i < 20000; ++i) {
    schema += "\"d" + std::to_string(i) + "\": {\"$ref\": \"#/$defs/d" + std::to_string(i + 1) + "\"}, ";
  }
  schema += R"("d20000": {}}})";
  EXPECT_EQ(check(schema, "1"), "error: schema references nest too deeply");
}

}  // namespace
}  // namespace plimsoll::schema
