# pid 1 of one machine of the lab. It speaks with the hub over its standard input and output:
#   -> place PID-SEEN-BY-THE-HUB PID-SEEN-BY-THE-TEST
#   <- go            (the hub has moved the machine's interfaces into its network namespace)
#   -> up
# LAB, VISIBLE      as in hub-init.sh
# MACHINE           the host name
# IP_BATCH          commands for `ip -batch`
set -eu

read -r hub_pid rest < /proc/self/stat
read -r test_pid rest < "$LAB/hostproc/self/stat"
# Addresses are usable at once: nobody else in a lab can have them.
for scope in all default; do
  echo 0 2>/dev/null > "/proc/sys/net/ipv6/conf/$scope/accept_dad" || true
  echo 0 2>/dev/null > "/proc/sys/net/ipv6/conf/$scope/accept_ra" || true
done
echo "place $hub_pid $test_pid"

hostname "$MACHINE"
root="$LAB/machines/$MACHINE"
mount --bind "$root" "$root"
cd "$root"
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom; do
  : > "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr

number=0
while IFS='|' read -r source target; do
  if [ -d "$source" ]; then mkdir -p ".$target"; else mkdir -p ".${target%/*}"; [ -e ".$target" ] || : > ".$target"; fi
  mount --rbind "$LAB/visible/$number" ".$target"
  number=$((number + 1))
done <<EOF
$VISIBLE
EOF
mkdir -p .lab/pts
mount --bind "$LAB/pts" .lab/pts

mount -t proc proc proc
if [ -e proc/sysrq-trigger ]; then mount --bind /dev/null proc/sysrq-trigger; fi
mount -t sysfs -o ro sysfs sys 2>/dev/null || mount --rbind /sys sys

mkdir -p .old
pivot_root . .old
cd /
umount -l /.old
rmdir /.old

read -r go
printf '%s\n' "$IP_BATCH" | ip -batch -
echo up
unset LAB VISIBLE MACHINE IP_BATCH
exec < /dev/null > /dev/null 2>&1
# Adopt and reap what daemons leave behind, until the power goes.
while :; do
  sleep infinity &
  wait
done
