{{/* Command lines of Kelemetry: each helper prints items of a list. */}}

{{- define "kelemetry.commonOptions" -}}
- --log-level={{ .values.logLevel }}
- --metrics=prom
- --metrics-port=9090
{{- end -}}

{{/* key=value,key=value; an empty map is no option, as the program takes "" for a key. */}}
{{- define "kelemetry.mapOption" -}}
{{- $pairs := list -}}
{{- range $key, $value := .map -}}
{{- $pairs = append $pairs (printf "%s=%v" $key $value) -}}
{{- end -}}
{{- if $pairs }}
- {{ printf "--%s=%s" .option (join "," $pairs) | quote }}
{{- end -}}
{{- end -}}

{{/* Clusters, how each is reached, and which is this one. */}}
{{- define "kelemetry.clusterOptions" -}}
{{- $configs := dict -}}
{{- $masters := dict -}}
{{- $before := list -}}
{{- range .root.Values.multiCluster.clusters -}}
{{- $path := "" -}}
{{- if eq .kubeconfig.type "secret" -}}
{{- $path = printf "/clusters/%s/kubeconfig" .name -}}
{{- end -}}
{{- $_ := set $configs .name $path -}}
{{- if .master -}}
{{- $_ := set $masters .name .master -}}
{{- end -}}
{{- if eq .resourceVersionIndex "Before" -}}
{{- $before = append $before .name -}}
{{- end -}}
{{- end -}}
- --kube-target-cluster={{ include "kelemetry.currentCluster" .root }}
{{- include "kelemetry.mapOption" (dict "option" "kube-config-paths" "map" $configs) }}
{{- include "kelemetry.mapOption" (dict "option" "kube-apiservers" "map" $masters) }}
{{- with $before }}
- --kube-use-old-resource-version-clusters={{ join "," . }}
{{- end }}
- --kube-target-rest-qps={{ .values.clusterQps }}
- --kube-target-rest-burst={{ .values.clusterBurst }}
- --kube-other-rest-qps={{ .values.otherClusterQps }}
- --kube-other-rest-burst={{ .values.otherClusterBurst }}
{{- end -}}

{{- define "kelemetry.currentCluster" -}}
{{- .Values.multiCluster.currentClusterName | default (first .Values.multiCluster.clusters).name -}}
{{- end -}}

{{/* Kubeconfigs of clusters, one folder each. */}}
{{- define "kelemetry.clusterMounts" -}}
{{- range .Values.multiCluster.clusters }}
{{- if eq .kubeconfig.type "secret" }}
- name: cluster-{{ .name }}
  mountPath: /clusters/{{ .name }}
  readOnly: true
{{- end }}
{{- end }}
{{- end -}}

{{- define "kelemetry.clusterVolumes" -}}
{{- range .Values.multiCluster.clusters }}
{{- if eq .kubeconfig.type "secret" }}
- name: cluster-{{ .name }}
  secret:
    secretName: {{ required (printf "multiCluster.clusters: %s needs kubeconfig.secret.name" .name) .kubeconfig.secret.name }}
    items:
      - key: {{ .kubeconfig.secret.key }}
        path: kubeconfig
{{- end }}
{{- end }}
{{- end -}}

{{/* Spans, and where they go. */}}
{{- define "kelemetry.aggregatorOptions" -}}
{{- $aggregator := .Values.aggregator -}}
- --span-cache=etcd
- --span-cache-etcd-endpoints={{ include "kelemetry.etcdEndpoints" . }}
- --span-cache-etcd-prefix={{ .Values.sharedEtcd.prefixes.span }}
- --span-cache-etcd-dial-timeout={{ .Values.sharedEtcd.dialTimeout }}
- --aggregator-span-ttl={{ $aggregator.spanTtl }}
- --aggregator-span-extra-ttl={{ $aggregator.spanExtraTtl }}
- --aggregator-reserve-ttl={{ $aggregator.reserveTtl }}
{{- include "kelemetry.mapOption" (dict "option" "aggregator-pseudo-span-global-tags" "map" $aggregator.globalTags.pseudoSpan) }}
{{- include "kelemetry.mapOption" (dict "option" "aggregator-event-span-global-tags" "map" $aggregator.globalTags.eventSpan) }}
- --tracer-otel-endpoint={{ include "kelemetry.serviceHost" (dict "root" . "service" "collector") }}:4317
- --tracer-otel-insecure=true
- --owner-linker-enable={{ .Values.linkers.ownerReference }}
- --annotation-linker-enable={{ .Values.linkers.annotation }}
- --linker-worker-count={{ .Values.linkers.workerCount }}
- --object-cache-size={{ int64 .Values.objectCache.size }}
- --object-cache-store-ttl={{ .Values.objectCache.storeTtl }}
- --object-cache-fetch-timeout={{ .Values.objectCache.fetchTimeout }}
{{- end -}}

