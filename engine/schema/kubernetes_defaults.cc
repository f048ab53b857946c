#include "engine/schema/kubernetes_defaults.h"

#include <algorithm>
#include <limits>
#include <string>

#include "engine/schema/kubernetes_decode.h"
#include "engine/schema/kubernetes_pod_defaults.h"

namespace plimsoll::schema {
namespace {

using D = FieldDefault;

constexpr D text(std::string_view field, std::string_view value) { return {field, D::Kind::kText, value}; }
constexpr D number(std::string_view field, int64_t value) { return {field, D::Kind::kNumber, {}, value}; }
constexpr D yes(std::string_view field) { return {field, D::Kind::kTrue}; }
constexpr D no(std::string_view field) { return {field, D::Kind::kFalse}; }
constexpr D object(std::string_view field) { return {field, D::Kind::kObject}; }

bool any_items(const Value& value) { return value.size() > 0; }

// ---- apps

void deployment_spec(Defaults& spec) {
  Defaults strategy = spec.inner("strategy");
  strategy.fill("type", Value::string("RollingUpdate"));
  if (strategy.text("type") != "RollingUpdate") return;
  Defaults rolling = strategy.inner("rollingUpdate");
  rolling.fill("maxUnavailable", Value::string("25%"));
  rolling.fill("maxSurge", Value::string("25%"));
}

void daemon_set_spec(Defaults& spec) {
  Defaults strategy = spec.inner("updateStrategy");
  strategy.fill("type", Value::string("RollingUpdate"));
  if (strategy.text("type") != "RollingUpdate") return;
  Defaults rolling = strategy.inner("rollingUpdate");
  rolling.fill("maxUnavailable", Value::integer(1));
  rolling.fill("maxSurge", Value::integer(0));
}

void stateful_set_spec(Defaults& spec) {
  Defaults strategy = spec.inner("updateStrategy");
  if (strategy.unset("type")) {
    strategy.set("type", Value::string("RollingUpdate"));
    strategy.inner("rollingUpdate");
  }
  if (strategy.text("type") == "RollingUpdate" && strategy.get("rollingUpdate").is_map()) {
    strategy.inner("rollingUpdate").fill("partition", Value::integer(0));
  }
  Defaults retention = spec.inner("persistentVolumeClaimRetentionPolicy");
  retention.fill("whenDeleted", Value::string("Retain"));
  retention.fill("whenScaled", Value::string("Retain"));
  // Go's conversion names the kind of the claims.
  for (const Value& claim : spec.get("volumeClaimTemplates").items()) {
    if (!claim.is_map()) continue;
    claim.as_map()->set(spec.arena(), "kind", Value::string("PersistentVolumeClaim"));
    claim.as_map()->set(spec.arena(), "apiVersion", Value::string("v1"));
  }
}

// ---- batch

void job(Defaults& job) {
  Defaults spec = job.inner("spec");
  if (spec.unset("completions") && spec.unset("parallelism")) {
    spec.set("completions", Value::integer(1));
    spec.set("parallelism", Value::integer(1));
  }
  spec.fill("parallelism", Value::integer(1));
  const bool by_index = !spec.unset("backoffLimitPerIndex");
  spec.fill("backoffLimit", Value::integer(by_index ? std::numeric_limits<int32_t>::max() : 6));
  spec.fill("completionMode", Value::string("NonIndexed"));
  spec.fill("suspend", Value::boolean(false));
  spec.fill("manualSelector", Value::boolean(false));
  spec.fill("podReplacementPolicy", Value::string(spec.unset("podFailurePolicy") ? "TerminatingOrFailed" : "Failed"));
  const Value labels = spec.get("template")["metadata"]["labels"];
  Defaults metadata = job.inner("metadata");
  // The very map, as in Go: what is added to the template's labels later is added to the job's.
  if (any_items(labels) && !any_items(metadata.get("labels"))) metadata.set("labels", labels);
}

// ---- autoscaling

Value scaling_policy(Arena& arena, std::string_view type, int64_t value) {
  Map* policy = Map::create(arena, 3);
  policy->set(arena, "type", Value::string(type));
  policy->set(arena, "value", Value::integer(value));
  policy->set(arena, "periodSeconds", Value::integer(15));
  return Value::map(policy);
}

void autoscaler_spec(Defaults& spec) {
  Arena& arena = spec.arena();
  if (!any_items(spec.get("metrics"))) {
    Map* target = Map::create(arena, 2);
    target->set(arena, "type", Value::string("Utilization"));
    target->set(arena, "averageUtilization", Value::integer(80));
    Map* resource = Map::create(arena, 2);
    resource->set(arena, "name", Value::string("cpu"));
    resource->set(arena, "target", Value::map(target));
    Map* metric = Map::create(arena, 2);
    metric->set(arena, "type", Value::string("Resource"));
    metric->set(arena, "resource", Value::map(resource));
    List* metrics = List::create(arena, 1);
    metrics->push_back(arena, Value::map(metric));
    spec.set("metrics", Value::list(metrics));
  }
  if (!spec.get("behavior").is_map()) return;
  Defaults behavior = spec.inner("behavior");
  for (const bool up : {true, false}) {
    Defaults rules = behavior.inner(up ? "scaleUp" : "scaleDown");
    if (up) rules.fill("stabilizationWindowSeconds", Value::integer(0));
    rules.fill("selectPolicy", Value::string("Max"));
    if (!rules.get("policies").is_null()) continue;
    List* policies = List::create(arena, 2);
    if (up) policies->push_back(arena, scaling_policy(arena, "Pods", 4));
    policies->push_back(arena, scaling_policy(arena, "Percent", 100));
    rules.set("policies", Value::list(policies));
  }
}

// ---- networking and rbac

void network_policy_spec(Defaults& spec) {
  if (any_items(spec.get("policyTypes"))) return;
  List* types = List::create(spec.arena(), 2);
  types->push_back(spec.arena(), Value::string("Ingress"));
  if (any_items(spec.get("egress"))) types->push_back(spec.arena(), Value::string("Egress"));
  spec.set("policyTypes", Value::list(types));
}

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";

void rbac_subject(Defaults& subject) {
  const std::string_view kind = subject.text("kind");
  if (kind == "User" || kind == "Group") subject.fill("apiGroup", Value::string(kRbac));
}

// ---- storage

void csi_driver_spec(Defaults& spec) {
  if (any_items(spec.get("volumeLifecycleModes"))) return;
  List* modes = List::create(spec.arena(), 1);
  modes->push_back(spec.arena(), Value::string("Persistent"));
  spec.set("volumeLifecycleModes", Value::list(modes));
}

void storage_class(Defaults& storage) {
  // Go's conversion has no empty list here.
  if (!any_items(storage.get("mountOptions"))) storage.object().erase("mountOptions");
}

// ---- resource

void device_request(Defaults& request) {
  if (request.unset("deviceClassName")) return;  // of v1beta1: what is asked for is in firstAvailable
  request.fill("allocationMode", Value::string("ExactCount"));
  if (request.text("allocationMode") == "ExactCount") request.fill("count", Value::integer(1));
}

void exact_device_request(Defaults& request) {
  request.fill("allocationMode", Value::string("ExactCount"));
  if (request.text("allocationMode") == "ExactCount") request.fill("count", Value::integer(1));
}

// ---- flowcontrol

void priority_level_spec(Defaults& spec) {
  if (spec.text("type") == "Exempt") spec.inner("exempt");
  if (spec.get("exempt").is_map()) {
    Defaults exempt = spec.inner("exempt");
    exempt.fill("nominalConcurrencyShares", Value::integer(0));
    exempt.fill("lendablePercent", Value::integer(0));
  }
}

// ---- apiextensions

void definition_spec(Defaults& spec) {
  Defaults names = spec.inner("names");
  const std::string_view kind = names.text("kind");
  if (names.unset("singular")) {
    std::string singular(kind);
    for (char& c : singular) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!singular.empty()) names.set("singular", Value::string(spec.arena().copy(singular)));
  }
  if (names.unset("listKind") && !kind.empty()) {
    names.set("listKind", Value::string(spec.arena().copy(std::string(kind) + "List")));
  }
  spec.inner("conversion").fill("strategy", Value::string("None"));
}

// Defaults that depend on nothing, by type.
constexpr D kContainer[] = {text("terminationMessagePath", "/dev/termination-log"), text("terminationMessagePolicy", "File")};
constexpr D kPodSpec[] = {text("dnsPolicy", "ClusterFirst"), text("restartPolicy", "Always"), object("securityContext"),
                          number("terminationGracePeriodSeconds", 30), text("schedulerName", "default-scheduler")};
constexpr D kProbe[] = {number("timeoutSeconds", 1), number("periodSeconds", 10), number("successThreshold", 1),
                        number("failureThreshold", 3)};
constexpr D kGrpc[] = {text("service", "")};
constexpr D kHttpGet[] = {text("path", "/"), text("scheme", "HTTP")};
constexpr D kDefaultMode[] = {number("defaultMode", 420)};
constexpr D kTokenProjection[] = {number("expirationSeconds", 3600)};
constexpr D kHostPath[] = {text("type", "")};
constexpr D kFieldSelector[] = {text("apiVersion", "v1")};
constexpr D kSecret[] = {text("type", "Opaque")};
constexpr D kVolume[] = {text("persistentVolumeReclaimPolicy", "Retain"), text("volumeMode", "Filesystem")};
constexpr D kClaim[] = {text("volumeMode", "Filesystem")};
constexpr D kPending[] = {text("phase", "Pending")};
constexpr D kActive[] = {text("phase", "Active")};
constexpr D kTcp[] = {text("protocol", "TCP")};
constexpr D kNamedTcp[] = {text("name", ""), text("protocol", "TCP")};
constexpr D kReplicas[] = {number("replicas", 1)};
constexpr D kDeployment[] = {number("replicas", 1), number("revisionHistoryLimit", 10), number("progressDeadlineSeconds", 600)};
constexpr D kDaemonSet[] = {number("revisionHistoryLimit", 10)};
constexpr D kStatefulSet[] = {number("replicas", 1), number("revisionHistoryLimit", 10), text("podManagementPolicy", "OrderedReady")};
constexpr D kCronJob[] = {text("concurrencyPolicy", "Allow"), no("suspend"), number("successfulJobsHistoryLimit", 3),
                          number("failedJobsHistoryLimit", 1)};
constexpr D kPodCondition[] = {text("status", "True")};
constexpr D kAutoscaler[] = {number("minReplicas", 1)};
constexpr D kIngressClass[] = {text("scope", "Cluster")};
constexpr D kRoleRef[] = {text("apiGroup", kRbac)};
constexpr D kStorageClass[] = {text("reclaimPolicy", "Delete"), text("volumeBindingMode", "Immediate")};
constexpr D kCsiDriver[] = {yes("attachRequired"), no("podInfoOnMount"), no("storageCapacity"), no("requiresRepublish"),
                            no("seLinuxMount"), text("fsGroupPolicy", "ReadWriteOnceWithFSType")};
constexpr D kWebhook[] = {text("failurePolicy", "Fail"), text("matchPolicy", "Equivalent"), object("namespaceSelector"),
                          object("objectSelector"), number("timeoutSeconds", 10)};
constexpr D kMutatingWebhook[] = {text("failurePolicy", "Fail"), text("matchPolicy", "Equivalent"), object("namespaceSelector"),
                                  object("objectSelector"), number("timeoutSeconds", 10), text("reinvocationPolicy", "Never")};
constexpr D kRule[] = {text("scope", "*")};
constexpr D kServicePort[] = {number("port", 443)};
constexpr D kFailurePolicy[] = {text("failurePolicy", "Fail")};
constexpr D kMatchResources[] = {object("namespaceSelector"), object("objectSelector"), text("matchPolicy", "Equivalent")};
constexpr D kFlowSchema[] = {number("matchingPrecedence", 1000)};
constexpr D kLimited[] = {number("nominalConcurrencyShares", 30), number("lendablePercent", 0)};
constexpr D kQueuing[] = {number("queues", 64), number("handSize", 8), number("queueLengthLimit", 50)};
constexpr D kPriorityClass[] = {text("preemptionPolicy", "PreemptLowerPriority")};

constexpr Defaulter kDefaulters[] = {
    {"core.v1.Container", kContainer, container_defaults},
    {"core.v1.EphemeralContainer", kContainer, container_defaults},
    {"core.v1.Pod", {}, pod_defaults},
    {"core.v1.PodSpec", kPodSpec, pod_spec_defaults},
    {"core.v1.Probe", kProbe},
    {"core.v1.GRPCAction", kGrpc},
    {"core.v1.HTTPGetAction", kHttpGet},
    {"core.v1.Volume", {}, volume_defaults},
    {"core.v1.ConfigMapVolumeSource", kDefaultMode},
    {"core.v1.SecretVolumeSource", kDefaultMode},
    {"core.v1.ProjectedVolumeSource", kDefaultMode},
    {"core.v1.DownwardAPIVolumeSource", kDefaultMode},
    {"core.v1.ServiceAccountTokenProjection", kTokenProjection},
    {"core.v1.HostPathVolumeSource", kHostPath},
    {"core.v1.ObjectFieldSelector", kFieldSelector},
    {"core.v1.Secret", kSecret},
    {"core.v1.Service", {}, service_defaults},
    {"core.v1.ReplicationController", {}, replication_controller_defaults},
    {"core.v1.ReplicationControllerSpec", kReplicas},
    {"core.v1.PersistentVolumeSpec", kVolume},
    {"core.v1.PersistentVolumeStatus", kPending},
    {"core.v1.PersistentVolumeClaimSpec", kClaim},
    {"core.v1.PersistentVolumeClaimStatus", kPending},
    {"core.v1.EndpointPort", kTcp},
    {"core.v1.Namespace", {}, namespace_defaults},
    {"core.v1.NamespaceStatus", kActive},
    {"core.v1.NodeStatus", {}, node_status_defaults},
    {"core.v1.LimitRangeItem", {}, limit_range_item_defaults},
    {"apps.v1.DeploymentSpec", kDeployment, deployment_spec},
    {"apps.v1.DaemonSetSpec", kDaemonSet, daemon_set_spec},
    {"apps.v1.StatefulSetSpec", kStatefulSet, stateful_set_spec},
    {"apps.v1.ReplicaSetSpec", kReplicas},
    {"batch.v1.Job", {}, job},
    {"batch.v1.CronJobSpec", kCronJob},
    {"batch.v1.PodFailurePolicyOnPodConditionsPattern", kPodCondition},
    {"autoscaling.v1.HorizontalPodAutoscalerSpec", kAutoscaler},
    {"autoscaling.v2.HorizontalPodAutoscalerSpec", kAutoscaler, autoscaler_spec},
    {"networking.v1.NetworkPolicySpec", {}, network_policy_spec},
    {"networking.v1.NetworkPolicyPort", kTcp},
    {"networking.v1.IngressClassParametersReference", kIngressClass},
    {"rbac.v1.RoleRef", kRoleRef},
    {"rbac.v1.Subject", {}, rbac_subject},
    {"storage.v1.StorageClass", kStorageClass, storage_class},
    {"storage.v1.CSIDriverSpec", kCsiDriver, csi_driver_spec},
    {"discovery.v1.EndpointPort", kNamedTcp},
    {"admissionregistration.v1.ValidatingWebhook", kWebhook},
    {"admissionregistration.v1.MutatingWebhook", kMutatingWebhook},
    {"admissionregistration.v1.RuleWithOperations", kRule},
    {"admissionregistration.v1.NamedRuleWithOperations", kRule},
    {"admissionregistration.v1.ServiceReference", kServicePort},
    {"admissionregistration.v1.ValidatingAdmissionPolicySpec", kFailurePolicy},
    {"admissionregistration.v1.MutatingAdmissionPolicySpec", kFailurePolicy},
    {"admissionregistration.v1.MatchResources", kMatchResources},
    {"admissionregistration.v1beta1.NamedRuleWithOperations", kRule},
    {"admissionregistration.v1beta1.MutatingAdmissionPolicySpec", kFailurePolicy},
    {"admissionregistration.v1beta1.MatchResources", kMatchResources},
    {"admissionregistration.v1alpha1.NamedRuleWithOperations", kRule},
    {"admissionregistration.v1alpha1.MutatingAdmissionPolicySpec", kFailurePolicy},
    {"admissionregistration.v1alpha1.MatchResources", kMatchResources},
    {"kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference", kServicePort},
    {"apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference", kServicePort},
    {"apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec", {}, definition_spec},
    {"flowcontrol.v1.FlowSchemaSpec", kFlowSchema},
    {"flowcontrol.v1.LimitedPriorityLevelConfiguration", kLimited},
    {"flowcontrol.v1.QueuingConfiguration", kQueuing},
    {"flowcontrol.v1.PriorityLevelConfigurationSpec", {}, priority_level_spec},
    {"scheduling.v1.PriorityClass", kPriorityClass},
    {"resource.v1.ExactDeviceRequest", {}, exact_device_request},
    {"resource.v1.DeviceSubRequest", {}, exact_device_request},
    {"resource.v1beta2.ExactDeviceRequest", {}, exact_device_request},
    {"resource.v1beta2.DeviceSubRequest", {}, exact_device_request},
    {"resource.v1beta1.DeviceRequest", {}, device_request},
    {"resource.v1beta1.DeviceSubRequest", {}, exact_device_request},
};

Value value_of(const FieldDefault& field, const Type& type, Arena& arena) {
  switch (field.kind) {
    case D::Kind::kText:
      return Value::string(field.text);
    case D::Kind::kNumber:
      return Value::integer(field.number);
    case D::Kind::kTrue:
    case D::Kind::kFalse:
      return Value::boolean(field.kind == D::Kind::kTrue);
    case D::Kind::kObject:
      break;
  }
  const Field* declared = type.field(field.field);
  return declared ? empty_value(*declared->type, arena) : Value::map(Map::create(arena));
}

class Walk {
 public:
  explicit Walk(Arena& arena) : arena_(arena) {}

