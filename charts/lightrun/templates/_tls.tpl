{{/* TLS towards clients, and between the components. */}}

{{/* The Secret with the certificate of general.lightrun_endpoint. */}}
{{- define "lightrun.certificateSecret" -}}
{{- if .Values.certificate.tls.crt -}}
{{ include "lightrun.name" . }}-certificate
{{- else -}}
{{ required "certificate needs existing_cert, or tls.crt and tls.key" .Values.certificate.existing_cert }}
{{- end -}}
{{- end -}}

{{/* "true" if the components speak TLS with each other. */}}
{{- define "lightrun.internalTls" -}}
{{- if .Values.general.internal_tls.enabled -}}true{{- end -}}
{{- end -}}

{{- define "lightrun.scheme" -}}
{{- ternary "https" "http" .Values.general.internal_tls.enabled -}}
{{- end -}}

{{/* An external Redis has a setting of its own. */}}
{{- define "lightrun.redisTls" -}}
{{- $redis := .Values.deployments.redis -}}
{{- ternary $redis.encryption.enabled .Values.general.internal_tls.enabled $redis.external.enabled -}}
{{- end -}}

{{- define "lightrun.componentUrl" -}}
{{ include "lightrun.scheme" .root }}://{{ include "lightrun.componentName" . }}:{{ .port }}
{{- end -}}

{{/* "true" if the chart makes the certificates. */}}
{{- define "lightrun.generatesCertificates" -}}
{{- $tls := .Values.general.internal_tls -}}
{{- if and $tls.enabled (eq $tls.certificates.source "generate_self_signed_certificates") -}}true{{- end -}}
{{- end -}}

{{/* The Secret with the certificate of a component. */}}
{{- define "lightrun.internalCertificate" -}}
{{- if include "lightrun.generatesCertificates" .root -}}
{{ include "lightrun.componentName" . }}-cert
{{- else -}}
{{- $message := printf "general.internal_tls.certificates.existing_certificates.%s is needed" .component -}}
{{- required $message (index .root.Values.general.internal_tls.certificates.existing_certificates .component) -}}
{{- end -}}
{{- end -}}

{{- define "lightrun.internalCertificateVolume" -}}
{{- if include "lightrun.internalTls" .root -}}
- name: internal-cert
  secret:
    secretName: {{ include "lightrun.internalCertificate" . }}
{{- end -}}
{{- end -}}

{{- define "lightrun.internalCertificateMount" -}}
{{- if include "lightrun.internalTls" . -}}
- name: internal-cert
  mountPath: /internal-cert
  readOnly: true
{{- end -}}
{{- end -}}

{{/* The Secret with the CA that signed the internal certificates, or nothing where a public one did. */}}
{{- define "lightrun.caSecret" -}}
{{- if include "lightrun.generatesCertificates" . -}}
{{ include "lightrun.name" . }}-internal-ca
{{- else if include "lightrun.internalTls" . -}}
{{ .Values.general.internal_tls.certificates.existing_ca_secret_name }}
{{- end -}}
{{- end -}}

{{- define "lightrun.caVolume" -}}
{{- with include "lightrun.caSecret" . -}}
- name: internal-ca
  secret:
    secretName: {{ . }}
    items:
      - key: ca.crt
        path: ca.crt
{{- end -}}
{{- end -}}

{{- define "lightrun.caMount" -}}
{{- if include "lightrun.caSecret" . -}}
- name: internal-ca
  mountPath: /internal-ca
  readOnly: true
{{- end -}}
{{- end -}}

{{/* "true" if the router takes TLS; else whatever stands before it ends TLS. */}}
{{- define "lightrun.routerTls" -}}
{{- if or .Values.general.router.tls.enabled .Values.general.internal_tls.enabled -}}true{{- end -}}
{{- end -}}

{{/* Name of the router's port. */}}
{{- define "lightrun.routerPort" -}}
{{- if include "lightrun.routerTls" . -}}https{{- else -}}http{{- end -}}
{{- end -}}

{{/* Annotations that let Helm make a generated Secret once: upgrades leave it alone. */}}
{{- define "lightrun.generatedHook" -}}
helm.sh/hook: pre-install
helm.sh/hook-delete-policy: before-hook-creation
{{- end -}}
