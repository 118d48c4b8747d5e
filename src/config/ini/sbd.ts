/** Keys of heartbeat.ini about disks with poison pills. */
import type { IniRow } from './row.js';

const DISKS_MAX = 3;

const devices: IniRow<readonly string[]> = {
  section: 'sbd',
  key: 'device',
  argument: 'DEVICE,...',
  unit: '',
  range: 'one to three absolute paths, separated by commas; empty: none',
  defaultText: '',
  defaultValue: [],
  sentence:
    'Shared disks, prepared by "heartbeat sbd create", on which this node is told to end itself and tells others so.',
  read(text) {
    const paths = text.split(/[,;\s]+/).filter((path) => path !== '');
    if (paths.length > DISKS_MAX) return { hint: 'Write at most three devices.' };
    if (new Set(paths).size < paths.length) return { hint: 'Write each device once.' };
    const good = paths.every((path) => path.startsWith('/'));
    return good ? { value: paths } : { hint: 'Write absolute paths, e.g. /dev/disk/by-id/...' };
  },
};

export const SBD_ROWS = { sbdDevices: devices };
