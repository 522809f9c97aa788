/**
 * A client that goes on whatever happens to the nodes, and keeps a record of what it sent and saw.
 *
 * @module
 */

import { type Address, type Frame, LineClient } from "../line_client.ts";
import type { ClientRecord, Happening, Time } from "./record.ts";

/** How a {@linkcode ChaosClient} behaves. */
export interface ChaosClientOptions {
  /** Names the client. */
  readonly client: string;
  /** Its name. */
  readonly name: string;
  /** An account's password; a guest has none. */
  readonly password?: string;
  /** Where the nodes are; asked anew for each connection. */
  readonly nodes: () => readonly Address[];
  /** The rooms that it is in. */
  readonly rooms: readonly string[];
  /** Random numbers from 0 up to 1. */
  readonly random: () => number;
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
  /** If it goes now and then, so that what is sent to it is stored: until this is aborted. */
  readonly naps?: AbortSignal;
}

/** An answer that takes longer is given up, with the connection. */
const ANSWER_MS = 15_000;
/** Before it connects again. */
const PAUSE_MS = 250;
/** Who naps is there for so long, and then away, at most. */
const NAP_MS = 4_000;

/** See the module. Logs in without tokens, so that each connection is a session of its own: rooms are caught up with by number. */
export class ChaosClient {
  readonly #options: ChaosClientOptions;
  readonly #happenings: Happening[] = [];
  /** The highest number that it has got of each room: what is behind it is asked for on the way back in. */
  readonly #seen = new Map<string, number>();
  /** Letters that have come, to be deleted from the mailbox. */
  #stored = 0;
  #connection: LineClient | undefined;
  /** Frames that came while it enters rooms: what was said before them is still being read. */
  #early: Frame[] | undefined;
  #online = Promise.withResolvers<LineClient>();

  /** Connects to nothing yet. */
  constructor(options: ChaosClientOptions) {
    this.#options = options;
  }

  /** What it sent and saw. */
  get record(): ClientRecord {
    const { client, name, password } = this.#options;
    return { client, name, isAccount: password !== undefined, happenings: this.#happenings };
  }

  /** The connection over which it is online; waits for one. */
  online(): Promise<LineClient> {
    return this.#online.promise;
  }

  /** Records whether it is online: to be called when all has been in order for a while. */
  noteStay(): void {
    if (this.#connection !== undefined) this.#note({ what: "stayed", at: now() });
  }

  /** Is online as much as it can be, until the signal is aborted. */
  async run(): Promise<void> {
    const { signal, random, nodes, naps } = this.#options;
    while (!signal.aborted) {
      const all = nodes();
      const node = all[Math.floor(random() * all.length)];
      if (node !== undefined) await this.#visit(node).catch(() => {});
      if (naps !== undefined) await pause(NAP_MS * random(), naps);
      await pause(PAUSE_MS, signal);
    }
  }

  /**
   * Sends a message until it is answered 200, 202 or refused for good, under one id. A guest who has come back does not
   * send it again: only an account's message, or one of the same session, is known to be the same (PROTOCOL.md, section 6).
   *
   * @returns The last answer's code; `undefined` if there is none.
   */
  async say(to: string, text: string, store: boolean): Promise<number | undefined> {
    const { signal, password } = this.#options;
    let first: LineClient | undefined;
    while (!signal.aborted) {
      const connection = await Promise.race([this.online(), aborted(signal)]);
      if (connection === undefined) return undefined;
      first ??= connection;
      if (password === undefined && connection !== first) return undefined;
      this.#note({ what: "sent", at: now(), to, text });
      const request = { event: "msg", to, message: text, id: text, ...(store && { store }) };
      const answer = await ask(connection, request);
      if (answer !== undefined) {
        const { response: code = 0, seq } = answer;
        this.#note({
          ...{ what: "answered", at: now(), text, code },
          ...(typeof seq === "number" && { seq }),
        });
        if (code !== 500) return code;
      }
      await pause(PAUSE_MS, signal);
    }
    return undefined;
  }

  /** Deletes a message of its own, and says whether that was answered 200. */
  async delete(to: string, seq: number, text: string): Promise<boolean> {
    const connection = this.#connection;
    if (connection === undefined) return false;
    this.#note({ what: "deleting", at: now(), to, text });
    const answer = await ask(connection, { event: "delete", to, seq });
    if (answer?.response !== 200) return false;
    this.#note({ what: "deleted", at: now(), to, text });
    return true;
  }

