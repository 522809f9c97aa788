/**
 * The Deno that runs the project's scripts.
 *
 * @module
 */

import type { Runtime } from "./commands.ts";

/** This very Deno where it may be run, else the one on the PATH. */
export async function runtime(): Promise<Runtime> {
  const root = new URL("..", import.meta.url).href;
  const { state } = await Deno.permissions.query({ name: "run", command: Deno.execPath() });
  return { deno: state === "granted" ? Deno.execPath() : "deno", root };
}
