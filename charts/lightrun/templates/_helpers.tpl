{{/*
Helpers of all templates. Where a helper speaks of a component, it takes (dict "root" $ "component" "backend"), with the component
written as in the values: data_streamer. Others take the root.
*/}}

{{/* What the names of all objects begin with. */}}
{{- define "lightrun.name" -}}
{{- .Values.general.nameOverride | default "lightrun" | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of a component's objects: lightrun-data-streamer. */}}
{{- define "lightrun.componentName" -}}
{{- printf "%s-%s" (include "lightrun.name" .root) (.component | replace "_" "-") -}}
{{- end -}}

{{/* Labels that never change, for selectors. */}}
{{- define "lightrun.selectorLabels" -}}
app: {{ include "lightrun.componentName" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Labels of an object that belongs to no component. */}}
{{- define "lightrun.releaseLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/part-of: lightrun
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "lightrun.labels" -}}
{{ include "lightrun.selectorLabels" . }}
{{ include "lightrun.releaseLabels" .root }}
{{- end -}}

{{/* Name, namespace and labels of a component's object. */}}
{{- define "lightrun.metadata" -}}
name: {{ include "lightrun.componentName" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "lightrun.labels" . | nindent 2 }}
{{- end -}}

{{/* Labels and annotations of a component's pods. */}}
{{- define "lightrun.podMetadata" -}}
{{- $component := index .root.Values.deployments .component -}}
labels:
  {{- include "lightrun.labels" . | nindent 2 }}
  {{- with $component.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $component.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* "true" if the values ask for the component, else empty. */}}
{{- define "lightrun.enabled" -}}
{{- $values := .root.Values -}}
{{- $optional := dict
      "crons" $values.general.crons.enabled
      "redis" (not $values.deployments.redis.external.enabled)
      "mysql" $values.general.db_local
      "rabbitmq" (and $values.general.mq.enabled $values.general.mq.local)
      "data_streamer" $values.general.data_streamer.enabled
      "artifacts" $values.deployments.backend.artifacts.enable -}}
{{- if not (hasKey $optional .component) -}}
true
{{- else if index $optional .component -}}
true
{{- end -}}
{{- end -}}

{{/* An image by digest if there is one, else by tag; the tag is the version of the server unless the component has its own. */}}
{{- define "lightrun.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The same resources as requests and limits, so that no component is evicted for what it was promised. */}}
{{- define "lightrun.resources" -}}
requests:
  {{- toYaml . | nindent 2 }}
limits:
  {{- toYaml . | nindent 2 }}
{{- end -}}

{{/* How many pods; left to the HorizontalPodAutoscaler where there is one. */}}
{{- define "lightrun.replicas" -}}
{{- $component := index .root.Values.deployments .component -}}
{{- if not (dig "hpa" "enabled" false $component) -}}
replicas: {{ $component.replicas | default 1 }}
{{- end -}}
{{- end -}}

{{/* Fields of a pod's spec that are alike for all components. */}}
{{- define "lightrun.podSettings" -}}
{{- $component := index .root.Values.deployments .component -}}
serviceAccountName: {{ include "lightrun.componentName" . }}
automountServiceAccountToken: false
{{- with include "lightrun.podSecurityContext" . }}
securityContext:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "lightrun.pullSecret" .root }}
imagePullSecrets:
  - name: {{ . }}
{{- end }}
{{- with include "lightrun.topologySpread" . }}
topologySpreadConstraints:
  {{- . | nindent 2 }}
{{- end }}
{{- with $component.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $component.nodeSelector | default .root.Values.general.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.general.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Several pods of a component go to several nodes. */}}
{{- define "lightrun.topologySpread" -}}
{{- $component := index .root.Values.deployments .component -}}
{{- if $component.topologySpreadConstraints -}}
{{- tpl (toYaml $component.topologySpreadConstraints) .root -}}
{{- else if or (gt (int ($component.replicas | default 1)) 1) (dig "hpa" "enabled" false $component) -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "lightrun.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* The Secret to pull images with, or nothing. */}}
{{- define "lightrun.pullSecret" -}}
{{- with .Values.secrets.defaults.dockerhub_config -}}
{{- if .existingSecret -}}
{{ .existingSecret }}
{{- else if .configContent -}}
{{ include "lightrun.name" $ }}-dockerhub
{{- end -}}
{{- end -}}
{{- end -}}

{{/* An init container that waits until a port answers; takes waitFor, host and port beside root and component. */}}
{{- define "lightrun.waitFor" -}}
{{- $helper := .root.Values.general.helper -}}
- name: wait-for-{{ .waitFor }}
  image: {{ include "lightrun.image" (dict "root" .root "image" $helper.image) }}
  imagePullPolicy: {{ $helper.image.pullPolicy }}
  command: [sh, -c, 'until nc -z "$HOST" "$PORT"; do sleep 2; done']
  env:
    - name: HOST
      value: {{ .host }}
    - name: PORT
      value: {{ .port | quote }}
  resources:
    {{- include "lightrun.resources" $helper.resources | nindent 4 }}
  securityContext:
    {{- include "lightrun.enforcedSecurityContext" .root | nindent 4 }}
{{- end -}}

{{/* Environment, volumes and mounts of the user; values may hold template expressions. */}}
{{- define "lightrun.extra" -}}
{{- with index .root.Values.deployments .component .list -}}
{{- tpl (toYaml .) $.root -}}
{{- end -}}
{{- end -}}
