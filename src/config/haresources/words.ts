/** Resource words of haresources (heartbeat-admin.md 2.2). */
import { looksLikeIpv4, looksLikeIpv6, parseAddress } from '../address.js';
import { type Problems, shown } from '../problems.js';
import type { Resource } from '../types.js';
import type { Word } from './lexer.js';

/** Script names whose argument is an address that this program sets itself. */
const ADDRESS_TYPES: readonly string[] = ['IPaddr', 'IPaddr2', 'IPv6addr'];

/** Type and arguments as the original calls the script: split at every `::`, empty arguments dropped. */
export function originalCall(word: string): readonly string[] {
  if (looksLikeIpv4(word)) return ['IPaddr', ...splitArguments(word)];
  const [type = '', ...args] = word.split('::');
  return [type, ...args.filter((argument) => argument !== '')];
}

function splitArguments(word: string): readonly string[] {
  return word.split('::').filter((argument) => argument !== '');
}

/** Understands one resource word; `builtin`: addresses are set by the program itself. */
export function readResource(word: Word, builtin: boolean, problems: Problems): Resource {
  const { type, args } = typeAndArguments(word, problems);
  if (/^["'].*["']$/.test(word.text)) {
    const message = `${shown(word.text)}: quotes are part of the name here.`;
    problems.warning(word, 'quotes', message, 'Remove the quotes.');
  }
  if (args.some((argument) => /[*?]/.test(argument))) {
    const message = `${shown(word.text)}: the original lets the shell replace * and ? by file names, here they stay.`;
    problems.warning(word, 'glob-argument', message, 'Write the argument out.');
  }
  const plain = { word: word.text, type, args };
  if (!ADDRESS_TYPES.includes(type)) return plain;
  const [argument] = args;
  if (argument === undefined) {
    const message = `${shown(word.text)} names no address, so it cannot start.`;
    problems.warning(word, 'address-missing', message, `Write ${type}::ADDRESS/PREFIX/DEVICE.`);
    return plain;
  }
  const parsed = parseAddress(argument);
  if (!parsed.ok) {
    const message = `${shown(word.text)}: ${parsed.reason}, so the resource cannot start.`;
    const hint = 'Write ADDRESS[/PREFIX[/DEVICE[:LABEL]][/BROADCAST]], e.g. 10.0.0.10/24/eth0.';
    problems.warning(word, 'address-invalid', message, hint);
    return plain;
  }
  if (!builtin || args.length > 1) return plain;
  return { ...plain, address: parsed.address };
}

/** A compressed IPv6 address holds the separator itself; it is kept whole, which the original cannot do. */
function typeAndArguments(word: Word, problems: Problems): { type: string; args: readonly string[] } {
  const [type = '', ...args] = originalCall(word.text);
  if (looksLikeIpv6(word.text)) {
    const message = `${shown(word.text)}: only this program takes a bare IPv6 address; the original looks for a script named ${shown(type)}.`;
    const hint =
      'On a cluster with an original node write IPv6addr:: and the address without a double colon.';
    problems.warning(word, 'bare-ipv6', message, hint);
    return { type: 'IPv6addr', args: [word.text] };
  }
  const rest = word.text.slice(type.length + 2);
  if (ADDRESS_TYPES.includes(type) && args.length > 1 && looksLikeIpv6(rest)) {
    const message = `${shown(word.text)}: the original splits the address at its double colon.`;
    const hint = 'On a cluster with an original node write the address without a double colon.';
    problems.warning(word, 'compressed-ipv6', message, hint);
    return { type, args: [rest] };
  }
  return { type, args };
}
