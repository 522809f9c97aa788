/**
 * The nodes of a server on NATS: `deno task nodes --nats URL`.
 *
 * @module
 */

import { exitStatus } from "./common/exit_status.ts";
import { parseCommand } from "./common/flags.ts";
import { printLine } from "./common/output.ts";
import { natsOf } from "./server/admin/nats_flags.ts";
import { chosen, nodeLines, NODES_COMMAND } from "./server/admin/nodes.ts";

async function main(args: string[]): Promise<void> {
  const command = parseCommand(NODES_COMMAND, args);
  if (command.info !== undefined) return printLine(command.info);
  const settings = natsOf(command, ["nodes.ts", ...args]);
  const { surveyNodes } = await import("./server/cluster/nats/node_survey.ts");
  const nodes = chosen(await surveyNodes(settings));
  for (const line of nodeLines(nodes, command.flags.json)) printLine(line);
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
