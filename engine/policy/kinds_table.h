// The kinds that Kubernetes itself serves or once served, sorted by kind and group.
#pragma once

#include <string_view>

namespace plimsoll::policy {

struct KindRow {
  std::string_view kind;
  std::string_view group;
  std::string_view resource;
  bool namespaced;
  // Served by default in 1.36, the server's preferred version first, separated by blanks; empty for what was removed or
  // is gated.
  std::string_view versions;
};

// clang-format off
inline constexpr KindRow kKindRows[] = {
    {"APIService", "apiregistration.k8s.io", "apiservices", false, "v1"},
    {"AuditSink", "auditregistration.k8s.io", "auditsinks", false, ""},
    {"Binding", "", "bindings", true, "v1"},
    {"CSIDriver", "storage.k8s.io", "csidrivers", false, "v1"},
    {"CSINode", "storage.k8s.io", "csinodes", false, "v1"},
    {"CSIStorageCapacity", "storage.k8s.io", "csistoragecapacities", true, "v1"},
    {"CertificateSigningRequest", "certificates.k8s.io", "certificatesigningrequests", false, "v1"},
    {"ClusterCIDR", "networking.k8s.io", "clustercidrs", false, ""},
    {"ClusterRole", "rbac.authorization.k8s.io", "clusterroles", false, "v1"},
    {"ClusterRoleBinding", "rbac.authorization.k8s.io", "clusterrolebindings", false, "v1"},
    {"ClusterTrustBundle", "certificates.k8s.io", "clustertrustbundles", false, ""},
    {"ComponentStatus", "", "componentstatuses", false, "v1"},
    {"ConfigMap", "", "configmaps", true, "v1"},
    {"ControllerRevision", "apps", "controllerrevisions", true, "v1"},
    {"CronJob", "batch", "cronjobs", true, "v1"},
    {"CustomResourceDefinition", "apiextensions.k8s.io", "customresourcedefinitions", false, "v1"},
    {"DaemonSet", "apps", "daemonsets", true, "v1"},
    {"DaemonSet", "extensions", "daemonsets", true, ""},
    {"Deployment", "apps", "deployments", true, "v1"},
    {"Deployment", "extensions", "deployments", true, ""},
    {"DeviceClass", "resource.k8s.io", "deviceclasses", false, "v1 v1beta2 v1beta1"},
    {"DeviceTaintRule", "resource.k8s.io", "devicetaintrules", false, "v1beta2 v1alpha3"},
    {"EndpointSlice", "discovery.k8s.io", "endpointslices", true, "v1"},
    {"Endpoints", "", "endpoints", true, "v1"},
    {"Event", "", "events", true, "v1"},
    {"Event", "events.k8s.io", "events", true, "v1"},
    {"FlowSchema", "flowcontrol.apiserver.k8s.io", "flowschemas", false, "v1"},
    {"HorizontalPodAutoscaler", "autoscaling", "horizontalpodautoscalers", true, "v2 v1"},
    {"IPAddress", "networking.k8s.io", "ipaddresses", false, "v1 v1beta1"},
    {"Ingress", "extensions", "ingresses", true, ""},
    {"Ingress", "networking.k8s.io", "ingresses", true, "v1"},
    {"IngressClass", "networking.k8s.io", "ingressclasses", false, "v1"},
    {"Job", "batch", "jobs", true, "v1"},
    {"Lease", "coordination.k8s.io", "leases", true, "v1"},
    {"LeaseCandidate", "coordination.k8s.io", "leasecandidates", true, "v1beta1 v1alpha2"},
    {"LimitRange", "", "limitranges", true, "v1"},
    {"LocalSubjectAccessReview", "authorization.k8s.io", "localsubjectaccessreviews", true, "v1"},
    {"MutatingAdmissionPolicy", "admissionregistration.k8s.io", "mutatingadmissionpolicies", false, "v1 v1beta1 v1alpha1"},
    {"MutatingAdmissionPolicyBinding", "admissionregistration.k8s.io", "mutatingadmissionpolicybindings", false, "v1 v1beta1 v1alpha1"},
    {"MutatingWebhookConfiguration", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", false, "v1"},
    {"Namespace", "", "namespaces", false, "v1"},
    {"NetworkPolicy", "extensions", "networkpolicies", true, ""},
    {"NetworkPolicy", "networking.k8s.io", "networkpolicies", true, "v1"},
    {"Node", "", "nodes", false, "v1"},
    {"PersistentVolume", "", "persistentvolumes", false, "v1"},
    {"PersistentVolumeClaim", "", "persistentvolumeclaims", true, "v1"},
    {"Pod", "", "pods", true, "v1"},
    {"PodCertificateRequest", "certificates.k8s.io", "podcertificaterequests", true, ""},
    {"PodDisruptionBudget", "policy", "poddisruptionbudgets", true, "v1"},
    {"PodGroup", "scheduling.k8s.io", "podgroups", true, ""},
    {"PodPreset", "settings.k8s.io", "podpresets", true, ""},
    {"PodScheduling", "resource.k8s.io", "podschedulings", true, ""},
    {"PodSchedulingContext", "resource.k8s.io", "podschedulingcontexts", true, ""},
    {"PodSecurityPolicy", "extensions", "podsecuritypolicies", false, ""},
    {"PodSecurityPolicy", "policy", "podsecuritypolicies", false, ""},
    {"PodTemplate", "", "podtemplates", true, "v1"},
    {"PriorityClass", "scheduling.k8s.io", "priorityclasses", false, "v1"},
    {"PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", false, "v1"},
    {"ReplicaSet", "apps", "replicasets", true, "v1"},
    {"ReplicaSet", "extensions", "replicasets", true, ""},
    {"ReplicationController", "", "replicationcontrollers", true, "v1"},
    {"ResourceClaim", "resource.k8s.io", "resourceclaims", true, "v1 v1beta2 v1beta1"},
    {"ResourceClaimParameters", "resource.k8s.io", "resourceclaimparameters", true, ""},
    {"ResourceClaimTemplate", "resource.k8s.io", "resourceclaimtemplates", true, "v1 v1beta2 v1beta1"},
    {"ResourceClass", "resource.k8s.io", "resourceclasses", false, ""},
    {"ResourceClassParameters", "resource.k8s.io", "resourceclassparameters", true, ""},
    {"ResourcePoolStatusRequest", "resource.k8s.io", "resourcepoolstatusrequests", false, "v1alpha3"},
    {"ResourceQuota", "", "resourcequotas", true, "v1"},
    {"ResourceSlice", "resource.k8s.io", "resourceslices", false, "v1 v1beta2 v1beta1"},
    {"Role", "rbac.authorization.k8s.io", "roles", true, "v1"},
    {"RoleBinding", "rbac.authorization.k8s.io", "rolebindings", true, "v1"},
    {"RuntimeClass", "node.k8s.io", "runtimeclasses", false, "v1"},
    {"Secret", "", "secrets", true, "v1"},
    {"SelfSubjectAccessReview", "authorization.k8s.io", "selfsubjectaccessreviews", false, "v1"},
    {"SelfSubjectReview", "authentication.k8s.io", "selfsubjectreviews", false, "v1"},
    {"SelfSubjectRulesReview", "authorization.k8s.io", "selfsubjectrulesreviews", false, "v1"},
    {"Service", "", "services", true, "v1"},
    {"ServiceAccount", "", "serviceaccounts", true, "v1"},
    {"ServiceCIDR", "networking.k8s.io", "servicecidrs", false, "v1 v1beta1"},
    {"StatefulSet", "apps", "statefulsets", true, "v1"},
    {"StorageClass", "storage.k8s.io", "storageclasses", false, "v1"},
    {"StorageVersion", "internal.apiserver.k8s.io", "storageversions", false, "v1alpha1"},
    {"StorageVersionMigration", "storagemigration.k8s.io", "storageversionmigrations", false, ""},
    {"SubjectAccessReview", "authorization.k8s.io", "subjectaccessreviews", false, "v1"},
    {"TokenReview", "authentication.k8s.io", "tokenreviews", false, "v1"},
    {"ValidatingAdmissionPolicy", "admissionregistration.k8s.io", "validatingadmissionpolicies", false, "v1"},
    {"ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io", "validatingadmissionpolicybindings", false, "v1"},
    {"ValidatingWebhookConfiguration", "admissionregistration.k8s.io", "validatingwebhookconfigurations", false, "v1"},
    {"VolumeAttachment", "storage.k8s.io", "volumeattachments", false, "v1"},
    {"VolumeAttributesClass", "storage.k8s.io", "volumeattributesclasses", false, "v1 v1beta1"},
    {"Workload", "scheduling.k8s.io", "workloads", true, ""},
};
// clang-format on

}  // namespace plimsoll::policy
