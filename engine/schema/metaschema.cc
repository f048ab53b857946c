// Metaschemas, trimmed: only what a schema can violate, in the order and nesting in which the published ones say it (that is
// what shows in messages).
#include "engine/schema/json_schema_node.h"

namespace plimsoll::schema {

namespace {

constexpr std::string_view kDraft4 = R"({
  "$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
  "definitions": {
    "list": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
    "count": {"type": "integer", "minimum": 0},
    "simple": {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]},
    "strings": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true},
    "map": {"type": "object", "additionalProperties": {"$ref": "#"}}},
  "properties": {
    "id": {"type": "string"}, "$schema": {"type": "string"}, "title": {"type": "string"}, "description": {"type": "string"},
    "multipleOf": {"type": "number", "minimum": 0, "exclusiveMinimum": true},
    "maximum": {"type": "number"}, "exclusiveMaximum": {"type": "boolean"},
    "minimum": {"type": "number"}, "exclusiveMinimum": {"type": "boolean"},
    "maxLength": {"$ref": "#/definitions/count"}, "minLength": {"$ref": "#/definitions/count"},
    "pattern": {"type": "string", "format": "regex"},
    "additionalItems": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
    "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/list"}]},
    "maxItems": {"$ref": "#/definitions/count"}, "minItems": {"$ref": "#/definitions/count"},
    "uniqueItems": {"type": "boolean"},
    "maxProperties": {"$ref": "#/definitions/count"}, "minProperties": {"$ref": "#/definitions/count"},
    "required": {"$ref": "#/definitions/strings"},
    "additionalProperties": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
    "definitions": {"$ref": "#/definitions/map"}, "properties": {"$ref": "#/definitions/map"},
    "patternProperties": {"$ref": "#/definitions/map"},
    "dependencies": {"type": "object", "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/strings"}]}},
    "enum": {"type": "array"},
    "type": {"anyOf": [{"$ref": "#/definitions/simple"},
                       {"type": "array", "items": {"$ref": "#/definitions/simple"}, "minItems": 1, "uniqueItems": true}]},
    "format": {"type": "string"},
    "allOf": {"$ref": "#/definitions/list"}, "anyOf": {"$ref": "#/definitions/list"}, "oneOf": {"$ref": "#/definitions/list"},
    "not": {"$ref": "#"}}})";

// Drafts 6 and 7 differ in keywords that any type of value suits, or in if, then and else.
constexpr std::string_view kDraft7 = R"({
  "$schema": "http://json-schema.org/draft-07/schema#", "type": ["object", "boolean"],
  "definitions": {
    "list": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
    "count": {"type": "integer", "minimum": 0},
    "simple": {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]},
    "strings": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
    "map": {"type": "object", "additionalProperties": {"$ref": "#"}},
    "patterns": {"type": "object", "additionalProperties": {"$ref": "#"}, "propertyNames": {"format": "regex"}}},
  "properties": {
    "$id": {"type": "string", "format": "uri-reference"}, "$schema": {"type": "string", "format": "uri"},
    "$ref": {"type": "string", "format": "uri-reference"}, "$comment": {"type": "string"},
    "title": {"type": "string"}, "description": {"type": "string"},
    "readOnly": {"type": "boolean"}, "examples": {"type": "array"},
    "multipleOf": {"type": "number", "exclusiveMinimum": 0},
    "maximum": {"type": "number"}, "exclusiveMaximum": {"type": "number"},
    "minimum": {"type": "number"}, "exclusiveMinimum": {"type": "number"},
    "maxLength": {"$ref": "#/definitions/count"}, "minLength": {"$ref": "#/definitions/count"},
    "pattern": {"type": "string", "format": "regex"},
    "additionalItems": {"$ref": "#"},
    "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/list"}]},
    "maxItems": {"$ref": "#/definitions/count"}, "minItems": {"$ref": "#/definitions/count"},
    "uniqueItems": {"type": "boolean"}, "contains": {"$ref": "#"},
    "maxProperties": {"$ref": "#/definitions/count"}, "minProperties": {"$ref": "#/definitions/count"},
    "required": {"$ref": "#/definitions/strings"}, "additionalProperties": {"$ref": "#"},
    "definitions": {"$ref": "#/definitions/map"}, "properties": {"$ref": "#/definitions/map"},
    "patternProperties": {"$ref": "#/definitions/patterns"},
    "dependencies": {"type": "object", "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/strings"}]}},
    "propertyNames": {"$ref": "#"}, "enum": {"type": "array"},
    "type": {"anyOf": [{"$ref": "#/definitions/simple"},
                       {"type": "array", "items": {"$ref": "#/definitions/simple"}, "minItems": 1, "uniqueItems": true}]},
    "format": {"type": "string"}, "contentMediaType": {"type": "string"}, "contentEncoding": {"type": "string"},
    "if": {"$ref": "#"}, "then": {"$ref": "#"}, "else": {"$ref": "#"},
    "allOf": {"$ref": "#/definitions/list"}, "anyOf": {"$ref": "#/definitions/list"}, "oneOf": {"$ref": "#/definitions/list"},
    "not": {"$ref": "#"}}})";

