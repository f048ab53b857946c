#!/bin/sh
# Times whole runs of `plimsoll lint`, and of its peers on the same manifests where they are installed.
#
#   tests/bench/lint.sh build/release/plimsoll [POLICIES MANIFESTS [SMALL]]
#
# Without files, those of the shared measurement beside the repository. Each line: seconds of wall clock and processor and peak
# memory, the best of five runs. Kyverno evaluates the same policies; kube-linter has only its own checks.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
plimsoll=$(realpath "${1:?usage: lint.sh PLIMSOLL [POLICIES MANIFESTS [SMALL]]}")
policies=${2:-$root/../shared/bench/policies.yaml}
manifests=${3:-$root/../shared/real/workloads.yaml}
small=${4:-$root/fixtures/lightrun/redis.yaml}
for file in "$policies" "$manifests" "$small"; do
  [ -e "$file" ] || { echo "lint.sh: $file is not there: name the files to measure with" >&2; exit 2; }
done

# best NAME COMMAND...: runs the command, which may find faults (exit code 1).
best() {
  name=$1
  shift
  python3 - "$name" "$@" <<'PYTHON'
import os, subprocess, sys, time

name, command = sys.argv[1], sys.argv[2:]
best = None
for _ in range(5):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if child.returncode not in (0, 1):
        sys.exit(f"{name}: exit code {child.returncode}")
    run = (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
    best = run if best is None else tuple(map(min, best, run))
print(f"{name:34} {best[0]:8.3f} s {best[1]:8.3f} s cpu {best[2]:7.1f} MB")
PYTHON
}

best "plimsoll" "$plimsoll" lint --no-config --policy "$policies" "$manifests"
best "plimsoll, one thread" "$plimsoll" lint --no-config --policy "$policies" -j 1 "$manifests"
best "plimsoll, small manifest" "$plimsoll" lint --no-config --policy "$policies" "$small"
best "plimsoll, small, pack restricted" "$plimsoll" lint --no-config --pack pod-security-restricted "$small"
if command -v kyverno >/dev/null; then best "kyverno" kyverno apply "$policies" --resource "$manifests"; else echo "kyverno is not installed"; fi
if command -v kube-linter >/dev/null; then
  best "kube-linter, its own checks" kube-linter lint "$manifests"
  best "kube-linter, small manifest" kube-linter lint "$small"
else
  echo "kube-linter is not installed"
fi
