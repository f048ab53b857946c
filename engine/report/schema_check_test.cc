#include "engine/report/schema_check.h"

#include <boost/json/src.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace plimsoll::report {

std::vector<std::string> schema_errors(const std::string& schema_text, const std::string& document_text) {
  const boost::json::value schema_json = boost::json::parse(schema_text);
  const boost::json::value document = boost::json::parse(document_text);
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::BoostJsonAdapter(schema_json), schema);
  valijson::ValidationResults results;
  valijson::Validator validator;
  validator.validate(schema, valijson::adapters::BoostJsonAdapter(document), &results);
  std::vector<std::string> errors;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    std::string place;
    for (const std::string& step : error.context) place += step;
    errors.push_back(place + ": " + error.description);
  }
  return errors;
}

std::string source_file(const std::string& path) {
  std::ifstream in(PLIMSOLL_SOURCE_DIR "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace plimsoll::report
