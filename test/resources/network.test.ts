import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotRun, inNamespace } from './support/namespace.js';

const skip = cannotRun('ip', 'nsenter');

test('IPv6addr sets an address that the other side reaches and is told of, and takes it away; a second holder is refused', {
  skip,
}, () => {
  const output = inNamespace(
    `A="./IPv6addr 2001:db8:0:0:0:0:0:10/64/eth0"
    $A status; echo $?
    # The other side believes that the address is elsewhere.
    far ip -6 neigh replace 2001:db8::10 lladdr 02:00:00:00:00:99 nud stale dev eth1
    $A start; echo $?; $A start; echo $?; $A status; echo $?
    tries=0; until far ip -6 neigh show 2001:db8::10 | grep -q "$(mac)" || [ $tries -gt 50 ]; do tries=$((tries+1)); sleep 0.1; done
    far ip -6 neigh show 2001:db8::10 | grep -q "$(mac)" && echo told
    far ping -6 -c 1 -W 3 2001:db8::10 >/dev/null && echo reached
    $A stop; echo $?; $A stop; echo $?; $A status; echo $?
    far ip -6 address add 2001:db8::11/64 dev eth1 nodad
    ./IPv6addr 2001:db8:0:0:0:0:0:11 start; echo $?; ip -6 -o address show to 2001:db8::11
    ./IPv6addr 10.0.0.1 start; ./IPv6addr 2001:db8::1/200 start; ./IPv6addr 2001:db8::12/64/eth9 start`,
    { cable: true },
  ).split('\n');
  assert.deepEqual(output, [
    '2001:db8:0:0:0:0:0:10 is not running',
    '3',
    '0',
    '0',
    '2001:db8:0:0:0:0:0:10 is running',
    '0',
    'told',
    'reached',
    '0',
    '0',
    '2001:db8:0:0:0:0:0:10 is not running',
    '3',
    '1',
    'IPv6addr: ERROR: another machine on eth0 answers for 2001:db8:0:0:0:0:0:11: it has to be stopped there first.',
    'IPv6addr: ERROR: "10.0.0.1" is not an IPv6 address.',
    'IPv6addr: ERROR: the prefix length "200" is not a number from 0 to 128.',
    'IPv6addr: ERROR: there is no interface eth9.',
  ]);
});

test('IPsrcaddr: the other side of the default route sees the address, and the earlier one after the stop', {
  skip,
}, () => {
  const output = inNamespace(
    `node -e 'require("dgram").createSocket("udp4").on("message", (m, from) => console.log(m + " from " + from.address)).bind(7000, () => console.log("bound"))' >/dev/null 2>&1 &
    far node -e 'require("dgram").createSocket("udp4").on("message", (m, from) => require("fs").appendFileSync("/run/heard", m + " from " + from.address + "\\n")).bind(7000, "192.0.2.7", () => require("fs").writeFileSync("/run/bound", ""))' &
    far ip address add 192.0.2.7/32 dev lo
    ip address add 10.0.0.3/24 dev eth0; ip route add default via 10.0.0.2 src 10.0.0.3
    send() { node -e 'const s = require("dgram").createSocket("udp4"); s.send(process.argv[1], 7000, "192.0.2.7", () => s.close())' "$1"
      tries=0; until grep -q "^$1 " /run/heard 2>/dev/null || [ $tries -gt 50 ]; do tries=$((tries+1)); sleep 0.1; done; }
    until [ -e /run/bound ]; do sleep 0.05; done
    ./IPsrcaddr 10.0.0.10 start; echo $?
    ip address add 10.0.0.10/24 dev eth0
    ./IPsrcaddr 10.0.0.10 status; send before
    ./IPsrcaddr 10.0.0.10 start; echo $?; ./IPsrcaddr 10.0.0.10 start; echo $?; ./IPsrcaddr 10.0.0.10 status; send during
    ./IPsrcaddr 10.0.0.10 stop; echo $?; ./IPsrcaddr 10.0.0.10 stop; echo $?; ./IPsrcaddr 10.0.0.10 status; send after
    cat /run/heard`,
    { cable: true },
  ).split('\n');
  assert.deepEqual(output, [
    '1',
    'source address 10.0.0.10 is not running',
    '0',
    '0',
    'source address 10.0.0.10 is running',
    '0',
    '0',
    'source address 10.0.0.10 is not running',
    'before from 10.0.0.3',
    'during from 10.0.0.10',
    'after from 10.0.0.3',
    'IPsrcaddr: ERROR: 10.0.0.10 is not on this machine: start its IPaddr2 first (left of IPsrcaddr in haresources).',
  ]);
});

