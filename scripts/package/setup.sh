# What an installed heartbeat needs of the machine; the same for the Debian package and for install.sh.

make_accounts() {
  getent group haclient > /dev/null || groupadd --system haclient
  getent passwd hacluster > /dev/null ||
    useradd --system --gid haclient --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin \
      --comment Heartbeat hacluster
}

make_run_folder() {
  if [ -d /run/systemd/system ] && command -v systemd-tmpfiles > /dev/null; then
    systemd-tmpfiles --create heartbeat.conf || true
  elif [ ! -d /run/heartbeat ]; then
    mkdir -p /run/heartbeat
    chown hacluster:haclient /run/heartbeat
    chmod 750 /run/heartbeat
  fi
}

# A running daemon becomes one of the new version: runner and loop one after the other, resources stay up.
renew_running() {
  heartbeat -s > /dev/null 2>&1 || return 0
  if command -v policy-rc.d > /dev/null; then
    policy=0
    policy-rc.d heartbeat restart > /dev/null 2>&1 || policy=$?
    if [ "$policy" = 101 ]; then
      echo "The running heartbeat stays as it is (policy-rc.d): run \"heartbeat -R\" to renew it."
      return 0
    fi
  fi
  if heartbeat -R; then
    echo "The running heartbeat was renewed; its resources stayed up."
  else
    echo "The running heartbeat could not be renewed and goes on in its old version: run \"heartbeat -R\" later." >&2
  fi
}

say_next() {
  if [ -e /etc/ha.d/ha.cf ]; then
    echo "heartbeat is installed. /etc/ha.d is as it was: \"heartbeat check\" says what it thinks of it, and"
    echo "\"service heartbeat start\" starts it."
  else
    echo "heartbeat is installed. \"heartbeat init\" writes a configuration for two nodes."
  fi
}
