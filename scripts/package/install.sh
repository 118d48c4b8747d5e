#!/bin/sh
# Installs heartbeat from this folder: sh install.sh. DESTDIR=/path puts the files below another root and sets nothing
# up. "sh install.sh --uninstall" takes the program away and leaves /etc/ha.d and /var/lib/heartbeat.
set -eu

# @check-node@

# @setup@

here=$(dirname -- "$(readlink -f -- "$0")")
destdir=${DESTDIR:-}
list=$destdir/usr/lib/heartbeat-ts/installed-files

uninstall() {
  if [ ! -f "$list" ]; then
    echo "heartbeat was not installed by this script ($list is absent)." >&2
    exit 1
  fi
  if [ -z "$destdir" ] && heartbeat -s > /dev/null 2>&1; then heartbeat -k; fi
  grep -v '^\./etc/' "$list" | while IFS= read -r path; do rm -f "$destdir/${path#./}"; done
  rm -f "$list"
  find "$destdir/usr/lib/heartbeat-ts" -depth -type d -exec rmdir {} + 2> /dev/null || true
  rmdir "$destdir/usr/share/heartbeat" 2> /dev/null || true
  echo "heartbeat is removed. /etc/ha.d, /etc/default/heartbeat, /etc/init.d/heartbeat and /var/lib/heartbeat are left."
}

refuse_packages() {
  command -v dpkg-query > /dev/null || return 0
  for name in heartbeat heartbeat-ts; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2> /dev/null || true)" = installed ]; then
      echo "The package $name is installed and has the same files: remove it first (apt-get remove $name; for the" >&2
      echo "original, hand its resources over before with /usr/share/heartbeat/hb_standby all)." >&2
      exit 1
    fi
  done
}

install_files() {
  mkdir -p "$destdir/"
  (cd "$here/root" && find . -type d) | while IFS= read -r path; do mkdir -p "$destdir/${path#./}"; done
  (cd "$here/root" && tar --exclude=./etc -cf - .) |
    (cd "$destdir/" && tar --no-same-owner --keep-directory-symlink -xpf -)
  # A file of /etc that is there already stays; the new one is put beside it.
  (cd "$here/root" && find ./etc ! -type d) | while IFS= read -r path; do
    target=$destdir/${path#./}
    if [ -e "$target" ] && ! cmp -s "$here/root/$path" "$target"; then target=$target.new; fi
    cp -P "$here/root/$path" "$target"
  done
  (cd "$here/root" && find . ! -type d) > "$list"
}

case "${1:-}" in
  --uninstall) uninstall ; exit 0 ;;
  '') ;;
  *) echo "Usage: [DESTDIR=/path] sh $0 [--uninstall]" >&2 ; exit 2 ;;
esac

if [ -n "$destdir" ]; then
  install_files
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "Only root can install heartbeat: use sudo or su." >&2
  exit 1
fi
check_node
refuse_packages
install_files
make_accounts
make_run_folder
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
if heartbeat -s > /dev/null 2>&1; then renew_running; else say_next; fi
