/**
 * Clients of bare objects in a soak.
 *
 * @module
 */

import type { Link } from "../../common/link.ts";
import { ObjectScanner } from "../../server/connection/classic/object_scanner.ts";
import { type Address, type Frame, LineClient } from "../line_client.ts";
import { Sequence } from "./tally.ts";
import type { Worker } from "./workers.ts";

/** Messages that are on their way to a classic client at most: they come one after the other, each 1.2 s later. */
const MAX_UNDERWAY = 4;
/** Messages that are on their way have come by then. */
const LAST_MS = 15_000;

/**
 * A classic client and another one who write to each other. That its objects come one at a time is not looked at: a
 * soak keeps the machine too busy to read within 50 ms.
 */
export const classic: Worker = async ({ address, tally, signal, random }, index) => {
  const friend = await LineClient.online(address, `friend${index}`);
  const name = `classic${index}`;
  while (!signal.aborted) {
    const [toPeer, toFriend] = [new Sequence(tally), new Sequence(tally)];
    const peer = await ClassicPeer.connect(address, random);
    peer.onMessage = ({ mess_text: text }) => toPeer.arrived(parseInt(text as string));
    friend.onFrame = ({ event, message }) => {
      if (event === "msg") toFriend.arrived(parseInt(message as string));
    };
    const user = { account_name: name };
    let response = (await peer.ask({ action: "presence", time: 1.5, user })).response;
    if (response !== 200) tally.fault(`a classic client is answered ${response}`);
    let [said, heard] = [0, 0];
    for (let left = 5 + 20 * random(); left > 0 && !signal.aborted; left--) {
      const text = '}{ "Привет" \\ {';
      if (heard - toPeer.last < MAX_UNDERWAY) {
        const message = `${heard + 1} ${text}`;
        ({ response } = await friend.ask({ event: "msg", to: name, message }));
        if (response === 200) heard++;
        else tally.fault(`a message to a classic client is answered ${response}`);
      }
      const to = `friend${index}`;
      const request = { action: "message", from: name, to, mess_text: `${said + 1} ${text}` };
      ({ response } = await peer.ask(request));
      if (response === 200) said++;
      else tally.fault(`a message of a classic client is answered ${response}`);
      ({ response } = await peer.ask({ action: "get_users" }));
      if (response !== 202) tally.fault(`get_users is answered ${response}`);
      tally.count("classic messages", 2);
      await pause(1_000 * random());
    }
    for (let ms = 0; toPeer.last < heard && ms < LAST_MS; ms += 100) await pause(100);
    toPeer.ends(heard);
    toFriend.ends(said);
    await peer.ask({ action: "exit" });
    await peer.ended;
    peer.close();
  }
  await friend.ask({ event: "quit" });
  await friend.ended;
  friend.close();
};

const encoder = new TextEncoder();

/** One classic connection: sends objects in pieces, reads all the time. */
class ClassicPeer {
  readonly #conn: Link;
  readonly #random: () => number;
  readonly #waiting: PromiseWithResolvers<Frame>[] = [];
  /** Resolves when the server has hung up. */
  readonly ended: Promise<void>;
  /** Called with each message. */
  onMessage: (frame: Frame) => void = () => {};

  private constructor(conn: Link, random: () => number) {
    this.#conn = conn;
    this.#random = random;
    this.ended = this.#read();
  }

  static async connect(
    { hostname, port, ca }: Address,
    random: () => number,
  ): Promise<ClassicPeer> {
    const conn = ca === undefined
      ? await Deno.connect({ hostname, port })
      : await Deno.connectTls({ hostname, port, caCerts: [ca] });
    return new ClassicPeer(conn, random);
  }

  /** Sends a request, now and then in two pieces, and waits for its answer. */
  async ask(request: object): Promise<Frame> {
    const waiting = Promise.withResolvers<Frame>();
    this.#waiting.push(waiting);
    const bytes = encoder.encode(JSON.stringify(request));
    const cut = Math.floor(this.#random() * bytes.length);
    await this.#write(bytes.subarray(0, cut));
    if (this.#random() < 0.5) await pause(5);
    await this.#write(bytes.subarray(cut));
    return await waiting.promise;
  }

  close(): void {
    this.#conn.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#conn.write(rest));
  }

  async #read(): Promise<void> {
    const scanner = new ObjectScanner();
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4_096);
    let text = "";
    try {
      for (let count; (count = await this.#conn.read(buffer)) !== null;) {
        const bytes = buffer.subarray(0, count);
        for (let from = 0; from < count;) {
          const end = scanner.scan(bytes, from);
          const upTo = end === -1 ? count : end;
          text += decoder.decode(bytes.subarray(from, upTo), { stream: true });
          from = upTo;
          if (end === -1) continue;
          this.#hear(JSON.parse(text));
          text = "";
        }
      }
    } catch {
      // It was reset.
    }
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("no answer came"));
  }

  #hear(frame: Frame): void {
    if (frame.response === undefined) this.onMessage(frame);
    else this.#waiting.shift()?.resolve(frame);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
