/**
 * Clients whose links break all the time.
 *
 * @module
 */

import { dial } from "../../client/library/dial.ts";
import { JimClient } from "../../client/library/jim_client.ts";
import { messageOf } from "../../common/errors.ts";
import type { Link } from "../../common/link.ts";
import { LineClient } from "../line_client.ts";
import { Sequence, type Tally } from "./tally.ts";
import type { Soak, Worker } from "./workers.ts";

/** A link lasts at most so long. */
const MAX_LIFE_MS = 2_000;
/** What was sent has to be there within this time after the last link is whole. */
const MAX_WAIT_MS = 15_000;
const ACCOUNTS = 2;
const PASSWORD = "correct horse battery";

/** A client whose links break, and what it hears in its room and, with an account, directly. */
class Listener {
  readonly client: JimClient;
  readonly inRoom: Sequence;
  readonly direct: Sequence;
  readonly #heard: Promise<void>;
  #news = Promise.withResolvers<void>();

  constructor(client: JimClient, tally: Tally) {
    this.client = client;
    this.inRoom = new Sequence(tally);
    this.direct = new Sequence(tally);
    this.#heard = this.#hear(tally).catch((error) => {
      tally.fault(`${client.name} ended: ${messageOf(error)}`);
    });
  }

  /** Waits until all has come, or for too long; what is missing then is lost. */
  async ends(inRoom: number, direct: number): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#news.resolve();
    }, MAX_WAIT_MS);
    while (!isLate && (this.inRoom.last < inRoom || this.direct.last < direct)) {
      await this.#news.promise;
    }
    clearTimeout(timer);
    this.inRoom.ends(inRoom);
    this.direct.ends(direct);
    // Only who is online says goodbye; else the server would keep the session.
    await this.client.probe();
    await this.client.quit();
    await this.#heard;
  }

  async #hear(tally: Tally): Promise<void> {
    for await (const event of this.client.events()) {
      if (event.type === "message") {
        const { to, message } = event.message;
        (to.startsWith("#") ? this.inRoom : this.direct).arrived(Number(message));
      } else if (event.type === "online" && event.again) {
        tally.count("comebacks");
        if (!event.resumed) tally.fault(`${event.name} came back to another session`);
      } else if (event.type === "gap" || event.type === "room-lost") {
        tally.fault(`${this.client.name} missed something: ${event.type}`);
      }
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    }
  }
}

/**
 * A room with a speaker whose link holds, and three listeners whose links do not. In the first rooms one listener has an
 * account, and is written to directly, too; a server that is busy makes no more accounts than that in time.
 */
export const comeback: Worker = async (soak, index) => {
  const { address, tally, signal } = soak;
  const name = `#comeback${index}`;
  const speaker = await LineClient.online(address, `steady${index}`);
  await speaker.ask({ event: "join", room: name });
  const links = new BadLinks(soak);
  const listeners: Listener[] = [];
  for (let i = 0; i < 3; i++) {
    const client = await JimClient.connect({
      dial: (ended) => links.dial(ended),
      firstMs: 10,
      maxMs: 500,
    });
    const login = i === 0 && index < ACCOUNTS ? { password: PASSWORD, register: true } : {};
    await client.login(`shaky${index}.${i}`, login);
    await client.join(name);
    listeners.push(new Listener(client, tally));
  }
  const account = index < ACCOUNTS ? listeners[0] : undefined;
  links.areBad = true;
  let [inRoom, direct] = [0, 0];
  while (!signal.aborted) {
    const said = await speaker.ask({ event: "msg", to: name, message: String(inRoom + 1) });
    if (said.response === 200) inRoom++;
    else tally.fault(`a message to a shaky room was answered ${said.response}`);
    if (account !== undefined) {
      const letter = { to: account.client.name, message: String(direct + 1), store: true };
      const { response } = await speaker.ask({ event: "msg", ...letter });
      if (response === 200 || response === 202) direct++;
      else tally.fault(`a message to a shaky account was answered ${response}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  links.areBad = false;
  for (const listener of listeners) await listener.ends(inRoom, listener === account ? direct : 0);
  await speaker.ask({ event: "quit" });
  await speaker.ended;
  speaker.close();
};

/** Links that break sooner or later, as long as they are bad. */
class BadLinks {
  /** Whether they break now. */
  areBad = false;
  readonly #soak: Soak;

  constructor(soak: Soak) {
    this.#soak = soak;
  }

  async dial(signal: AbortSignal): Promise<Link> {
    const { address: { hostname, port, ca }, random, tally } = this.#soak;
    const tls = ca === undefined ? {} : { tls: true, caCerts: [ca] };
    const link = await dial({ hostname, port, ...tls, signal });
    const timer = setInterval(() => {
      if (!this.areBad) return;
      clearInterval(timer);
      tally.count("broken links");
      try {
        link.close();
      } catch {
        // It has ended by itself.
      }
    }, random() * MAX_LIFE_MS);
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    return link;
  }
}
