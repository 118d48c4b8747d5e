# shellcheck shell=sh
# A resource that this machine cannot have: `reason` is the sentence that start says. Its status is stopped and its
# stop always works, so that a group that names it is released in order.

name=$(basename "$0")

[ $# -ge 1 ] || set -- ''
for verb in "$@"; do :; done
case $verb in
  start)
    echo "$name: ERROR: ${reason:?}" >&2
    exit 5
    ;;
  stop) exit 0 ;;
  status | monitor)
    echo "$name is stopped (not running)"
    exit 3
    ;;
  *)
    echo "usage: $name [ARGUMENTS...] start|stop|status|monitor" >&2
    exit 1
    ;;
esac