// The vocabularies of 2019-09 and 2020-12 are schemas of their own under one allOf.
constexpr std::string_view kDraft2020 = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$defs": {
    "list": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
    "count": {"type": "integer", "minimum": 0},
    "simple": {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]},
    "strings": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
    "map": {"type": "object", "additionalProperties": {"$ref": "#"}}},
  "allOf": [
    {"type": ["object", "boolean"], "properties": {
      "$id": {"type": "string", "pattern": "^[^#]*#?$"}, "$schema": {"type": "string"},
      "$ref": {"type": "string"}, "$anchor": {"type": "string", "pattern": "^[A-Za-z_][-A-Za-z0-9._]*$"},
      "$dynamicRef": {"type": "string"}, "$dynamicAnchor": {"type": "string", "pattern": "^[A-Za-z_][-A-Za-z0-9._]*$"},
      "$comment": {"type": "string"}, "$defs": {"$ref": "#/$defs/map"}}},
    {"type": ["object", "boolean"], "properties": {
      "prefixItems": {"$ref": "#/$defs/list"}, "items": {"$ref": "#"}, "contains": {"$ref": "#"},
      "additionalProperties": {"$ref": "#"}, "properties": {"$ref": "#/$defs/map"},
      "patternProperties": {"$ref": "#/$defs/map"}, "dependentSchemas": {"$ref": "#/$defs/map"},
      "propertyNames": {"$ref": "#"}, "if": {"$ref": "#"}, "then": {"$ref": "#"}, "else": {"$ref": "#"},
      "allOf": {"$ref": "#/$defs/list"}, "anyOf": {"$ref": "#/$defs/list"}, "oneOf": {"$ref": "#/$defs/list"},
      "not": {"$ref": "#"}}},
    {"type": ["object", "boolean"], "properties": {
      "unevaluatedItems": {"$ref": "#"}, "unevaluatedProperties": {"$ref": "#"}}},
    {"type": ["object", "boolean"], "properties": {
      "type": {"anyOf": [{"$ref": "#/$defs/simple"},
                         {"type": "array", "items": {"$ref": "#/$defs/simple"}, "minItems": 1, "uniqueItems": true}]},
      "enum": {"type": "array"},
      "multipleOf": {"type": "number", "exclusiveMinimum": 0},
      "maximum": {"type": "number"}, "exclusiveMaximum": {"type": "number"},
      "minimum": {"type": "number"}, "exclusiveMinimum": {"type": "number"},
      "maxLength": {"$ref": "#/$defs/count"}, "minLength": {"$ref": "#/$defs/count"},
      "pattern": {"type": "string"},
      "maxItems": {"$ref": "#/$defs/count"}, "minItems": {"$ref": "#/$defs/count"}, "uniqueItems": {"type": "boolean"},
      "maxContains": {"$ref": "#/$defs/count"}, "minContains": {"$ref": "#/$defs/count"},
      "maxProperties": {"$ref": "#/$defs/count"}, "minProperties": {"$ref": "#/$defs/count"},
      "required": {"$ref": "#/$defs/strings"},
      "dependentRequired": {"type": "object", "additionalProperties": {"$ref": "#/$defs/strings"}}}},
    {"type": ["object", "boolean"], "properties": {
      "title": {"type": "string"}, "description": {"type": "string"}, "deprecated": {"type": "boolean"},
      "readOnly": {"type": "boolean"}, "writeOnly": {"type": "boolean"}, "examples": {"type": "array"}}},
    {"type": ["object", "boolean"], "properties": {"format": {"type": "string"}}},
    {"type": ["object", "boolean"], "properties": {
      "contentEncoding": {"type": "string"}, "contentMediaType": {"type": "string"}, "contentSchema": {"$ref": "#"}}}],
  "type": ["object", "boolean"],
  "properties": {
    "definitions": {"$ref": "#/$defs/map"},
    "dependencies": {"type": "object", "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/$defs/strings"}]}}}})";

