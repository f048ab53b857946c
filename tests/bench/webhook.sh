#!/usr/bin/env bash
# Loads `plimsoll webhook` over TLS with keep-alive connections on this machine, and a webhook in Go beside it (tests/bench/go_webhook)
# where Go is there to build it.
#
#   tests/bench/webhook.sh build/release/plimsoll [POLICIES [SECONDS]]    the figures; about SECONDS (8) x 20
#   tests/bench/webhook.sh build/release/plimsoll --million [POLICIES]    memory while 1,000,000 requests are answered
#   tests/bench/webhook.sh build/release/plimsoll --check                 a short one that must pass: all answered, memory flat
#
# The body is a Pod review of 6 kB that violates nothing. wrk asks as fast as it can (it takes least of the processor for itself), h2load
# (nghttp2-client) at a fixed rate, and both protocols. For scale: Gatekeeper 3.23 with the 10 policies of the shared measurement over
# TLS with 8 connections: 1,458 requests/s, 1.3 ms of processor time a request, p50 5.3 ms, p99 23.5 ms, 130 MB.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
plimsoll=$(realpath "${1:?usage: webhook.sh PLIMSOLL [--million|--check] [POLICIES [SECONDS]]}")
mode=figures
if [[ ${2:-} == --* ]]; then
  mode=${2#--}
  set -- "$1" "${@:3}"
fi
policies=${2:-$root/../shared/bench/policies.yaml}
seconds=${3:-8}
review=$root/tests/bench/pod-review.json
source "$root/tests/e2e/ports.sh"
reserve_ports port
url="https://127.0.0.1:$port/validate?timeout=10s"
command -v h2load >/dev/null || { echo "webhook.sh: skipped: h2load is missing (apt-get install nghttp2-client)" >&2; exit 77; }

work=$(mktemp -d)
pid=''
finish() {
  [[ -z $pid ]] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT
ticks=$(getconf CLK_TCK)
cpu() { awk '{print $14 + $15}' "/proc/$pid/stat"; }  # of the whole process, in ticks
memory() { awk '/^VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$pid/status"; }
until_ready() {
  for _ in $(seq 600); do
    curl -fks "https://127.0.0.1:$port/readyz" >/dev/null && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/log" >&2
  exit 1
}
start() { # FLAGS...
  "$plimsoll" webhook --listen "127.0.0.1:$port" --self-signed --cert-dir "$work/certs" --drain-delay 0 --log-level warning "$@" \
    </dev/null >"$work/log" 2>&1 &
  pid=$!
  until_ready
}
start_go() { # POLICY-FILES...
  "$work/go_webhook" -listen "127.0.0.1:$port" -cert "$work/certs/tls.crt" -key "$work/certs/tls.key" "$@" </dev/null >"$work/log" 2>&1 &
  pid=$!
  until_ready
}
stop() {
  kill "$pid"
  wait "$pid" 2>/dev/null || true
  pid=''
}
row() { # NAME COUNT TICKS P50 P99   (milliseconds)
  awk -v name="$1" -v count="$2" -v used="$3" -v p50="$4" -v p99="$5" -v ticks="$ticks" -v seconds="$seconds" -v rss="$(memory)" 'BEGIN {
    if (count == 0) { print name ": no request was answered"; exit 1 }
    printf "%-40s %8.0f /s %7.1f us cpu %7.2f ms p50 %7.2f ms p99 %7.1f MB\n", name, count / seconds, used / ticks * 1e6 / count, p50, p99, rss }'
}

# As fast as answers come.
asap() { # NAME CONNECTIONS
  local before after
  wrk -t 1 -c "$2" -d 1 -s "$work/post.lua" "$url" >/dev/null
  before=$(cpu)
  wrk -t 1 -c "$2" -d "$seconds" -s "$work/post.lua" "$url" >"$work/out"
  after=$(cpu)
  if grep -E 'Non-2xx|Socket errors' "$work/out"; then exit 1; fi
  # shellcheck disable=SC2046
  row "$1" $(awk -v used=$((after - before)) '/^figures/ {print $2, used, $3, $4}' "$work/out")
}

# At a fixed rate, or in HTTP/2: h2load's flags.
loaded() { # NAME FLAGS...
  local name=$1 before after
  shift
  before=$(cpu)
  h2load -t 1 -D "$seconds" --log-file "$work/times" -d "$review" -H 'content-type: application/json' "$@" "$url" >"$work/out" 2>&1
  after=$(cpu)
  grep -q ' 0 failed, 0 errored, 0 timeout' "$work/out" || grep '^requests:' "$work/out"
  # The log has microseconds of each request.
  cut -f3 "$work/times" | sort -n >"$work/sorted"
  # shellcheck disable=SC2046
  row "$name" $(awk -v used=$((after - before)) '{t[NR] = $1} END {print NR, used, t[int((NR + 1) / 2)] / 1000, t[int(NR * 0.99)] / 1000}' "$work/sorted")
  rm -f "$work/times"
}

# Memory after each tenth of so many requests; fails where it grows by more than 2 MB after the first fifth.
flat() { # REQUESTS
  local before='' now
  for tenth in $(seq 10); do
    h2load --h1 -t 1 -c 8 -n $(($1 / 10)) -d "$review" -H 'content-type: application/json' "$url" >"$work/out" 2>&1
    grep -q " $(($1 / 10)) 2xx" "$work/out" || { grep -E '^(requests|status)' "$work/out"; exit 1; }
    now=$(memory)
    echo "  $((tenth * ($1 / 10))) requests: $now MB"
    ((tenth != 2)) || before=$now
  done
  awk -v before="$before" -v now="$now" 'BEGIN { exit !(now - before <= 2) }' || { echo "memory grew from $before to $now MB"; exit 1; }
}

case $mode in
check)
  start --pack pod-security-restricted --http2
  flat 50000
  h2load -t 1 -c 4 -m 16 -n 20000 -d "$review" -H 'content-type: application/json' "$url" >"$work/out" 2>&1
  grep -q ' 20000 2xx' "$work/out" || { cat "$work/out"; exit 1; }
  grep 'Application protocol: h2' "$work/out"
  stop
  echo "webhook.sh: 70000 requests answered, memory is flat"
  exit
  ;;
million)
  start --pack pod-security-restricted --policies "$policies"
  flat 1000000
  exit
  ;;
