#!/bin/sh
# Pid 1 of a clean Debian system in namespaces of its own: boot-systemd.sh ROOT FILES SCRATCH NODE. ROOT stays as it is: an
# overlay in memory takes what is written. FILES appears as /media; NODE is the Node.js program of this machine; SCRATCH
# is an empty folder.
set -e
root=$1 files=$2 scratch=$3 node=$4
mount --make-rprivate /
mount -t tmpfs scratch "$scratch"
mkdir "$scratch/up" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$scratch/up,workdir=$scratch/work" "$scratch/root"
cd "$scratch/root"
mount -t proc proc proc
mount -t sysfs sysfs sys 2> /dev/null || mount --rbind /sys sys
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
  : > "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup
mkdir sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
mount --bind "$files" media
: > usr/local/bin/node
mount --bind "$node" usr/local/bin/node
rm -f usr/sbin/policy-rc.d etc/systemd/system/multi-user.target.wants/nginx.service
echo node1 > etc/hostname
hostname node1
ip link set lo up
ip link add eth0 type veth peer name cable
ip addr add 10.77.0.1/24 dev eth0
ip link set eth0 up
ip link set cable up
mkdir .old
pivot_root . .old
cd /
umount -l /.old
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=multi-user.target --show-status=no
