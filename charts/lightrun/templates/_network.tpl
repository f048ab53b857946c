{{- define "lightrun.namespacePeer" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ . }}
{{- end -}}

{{/* The release's own namespace, and those it can't work without: kube-system resolves its names. */}}
{{- define "lightrun.mandatoryPeers" -}}
{{- $namespaces := concat (list .Release.Namespace) .Values.general.networkPolicy.mandatoryNamespaces -}}
{{- range $namespaces | uniq }}
{{ include "lightrun.namespacePeer" . }}
{{- end }}
{{- end -}}

{{/* What the user lets through in one direction. */}}
{{- define "lightrun.peers" -}}
{{- range .namespacesSelector }}
{{ include "lightrun.namespacePeer" . }}
{{- end }}
{{- range .ipBlock }}
- ipBlock:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}
