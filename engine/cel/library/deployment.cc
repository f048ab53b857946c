// What plimsoll.dev/v1 Policy adds to the API server's libraries: functions that checks of a deployment need.
// Literals of its expressions may mix types, as {'namespace': name, 'labels': labels} does; the API server would refuse that.
#include "engine/cel/library/library.h"

namespace plimsoll::cel::library {
namespace {

constexpr Signature kDeployment[] = {
    // The other objects. Selectors are those of selects().
    {"get", "resources_get", "plimsoll.Resources.(string, string, string, string) -> optional_type(dyn)", "resources.get('v1', 'Secret', 'web', 'tls').hasValue(): the object of that apiVersion, kind, namespace ('' if it has none) and name"},
    {"list", "resources_list", "plimsoll.Resources.(string, string) -> list(dyn)", "resources.list('v1', 'Service').size(): all objects of an apiVersion and kind"},
    {"list", "resources_list_namespace", "plimsoll.Resources.(string, string, string) -> list(dyn)", "resources.list('v1', 'Service', 'web'): those of one namespace; '' means all"},
    {"list", "resources_list_selector", "plimsoll.Resources.(string, string, string, dyn) -> list(dyn)", "resources.list('v1', 'Pod', 'web', 'app=web,!canary'): those whose labels the selector matches"},
    {"complete", "resources_complete", "plimsoll.Resources.(string, string) -> bool", "resources.complete('v1', 'Secret') == true if what is not there does not exist (a cluster), false for a set of files"},

    // Labels.
    {"selects", "selects", "(dyn, dyn) -> bool", "selects({'matchLabels': {'app': 'web'}}, labels), selects('app in (web,api),!canary', labels); {} and '' select all, null nothing; labels may be null"},

    // Network policies: union, isolation, peers, ports (runtime/network_policy.h).
    {"allows", "networkpolicies_allows", "list(dyn).(string, dyn, dyn, dyn, string) -> bool", "policies.allows('Ingress', {'namespace': 'web', 'labels': {'app': 'web'}}, pod, 5432, 'TCP') == true if these NetworkPolicies let the connection pass; 'Ingress', 'Egress' or 'Both', and a port by number or name"},

    // Certificates and keys (runtime/certificate.h). Texts are PEM; base64.decode() makes it of a Secret's data.
    {"x509.certificates", "x509_certificates_string", "(string) -> list(plimsoll.x509.Certificate)", "x509.certificates(pem)[0].notAfter: the certificates in order; fields subject, issuer, serialNumber, notBefore, notAfter, dnsNames, ipAddresses, isCA, selfSigned, keyAlgorithm, keyBits, sha256; error if there is none or one does not parse"},
    {"x509.certificates", "x509_certificates_bytes", "(bytes) -> list(plimsoll.x509.Certificate)", "x509.certificates(base64.decode(secret.data['tls.crt']))"},
    {"x509.isCertificate", "x509_is_certificate_string", "(string) -> bool", "x509.isCertificate(pem) == true if x509.certificates(pem) is no error"},
    {"x509.isCertificate", "x509_is_certificate_bytes", "(bytes) -> bool", "x509.isCertificate(base64.decode(secret.data['tls.crt']))"},
    {"x509.isPrivateKey", "x509_is_private_key_string", "(string) -> bool", "x509.isPrivateKey(pem) == true if it holds a private key that can be read; an encrypted one cannot"},
    {"x509.isPrivateKey", "x509_is_private_key_bytes", "(bytes) -> bool", "x509.isPrivateKey(base64.decode(secret.data['tls.key']))"},
    {"covers", "certificate_covers", "plimsoll.x509.Certificate.(string) -> bool", "certificate.covers('web.example.com') == true for the alternative names web.example.com and *.example.com; IP addresses too; the common name does not count"},
    {"matchesKey", "certificate_matches_key_string", "plimsoll.x509.Certificate.(string) -> bool", "certificate.matchesKey(pem) == true if that is its private key; error if it is no private key"},
    {"matchesKey", "certificate_matches_key_bytes", "plimsoll.x509.Certificate.(bytes) -> bool", "certificate.matchesKey(base64.decode(secret.data['tls.key']))"},
    {"issuedBy", "certificate_issued_by", "plimsoll.x509.Certificate.(plimsoll.x509.Certificate) -> bool", "leaf.issuedBy(ca) == true if names, key usage and signature say so"},

    // Options of a Java virtual machine (runtime/java_options.h).
    {"java.heap", "java_heap_string", "(string) -> optional_type(int)", "java.heap('-Xms64m -Xmx1g').value() == 1073741824: bytes of the last -Xmx or -XX:MaxHeapSize; error for what the JVM would refuse"},
    {"java.initialHeap", "java_initial_heap_string", "(string) -> optional_type(int)", "java.initialHeap('-Xms64m').value() == 67108864: bytes of the last -Xms or -XX:InitialHeapSize"},
    {"java.maxRAMPercentage", "java_max_ram_percentage_string", "(string) -> optional_type(double)", "java.maxRAMPercentage('-XX:MaxRAMPercentage=75').value() == 75.0"},

    // Secrets (runtime/secret_strength.h).
    {"entropy", "entropy_string", "(string) -> double", "entropy('aaaa') == 0.0: about how many bits have to be guessed, from the frequency of characters; runs such as 1234 and repetitions count once"},
    {"weakSecret", "weak_secret_string", "(string) -> bool", "weakSecret('Admin123') == true: empty, a default password, or less than 40 bits of entropy()"},

    // Versions.
    {"semverMatches", "semver_matches_string_string", "(string, string) -> bool", "semverMatches('v1.34.2', '>=1.30.0-0 <1.40.0 || ~2.1') == true: a constraint as in Helm's semverCompare; error if either does not parse"},

    // Documents within a text.
    {"yaml.parse", "yaml_parse_string", "(string) -> dyn", "yaml.parse('a: [1]').a[0] == 1: the first document, as Kubernetes reads YAML and JSON; error with its line"},
    {"yaml.valid", "yaml_valid_string", "(string) -> bool", "yaml.valid('a: [1') == false"},
};

}  // namespace

std::span<const Signature> deployment() { return kDeployment; }

}  // namespace plimsoll::cel::library
