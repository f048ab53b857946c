// What the careful parser makes of a text: one Context per invocation of a grammar rule, with holes where the text was wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/cel/grammar.h"
#include "engine/cel/issues.h"
#include "engine/cel/lex.h"

namespace plimsoll::cel {

struct Context {
  // A token or sub-rule, and what it is to this one.
  struct Part {
    Slot slot = Slot::kNone;
    Token token = {};
    Context* child = nullptr;  // nullptr: a token
    bool missing = false;      // a token that error recovery made up
  };

  Rule rule = Rule::kStart;
  Label label = Label::kNone;
  uint32_t start = 0;  // offset of its first token
  Context* parent = nullptr;
  StateId invoking_state = 0;
  bool is_root = false;
  std::vector<Part> parts;

  const Part* find(Slot slot) const {
    for (const Part& part : parts) {
      if (part.slot == slot) return &part;
    }
    return nullptr;
  }
  Context* child(Slot slot) const {
    const Part* part = find(slot);
    return part == nullptr ? nullptr : part->child;
  }
  std::vector<Part> all(Slot slot) const {
    std::vector<Part> result;
    for (const Part& part : parts) {
      if (part.slot == slot) result.push_back(part);
    }
    return result;
  }
};

struct ParseTree {
  std::vector<std::unique_ptr<Context>> contexts;
  Context* root = nullptr;  // nullptr: given up, with an issue
};

// `source` must be valid UTF-8.
ParseTree parse_tree(std::string_view source, Issues& issues);

}  // namespace plimsoll::cel
