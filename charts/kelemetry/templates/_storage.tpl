{{/* Where caches and traces are kept. */}}

{{/* "true" if the release brings its etcd. */}}
{{- define "kelemetry.deploysEtcd" -}}
{{- if not .Values.sharedEtcd.externalEndpoints -}}true{{- end -}}
{{- end -}}

{{- define "kelemetry.etcdEndpoints" -}}
{{- if include "kelemetry.deploysEtcd" . -}}
{{ include "kelemetry.serviceHost" (dict "root" . "service" "etcd") }}:2379
{{- else -}}
{{ join "," .Values.sharedEtcd.externalEndpoints }}
{{- end -}}
{{- end -}}

{{/* "true" if the release brings the storage of its traces. */}}
{{- define "kelemetry.deploysStorage" -}}
{{- if eq .Values.storageBackend.type "badger" -}}true{{- end -}}
{{- end -}}

{{/* The type of storage that collector and storage plugin speak to. */}}
{{- define "kelemetry.storageType" -}}
{{- if include "kelemetry.deploysStorage" . -}}grpc{{- else -}}{{ .Values.storageBackend.type }}{{- end -}}
{{- end -}}

{{/* Options of that storage, each with a prefix: "--" for Jaeger's programs, "--jaeger-storage." for the storage plugin. */}}
{{- define "kelemetry.storageOptions" -}}
{{- if include "kelemetry.deploysStorage" .root -}}
- {{ .prefix }}grpc-storage.server={{ include "kelemetry.serviceHost" (dict "root" .root "service" "storage") }}:17271
{{- else -}}
{{- range $option, $value := .root.Values.storageBackend.options }}
- {{ printf "%s%s=%v" $.prefix $option $value | quote }}
{{- end }}
{{- with .root.Values.storageBackend.credentials }}
{{- if .existingSecret }}
- {{ $.prefix }}{{ .usernameOption }}=$(STORAGE_USERNAME)
- {{ $.prefix }}{{ .passwordOption }}=$(STORAGE_PASSWORD)
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* User and password of the storage, as variables that the options above name. */}}
{{- define "kelemetry.storageEnv" -}}
{{- if not (include "kelemetry.deploysStorage" .) -}}
{{- with .Values.storageBackend.credentials.existingSecret -}}
- name: STORAGE_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: username
- name: STORAGE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: password
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Several clusters have one database of caches, and one of traces. */}}
{{- define "kelemetry.checkMultiCluster" -}}
{{- if gt (len .Values.multiCluster.clusters) 1 -}}
{{- if include "kelemetry.deploysEtcd" . -}}
{{- fail "multiCluster.clusters has several clusters: sharedEtcd.externalEndpoints must name the etcd that all of them share" -}}
{{- end -}}
{{- if include "kelemetry.deploysStorage" . -}}
{{- fail "multiCluster.clusters has several clusters: storageBackend.type must be a database that all of them share, not badger" -}}
{{- end -}}
{{- end -}}
{{- end -}}
