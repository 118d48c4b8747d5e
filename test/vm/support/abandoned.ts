/** A driver that is ended while its guest boots: says the pid of QEMU and the folder of the rig, and waits. */
import { findMaterials, Rig } from '../lib/index.js';

const materials = findMaterials();
if (typeof materials === 'string') throw new Error(materials);
const rig = new Rig(materials, { program: false });
const guest = rig.launch({ name: 'orphan', memoryMiB: 256 });
process.stdout.write(`${guest.pid} ${rig.folder}\n`);
setInterval(() => undefined, 1000);
