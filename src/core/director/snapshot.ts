/** A picture of the director for people: `heartbeat status`, its JSON, the status page and the metrics. */

export interface DirectorSnapshot {
  /** Why the kernel's table cannot be set, a whole sentence; null: it is set. */
  readonly problem: string | null;
  /** Rules that somebody else changed and the director put back, since its start. */
  readonly repairs: number;
  readonly services: readonly DirectorServiceSnapshot[];
  /** Connection synchronisation; null: not configured. */
  readonly sync: { readonly interface: string; readonly role: 'master' | 'backup' | null } | null;
}

export interface DirectorServiceSnapshot {
  /** "TCP 10.0.0.1:80", "FWM 5", "TCP group web" */
  readonly name: string;
  readonly scheduler: string;
  readonly persistenceTimeoutMs: number;
  /** The living weight, and what has to live. */
  readonly weight: number;
  readonly quorum: number;
  readonly hasQuorum: boolean;
  /** Its checks rest because the address is not on this node. */
  readonly suspended: boolean;
  readonly sorryServer: { readonly endpoint: string; readonly active: boolean } | null;
  readonly realServers: readonly DirectorServerSnapshot[];
}

export interface DirectorServerSnapshot {
  /** "10.0.0.2:80" */
  readonly endpoint: string;
  readonly method: 'NAT' | 'DR' | 'TUN';
  readonly alive: boolean;
  /** In the table; an inhibited one is there with weight 0. */
  readonly inTable: boolean;
  /** In force, and as configured. */
  readonly weight: number;
  readonly configuredWeight: number;
  /** What the checks saw last, a clause; "" before the first verdict and without a check. */
  readonly reason: string;
  /** How long it is alive or failed. */
  readonly sinceMs: number;
  /** Connections of now; null: not known. */
  readonly activeConnections: number | null;
  readonly inactiveConnections: number | null;
}
