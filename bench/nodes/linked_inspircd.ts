/**
 * Several InspIRCd that are one network, over its own protocol between servers.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { StartError } from "../../common/errors.ts";
import { INSPIRCD, INSPIRCD_ECHO, INSPIRCD_NETWORK, startInspircd } from "../peers.ts";
import { freePorts, type Host, type NodesId, type RunningServer, type Server } from "../servers.ts";
import { together } from "./together.ts";

/** How long they may take until all have found each other. */
const LINK_MS = 15_000;
/** How often the first one is asked whether they have. */
const ASK_MS = 50;

/** Two that are linked. */
export const LINKED: Server = linked("linked", "two InspIRCd, linked", 2, false);
/** Three, the second and the third linked with the first. */
export const LINKED_3: Server = linked("linked-3", "three InspIRCd, linked", 3, false);
/** Two, with clients that have each of their messages sent back (IRCv3 `echo-message`). */
export const ECHOING: Server = linked("echoing", "two with echo-message", 2, true);
/** Three with such clients. */
export const ECHOING_3: Server = linked("echoing-3", "three with echo-message", 3, true);

/** Those that `--peers` adds. */
export const LINKED_PEERS: readonly Server[] = [LINKED, ECHOING, LINKED_3, ECHOING_3];

function linked(id: NodesId, title: string, count: number, answers: boolean): Server {
  return {
    id,
    title,
    protocol: "irc",
    concurrency: INSPIRCD.concurrency,
    answers,
    isVariant: true,
    version: (host) => INSPIRCD.version(host),
    start(host) {
      return start(this, host, count);
    },
  };
}

async function start(server: Server, host: Host, count: number): Promise<RunningServer> {
  const ports = freePorts(count * 2);
  const links = ports.splice(count);
  await using stack = new AsyncDisposableStack();
  const nodes: RunningServer[] = [];
  for (const [index, port] of ports.entries()) {
    nodes.push(
      stack.use(await startInspircd(server, host, port, configuration(index, links))),
    );
  }
  await allLinked(ports[0]!, count);
  return together(server, nodes, [], stack.move());
}

/** The first accepts all others, which connect to it. */
function configuration(index: number, links: readonly number[]): string {
  const link = (other: number): string =>
    `<link name="${nameOf(other)}" ipaddr="127.0.0.1" port="${links[other]}" allowmask="127.0.0.1"
  timeout="10" sendpass="bench" recvpass="bench">`;
  const others = index === 0 ? [...links.keys()].slice(1) : [0];
  return [
    `<server name="${nameOf(index)}" id="${sidOf(index)}" ${INSPIRCD_NETWORK}>`,
    `<bind address="127.0.0.1" port="${links[index]}" type="servers">`,
    `<module name="spanningtree">`,
    INSPIRCD_ECHO,
    ...others.map(link),
    ...(index === 0 ? [] : [`<autoconnect period="1" server="${nameOf(0)}">`]),
  ].join("\n");
}

function nameOf(index: number): string {
  return `n${index + 1}.bench.test`;
}

function sidOf(index: number): string {
  return `00${index + 1}`;
}

/** Waits until a server sees as many in its network. */
async function allLinked(port: number, count: number): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = conn.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  const say = (text: string): Promise<number> =>
    conn.write(new TextEncoder().encode(`${text}\r\n`));
  const timer = setTimeout(() => conn.close(), LINK_MS);
  await say("NICK bench\r\nUSER bench 0 * :bench");
  let seen = 0;
  try {
    for await (const line of lines) {
      const [, command] = line.split(" ");
      if (command === "376" || command === "422") await say("LINKS");
      if (command === "364") seen++; // one line for each server
      if (command !== "365") continue;
      if (seen === count) return;
      seen = 0;
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      await say("LINKS");
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
      throw error;
    }
  } finally {
    clearTimeout(timer);
  }
  throw new StartError(`Cannot start InspIRCd: ${count} of them do not link`);
}
