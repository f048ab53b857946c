// What plimsoll.dev/v1 Policy adds to the API server's libraries: functions that checks of a deployment need.
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
};

}  // namespace

std::span<const Signature> deployment() { return kDeployment; }

}  // namespace plimsoll::cel::library