figures) ;;
*) echo "webhook.sh: no such mode: --$mode" >&2; exit 2 ;;
esac

command -v wrk >/dev/null || { echo "webhook.sh: wrk is missing (apt-get install wrk)" >&2; exit 77; }
[[ -e $policies ]] || { echo "webhook.sh: $policies is not there: name the policies to measure with" >&2; exit 2; }
cat >"$work/post.lua" <<LUA
wrk.method = "POST"
local file = io.open("$review", "rb")
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/json"
function done(summary, latency)
  print(string.format("figures %d %.3f %.3f", summary.requests, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
LUA
with_go=''
if command -v go >/dev/null && (cd "$root/tests/bench/go_webhook" && go build -o "$work/go_webhook" .) >"$work/log" 2>&1; then
  with_go=1
else
  echo "webhook.sh: no Go here, or it could not build tests/bench/go_webhook: the ratio to it is left out"
fi
restricted=("$root"/rules/pod-security-restricted/*/policy.yaml)

echo "6 kB Pod reviews over TLS 1.3, $(nproc) cores with the load generator on them"
start
asap "no policies, 8 connections" 8
stop
start --policies "$policies"
asap "10 policies, 8 connections" 8
stop
if [[ -n $with_go ]]; then
  start_go "$policies"
  asap "  the same in Go" 8
  stop
fi
start --pack pod-security-restricted --policies "$policies"
asap "restricted + 10, 8 connections" 8
asap "restricted + 10, 64 connections" 64
# Half of what is aimed at, 7,500 requests/s. h2load lets all connections ask at the same moment: 64 of them queue for their answers.
loaded "restricted + 10, 7,504 /s, 8 connections" --h1 -c 8 --rps 938
loaded "restricted + 10, 7,504 /s, 64 connections" --h1 -c 64 --rps 117.25
loaded "HTTP/1.1, 8 connections (h2load)" --h1 -c 8
loaded "HTTP/2, 8 connections (h2load)" --npn-list h2 -c 8
loaded "HTTP/2, 8 connections x 8 (h2load)" --npn-list h2 -c 8 -m 8
loaded "HTTP/2, 1 connection x 8 (h2load)" --npn-list h2 -c 1 -m 8
stop
if [[ -n $with_go ]]; then
  start_go "$policies" "${restricted[@]}"
  asap "  restricted + 10 in Go, 8 connections" 8
  asap "  restricted + 10 in Go, 64 connections" 64
  stop
fi
