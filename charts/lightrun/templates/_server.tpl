{{/* What backend and crons share: both run the server. */}}

{{/* Host and port of the database. */}}
{{- define "lightrun.dbAddress" -}}
{{- $general := .Values.general -}}
{{- if $general.db_local -}}
{{ include "lightrun.componentName" (dict "root" . "component" "mysql") }}:3306
{{- else -}}
{{ required "general.db_endpoint is needed with db_local: false" $general.db_endpoint }}:{{ $general.db_port }}
{{- end -}}
{{- end -}}

{{- define "lightrun.jdbcUrl" -}}
{{- $general := .Values.general -}}
{{- $tls := ternary "sslMode=verify-full" "sslMode=disable&allowPublicKeyRetrieval=true" $general.db_require_secure_transport -}}
jdbc:mariadb://{{ include "lightrun.dbAddress" . }}/{{ $general.db_database }}?{{ $tls }}
{{- end -}}

{{- define "lightrun.redisHost" -}}
{{- $redis := .Values.deployments.redis -}}
{{- if $redis.external.enabled -}}
{{ required "deployments.redis.external.endpoint is needed with an external Redis" $redis.external.endpoint }}
{{- else -}}
{{ include "lightrun.componentName" (dict "root" . "component" "redis") }}
{{- end -}}
{{- end -}}

{{- define "lightrun.mqHost" -}}
{{- $mq := .Values.general.mq -}}
{{- if $mq.local -}}
{{ include "lightrun.componentName" (dict "root" . "component" "rabbitmq") }}
{{- else -}}
{{ required "general.mq.mq_endpoint is needed with mq.local: false" $mq.mq_endpoint }}
{{- end -}}
{{- end -}}

{{/* Heap of a Java component, as the virtual machine reads it from _JAVA_OPTIONS. */}}
{{- define "lightrun.javaOptions" -}}
-Xms{{ .heap.initial }} -Xmx{{ .heap.max }}
{{- with .options }} {{ . }}{{ end }}
{{- end -}}

{{/* The Secrets that the server and Keycloak read. */}}
{{- define "lightrun.backendSecret" -}}
{{- .Values.general.deploy_secrets.existing_secrets.backend | default (printf "%s-backend" (include "lightrun.name" .)) -}}
{{- end -}}
{{- define "lightrun.keycloakSecret" -}}
{{- .Values.general.deploy_secrets.existing_secrets.keycloak | default (printf "%s-keycloak" (include "lightrun.name" .)) -}}
{{- end -}}

