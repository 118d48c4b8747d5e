# The first process of a lab (run by `unshare`, pid 1 of the lab's outer pid namespace).
# It lays out the lab's own folder and becomes the hub. When it ends, the kernel ends everything in the lab and its
# mounts, interfaces and namespaces go with it.
#
# LAB       an existing folder that this mount namespace covers with the lab's memory file system
# VISIBLE   what the machines see of the host, one a line: SOURCE|TARGET (bound read-only)
# NODE, AGENT   the node binary and the agent script
set -eu

read -r HOST_PID rest < /proc/self/stat
mount -t tmpfs -o mode=755 heartbeat-lab "$LAB"
mkdir "$LAB/hostproc" "$LAB/visible" "$LAB/pts" "$LAB/machines"

# The parent's view of /proc: a machine's init reads its own process id as the test sees it from here.
mount --rbind /proc "$LAB/hostproc"
mount -t proc proc /proc
if [ -e /proc/sysrq-trigger ]; then mount --bind /dev/null /proc/sysrq-trigger; fi
# The switch is no host: its own ports must not speak IPv6.
for scope in all default; do
  echo 1 2>/dev/null > "/proc/sys/net/ipv6/conf/$scope/disable_ipv6" || true
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=666 devpts "$LAB/pts"

number=0
while IFS='|' read -r source target; do
  if [ -d "$source" ]; then mkdir "$LAB/visible/$number"; else : > "$LAB/visible/$number"; fi
  mount --rbind "$source" "$LAB/visible/$number"
  # An ordinary user may not always tighten a mount of the host: its own rights are the limit then.
  mount -o remount,bind,ro "$LAB/visible/$number" 2>/dev/null || true
  number=$((number + 1))
done <<EOF
$VISIBLE
EOF

export HOST_PID
exec "$NODE" "$AGENT" hub
