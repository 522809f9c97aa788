/**
 * A script: a node of bus and names alone, as a process that can be killed and stopped. Arguments: the address of NATS,
 * the prefix, names to take. Waits for another node; prints its incarnation, then `fenced` and `restored <incarnation>`.
 *
 * @module
 */

import { BusNode } from "./bus_node.ts";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const [address, prefix, ...names] = Deno.args;
const node = await BusNode.start(address!, { prefix: prefix! });
for (const name of names) {
  if (await node.names.take(name) !== true) throw new Error(`${name} is taken`);
}
// The beat that says that it knows the other one has been sent: else it would be given 14 s.
await node.event("came");
await node.nats.client.flush();
print(node.self);
await node.event("fenced", 60);
print("fenced");
await node.event("restored", 60);
print(`restored ${node.self}`);
