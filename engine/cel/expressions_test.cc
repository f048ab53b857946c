// Expressions and what they come to: values, deduced types, costs; and what is wrong with those that come to nothing.
#include <gtest/gtest.h>

#include "engine/cel/test_expressions.h"

namespace plimsoll::cel {
namespace {

constexpr std::string_view kObject = R"({
  "metadata": {"name": "web", "labels": {"app": "web", "tier": "front"}},
  "spec": {"replicas": 3, "ratio": 0.5, "paused": false, "selector": null,
           "containers": [{"name": "a", "image": "r/a:1"}, {"name": "b", "image": "r/b:2", "ports": [80, 443]}]}})";

class ExpressionTest : public testing::Test {
 protected:
  TestRun run(std::string_view expression, Library library = Library::kKubernetes) {
    return run_expression(*test_environment(library), expression, object_);
  }

  Arena arena_;
  Value object_ = *json::read(arena_, kObject);
};

TEST_F(ExpressionTest, Values) {
  struct Row {
    std::string_view expression, value, type;
    uint64_t cost;
  };
  constexpr Row kRows[] = {
      {"1 + 2 * 3", "7", "int", 2},
      {"7 / 2 - 7 % 2", "2", "int", 3},
      {"1u + 2u == 3u", "true", "bool", 2},
      {"dyn(1) == 1.0", "true", "bool", 1},
      {"1.0 / 0.0 > 1e308", "true", "bool", 2},
      {"true || 1 / 0 > 0", "true", "bool", 0},
      {"1 / 0 > 0 || true", "true", "bool", 2},
      {"1 / 0 > 0 && false", "false", "bool", 2},
      {"false ? 1 / 0 : 2", "2", "int", 0},
      {"'héllo'.size()", "5", "int", 1},
      {"size(b'h\\xc3\\xa9')", "3", "int", 1},
      {"'a' + 'b' in ['ab']", "true", "bool", 1},
      {"[1, 2] + [3]", "[1,2,3]", "list(int)", 1},
      {"{'a': 1}.a", "1", "int", 2},
      {"type([1]) == list", "true", "bool", 1},
      {"object.spec.replicas >= 2", "true", "bool", 4},
      {"has(object.spec.paused) && !has(object.spec.x)", "true", "bool", 5},
      {"object.metadata.labels['app']", "\"web\"", "dyn", 4},
      {"object.spec.?x.y.orValue('none')", "\"none\"", "dyn", 2},
      {"object.spec.?replicas", "optional 3", "optional_type(dyn)", 3},
      {"object.spec.containers.all(c, c.image.startsWith('r/'))", "true", "bool", 16},
      {"object.spec.containers.exists(c, has(c.ports) && 80 in c.ports)", "true", "bool", 17},
      {"object.spec.containers.map(c, c.name)", "[\"a\",\"b\"]", "list(dyn)", 32},
      {"object.spec.containers.filter(c, c.name == 'b').size()", "1", "int", 24},
      {"[3, 1, 2].exists_one(x, x > 2)", "true", "bool", 10},
      {"['a', 'b'].transformMap(i, v, i)", "{\"0\":0,\"1\":1}", "map(int, int)", 9},
      {"[3, 1, 2].sort()", "[1,2,3]", "list(int)", 29},
      {"lists.range(3).reverse()", "[2,1,0]", "list(int)", 28},
      {"sets.contains([1, 2, 3], [2])", "true", "bool", 4},
      {"'a,b'.split(',').join('-')", "\"a-b\"", "string", 2},
      {"'%s is %d'.format(['x', 3])", "\"x is 3\"", "string", 1},
      {"'abc123'.find('[0-9]+')", "\"123\"", "string", 2},
      {"'a1b2'.findAll('[0-9]')", "[\"1\",\"2\"]", "list(string)", 2},
      {"quantity('1.5Gi').compareTo(quantity('1536Mi'))", "0", "int", 3},
      {"quantity('100m').add(quantity('0.9')).isInteger()", "false", "bool", 4},
      {"ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.1.2.3')", "true", "bool", 6},
      {"url('https://u@h:8443/p?q=1').getPort()", "\"8443\"", "string", 4},
      {"semver('1.2.3').isLessThan(semver('1.10.0'))", "true", "bool", 3},
      {"format.dns1123Label().validate('Not-A-Label').hasValue()", "true", "bool", 18},
      {"duration('90m') == duration('1h30m')", "true", "bool", 1},
      {"timestamp('2024-02-29T12:00:00Z').getDayOfYear()", "59", "int", 1},
      {"timestamp('2024-01-01T00:00:00Z').getHours('+05:30')", "5", "int", 1},
  };
  for (const Row& row : kRows) {
    const TestRun result = run(row.expression);
    EXPECT_EQ(result.text, row.value) << row.expression;
    EXPECT_EQ(result.type, row.type) << row.expression;
    EXPECT_EQ(result.cost, row.cost) << row.expression;
  }
}

