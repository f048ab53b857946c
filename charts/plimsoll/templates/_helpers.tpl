{{- define "plimsoll.fullname" -}}
{{- if contains "plimsoll" .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-plimsoll" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "plimsoll.selector" -}}
app.kubernetes.io/name: plimsoll
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "plimsoll.labels" -}}
{{ include "plimsoll.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "plimsoll.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Whether the webhook calls the API server: "true" or nothing. */ -}}
{{- define "plimsoll.callsApiServer" -}}
{{- if or .Values.cluster.enabled (eq .Values.certificate.source "managed") }}true{{ end }}
{{- end }}

{{- define "plimsoll.secretName" -}}
{{- if eq .Values.certificate.source "managed" }}{{ include "plimsoll.fullname" . }}-certificates{{ else if eq .Values.certificate.source "existing" }}{{ required "certificate.existingSecret is needed with certificate.source existing" .Values.certificate.existingSecret }}{{ else }}{{ include "plimsoll.fullname" . }}-tls{{ end }}
{{- end }}

{{- /* Name of the Service in the certificate. */ -}}
{{- define "plimsoll.serverName" -}}
{{ include "plimsoll.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end }}

{{- /*
The generated certificate: of the cluster's Secret if there is one, else made once for all templates of this render.
*/ -}}
{{- define "plimsoll.generated" -}}
{{- if not (hasKey .Values "generatedCertificate") }}
{{- $name := include "plimsoll.secretName" . }}
{{- $old := lookup "v1" "Secret" .Release.Namespace $name }}
{{- if and $old $old.data }}
{{- $_ := set .Values "generatedCertificate" (dict "ca" (index $old.data "ca.crt") "cert" (index $old.data "tls.crt") "key" (index $old.data "tls.key")) }}
{{- else }}
{{- $server := include "plimsoll.serverName" . }}
{{- $ca := genCA "plimsoll" (int .Values.certificate.days) }}
{{- $leaf := genSignedCert $server nil (list $server) (int .Values.certificate.days) $ca }}
{{- $_ := set .Values "generatedCertificate" (dict "ca" (b64enc $ca.Cert) "cert" (b64enc $leaf.Cert) "key" (b64enc $leaf.Key)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "plimsoll.caBundle" -}}
{{- if .Values.certificate.caBundle }}
caBundle: {{ .Values.certificate.caBundle }}
{{- else if eq .Values.certificate.source "generated" }}
{{- include "plimsoll.generated" . }}
caBundle: {{ .Values.generatedCertificate.ca }}
{{- end }}
{{- end }}

{{- /* One webhook; takes root, name, hook. */ -}}
{{- define "plimsoll.webhook" -}}
{{- $root := .root }}
- name: {{ .name }}
  admissionReviewVersions: [v1]
  sideEffects: None
  matchPolicy: Equivalent
  failurePolicy: {{ .hook.failurePolicy }}
  timeoutSeconds: {{ .hook.timeoutSeconds }}
  clientConfig:
    {{- if $root.Values.webhookUrl }}
    url: {{ $root.Values.webhookUrl }}{{ .hook.path }}
    {{- else }}
    service:
      name: {{ include "plimsoll.fullname" $root }}
      namespace: {{ $root.Release.Namespace }}
      port: 443
      path: {{ .hook.path }}
    {{- end }}
    {{- include "plimsoll.caBundle" $root | trim | nindent 4 }}
  {{- /* The cluster must start, and the webhook itself be deployed, while nobody answers. */}}
  namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: NotIn
        {{- /* A selector knows no patterns: those are the webhook's to exempt. */}}
        values:
          - {{ $root.Release.Namespace }}
          {{- range $root.Values.settings.exemptNamespaces | default (list "kube-system") }}
          {{- if not (or (contains "*" .) (eq . $root.Release.Namespace)) }}
          - {{ . }}
          {{- end }}
          {{- end }}
      {{- with .hook.namespaceSelector }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- with .hook.objectSelector }}
  objectSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .hook.matchConditions }}
  matchConditions: {{- toYaml . | nindent 4 }}
  {{- end }}
  rules: {{- toYaml .hook.rules | nindent 4 }}
{{- end }}
