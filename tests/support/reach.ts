/**
 * Prints what this process may do to its machine, as JSON: `name → "done"` or the name of the error.
 *
 * Usage: deno run PERMISSIONS tests/support/reach.ts MACHINE, the folder that stands for `/`
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

import { printLine } from "../../common/output.ts";

const [root = ""] = Deno.args;
const own = `${root}/var/lib/jim/reach.db`;

const attempts: Record<string, () => unknown> = {
  "write its data": () => Deno.writeTextFileSync(own, ""),
  "write its logs": () => Deno.writeTextFileSync(`${root}/var/log/jim/reach.log`, ""),
  "read its settings": () => Deno.readTextFileSync(`${root}/etc/jim/jim.toml`),
  "read its certificate": () => Deno.readDirSync(`${root}/etc/jim/tls`).next(),
  "read its modules": () => Deno.readDirSync(`${root}/opt/jim/server`).next(),
  "read the machine's users": () => Deno.readTextFileSync("/etc/passwd"),
  "list the root": () => Deno.readDirSync("/").next(),
  "read another program's files": () => Deno.statSync(`${root}/etc/other`),
  "read its environment's file": () => Deno.readTextFileSync("/proc/self/environ"),
  "open another database": () => new DatabaseSync("/etc/passwd"),
  "attach another database": () =>
    new DatabaseSync(own).exec(`ATTACH '${root}/etc/other' AS other`),
  "write its settings": () => Deno.writeTextFileSync(`${root}/etc/jim/jim.toml`, ""),
  "write its certificate": () => Deno.writeTextFileSync(`${root}/etc/jim/tls/key.pem`, ""),
  "write its own program": () => Deno.writeTextFileSync(`${root}/opt/jim/server/flags.ts`, ""),
  "link to another file": () => Deno.symlinkSync("/etc/passwd", `${root}/var/lib/jim/link`),
  "read a variable": () => Deno.env.get("PATH"),
  "run a program": () => new Deno.Command("ps").outputSync(),
  "signal a process": () => Deno.kill(Deno.ppid, "SIGCONT"),
  "call a library": () => Deno.dlopen("libc.so.6", {}),
  "learn of the system": () => Deno.hostname(),
};

const outcomes = Object.entries(attempts).map(([name, attempt]) => {
  try {
    attempt();
    return [name, "done"];
  } catch (error) {
    return [name, (error as Error).name];
  }
});
printLine(JSON.stringify(Object.fromEntries(outcomes)));
