/** The commented sample of heartbeat.ini, made from the table (etc/heartbeat.ini is this text). */
import { INI_ROWS, INI_SECTIONS } from './keywords.js';

const HEAD = `# heartbeat.ini: what the classic files ha.cf, haresources and authkeys have no word for.
# This file may be absent: every key has a default, shown here behind ";". Remove the ";" to change it.
# Times are seconds, or a number followed by ms.
`;

/** Text of a heartbeat.ini in which every key is documented and commented out. */
export function sampleSettings(): string {
  const sections = INI_SECTIONS.map((section) => {
    const keys = INI_ROWS.filter((row) => row.section === section).map(
      (row) => `\n# ${row.sentence}\n# Values: ${row.range}.\n;${row.key} = ${row.defaultText}\n`,
    );
    return `\n[${section}]\n${keys.join('')}`;
  });
  return HEAD + sections.join('');
}
