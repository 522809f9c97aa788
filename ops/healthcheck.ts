/**
 * Whether a server that runs with `--metrics PORT` answers, for a container's HEALTHCHECK: asks `/healthz` on the
 * loopback interface.
 *
 * Usage: deno run --allow-net=127.0.0.1:PORT ops/healthcheck.ts PORT
 * Exit status: 0 if it does, else 1, or 2 for a wrong PORT, with one line that says why not.
 *
 * @module
 */

import { messageOf, StartError, UsageError } from "../common/errors.ts";
import { exitStatus } from "../common/exit_status.ts";

/** Milliseconds to wait for the answer. */
const DEADLINE_MS = 4_000;

async function main([port = ""]: string[]): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw new UsageError("PORT must be the number of --metrics, from 1 to 65535");
  }
  const url = `http://127.0.0.1:${port}/healthz`;
  let status: number;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
    await response.body?.cancel();
    status = response.status;
  } catch (error) {
    throw new StartError(`No answer from ${url}: ${messageOf(error)}`);
  }
  if (status !== 200) throw new StartError(`${url} answered ${status}`);
}

if (import.meta.main) Deno.exit(await exitStatus(() => main(Deno.args)));
