# Functions for a real API server on loopback and the webhook beside it, for sourcing.
#
#   begin NAME PROGRAM TOOL...     what is needed, a folder $work, and the end of all processes
#   extra_tokens='token,user,...'   users of the API server besides the administrator
#   start_cluster                  etcd and kube-apiserver; gives $kubeconfig, $apiserver_port
#   make_certificates served       an authority and a certificate: $work/served.{crt,key}, $work/served-ca.crt
#   start_webhook --policies DIR   the program, with what is not about the cluster as told
#   webhook_manifests Fail CA...   the webhook configurations of charts/plimsoll, for the process here
#
# All processes are children of the caller's shell.

source tests/e2e/ports.sh
etcd_pid='' apiserver_pid='' webhook_pid=''
more_pids=()  # what a test starts itself

# Sets $plimsoll, $binaries and $work. Exit code 77 where something is missing.
begin() { # NAME PROGRAM TOOL...
  test_name=$1
  plimsoll=$(realpath "$2")
  shift 2
  local tool status
  for tool in curl openssl "$@"; do command -v "$tool" >/dev/null || skip "$tool is missing"; done
  [[ -x $plimsoll ]] || skip "no program $plimsoll"
  binaries=${PLIMSOLL_E2E_BINARIES:-}
  if [[ -z $binaries ]]; then
    binaries=$(tests/e2e/build_servers) && status=0 || status=$?
    case $status in
      0) ;;
      3) skip "no kube-apiserver and etcd, and no Go to build them" ;;
      *) echo "$test_name: kube-apiserver and etcd could not be built"; exit 1 ;;
    esac
  fi
  work=$(mktemp -d)
  trap finish EXIT
}
skip() { echo "$test_name: skipped: $*"; exit 77; }
finish() {
  local pid
  for pid in "${more_pids[@]}" "$webhook_pid" "$apiserver_pid" "$etcd_pid"; do end "$pid"; done
  if [[ -n ${E2E_KEEP:-} ]]; then echo "$test_name: kept $work"; else rm -rf "$work"; fi
}

wait_until() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "$test_name: not in time: $*" >&2; return 1; }
    sleep 0.2
  done
}

# Waits for a server that was just started; tells what it said if it does not come up.
wait_for_server() { # PID LOG URL
  local end=$((SECONDS + 180))
  until curl -fks --max-time 10 "$3" >/dev/null 2>&1; do
    if ! kill -0 "$1" 2>/dev/null || ((SECONDS >= end)); then
      echo "$test_name: no answer of $3; the last words of ${2##*/}:" >&2
      tail -5 "$2" >&2
      return 1
    fi
    sleep 0.2
  done
}

start_etcd() {
  "$binaries/etcd" --name e2e --data-dir "$work/etcd" --unsafe-no-fsync --log-level error \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$((etcd_port + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((etcd_port + 1))" \
    --initial-cluster "e2e=http://127.0.0.1:$((etcd_port + 1))" </dev/null >"$work/etcd.log" 2>&1 &
  etcd_pid=$!
  wait_for_server "$etcd_pid" "$work/etcd.log" "http://127.0.0.1:$etcd_port/health"
}

start_apiserver() {
  "$binaries/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" --bind-address 127.0.0.1 --secure-port "$apiserver_port" \
    --advertise-address 127.0.0.1 --endpoint-reconciler-type none --cert-dir "$work/apiserver" \
    --service-cluster-ip-range 10.0.0.0/24 --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$work/sa.key" --service-account-signing-key-file "$work/sa.key" \
    --token-auth-file "$work/tokens.csv" --authorization-mode RBAC --disable-admission-plugins ServiceAccount \
    --allow-privileged=true --profiling=false --event-ttl 10m --v 1 \
    --audit-policy-file "$work/audit-policy.yaml" --audit-log-path "$work/audit.log" --audit-log-mode blocking \
    </dev/null >"$work/apiserver.log" 2>&1 &
  apiserver_pid=$!
  wait_for_server "$apiserver_pid" "$work/apiserver.log" "https://127.0.0.1:$apiserver_port/readyz"
}

start_cluster() {
  reserve_ports apiserver_port
  etcd_port=$((apiserver_port + 1))
  mkdir -p "$work/apiserver"
  openssl genrsa -out "$work/sa.key" 2048 2>/dev/null
  echo 'e2e-token,e2e,e2e-uid,"system:masters"' >"$work/tokens.csv"
  [[ -z ${extra_tokens:-} ]] || echo "$extra_tokens" >>"$work/tokens.csv"
  cat >"$work/audit-policy.yaml" <<'YAML'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, verbs: [get, list, watch]}
- {level: None, users: ["system:apiserver"]}
- {level: Metadata}
YAML
  start_etcd && start_apiserver || return
  kubeconfig=$work/kubeconfig
  cat >"$kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: e2e, cluster: {server: "https://127.0.0.1:$apiserver_port", certificate-authority: $work/apiserver/apiserver.crt}}]
users: [{name: e2e, user: {token: e2e-token}}]
contexts: [{name: e2e, context: {cluster: e2e, user: e2e}}]
current-context: e2e
YAML
}

# Ends a child and waits for it.
end() { # PID
  [[ -n $1 ]] || return 0
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# An authority each time, so that rotation is of all.
make_certificates() { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=e2e $1" -keyout "$work/$1-ca.key" -out "$work/$1-ca.crt" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null
  openssl x509 -req -in "$work/$1.csr" -CA "$work/$1-ca.crt" -CAkey "$work/$1-ca.key" -CAcreateserial -days 1 -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') -out "$work/$1.crt" 2>/dev/null
}

# Serves the certificate "served"; ready when it returns.
start_webhook() { # FLAG...
  POD_NAMESPACE=plimsoll-system "$plimsoll" webhook --listen "127.0.0.1:$webhook_port" --tls-cert "$work/served.crt" --tls-key "$work/served.key" \
    --kubeconfig "${webhook_kubeconfig:-$kubeconfig}" --log-format json --log-level debug --drain-delay 0 "$@" </dev/null >>"$work/webhook.log" 2>&1 &
  webhook_pid=$!
  wait_for_server "$webhook_pid" "$work/webhook.log" "https://localhost:$webhook_port/readyz"
}

# With $work/values.yaml.
webhook_manifests() { # FAILURE-POLICY CA-FILE...
  local policy=$1
  shift
  "$plimsoll" webhook manifests --only-webhooks --values "$work/values.yaml" --set "validating.failurePolicy=$policy" --set "mutating.failurePolicy=$policy" \
    --set "certificate.caBundle=$(cat "$@" | base64 -w0)" --set "webhookUrl=https://localhost:$webhook_port"
}
