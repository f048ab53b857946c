#!/usr/bin/env bash
# tests/bench/render.sh CHART...   Renders each chart many times with plimsoll, and with helm when it is installed: mean time of a
# run, process start included, and the most memory used. Closes each chart with the ratios helm : plimsoll.
#   PLIMSOLL=FILE [build/release/plimsoll]   HELM=FILE [helm]   RUNS=N [20]   FLAGS="--kube-version 1.34.0"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

plimsoll=${PLIMSOLL:-build/release/plimsoll}
helm=${HELM:-helm}
runs=${RUNS:-20}
read -ra flags <<<"${FLAGS:-}"

if (($# == 0)); then
  sed -n 's/^# \{0,1\}//; 2,4p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi

# Milliseconds of a run (elapsed and of the processor) and kilobytes, of the command's RUNS runs.
measure() {
  python3 - "$runs" "$@" <<'PYTHON'
import os, shutil, subprocess, sys, time
runs, command = int(sys.argv[1]), sys.argv[2:]
subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # files into the page cache
elapsed, processor, memory = [], [], "0"
for _ in range(runs):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    elapsed.append(time.perf_counter() - start)
    processor.append(usage.ru_utime + usage.ru_stime)
    if status:
        sys.exit("render.sh: %s fails" % " ".join(command))
# A child's usage counts what its parent held when it started it; time(1) holds next to nothing.
if shutil.which("time"):
    told = subprocess.run([shutil.which("time"), "-f", "%M", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    memory = told.stderr.decode().split()[-1]
print("%.1f %.1f %s" % (sum(elapsed) / runs * 1e3, sum(processor) / runs * 1e3, memory))
PYTHON
}

for chart in "$@"; do
  echo "$chart"
  read -r ours ours_cpu ours_memory < <(measure "$plimsoll" render bench "$chart" "${flags[@]}")
  printf '  %-9s %7s ms  %7s ms of processor  %8s KiB\n' plimsoll "$ours" "$ours_cpu" "$ours_memory"
  if ! command -v "$helm" >/dev/null; then
    echo "  helm is not installed"
    continue
  fi
  read -r theirs theirs_cpu theirs_memory < <(measure "$helm" template bench "$chart" "${flags[@]}")
  printf '  %-9s %7s ms  %7s ms of processor  %8s KiB\n' helm "$theirs" "$theirs_cpu" "$theirs_memory"
  awk -v a="$ours" -v b="$theirs" -v c="$ours_cpu" -v d="$theirs_cpu" -v e="$ours_memory" -v f="$theirs_memory" \
    'BEGIN { printf "  ratio     %7.1f     %7.1f                  %8.1f\n", b / a, d / c, (e > 0 ? f / e : 0) }'
done
