{{/* The security context that every container has and no value takes away. OpenShift gives the user number itself. */}}
{{- define "lightrun.enforcedSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: {{ .Values.general.readOnlyRootFilesystem }}
runAsNonRoot: true
{{- if not .Values.general.openshift }}
runAsUser: 10001
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* What the user adds to the security context of a component, under what is enforced. */}}
{{- define "lightrun.containerSecurityContext" -}}
{{- $own := deepCopy (index .root.Values.deployments .component).containerSecurityContext -}}
{{- $enforced := include "lightrun.enforcedSecurityContext" .root | fromYaml -}}
{{- toYaml (mustMergeOverwrite $own $enforced) -}}
{{- end -}}

{{/* The security context of the pod; on OpenShift without the group, which the namespace has a range of. */}}
{{- define "lightrun.podSecurityContext" -}}
{{- $own := (index .root.Values.deployments .component).podSecurityContext -}}
{{- if .root.Values.general.openshift -}}
{{- $own = omit $own "fsGroup" -}}
{{- end -}}
{{- with $own -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{/* A volume for what a component writes, as its root file system may be read-only. */}}
{{- define "lightrun.scratchVolume" -}}
- name: scratch
  emptyDir:
    sizeLimit: {{ .Values.general.readOnlyRootFilesystem_tmpfs_sizeLimit }}
{{- end -}}