  void value(const Type& type, const Value& value) {
    if (value.is_map()) {
      if (type.kind == TypeKind::kStruct) {
        object(type, *value.as_map());
      } else if (type.kind == TypeKind::kMap && !type.element->is_scalar()) {
        for (Map::Entry& entry : *value.as_map()) this->value(*type.element, entry.value);
      }
    } else if (value.is_list() && type.kind == TypeKind::kList && !type.element->is_scalar()) {
      for (const Value& item : value.items()) this->value(*type.element, item);
    }
  }

 private:
  void object(const Type& type, Map& object) {
    Defaults defaults(type, object, arena_);
    if (type.has_defaults) {
      for (const Field& field : type.fields) {
        if (field.type->default_value.is_null()) continue;
        // A zero that a custom resource gives is a value.
        if (type.custom ? !object.contains(field.name) : defaults.unset(field.name)) {
          defaults.set(field.name, deep_copy(arena_, field.type->default_value));
        }
      }
    }
    if (type.defaulter != nullptr) {
      for (const FieldDefault& field : type.defaulter->fields) {
        if (type.field(field.field) != nullptr && defaults.unset(field.field)) {
          defaults.set(field.field, value_of(field, type, arena_));
        }
      }
      if (type.defaulter->function != nullptr) type.defaulter->function(defaults);
    }
    for (Map::Entry& entry : object) {
      if (!entry.value.is_map() && !entry.value.is_list()) continue;
      const Field* field = type.field(entry.key.string_or());
      const Type* member = field ? field->type : type.element;
      if (member != nullptr && !member->is_scalar()) value(*member, entry.value);
    }
  }

