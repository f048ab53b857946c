# Functions for a real API server on loopback, for sourcing. Wants $binaries (folder with kube-apiserver and etcd) and $work (an empty
# folder); gives $kubeconfig. All processes are children of the caller's shell.

# Three neighbouring ports that nobody listens on.
free_ports() {
  local port
  for ((port = 21000 + RANDOM % 20000; ; port += 3)); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && ! (exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null &&
      ! (exec 3<>"/dev/tcp/127.0.0.1/$((port + 2))") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

wait_until() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "e2e: not in time: $*" >&2; return 1; }
    sleep 0.2
  done
}

start_etcd() {
  "$binaries/etcd" --name e2e --data-dir "$work/etcd" --unsafe-no-fsync --log-level error \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$((etcd_port + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((etcd_port + 1))" \
    --initial-cluster "e2e=http://127.0.0.1:$((etcd_port + 1))" </dev/null >"$work/etcd.log" 2>&1 &
  etcd_pid=$!
  wait_until 30 curl -fs "http://127.0.0.1:$etcd_port/health"
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
  wait_until 90 curl -fks "https://127.0.0.1:$apiserver_port/readyz"
}

start_cluster() {
  apiserver_port=$(free_ports)
  etcd_port=$((apiserver_port + 1))
  mkdir -p "$work/apiserver"
  openssl genrsa -out "$work/sa.key" 2048 2>/dev/null
  echo 'e2e-token,e2e,e2e-uid,"system:masters"' >"$work/tokens.csv"
  cat >"$work/audit-policy.yaml" <<'YAML'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, verbs: [get, list, watch]}
- {level: None, users: ["system:apiserver"]}
- {level: Metadata}
YAML
  start_etcd
  start_apiserver
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
