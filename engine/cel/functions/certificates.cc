// x509.certificates(pem)[0].covers('web.example.com')
#include "engine/cel/functions.h"
#include "engine/cel/runtime/certificate.h"

namespace plimsoll::cel {

namespace {

// A string or bytes; both are views of text.
std::string_view text_of(const Value& value) { return value.as_bytes(); }

const CertificateValue& certificate_of(const Value& value) { return *value.as<CertificateValue>(); }

Value certificates(Frame& frame, const Value* arguments, size_t) {
  const Result<List*> list = parse_certificates(frame.arena(), text_of(arguments[0]));
  return list ? Value::list(*list) : frame.error(list.error().message());
}

Value is_certificate(Frame&, const Value* arguments, size_t) {
  Arena scratch;
  return Value::boolean(parse_certificates(scratch, text_of(arguments[0])).has_value());
}

Value is_private_key(Frame&, const Value* arguments, size_t) {
  return Value::boolean(check_private_key(text_of(arguments[0])).has_value());
}

Value covers(Frame&, const Value* arguments, size_t) {
  return Value::boolean(certificate_covers(certificate_of(arguments[0]), arguments[1].as_string()));
}

Value matches_key(Frame& frame, const Value* arguments, size_t) {
  const Result<bool> matches = certificate_matches_key(certificate_of(arguments[0]), text_of(arguments[1]));
  return matches ? Value::boolean(*matches) : frame.error(matches.error().message());
}

Value issued_by(Frame&, const Value* arguments, size_t) {
  return Value::boolean(certificate_issued_by(certificate_of(arguments[0]), certificate_of(arguments[1])));
}

constexpr Binding kBindings[] = {
    {"x509_certificates_string", certificates},
    {"x509_certificates_bytes", certificates},
    {"x509_is_certificate_string", is_certificate},
    {"x509_is_certificate_bytes", is_certificate},
    {"x509_is_private_key_string", is_private_key},
    {"x509_is_private_key_bytes", is_private_key},
    {"certificate_covers", covers},
    {"certificate_matches_key_string", matches_key},
    {"certificate_matches_key_bytes", matches_key},
    {"certificate_issued_by", issued_by},
};

}  // namespace

std::span<const Binding> functions::certificates() { return kBindings; }

}  // namespace plimsoll::cel
