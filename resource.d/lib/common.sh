# shellcheck shell=sh
# What the resource scripts of this folder share. A script sets `arguments` (what its usage says before the verb),
# `what` (what it calls the resource) and the functions running, start and stop, and ends with `act "$verb"`.

name=$(basename "$0")
# Shown behind the answer of status by a script that nobody ever ran for real.
untested=

usage() {
  echo "usage: $name ${arguments:+$arguments }start|stop|status|monitor" >&2
  exit 1
}

fail() {
  echo "$name: ERROR: $*" >&2
  exit 1
}

say() {
  echo "$name: $*"
}

# need PROGRAM PACKAGE: exit code 5 (not installed) when the program is absent.
need() {
  command -v "$1" >/dev/null 2>&1 && return 0
  echo "$name: ERROR: the program $1 is missing: install the package $2." >&2
  exit 5
}

# A file of the state of this resource; /run is empty after a boot, as the state is.
state_file() {
  folder=${HA_RUN_DIR:-/run/heartbeat}/rsctmp
  mkdir -p "$folder" || fail "the folder $folder cannot be made."
  echo "$folder/$name-$(printf '%s' "$1" | tr -c 'A-Za-z0-9.,@-' _)-$(printf '%s' "$1" | cksum | cut -d ' ' -f 1)"
}

# wait_until SECONDS COMMAND...: true as soon as the command is, false after that time.
wait_until() {
  rounds=$(($1 * 10))
  shift
  until "$@"; do
    rounds=$((rounds - 1))
    [ "$rounds" -gt 0 ] || return 1
    sleep 0.1
  done
}

# announce COUNT INTERFACE ADDRESS: tells the neighbours by ARP, once a second. The two programs called arping want to be
# told in different words that the sender is this address.
announce() {
  case $(arping --help 2>&1) in
    *Habets*) arping -q -U -c "$1" -i "$2" -S "$3" "$3" ;;
    *) arping -q -U -c "$1" -I "$2" -s "$3" "$3" ;;
  esac </dev/null >/dev/null 2>&1
}

# alive PIDFILE COMMAND: the process of the file runs, and is this command and not a later one with its number.
alive() {
  pid=
  [ ! -r "$1" ] || read -r pid _ <"$1" || :
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  grep -q "^State:[[:space:]]*[^Z[:space:]]" "/proc/$pid/status" 2>/dev/null || return 1
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ]
}

dead() {
  ! alive "$@"
}

# end_daemon PIDFILE COMMAND SECONDS: asks it to end, and kills it with its process group when it has not by then.
end_daemon() {
  alive "$1" "$2" || return 0
  ending=$pid
  kill -TERM "$ending" 2>/dev/null
  wait_until "$3" dead "$1" "$2" && return 0
  say "$2 (process $ending) did not end within $3 s and is killed."
  kill -KILL "$ending" 2>/dev/null
  kill -KILL -- "-$ending" 2>/dev/null
  wait_until 5 dead "$1" "$2" || fail "$2 (process $ending) cannot be killed."
}

act() {
  : "${what:?}"
  case $1 in
    start) running || start ;;
    stop) stop ;;
    status | monitor)
      if running; then
        echo "$what is running$untested"
      else
        echo "$what is not running$untested"
        exit 3
      fi
      ;;
    *) usage ;;
  esac
}
