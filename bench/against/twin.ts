/**
 * One of our servers as it was at another commit.
 *
 * @module
 */

import type { Server } from "../servers.ts";
import type { Checkout } from "./checkout.ts";

/** The id of a server's twin. */
export function twinId(id: Server["id"]): Server["id"] {
  return `${id}-before` as Server["id"];
}

/**
 * The same server, started from a commit's files and as its task says; all else is the benchmark's of now.
 *
 * @param server One of ours, that is one that {@linkcode Host.root} and {@linkcode Host.command} start.
 */
export async function twinOf(server: Server, checkout: Checkout): Promise<Server> {
  const { commit, directory } = checkout;
  const command = await checkout.serverCommand();
  return {
    ...server,
    id: twinId(server.id),
    title: `${server.title}, at ${commit}`,
    twinOf: server,
    start(host, rate) {
      return server.start.call(this, { ...host, command, root: directory }, rate);
    },
  };
}
