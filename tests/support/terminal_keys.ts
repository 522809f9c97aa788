/** What an xterm sends for keys that are no characters. The arrows have two forms, see {@linkcode keySequence}. */
const KEYS = {
  enter: "\r",
  tab: "\t",
  shiftTab: "\x1b[Z",
  escape: "\x1b",
  backspace: "\x7f",
  altEnter: "\x1b\r",
  altBackspace: "\x1b\x7f",
  insert: "\x1b[2~",
  delete: "\x1b[3~",
  pageUp: "\x1b[5~",
  pageDown: "\x1b[6~",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  ctrlUp: "\x1b[1;5A",
  ctrlDown: "\x1b[1;5B",
  ctrlRight: "\x1b[1;5C",
  ctrlLeft: "\x1b[1;5D",
} as const;

type Split<Letters extends string> = Letters extends `${infer First}${infer Rest}`
  ? First | Split<Rest>
  : never;

/** A key that is no character: `enter`, `left`, `pageUp` … and `ctrlA` to `ctrlZ`. */
export type Key = keyof typeof KEYS | `ctrl${Split<"ABCDEFGHIJKLMNOPQRSTUVWXYZ">}`;

/**
 * What an xterm sends for a key.
 *
 * @param isApplicationMode Whether the program has asked for "application cursor keys".
 */
export function keySequence(key: Key, isApplicationMode: boolean): string {
  if (key in KEYS) {
    const sequence = KEYS[key as keyof typeof KEYS];
    const hasTwoForms = sequence.startsWith("\x1b[") && /^[A-DFH]$/.test(sequence.slice(2));
    return isApplicationMode && hasTwoForms ? `\x1bO${sequence.at(-1)}` : sequence;
  }
  return String.fromCharCode(key.charCodeAt("ctrl".length) - 0x40);
}
