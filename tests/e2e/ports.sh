# Ports of loopback for servers of a test; for sourcing.
#
#   reserve_ports webhook_port   # $webhook_port and the two after it

# Three neighbouring ports, the first one's number into the variable. Not from those that the kernel gives to clients: connections of
# other tests would take them without listening. Locked until this shell and its children have ended, against tests that run beside it.
reserve_ports() { # VARIABLE
  local low=32768 high=60999 candidate lock locks=${TMPDIR:-/tmp}/plimsoll-e2e-ports-$UID
  [[ ! -r /proc/sys/net/ipv4/ip_local_port_range ]] || read -r low high </proc/sys/net/ipv4/ip_local_port_range
  if ((low > 12000)); then
    high=$((low - 3)) low=10000
  elif ((high < 64000)); then
    low=$((high + 1)) high=65533
  fi
  mkdir -p "$locks"
  while true; do
    candidate=$((low + RANDOM % (high - low)))
    candidate=$((candidate - candidate % 3))
    exec {lock}>"$locks/$candidate"
    if flock -n "$lock" && ! is_used "$candidate" && ! is_used $((candidate + 1)) && ! is_used $((candidate + 2)); then break; fi
    exec {lock}>&-
  done
  printf -v "$1" '%s' "$candidate"
}
is_used() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
