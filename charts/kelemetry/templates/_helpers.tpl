{{/*
Helpers of all templates. Where a helper speaks of a component, it takes (dict "root" $ "component" "informers" "values" .Values.informers).
Others take the root.
*/}}

{{/* What the names of all objects begin with. */}}
{{- define "kelemetry.name" -}}
{{- .Values.nameOverride | default "kelemetry" | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "kelemetry.componentName" -}}
{{- printf "%s-%s" (include "kelemetry.name" .root) .component -}}
{{- end -}}

{{/* The name that a Service of the release is reached by from everywhere in the cluster. */}}
{{- define "kelemetry.serviceHost" -}}
{{- printf "%s-%s.%s.svc.%s" (include "kelemetry.name" .root) .service .root.Release.Namespace .root.Values.clusterDomain -}}
{{- end -}}

{{/* Labels of all pods of the release, which never change. */}}
{{- define "kelemetry.releaseSelector" -}}
app.kubernetes.io/name: kelemetry
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kelemetry.selectorLabels" -}}
{{ include "kelemetry.releaseSelector" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of an object that belongs to no component. */}}
{{- define "kelemetry.releaseLabels" -}}
{{ include "kelemetry.releaseSelector" . }}
{{ include "kelemetry.chartLabels" . }}
{{- end -}}

{{- define "kelemetry.chartLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "kelemetry.labels" -}}
{{ include "kelemetry.selectorLabels" . }}
{{ include "kelemetry.chartLabels" .root }}
{{- end -}}

{{/* Name, namespace and labels of a component's object. */}}
{{- define "kelemetry.metadata" -}}
name: {{ include "kelemetry.componentName" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "kelemetry.labels" . | nindent 2 }}
{{- end -}}

{{/* Labels and annotations of a component's pods; "scrape" is the number of the port that Prometheus reads, if any. */}}
{{- define "kelemetry.podMetadata" -}}
labels:
  {{- include "kelemetry.labels" . | nindent 2 }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $scraped := dict }}
{{- if and .scrape .root.Values.metrics.annotations }}
{{- $scraped = dict "prometheus.io/scrape" "true" "prometheus.io/port" (toString .scrape) "prometheus.io/path" "/metrics" }}
{{- end }}
{{- with mustMergeOverwrite $scraped .values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An image by digest if there is one, else by tag. */}}
{{- define "kelemetry.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The same resources as requests and limits, so that no component is evicted for what it was promised. */}}
{{- define "kelemetry.resources" -}}
requests:
  {{- toYaml . | nindent 2 }}
limits:
  {{- toYaml . | nindent 2 }}
{{- end -}}

{{/* Fields of a pod's spec that are alike for all components. Only those that speak to an API server get a token. */}}
{{- define "kelemetry.podSettings" -}}
serviceAccountName: {{ include "kelemetry.componentName" . }}
automountServiceAccountToken: {{ has .component (list "informers" "consumer" "scan") }}
securityContext:
  {{- include "kelemetry.podSecurityContext" . | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with include "kelemetry.topologySpread" . }}
topologySpreadConstraints:
  {{- . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What the user says of the pod's security context, under what is enforced. */}}
{{- define "kelemetry.podSecurityContext" -}}
{{- $enforced := dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- $defaults := dict "runAsUser" 10001 "runAsGroup" 10001 "fsGroup" 10001 -}}
{{- toYaml (mustMergeOverwrite $defaults (deepCopy .values.podSecurityContext) $enforced) -}}
{{- end -}}

{{/* The security context of every container; no value takes it away. */}}
{{- define "kelemetry.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: true
{{- end -}}

{{/* Several pods of a component go to several nodes. */}}
{{- define "kelemetry.topologySpread" -}}
{{- if .values.topologySpreadConstraints -}}
{{- toYaml .values.topologySpreadConstraints -}}
{{- else if gt (int .values.replicaCount) 1 -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "kelemetry.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* Whether a port answers at a path; "alive" is another path for liveness. */}}
{{- define "kelemetry.probes" -}}
readinessProbe:
  httpGet:
    path: {{ .path }}
    port: {{ .port }}
  periodSeconds: 10
livenessProbe:
  httpGet:
    path: {{ .alive | default .path }}
    port: {{ .port }}
  initialDelaySeconds: 30
  periodSeconds: 20
{{- end -}}

{{/* "true" if the release has the component; the others are always there. */}}
{{- define "kelemetry.enabled" -}}
{{- if eq .component "scan" -}}
{{- if .root.Values.scan.enabled -}}true{{- end -}}
{{- else if eq .component "etcd" -}}
{{- include "kelemetry.deploysEtcd" .root -}}
{{- else if eq .component "storage" -}}
{{- include "kelemetry.deploysStorage" .root -}}
{{- else -}}
true
{{- end -}}
{{- end -}}
