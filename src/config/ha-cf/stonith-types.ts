/**
 * How many positional parameters the STONITH plugins need (`stonith -t TYPE -n`, heartbeat-admin.md 6.1). The last one
 * takes the rest of the line, so more words than parameters are fine, fewer are not.
 */
const PARAMETER_NAMES: Readonly<Record<string, string>> = {
  apcmaster: 'ipaddr login password',
  apcmastersnmp: 'ipaddr port community',
  apcsmart: 'ttydev hostlist',
  baytech: 'ipaddr login password',
  bladehpi: 'ipaddr community',
  cyclades: 'ipaddr login serialport',
  drac3: 'ipaddr login password',
  ibmhmc: 'ipaddr',
  ipmilan: 'hostname ipaddr port auth priv login password',
  meatware: 'hostlist',
  null: 'hostlist',
  nw_rpc100s: 'ttydev hostlist',
  rcd_serial: 'hostlist ttydev dtr_or_rts msduration',
  rps10: 'serial_to_targets',
  ssh: 'hostlist',
  suicide: '',
  wti_mpc: 'ipaddr port community',
  wti_nps: 'ipaddr password',
  'external/ipmi': 'hostname ipaddr userid passwd interface',
};

/** Names of the parameters that a type needs; one of unknown name for types that are not listed here. */
export function stonithParameterNames(type: string): readonly string[] {
  // Options of fence agents are name=value words, and which are needed is the agent's business.
  if (type.startsWith('fence/')) return [];
  const names = Object.hasOwn(PARAMETER_NAMES, type) ? PARAMETER_NAMES[type] : 'PARAMETER';
  return (names ?? '').split(' ').filter((name) => name !== '');
}

const SECRET_NAME = /pass|secret|token|commun|cred|key/i;
/** A plugin whose parameters are not known here has a password behind an address and a name. */
const VALUES_BEFORE_A_SECRET = 2;

/** Whether the parameters of a device may hold a password. */
export function holdsSecret(type: string, parameters: string): boolean {
  const values = parameters.split(/\s+/).filter((value) => value !== '');
  if (type.startsWith('fence/') || type === 'script')
    return values.some((value) => value.includes('=') && SECRET_NAME.test(value.split('=')[0] ?? ''));
  if (Object.hasOwn(PARAMETER_NAMES, type)) return SECRET_NAME.test(PARAMETER_NAMES[type] ?? '');
  return type !== 'external/sbd' && values.length > VALUES_BEFORE_A_SECRET;
}
