import { assertEquals } from "@std/assert";

import { ChatServer } from "../../server/chat_server.ts";
import { Passwords } from "../../server/accounts/passwords.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { FakeClock } from "../support/fake_clock.ts";

const DOCUMENT = new URL("../../docs/protocol.md", import.meta.url);

/** Speakers of a conversation: what they send is marked by the first letter, what they get by the second. */
const SPEAKERS = [["C", "S"], ["D", "T"], ["E", "U"]] as const;

const text = await Deno.readTextFile(DOCUMENT);
const conversations = [...text.matchAll(/^### (.+)$|^```jim\n([^]*?)^```$/gm)];

let title = "";
for (const [, heading, conversation] of conversations) {
  if (heading !== undefined) title = heading;
  else Deno.test(`docs/protocol.md: ${title}`, () => play(conversation!.trim().split("\n")));
}

Deno.test("docs/protocol.md has conversations", () => {
  assertEquals(conversations.filter(([, , conversation]) => conversation !== undefined).length, 17);
});

async function play(steps: string[]): Promise<void> {
  await using store = openSqliteStore(":memory:");
  const passwords = new Passwords({ cost: { logN: 4, r: 8, p: 1 } });
  // What the server tells after a while it tells earlier here only if the conversation makes it. It and the store
  // know by the same time what still holds.
  const server = new ChatServer({ store, passwords, clock: new FakeClock(Date.now()) });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = server.serve(listener);
  const peers = new Map<string, Peer>();
  let token = "";
  try {
    for (const step of steps) {
      const [mark, line] = [step[0]!, step.slice(3)];
      const [sends, gets] = SPEAKERS.find((speaker) => speaker.some((letter) => letter === mark))!;
      let peer = peers.get(sends);
      if (peer === undefined) peers.set(sends, peer = await Peer.connect(listener.addr));
      if (mark === gets) {
        const received = await peer.nextLine();
        assertEquals(mask(received, line), line);
        token = /"resume":("[^"]+")/.exec(received)?.[1] ?? token;
      } else {
        await peer.send(line.replace('"resume":…', `"resume":${token}`));
      }
    }
  } finally {
    for (const peer of peers.values()) peer.close();
    await server.shutdown();
    await serving;
  }
}

/** The line with the values that the documented one leaves open replaced by `…`. */
function mask(line: string, documented: string): string {
  let masked = line;
  for (const [, key] of documented.matchAll(/"(\w+)":…/g)) {
    masked = masked.replace(new RegExp(`"${key}":("[^"]*"|\\d+|\\[[^\\]]*\\])`), `"${key}":…`);
  }
  return masked;
}

class Peer {
  readonly #conn: Deno.Conn;
  readonly #lines: AsyncIterator<string>;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#lines = linesOf(conn);
  }

  static async connect(address: Deno.Addr): Promise<Peer> {
    const { hostname, port } = address as Deno.NetAddr;
    return new Peer(await Deno.connect({ hostname, port }));
  }

  async send(line: string): Promise<void> {
    await this.#conn.write(new TextEncoder().encode(line + "\n"));
  }

  async nextLine(): Promise<string> {
    return (await this.#lines.next()).value;
  }

  close(): void {
    this.#conn.close();
  }
}

async function* linesOf(conn: Deno.Conn): AsyncGenerator<string, void> {
  let rest = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4_096);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