{{/* A variable of the environment from a key of a Secret. */}}
{{- define "lightrun.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key | default .name }}
{{- end -}}

{{- define "lightrun.serverEnv" -}}
{{- $general := .root.Values.general -}}
{{- $redis := .root.Values.deployments.redis -}}
{{- $component := index .root.Values.deployments .component -}}
{{- $secret := include "lightrun.backendSecret" .root -}}
- name: LIGHTRUN_HOSTNAME
  value: {{ $general.name | quote }}
- name: INFO_DEPLOYMENT
  value: {{ $general.deployment_type | quote }}
- name: SPRING_DATASOURCE_URL
  value: {{ include "lightrun.jdbcUrl" .root | quote }}
- name: SPRING_FLYWAY_URL
  value: {{ include "lightrun.jdbcUrl" .root | quote }}
- name: SPRING_REDIS_HOST
  value: {{ include "lightrun.redisHost" .root | quote }}
- name: SPRING_REDIS_PORT
  value: {{ $redis.port | quote }}
- name: SPRING_REDIS_SSL
  value: {{ include "lightrun.redisTls" .root | quote }}
{{- if $redis.auth.enabled }}
{{ include "lightrun.secretEnv" (dict "name" "SPRING_REDIS_PASSWORD" "secret" $secret) }}
{{- end }}
{{- if $general.mq.enabled }}
- name: SPRING_RABBITMQ_HOST
  value: {{ include "lightrun.mqHost" .root | quote }}
- name: SPRING_RABBITMQ_PORT
  value: {{ $general.mq.port | quote }}
{{- range $index, $queue := $general.mq.queue_names }}
- name: RABBITMQ_QUEUES_{{ $index }}
  value: {{ $queue | quote }}
{{- end }}
{{- end }}
- name: SPRING_SECURITY_KEYCLOAK_URL
  value: {{ include "lightrun.componentUrl" (dict "root" .root "component" "keycloak" "port" 8080) }}/auth
- name: SPRING_SECURITY_KEYCLOAK_EXTERNAL_URL
  value: https://{{ $general.lightrun_endpoint }}/auth
{{- if include "lightrun.internalTls" .root }}
- name: SERVER_SSL_ENABLED
  value: "true"
- name: SERVER_SSL_CERTIFICATE
  value: /internal-cert/tls.crt
- name: SERVER_SSL_CERTIFICATE_PRIVATE_KEY
  value: /internal-cert/tls.key
- name: TLS_SKIPCLIENTCERTIFICATEVERIFICATION
  value: {{ not $general.internal_tls.certificates.verification | quote }}
{{- end }}
{{- if include "lightrun.encryptsKeys" .root }}
- name: SERVER_SECURITY_ENCRYPTION_KEYS_PATH
  value: file:/encryption-keys
{{- end }}
- name: _JAVA_OPTIONS
  value: {{ include "lightrun.javaOptions" $component.java | quote }}
{{- end -}}

{{/* "true" if API keys are stored encrypted. */}}
{{- define "lightrun.encryptsKeys" -}}
{{- if .Values.secrets.keysEncryption.enabled -}}true{{- end -}}
{{- end -}}

{{- define "lightrun.serverMounts" -}}
- name: scratch
  mountPath: /tmp
{{- if include "lightrun.encryptsKeys" .root }}
- name: encryption-keys
  mountPath: /encryption-keys
  readOnly: true
{{- end }}
{{- with include "lightrun.internalCertificateMount" .root }}
{{ . }}
{{- end }}
{{- with include "lightrun.caMount" .root }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "lightrun.serverVolumes" -}}
{{ include "lightrun.scratchVolume" .root }}
{{- if include "lightrun.encryptsKeys" .root }}
- name: encryption-keys
  secret:
    secretName: {{ include "lightrun.backendSecret" .root }}
    items:
      - key: encryption-key-0
        path: encryption-key-0
{{- end }}
{{- /* The crons speak for the backend, with its certificate. */}}
{{- with include "lightrun.internalCertificateVolume" (dict "root" .root "component" "backend") }}
{{ . }}
{{- end }}
{{- with include "lightrun.caVolume" .root }}
{{ . }}
{{- end }}
{{- end -}}

{{/* Starting takes minutes: Flyway migrates the database first. */}}
{{- define "lightrun.serverProbes" -}}
{{- $component := index .root.Values.deployments .component -}}
{{- $get := dict "path" "/management/health/readiness" "port" "http" "scheme" (include "lightrun.scheme" .root | upper) -}}
startupProbe:
  httpGet:
    {{- toYaml $get | nindent 4 }}
  {{- toYaml $component.startupProbe | nindent 2 }}
readinessProbe:
  httpGet:
    {{- toYaml $get | nindent 4 }}
  {{- toYaml $component.readinessProbe | nindent 2 }}
livenessProbe:
  httpGet:
    {{- toYaml (set (deepCopy $get) "path" "/version") | nindent 4 }}
  {{- toYaml $component.livenessProbe | nindent 2 }}
{{- end -}}

{{/* "true" if there is a signed system configuration. */}}
{{- define "lightrun.systemConfig" -}}
{{- with .Values.general.system_config -}}
{{- if or .content .signature -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* "true" if messages outlive the pod of the queue; storage "0" means that they don't. */}}
{{- define "lightrun.mqPersistent" -}}
{{- if ne (toString .Values.general.mq.storage) "0" -}}true{{- end -}}
{{- end -}}
