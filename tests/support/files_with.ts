import { basename, dirname, join } from "node:path";

/** The files of a database (itself and its log) that contain a text: as UTF-8, or as JSON escapes. */
export function filesWith(db: string, text: string): string[] {
  const needles = [
    text,
    JSON.stringify(text).slice(1, -1),
    escaped(text, false),
    escaped(text, true),
  ].map((form) => latin1(new TextEncoder().encode(form)));
  return [...filesOf(db)].filter(([, bytes]) => needles.some((needle) => bytes.includes(needle)))
    .map(([name]) => name);
}

/** The files of a database by name, each byte a character. */
export function filesOf(db: string): Map<string, string> {
  const folder = dirname(db);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.startsWith(basename(db)));
  return new Map(names.map((name) => {
    // Another process reads: closing a descriptor of the file would drop the locks that this one has on it.
    const { stdout } = new Deno.Command("cat", { args: [join(folder, name)] }).outputSync();
    return [name, latin1(stdout)];
  }));
}

function escaped(text: string, isUpper: boolean): string {
  return text.split("").map((unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${isUpper ? hex.toUpperCase() : hex}`;
  }).join("");
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