constexpr std::string_view kDraft2019 = R"({
  "$schema": "https://json-schema.org/draft/2019-09/schema",
  "$defs": {
    "list": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
    "count": {"type": "integer", "minimum": 0},
    "simple": {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]},
    "strings": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
    "map": {"type": "object", "additionalProperties": {"$ref": "#"}}},
  "allOf": [
    {"type": ["object", "boolean"], "properties": {
      "$id": {"type": "string", "pattern": "^[^#]*#?$"}, "$schema": {"type": "string"}, "$ref": {"type": "string"},
      "$anchor": {"type": "string", "pattern": "^[A-Za-z][-A-Za-z0-9.:_]*$"}, "$recursiveRef": {"type": "string"},
      "$recursiveAnchor": {"type": "boolean"}, "$comment": {"type": "string"}, "$defs": {"$ref": "#/$defs/map"}}},
    {"type": ["object", "boolean"], "properties": {
      "additionalItems": {"$ref": "#"}, "unevaluatedItems": {"$ref": "#"},
      "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/$defs/list"}]}, "contains": {"$ref": "#"},
      "additionalProperties": {"$ref": "#"}, "unevaluatedProperties": {"$ref": "#"}, "properties": {"$ref": "#/$defs/map"},
      "patternProperties": {"$ref": "#/$defs/map"}, "dependentSchemas": {"$ref": "#/$defs/map"},
      "propertyNames": {"$ref": "#"}, "if": {"$ref": "#"}, "then": {"$ref": "#"}, "else": {"$ref": "#"},
      "allOf": {"$ref": "#/$defs/list"}, "anyOf": {"$ref": "#/$defs/list"}, "oneOf": {"$ref": "#/$defs/list"},
      "not": {"$ref": "#"}}},
    {"type": ["object", "boolean"], "properties": {
      "multipleOf": {"type": "number", "exclusiveMinimum": 0},
      "maximum": {"type": "number"}, "exclusiveMaximum": {"type": "number"},
      "minimum": {"type": "number"}, "exclusiveMinimum": {"type": "number"},
      "maxLength": {"$ref": "#/$defs/count"}, "minLength": {"$ref": "#/$defs/count"},
      "pattern": {"type": "string"},
      "maxItems": {"$ref": "#/$defs/count"}, "minItems": {"$ref": "#/$defs/count"}, "uniqueItems": {"type": "boolean"},
      "maxContains": {"$ref": "#/$defs/count"}, "minContains": {"$ref": "#/$defs/count"},
      "maxProperties": {"$ref": "#/$defs/count"}, "minProperties": {"$ref": "#/$defs/count"},
      "required": {"$ref": "#/$defs/strings"},
      "dependentRequired": {"type": "object", "additionalProperties": {"$ref": "#/$defs/strings"}},
      "enum": {"type": "array"},
      "type": {"anyOf": [{"$ref": "#/$defs/simple"},
                         {"type": "array", "items": {"$ref": "#/$defs/simple"}, "minItems": 1, "uniqueItems": true}]}}},
    {"type": ["object", "boolean"], "properties": {
      "title": {"type": "string"}, "description": {"type": "string"}, "deprecated": {"type": "boolean"},
      "readOnly": {"type": "boolean"}, "writeOnly": {"type": "boolean"}, "examples": {"type": "array"}}},
    {"type": ["object", "boolean"], "properties": {"format": {"type": "string"}}},
    {"type": ["object", "boolean"], "properties": {
      "contentEncoding": {"type": "string"}, "contentMediaType": {"type": "string"}, "contentSchema": {"$ref": "#"}}}],
  "type": ["object", "boolean"],
  "properties": {
    "definitions": {"$ref": "#/$defs/map"},
    "dependencies": {"type": "object", "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/$defs/strings"}]}}}})";

}  // namespace

std::string_view metaschema(int draft) {
  switch (draft) {
    case 4: return kDraft4;
    case 6:
    case 7: return kDraft7;
    case 2019: return kDraft2019;
    default: return kDraft2020;
  }
}

std::string_view metaschema_url(int draft) {
  switch (draft) {
    case 4: return "http://json-schema.org/draft-04/schema";
    case 6: return "http://json-schema.org/draft-06/schema";
    case 7: return "http://json-schema.org/draft-07/schema";
    case 2019: return "https://json-schema.org/draft/2019-09/schema";
    default: return "https://json-schema.org/draft/2020-12/schema";
  }
}

}  // namespace plimsoll::schema
