# What a user of the cluster sees, checked; for sourcing after cluster.sh.

failures=0 checks=0
fail() { failures=$((failures + 1)); echo "FAIL: $*"; }
# Output of the command must have the text, and its exit code must be as told.
expect() { # ok|refused TEXT COMMAND...
  local wanted=$1 text=$2 output code
  shift 2
  checks=$((checks + 1))
  output=$("$@" 2>&1)
  code=$?
  if { [[ $wanted == ok ]] && ((code != 0)); } || { [[ $wanted == refused ]] && ((code == 0)); } || [[ $output != *"$text"* ]]; then
    fail "$* (exit $code): expected $wanted with: $text"
    sed 's/^/    /' <<<"$output"
  fi
}
refute() { # TEXT COMMAND...
  local text=$1 output
  shift
  checks=$((checks + 1))
  output=$("$@" 2>&1) || fail "$*: $output"
  [[ $output != *"$text"* ]] || fail "$*: must not say: $text"
}
# The condition comes true within the time.
eventually() { # SECONDS COMMAND...
  checks=$((checks + 1))
  wait_until "$@" || fail "not within $1 s: ${*:2}"
}
k() { kubectl --kubeconfig "$kubeconfig" "$@"; }
metric() { curl -fks "https://localhost:$webhook_port/metrics" | sed -n "s/^$1 //p"; } # NAME{LABELS}

# The last line, and the exit code.
finish_checks() {
  ((failures == 0)) || tail -20 "$work/webhook.log" | sed 's/^/  webhook: /'
  echo "$test_name: $((checks - failures)) passed, $failures failed"
  exit $((failures > 0))
}
