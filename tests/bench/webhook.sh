#!/usr/bin/env bash
# Loads `plimsoll webhook` over TLS with keep-alive connections, by h2load (Debian package nghttp2-client), on this machine.
#
#   tests/bench/webhook.sh build/release/plimsoll [POLICIES [SECONDS]]
#
# The body is a Pod review of 6 kB that violates nothing; in force are pod-security-restricted and the policies of the shared
# measurement. Each line: requests a second, processor time of the webhook for one request, latencies, memory. For scale: Gatekeeper
# 3.23 with the same 10 policies alone: 1,458 requests/s, 1.3 ms, p50 5.3 ms, p99 23.5 ms, 130 MB.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
plimsoll=$(realpath "${1:?usage: webhook.sh PLIMSOLL [POLICIES [SECONDS]]}")
policies=${2:-$root/../shared/bench/policies.yaml}
seconds=${3:-10}
port=${PORT:-18443}
command -v h2load >/dev/null || { echo "webhook.sh: h2load is missing (apt-get install nghttp2-client)" >&2; exit 2; }
[[ -e $policies ]] || { echo "webhook.sh: $policies is not there: name the policies to measure with" >&2; exit 2; }

work=$(mktemp -d)
pid=''
finish() {
  [[ -z $pid ]] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT
ticks=$(getconf CLK_TCK)
cpu() { awk '{print $14 + $15}' "/proc/$pid/stat"; }          # of the whole process, in ticks
memory() { awk '/^VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$pid/status"; }

# start FLAGS...
start() {
  "$plimsoll" webhook --listen "127.0.0.1:$port" --self-signed --cert-dir "$work/certs" --drain-delay 0 --log-level warning "$@" \
    </dev/null >"$work/log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    curl -fks "https://127.0.0.1:$port/readyz" >/dev/null && return
    sleep 0.1
  done
  cat "$work/log" >&2
  exit 1
}
stop() {
  kill "$pid"
  wait "$pid" || true
  pid=''
}

# measure NAME CONNECTIONS [REQUESTS-PER-SECOND-OF-EACH]
measure() {
  local before after done_ flags=()
  [[ -z ${3:-} ]] || flags=(--rps "$3")
  before=$(cpu)
  h2load --h1 -t 1 -c "$2" -D "$seconds" --warm-up-time 1 "${flags[@]}" --log-file "$work/times" -d "$root/tests/bench/pod-review.json" \
    -H 'content-type: application/json' "https://127.0.0.1:$port/validate?timeout=10s" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
  after=$(cpu)
  done_=$(awk '/^requests:/ {print $6; exit}' "$work/out")
  if ! grep -q ' 0 failed, 0 errored, 0 timeout' "$work/out"; then grep '^requests:' "$work/out"; fi
  # The log has microseconds of each request, the warm-up left out.
  cut -f3 "$work/times" | sort -n >"$work/sorted"
  awk -v name="$1" -v ticks="$ticks" -v cpu="$((after - before))" -v seconds="$seconds" -v warm="$((seconds + 1))" -v count="$done_" -v rss="$(memory)" '
    {t[NR] = $1}
    END {
      if (NR == 0) { print "no request was answered"; exit 1 }
      p50 = t[int((NR + 1) * 0.5)]; i99 = int(NR * 0.99); if (i99 < 1) i99 = 1
      printf "%-34s %9.0f /s %8.1f us cpu %8.2f ms p50 %8.2f ms p99 %7.1f MB\n", name, count / seconds, cpu / ticks * 1e6 * seconds / warm / count, p50 / 1000, t[i99] / 1000, rss
    }' "$work/sorted"
  rm -f "$work/times"
}

echo "6 kB Pod reviews over TLS 1.3, HTTP/1.1 keep-alive, $(nproc) cores with the load generator on them:"
start
measure "no policies, 8 connections" 8
stop
start --policies "$policies"
measure "10 policies, 8 connections" 8
stop
start --pack pod-security-restricted --policies "$policies"
measure "restricted + 10, 8 connections" 8
measure "restricted + 10, 64 connections" 64
# Half of what was aimed at: 7,500 requests/s.
measure "restricted + 10, 7,504 /s asked" 64 117.25
stop
