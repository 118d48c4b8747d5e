/** The text of the configuration files as they were found, before anything is understood. */

/** One file: read with its permission bits, absent, or there but not readable. */
export type SourceFile =
  | {
      readonly state: 'read';
      /** As it is shown in diagnostics. */
      readonly path: string;
      readonly bytes: Uint8Array;
      /** Permission bits, 0..0o7777. */
      readonly mode: number;
    }
  | { readonly state: 'missing'; readonly path: string }
  | { readonly state: 'unreadable'; readonly path: string; readonly reason: string };

/** The four files of a configuration directory. */
export interface SourceFiles {
  readonly haCf: SourceFile;
  readonly haresources: SourceFile;
  readonly authkeys: SourceFile;
  readonly heartbeatIni: SourceFile;
}

/** UTF-8 text; a byte order mark stays visible, invalid bytes become U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
