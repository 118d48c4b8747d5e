/**
 * What `heartbeat push` lets a peer do, as shell text: stage, check, put in place, take back. Files are put in place one
 * rename at a time, in an order in which the peer's own `heartbeat check` accepted every state between: whenever it is
 * interrupted, the peer has a configuration that was judged.
 */

/** The files that are copied; authkeys is not (keys are rotated one at a time, on each node). */
export const PUSHED_FILES = ['heartbeat.ini', 'haresources', 'ha.cf'] as const;

export type PushedFile = (typeof PUSHED_FILES)[number];

/** Exit codes of the `check` script. */
export const CHECK_INVALID = 6;
export const CHECK_NO_ORDER = 7;

const FILES = PUSHED_FILES.join(' ');

/** `id`: letters and digits, different for every push. */
function head(id: string): string {
  return `set -e
umask 077
PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
D="\${HA_DIR:-/etc/ha.d}"
S="$D/.push-${id}"
`;
}

/** Copies of what is there, aside; prints the present ha.cf. */
export function prepareScript(id: string): string {
  return `${head(id)}rm -rf "$D"/.push-*
mkdir "$S" "$S/old" "$S/new"
for f in ${FILES}; do
  if [ -e "$D/$f" ]; then cp -p "$D/$f" "$S/old/$f"; cp -p "$D/$f" "$S/new/$f"; fi
done
if [ -e "$D/ha.cf" ]; then cat "$D/ha.cf"; fi
`;
}

/** Takes one new file from standard input; it has to be there whole. */
export function uploadScript(id: string, file: PushedFile, bytes: number): string {
  return `${head(id)}cat > "$S/new/${file}"
[ "$(wc -c < "$S/new/${file}")" -eq ${bytes} ]
`;
}

/** Judges the new files as they would stand here. Prints the files that differ, in the order of their installation. */
export function checkScript(id: string): string {
  return `${head(id)}changed=
for f in ${FILES}; do
  if [ -e "$D/$f" ] || [ -s "$S/new/$f" ]; then
    cmp -s "$D/$f" "$S/new/$f" || changed="$changed $f"
  fi
done
[ -n "$changed" ] || exit 0
view() {
  rm -rf "$S/view"
  mkdir "$S/view"
  for e in "$D"/*; do [ ! -e "$e" ] || ln -s "$e" "$S/view/"; done
}
judge() { heartbeat check --config-dir "$S/view" > "$S/report" 2>&1; }
each() {
  view
  for f in "$@"; do
    ln -sfn "$S/new/$f" "$S/view/$f"
    judge || return 1
  done
}
view
for f in $changed; do ln -sfn "$S/new/$f" "$S/view/$f"; done
if ! judge; then cat "$S/report" >&2; exit ${CHECK_INVALID}; fi
back=
for f in $changed; do back="$f $back"; done
for order in "$changed" "$back"; do
  if each $order; then echo $order; exit 0; fi
done
cat "$S/report" >&2
exit ${CHECK_NO_ORDER}
`;
}

/** Keeps what is there in backup/, then renames the new files into their places. */
export function installScript(id: string, order: readonly PushedFile[]): string {
  const moves = order.map((file) => `mv -f "$S/new/${file}" "$D/${file}"`).join('\n');
  return `${head(id)}rm -rf "$D/backup.new"
cp -Rp "$S/old" "$D/backup.new"
rm -rf "$D/backup"
mv "$D/backup.new" "$D/backup"
sync
${moves}
sync
`;
}

/** The old files again, in the opposite order, whatever of the new ones is in place. */
export function rollbackScript(id: string, order: readonly PushedFile[]): string {
  const moves = [...order].reverse().map((file) => `back ${file}`);
  return `${head(id)}back() {
  if [ ! -e "$S/old/$1" ]; then rm -f "$D/$1"; return; fi
  cp -p "$S/old/$1" "$S/back"
  mv -f "$S/back" "$D/$1"
}
${moves.join('\n')}
sync
`;
}

/** Lets a running heartbeat read its files again. */
export function reloadScript(id: string): string {
  return `${head(id)}heartbeat -s > /dev/null 2>&1 || exit 0
heartbeat -r
`;
}

/** Removes what was staged. */
export function cleanupScript(id: string): string {
  return `${head(id)}rm -rf "$S"
`;
}
