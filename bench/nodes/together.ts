import type { RunningServer, Server } from "../servers.ts";

/**
 * Several nodes as one server that can be put under load.
 *
 * @param server What they are together.
 * @param nodes Where users log in, at least one.
 * @param others Processes without users, whose CPU time counts all the same.
 * @param stack Ends all of them; taken over.
 */
export function together(
  { id, title, protocol, concurrency, answers, tls }: Server,
  nodes: readonly RunningServer[],
  others: readonly RunningServer[],
  stack: AsyncDisposableStack,
): RunningServer {
  const ports = nodes.map(({ port }) => port);
  const pids = [...nodes, ...others].map(({ pid }) => pid);
  return {
    ...{ id, title, protocol, concurrency, answers, tls, ports, pids },
    port: ports[0]!,
    pid: pids[0]!,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
