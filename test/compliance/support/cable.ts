/** Two virtual cables between this process's network and a second one, as the two nodes of a cluster have them. */
import type { Medium } from '../../../src/config/types.js';
import { createLink } from '../../../src/links/create.js';
import { createInterfaceWatch, type InterfaceWatch } from '../../../src/links/interface-watch.js';
import type { Link } from '../../../src/links/link.js';
import type { Fault, LinkPair } from '../link-compliance.js';
import { createNamespace, type Namespace } from './namespace.js';
import { untilBlocking } from './until.js';

export const PORT = 16_694;

/** hb0: network 77, hb1: network 78; the left node is .1, the right one .2. */
const NETWORKS = { hb0: 77, hb1: 78 } as const;
type Device = keyof typeof NETWORKS;

function hasCarrier(where: Namespace, device: Device): boolean {
  const [link] = JSON.parse(where.ip(`-j link show dev ${device}`)) as {
    operstate: string;
    flags: string[];
  }[];
  return link?.operstate === 'UP' && link.flags.includes('LOWER_UP');
}

export class Cables {
  readonly home: Namespace;
  readonly away: Namespace;

  constructor(home: Namespace) {
    this.home = home;
    this.away = createNamespace();
    this.plug('hb0');
    this.plug('hb1');
  }

  plug(device: Device): void {
    this.home.ip(`link add ${device} type veth peer name ${device} netns ${this.away.path}`);
    // No link-local addresses: Node translates their interface index, which would be that of the other namespace.
    this.home.ip(`link set ${device} addrgenmode none`);
    this.away.ip(`link set ${device} addrgenmode none`);
    this.addresses(this.home, device, 1);
    this.addresses(this.away, device, 2);
    this.home.ip(`link set ${device} up`);
    this.away.ip(`link set ${device} up`);
    // The kernel tells of a carrier up to a second late: no test begins before it has.
    untilBlocking(
      () => [this.home, this.away].every((where) => hasCarrier(where, device)),
      `${device} has a carrier on both sides`,
    );
  }

  /** Sets what an interface has at the beginning; harmless where it has it already. */
  addresses(where: Namespace, device: Device, host: 1 | 2): void {
    const network = NETWORKS[device];
    where.ip(`addr replace 10.${network}.0.${host}/24 brd 10.${network}.0.255 dev ${device}`);
    where.ip(`-6 addr replace fd${network}::${host}/64 dev ${device} nodad`);
  }

  unplug(device: Device): void {
    this.home.ip(`link del ${device}`);
  }

  close(): void {
    this.unplug('hb0');
    this.unplug('hb1');
    this.away.close();
  }

  /** What can happen to hb0 on the left side. */
  faults(): Fault[] {
    return [
      {
        name: 'the interface goes down',
        says: /interface hb0 is down/,
        break: () => this.home.ip('link set hb0 down'),
        repair: () => {
          this.home.ip('link set hb0 up');
          // The kernel drops IPv6 addresses of an interface that goes down.
          this.addresses(this.home, 'hb0', 1);
        },
      },
      {
        name: 'the cable is cut',
        says: /hb0 has no carrier/,
        break: () => this.away.ip('link set hb0 down'),
        repair: () => {
          this.away.ip('link set hb0 up');
          this.addresses(this.away, 'hb0', 2);
        },
      },
      {
        name: 'its addresses are removed',
        says: /hb0 has no IPv[46] address/,
        break: () => this.home.ip('addr flush dev hb0'),
        repair: () => this.addresses(this.home, 'hb0', 1),
      },
      {
        name: 'the interface is deleted and made again',
        says: /there is no interface hb0/,
        break: () => this.unplug('hb0'),
        repair: () => this.plug('hb0'),
      },
    ];
  }
}

export const CABLE_FAULTS = [
  'the interface goes down',
  'the cable is cut',
  'its addresses are removed',
  'the interface is deleted and made again',
];

/** An interface watch whose listeners run inside the namespace that it watches. */
export function watchInside(namespace: Namespace): InterfaceWatch {
  const inner = namespace.run(createInterfaceWatch);
  return {
    find: (name) => inner.find(name),
    all: () => inner.all(),
    subscribe: (name, listener) => inner.subscribe(name, () => namespace.run(listener)),
    refresh: () => namespace.run(() => inner.refresh()),
    close: () => inner.close(),
  };
}

/** A medium of either node on either cable. */
export type MediumOn = (device: Device, peer: 1 | 2) => Medium;

/** Both ends of a medium on hb0, and a third link on the right side of hb1. */
export function cablePair(home: Namespace, medium: MediumOn): LinkPair {
  const cables = new Cables(home);
  const homeWatch = createInterfaceWatch();
  const awayWatch = watchInside(cables.away);
  const left = linkOf(medium('hb0', 2), homeWatch);
  const right = linkOf(medium('hb0', 1), awayWatch);
  const elsewhere = linkOf(medium('hb1', 1), awayWatch);
  const onRight = (action: () => void) => cables.away.run(action);
  onRight(() => elsewhere.open({ onPacket: () => undefined, onHealth: () => undefined }));
  return {
    left,
    right,
    onRight,
    message: (length) => Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff),
    faults: cables.faults(),
    sendElsewhere: (bytes) => onRight(() => elsewhere.send(bytes)),
    close: () => {
      elsewhere.close();
      homeWatch.close();
      awayWatch.close();
      cables.close();
    },
  };
}

function linkOf(medium: Medium, interfaces: InterfaceWatch): Link {
  const link = createLink(medium, { interfaces });
  if (link === undefined) throw new Error(`no link for ${medium.kind}`);
  return link;
}
