/**
 * Tries to change files in every way that Deno has, and prints the ways that worked, as JSON.
 *
 * Usage: deno run PERMISSIONS tests/support/overwrite.ts OWN PATH…, with a file that may be written
 *
 * @module
 */

import { printLine } from "../../common/output.ts";

const [own = "", ...paths] = Deno.args;

const ways: Record<string, (path: string) => unknown> = {
  "write": (path) => Deno.writeTextFileSync(path, "x"),
  "append": (path) => Deno.openSync(path, { append: true }).close(),
  "shorten": (path) => Deno.truncateSync(path),
  "put another in its place": (path) => {
    Deno.writeTextFileSync(own, "x");
    Deno.renameSync(own, path);
  },
  "copy another over it": (path) => Deno.copyFileSync(own, path),
  "move it away": (path) => Deno.renameSync(path, own),
  "link to it": (path) => Deno.linkSync(path, `${own}.link`),
  "change its mode": (path) => Deno.chmodSync(path, 0o666),
  "change its times": (path) => Deno.utimeSync(path, 0, 0),
  "remove it": (path) => Deno.removeSync(path),
};

const worked = paths.flatMap((path) =>
  Object.entries(ways).filter(([, attempt]) => {
    try {
      attempt(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return false;
      throw error;
    }
  }).map(([way]) => `${way}: ${path}`)
);
printLine(JSON.stringify(worked));
