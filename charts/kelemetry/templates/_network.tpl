{{/* Namespaces by name. */}}
{{- define "kelemetry.namespacePeers" -}}
{{- range $index, $namespace := . }}
{{- if $index }}
{{ end -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ $namespace }}
{{- end -}}
{{- end -}}

{{/* Addresses that API servers have. */}}
{{- define "kelemetry.apiServerPeers" -}}
{{- range $index, $cidr := .Values.networkPolicy.apiServers.cidrs }}
{{- if $index }}
{{ end -}}
- ipBlock:
    cidr: {{ $cidr }}
{{- end -}}
{{- end -}}
