/**
 * Several nodes of one chat server on this machine, for trying: command line → processes; exit status.
 *
 * @module
 */

import { exitStatus } from "./common/exit_status.ts";
import { followTask } from "./common/follow_task.ts";
import { Interrupts } from "./common/interrupts.ts";
import { printLine } from "./common/output.ts";
import { parseCluster } from "./launcher/cluster/flags.ts";
import { LocalCluster } from "./launcher/cluster/local_cluster.ts";
import { formatPlaces } from "./launcher/commands.ts";
import { processConsole, transcript } from "./launcher/launch_console.ts";
import { runtime } from "./launcher/runtime.ts";

async function main(args: string[]): Promise<number> {
  const plan = parseCluster(args);
  if (typeof plan === "string") {
    printLine(plan);
    return 0;
  }
  const interrupts = new Interrupts().listen();
  await followTask(interrupts);
  await using terminal = processConsole(interrupts);
  if (plan.stopsAtEof) inputEnds(terminal).then(() => interrupts.request());
  const numbered = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
  const speakers = [...numbered("node", plan.nodes), ...numbered("nats", plan.natsServers)];
  const say = transcript(terminal, ["cluster", ...speakers]);
  await using cluster = new LocalCluster(await runtime(), plan, say);
  const places = await Promise.race([cluster.start(interrupts), interrupts.first]);
  if (places === undefined) return 0;
  terminal.print(`listening on ${formatPlaces(places)}`, "stdout");
  // A parent process has clients of its own.
  if (!plan.stopsAtEof) {
    terminal.print(`deno task client ${formatPlaces(places)} -n NAME`, "stdout");
    terminal.print(`deno task nodes --nats ${cluster.nats}`, "stdout");
  }
  await Promise.race([cluster.over(), interrupts.first]);
  return 0;
}

/** Resolves when the input has ended; what is typed is ignored. */
async function inputEnds({ lines }: { lines(): AsyncIterable<string> }): Promise<void> {
  for await (const _ of lines());
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