  Arena& arena_;
};

}  // namespace

Value Defaults::get(std::string_view field) const {
  const Value* found = object_.find(field);
  return found ? *found : Value::null();
}

bool Defaults::unset(std::string_view field) const {
  const Value* found = object_.find(field);
  if (found == nullptr || found->is_null()) return true;
  const Field* declared = type_.field(field);
  if (declared == nullptr || declared->presence != Presence::kAlways) return false;
  return (found->is_string() && found->size() == 0) || (found->is_int() && found->as_int() == 0);
}

Defaults Defaults::inner(std::string_view field) {
  const Field* declared = type_.field(field);
  const Type& inner_type = declared ? *declared->type : type_;
  if (const Value* found = object_.find(field); found != nullptr && found->is_map()) {
    return Defaults(inner_type, *found->as_map(), arena_);
  }
  const Value made = declared ? empty_value(inner_type, arena_) : Value::map(Map::create(arena_));
  set(field, made);
  return Defaults(inner_type, *made.as_map(), arena_);
}

const Defaulter* find_defaulter(std::string_view type_name) {
  for (const std::string_view prefix : {"io.k8s.api.", "io.k8s."}) {
    if (!type_name.starts_with(prefix)) continue;
    const auto* found = std::ranges::find(kDefaulters, type_name.substr(prefix.size()), &Defaulter::type);
    if (found != std::end(kDefaulters)) return found;
  }
  return nullptr;
}

void apply_defaults(const Type& type, const Value& object, Arena& arena) { Walk(arena).value(type, object); }

}  // namespace plimsoll::schema