test('SendArp corrects what the other side believes about an address, and ends at stop', {
  skip: cannotRun('arping'),
}, () => {
  const output = inNamespace(
    `ip address add 10.0.0.10/24 dev eth0
    far ip neigh replace 10.0.0.10 lladdr 02:00:00:00:00:99 nud stale dev eth1
    A="./SendArp 10.0.0.10/eth0"
    $A status; $A start; echo $?; $A start; echo $?; $A status
    tries=0; until far ip neigh show 10.0.0.10 | grep -q "$(mac)" || [ $tries -gt 80 ]; do tries=$((tries+1)); sleep 0.1; done
    far ip neigh show 10.0.0.10 | grep -q "$(mac)" && echo told
    $A stop; echo $?; $A stop; echo $?; $A status; tries=0; while pgrep -r S,R -x arping >/dev/null && [ $tries -lt 50 ]; do tries=$((tries+1)); sleep 0.1; done; pgrep -r S,R -c -x arping; ./SendArp 10.0.0.10/eth9 start`,
    { cable: true },
  ).split('\n');
  assert.deepEqual(output, [
    'ARP of 10.0.0.10 on eth0 is not running',
    '0',
    '0',
    'ARP of 10.0.0.10 on eth0 is running',
    'told',
    '0',
    '0',
    'ARP of 10.0.0.10 on eth0 is not running',
    '0',
    'SendArp: ERROR: there is no interface eth9.',
  ]);
});

test('IPaddr2 corrects what the other side believes about its address', { skip: cannotRun('arping') }, () => {
  const output = inNamespace(
    `far ip neigh replace 10.0.0.10 lladdr 02:00:00:00:00:99 nud stale dev eth1
    ./IPaddr2 10.0.0.10/24/eth0 start; echo $?
    tries=0; until far ip neigh show 10.0.0.10 | grep -q "$(mac)" || [ $tries -gt 80 ]; do tries=$((tries+1)); sleep 0.1; done
    far ip neigh show 10.0.0.10 | grep -q "$(mac)" && echo told`,
    { cable: true },
  );
  assert.equal(output, '0\ntold');
});

test('portblock shuts ports to the other side between block and unblock, in both orders, and only at its address', {
  skip: cannotRun('nft'),
}, () => {
  const output = inNamespace(
    `ip address add 10.0.0.10/24 dev eth0
    node -e 'for (const p of [8080, 8081]) require("net").createServer((s) => s.end()).listen(p)' &
    try() { far node -e 'const s = require("net").connect({ host: process.argv[1], port: process.argv[2], timeout: 400 }).on("connect", () => { console.log("open"); s.destroy(); }).on("timeout", () => { console.log("shut"); s.destroy(); }).on("error", (e) => console.log(e.code))' "$1" "$2"; }
    tries=0; until [ "$(try 10.0.0.10 8081)" = open ] || [ $tries -gt 50 ]; do tries=$((tries+1)); done
    B="./portblock tcp 8080 block 10.0.0.10"; U="./portblock tcp 8080 unblock 10.0.0.10"
    $B status; $U stop; try 10.0.0.10 8080
    $B start; $B start; $B status; try 10.0.0.10 8080; try 10.0.0.10 8081; try 10.0.0.1 8080
    $U status; $U start; $U start; $U status; try 10.0.0.10 8080
    $U stop; try 10.0.0.10 8080; $U stop; $B stop; $B stop; $B status; try 10.0.0.10 8080
    ./portblock tcp 8000-8090 block start; echo $?; try 10.0.0.1 8081; ./portblock tcp 8000-8090 block stop; try 10.0.0.1 8081
    ./portblock tcp http block start`,
    { cable: true },
  ).split('\n');
  assert.deepEqual(output, [
    'block of tcp 8080 at 10.0.0.10 is not running',
    'open',
    'block of tcp 8080 at 10.0.0.10 is running',
    'shut',
    'open',
    'open',
    'unblock of tcp 8080 at 10.0.0.10 is not running',
    'unblock of tcp 8080 at 10.0.0.10 is running',
    'open',
    'shut',
    'block of tcp 8080 at 10.0.0.10 is not running',
    'open',
    '0',
    'shut',
    'open',
    'portblock: ERROR: "http" is no list of ports: write it as 80,443 or 8000-8010.',
  ]);
});