  /** Reads the newest messages of a conversation. */
  async read(of: string): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    const at = now();
    const answer = await ask(connection, { event: "history", with: of, limit: 100 });
    if (answer?.response !== 200) return;
    this.#note({ what: "page", at, of, texts: textsOf(answer) });
  }

  async #visit(node: Address): Promise<void> {
    const { name, password, rooms, signal } = this.#options;
    using connection = await LineClient.connect(node);
    if (signal.aborted) return;
    const hangUp = (): void => connection.close();
    signal.addEventListener("abort", hangUp, { once: true });
    this.#early = [];
    connection.onFrame = (frame) => {
      if (this.#early === undefined) this.#hear(frame);
      else this.#early.push(frame);
    };
    const user = { account_name: name, ...(password !== undefined && { password }) };
    const login = password === undefined
      ? { event: "presence", user }
      : { event: "authenticate", user };
    const answer = await ask(connection, login);
    if (answer?.response !== 200) {
      if (answer?.response === 409) this.#note({ what: "refused", at: now() });
      return;
    }
    this.#note({ what: "online", at: now(), resumed: false, on: node.port });
    try {
      for (const room of rooms) await this.#enter(connection, room);
      this.#connection = connection;
      const early = this.#early;
      this.#early = undefined;
      for (const frame of early) this.#hear(frame);
      this.#online.resolve(connection);
      await Promise.race([connection.ended, this.#tired()]);
    } finally {
      this.#connection = undefined;
      this.#online = Promise.withResolvers();
      this.#note({ what: "offline", at: now() });
      signal.removeEventListener("abort", hangUp);
    }
  }

  /** Resolves when it has been there for long enough. */
  async #tired(): Promise<void> {
    const { naps, random } = this.#options;
    if (naps !== undefined) await pause(NAP_MS * random(), naps);
    if (naps === undefined || naps.aborted) await new Promise<never>(() => {});
  }

  /**
   * Enters a room and reads what was said there since.
   *
   * @throws {Error} If it cannot: what comes live would hide what it has missed.
   */
  async #enter(connection: LineClient, room: string): Promise<void> {
    const after = this.#seen.get(room);
    let answer = await ask(connection, {
      ...{ event: "join", room },
      ...(after !== undefined && { after }),
    });
    const caught: Frame[] = [];
    for (;;) {
      if (answer?.response !== 200 && answer?.response !== 201) {
        throw new Error(`${room} cannot be entered: ${answer?.response}`);
      }
      const messages = (answer.messages ?? []) as Frame[];
      caught.push(...messages);
      if (after === undefined || answer.more !== true) break;
      const last = messages.at(-1)?.seq ?? after;
      answer = await ask(connection, { event: "history", with: room, after: last, limit: 100 });
    }
    for (const message of caught) this.#hear({ event: "msg", ...message });
    if (after === undefined && typeof answer.last === "number") this.#seen.set(room, answer.last);
  }

  #hear(frame: Frame): void {
    const { event, to, from, message, seq, stored } = frame;
    if (event !== "msg" || typeof message !== "string") return;
    if (typeof stored === "number" && stored > this.#stored) {
      this.#stored = stored;
      this.#connection?.ask({ event: "ack", stored }).catch(() => {});
    }
    if (typeof seq === "number" && String(to).startsWith("#")) {
      const room = String(to);
      if (seq <= (this.#seen.get(room) ?? 0)) return;
      this.#seen.set(room, seq);
    }
    this.#note({
      ...{ what: "received", at: now(), to: String(to), from: String(from), text: message },
      ...(typeof seq === "number" && { seq }),
    });
  }

  #note(happening: Happening): void {
    this.#happenings.push(happening);
  }
}

/** Numbers and texts of an answer with messages. */
export function textsOf({ messages }: Frame): { seq: number; text: string | undefined }[] {
  return (messages as Frame[]).map(({ seq, message }) => ({
    seq: seq as number,
    text: message as string | undefined,
  }));
}

/** The answer to a request; `undefined` if none comes in time, or the connection breaks: then it is closed. */
export async function ask(connection: LineClient, request: object): Promise<Frame | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ANSWER_MS);
  try {
    const answer = await Promise.race([connection.ask(request), late.promise]);
    if (answer === undefined) connection.close();
    return answer;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds since the process began. */
export function now(): Time {
  return Math.round(performance.now());
}

/** Waits, or less if the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
