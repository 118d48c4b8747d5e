/**
 * pid 1 of a guest: mounts, modules, the network, then the agent. The agent reads lines `ID BASE64` from a virtual
 * port, runs each as a command of the shell, and answers `ID EXITCODE BASE64-OF-OUTPUT`.
 * Kernel arguments: vm.name=HOSTNAME vm.net0=ADDRESS/PREFIX (eth0), vm.net1= (eth1).
 */
export const INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox --install -s /bin
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
while read -r module; do insmod "/lib/modules/$module.ko" || echo "vm: $module cannot be loaded"; done < /lib/modules/order
ip link set lo up
for word in $(cat /proc/cmdline); do
  case $word in
    vm.name=*) hostname "\${word#vm.name=}" ;;
    vm.net*=*)
      rest=\${word#vm.net}
      device=eth\${rest%%=*}
      ip link set "$device" up
      ip addr add "\${rest#*=}" brd + dev "$device"
      ;;
  esac
done
port=
for folder in /sys/class/virtio-ports/*; do
  [ "$(cat "$folder/name" 2>/dev/null)" = agent ] && port=/dev/\${folder##*/}
done
echo "vm: up, agent on $port"
exec 3<> "$port"
echo "0 0 " >&3
while :; do
  while IFS=' ' read -r id text <&3; do
    [ -n "$text" ] || continue
    echo "$text" | base64 -d > /tmp/.command
    sh /tmp/.command > /tmp/.output 2>&1 < /dev/null 3>&-
    code=$?
    echo "$id $code $(base64 -w 0 /tmp/.output)" >&3
  done
  sleep 1
done
`;