{{- define "kelemetry.diffCacheOptions" -}}
- --diff-cache=etcd
- --diff-cache-etcd-endpoints={{ include "kelemetry.etcdEndpoints" . }}
- --diff-cache-etcd-prefix={{ .Values.sharedEtcd.prefixes.diff }}
- --diff-cache-etcd-dial-timeout={{ .Values.sharedEtcd.dialTimeout }}
- --diff-cache-wrapper-enable=true
{{- end -}}

{{/* Leases are in the release's own namespace. */}}
{{- define "kelemetry.leaderElectionOptions" -}}
{{- $prefix := printf "--%s-leader-election" .controller -}}
- {{ $prefix }}-enable=true
- {{ $prefix }}-name={{ .election.name }}
- {{ $prefix }}-namespace={{ .root.Release.Namespace }}
- {{ $prefix }}-num-leaders={{ .leaders }}
- {{ $prefix }}-lease-duration={{ .election.leaseDuration }}
- {{ $prefix }}-renew-deadline={{ .election.renewDeadline }}
- {{ $prefix }}-retry-period={{ .election.retryPeriod }}
{{- end -}}

{{- define "kelemetry.diffControllerOptions" -}}
{{- $diff := .Values.informers.diff -}}
- --diff-controller-enable=true
{{ include "kelemetry.leaderElectionOptions" (dict "root" . "controller" "diff-controller" "election" $diff.leaderElection "leaders" $diff.leaders) }}
{{- /* All leaders watch, one of them writes to the cache. */}}
{{ include "kelemetry.leaderElectionOptions" (dict "root" . "controller" "diff-writer" "election" $diff.writerElection "leaders" 1) }}
- {{ printf "--diff-controller-redact-pattern=%s" $diff.redactPattern | quote }}
- --diff-controller-worker-count={{ $diff.workerCount }}
- --diff-controller-store-timeout={{ $diff.storeTimeout }}
- --diff-controller-deletion-snapshot={{ $diff.snapshots.deletion }}
- --diff-cache-patch-ttl={{ $diff.persistDuration.patch }}
- --diff-cache-snapshot-ttl={{ $diff.persistDuration.snapshot }}
{{- end -}}

{{- define "kelemetry.eventControllerOptions" -}}
{{- $event := .Values.informers.event -}}
- --event-informer-enable=true
{{ include "kelemetry.leaderElectionOptions" (dict "root" . "controller" "event-informer" "election" $event.leaderElection "leaders" 1) }}
- --event-informer-configmap-name={{ $event.state.configMap }}
- --event-informer-configmap-namespace={{ .Release.Namespace }}
- --event-informer-configmap-sync-interval={{ $event.state.syncInterval }}
- --event-informer-worker-count={{ $event.workerCount }}
{{- end -}}

{{- define "kelemetry.auditOptions" -}}
{{- $webhook := .Values.consumer.webhook -}}
- --audit-consumer-enable=true
- --audit-producer-enable=true
- --audit-webhook-enable=true
- --audit-consumer-partition={{ until (int $webhook.workerCount) | join "," }}
- --mq=local
- --http-port=8080
{{- if $webhook.tls.existingSecret }}
- --http-tls-cert=/webhook-tls/tls.crt
- --http-tls-key=/webhook-tls/tls.key
{{- end }}
{{- include "kelemetry.mapOption" (dict "option" "audit-forward-url" "map" $webhook.forward) }}
{{- end -}}

{{- define "kelemetry.diffDecoratorOptions" -}}
{{- $diff := .Values.consumer.diff -}}
- --diff-decorator-enable=true
- --diff-decorator-fetch-backoff={{ $diff.backoff }}
- --diff-decorator-fetch-event-timeout={{ $diff.fetchEventTimeout }}
- --diff-decorator-fetch-total-timeout={{ $diff.fetchTotalTimeout }}
{{- end -}}

{{- define "kelemetry.storagePluginOptions" -}}
{{- $clusters := list -}}
{{- range .Values.multiCluster.clusters -}}
{{- $clusters = append $clusters .name -}}
{{- end -}}
- --jaeger-storage-plugin-enable=true
- --jaeger-storage-plugin-address=:17271
- --jaeger-redirect-server-enable=true
- --trace-server-enable=true
- --http-port=8080
- --jaeger-cluster-names={{ join "," $clusters }}
- --jaeger-trace-cache=etcd
- --jaeger-trace-cache-etcd-endpoints={{ include "kelemetry.etcdEndpoints" . }}
- --jaeger-trace-cache-etcd-prefix={{ .Values.sharedEtcd.prefixes.trace }}
- --jaeger-trace-cache-etcd-dial-timeout={{ .Values.sharedEtcd.dialTimeout }}
- --jaeger-backend=jaeger-storage
{{- end -}}