TEST_F(ExpressionTest, EvaluationErrors) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"object.status.phase", "error: no such key: status"},
      {"object.spec.containers[5]", "error: index out of bounds: 5"},
      {"1 / 0", "error: division by zero"},
      {"9223372036854775807 + 1", "error: integer overflow"},
      {"object.spec.replicas + 'a'", "error: no such overload"},
      {"object.metadata.name.all(x, true)", "error: got 'types.String', expected iterable type"},
      {"quantity(object.metadata.name)", "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"object.metadata.name.matches(object.metadata.name + '(')", "error: error parsing regexp: missing closing ): `web(`"},
      {"optional.none().value()", "error: optional.none() dereference"},
      {"[].max()", "error: max called on empty list"},
      // cel-go panics here, and the API server makes an error of it.
      {"[1 / 0].sort()", "error: internal error: interface conversion: *types.Err is not traits.Lister: missing method Add"},
  };
  for (const auto& [expression, error] : kRows) EXPECT_EQ(run(expression).text, error) << expression;
}

TEST_F(ExpressionTest, CompileErrors) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"a.b", "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a.b\n | ^"},
      {"1 + 'a'", "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^"},
      {"object.spec.(x)", "ERROR: <input>:1:13: Syntax error: no viable alternative at input '.('\n | object.spec.(x)\n | ............^"},
      {"(1", "ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'\n | (1\n | ..^"},
      {"-1)", "ERROR: <input>:1:3: Syntax error: extraneous input ')' expecting <EOF>\n | -1)\n | ..^"},
      {"\n  世界", "ERROR: <input>:2:3: Syntax error: token recognition error at: '世'\n |   世界\n | ..＾\n"
                   "ERROR: <input>:2:4: Syntax error: token recognition error at: '界'\n |   世界\n | ..．＾\n"
                   "ERROR: <input>:2:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', "
                   "'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n |   世界\n | ..．．^"},
      {"[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"},
      {"duration('1y')", "ERROR: <input>:1:10: invalid duration argument\n | duration('1y')\n | .........^"},
      {"math.greatest(1, 2)", "ERROR: <input>:1:1: undeclared reference to 'math' (in container '')\n | math.greatest(1, 2)\n | ^\n"
                              "ERROR: <input>:1:14: undeclared reference to 'greatest' (in container '')\n | math.greatest(1, 2)\n | .............^"},
      {"int('x')", "planning error: type conversion error from 'string' to 'int'"},
  };
  for (const auto& [expression, error] : kRows) EXPECT_EQ(run(expression).text, error) << expression;
}

TEST_F(ExpressionTest, ExtendedLibrary) {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"math.greatest(1, 3, 2)", "3"},
      {"math.bitAnd(6, 3) + math.abs(-2)", "4"},
      {"base64.encode(b'hello')", "\"aGVsbG8=\""},
      {"cel.bind(x, 2, x * x)", "4"},
      {"'a-b'.reverse()", "\"b-a\""},
      {"{'a-b': 1}.`a-b`", "1"},
      {"'%d'.format([1.5])", "\"1.5\""},
  };
  for (const auto& [expression, value] : kRows) EXPECT_EQ(run(expression, Library::kExtended).text, value) << expression;
}

TEST_F(ExpressionTest, ProgramTellsWhatItUses) {
  const auto program = *test_environment()->compile("params == null || has(object.a)");
  EXPECT_EQ(program->source(), "params == null || has(object.a)");
  EXPECT_EQ(program->variables(), (std::vector<size_t>{1, 0}));
}

TEST_F(ExpressionTest, BudgetIsSharedByExpressions) {
  const auto program = *test_environment()->compile("object.spec.containers.all(c, c.image.startsWith('r/'))");
  TestObject activation(object_);
  Budget budget{.per_call = 1000, .remaining = 30};
  EXPECT_TRUE(program->evaluate(activation, arena_, budget).ok());
  EXPECT_EQ(budget.remaining, 30 - budget.last);
  const Outcome second = program->evaluate(activation, arena_, budget);
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().budget_exceeded);
  EXPECT_EQ(budget.remaining, 0U);
}

// `variables.big` of a policy: only asked for where it is used, and an error stays inside && and ||.
TEST_F(ExpressionTest, LazyVariablesAreAskedForWhenUsed) {
  class Lazy : public Activation {
   public:
    Outcome variable(size_t) override { return Outcome(Value()); }
    Outcome field(size_t, size_t field) override {
      ++asked;
      if (field == 0) return Outcome(Value::integer(7));
      return Outcome(EvaluationError{.message = "composited variable fails"});
    }
    int asked = 0;
  };
  EnvironmentOptions options;
  options.objects = {{"Variables", {{"big", Type::simple(TypeKind::kInt)}, {"broken", Type::simple(TypeKind::kBool)}}}};
  options.variables = {{"variables", Type::object("Variables"), true}};
  const auto environment = *Environment::create(std::move(options));
  constexpr std::tuple<std::string_view, std::string_view, int> kRows[] = {
      {"variables.big > 5", "true", 1},
      {"true || variables.broken", "true", 0},
      {"variables.broken || variables.big == 7", "true", 2},
      {"variables.broken", "error: composited variable fails", 1},
  };
  for (const auto& [expression, text, asked] : kRows) {
    Lazy lazy;
    Budget budget;
    const Outcome outcome = (*environment->compile(expression))->evaluate(lazy, arena_, budget);
    EXPECT_EQ(outcome.ok() ? show(outcome.value()) : "error: " + outcome.error().message, text) << expression;
    EXPECT_EQ(lazy.asked, asked) << expression;
  }
  EXPECT_FALSE(environment->compile("variables.unknown").has_value());
}

}  // namespace
}  // namespace plimsoll::cel
