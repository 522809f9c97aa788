/**
 * The frames of a numbered session.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { detached } from "../../common/detached.ts";
import { encodeNumbered, inDialect } from "../../common/wire/encode.ts";
import type { EventKey } from "../../common/wire/protocol.ts";
import type { Message } from "../delivery/message.ts";
import type { Outlet } from "./outlet.ts";

/** Whose frames they are. */
export interface FramesHost {
  /** The way to the client, or what stands for it while the connection is lost. */
  readonly outlet: Outlet;
  /** Adds `bytes`, which may be negative, to what is held for the client. */
  hold(bytes: number): void;
}

/** A frame that is not confirmed. Its number is that of its place. */
interface Frame {
  /** A direct message, or any other frame as its line without a number. */
  readonly content: Message | string;
  readonly bytes: number;
  /** The number in the mailbox, for a message from there. */
  readonly stored: number | undefined;
  /** Whether the mailbox has it under its session and number. */
  isSaved: boolean;
}

/** The frames of a session that goes on on another node, as plain JSON values. */
export interface HandedFrames {
  /** The number up to which all is confirmed. */
  readonly confirmed: number;
  /** What is not, in the order of the numbers; in the dialect that says `event`. */
  readonly lines: readonly {
    readonly line: string;
    /** The number in the mailbox, for a message from there. */
    readonly stored?: number;
    /** Whether the mailbox has it under its session and number. */
    readonly isSaved?: true;
  }[];
}

/** What a client has confirmed. */
export interface Confirmed {
  /** The highest number in the mailbox among what came from there; 0 if nothing did. */
  readonly stored: number;
  /** Whether the mailbox has some of it under its session and number. */
  readonly wasSaved: boolean;
}

/** What a mailbox does not know yet of frames that are not confirmed. */
export interface Unsaved {
  /** Direct messages; each says as what it was sent. */
  readonly messages: Message[];
  /** Messages from the mailbox: their numbers there, and those under which they were sent. */
  readonly marks: { readonly stored: number; readonly n: number }[];
}

/**
 * Numbers the frames of a session, and keeps each until its client has confirmed it.
 *
 * Guarantees:
 * 1. Numbers begin with 1 and have no gaps; a frame that is refused takes none.
 * 2. At most `capacity` bytes are kept, or one frame. At half of that the client is probed; one that leaves it at all
 *    of that is closed. Where there is no connection, the session ends.
 * 3. {@linkcode NumberedFrames.resend} sends all that is kept, in order, under the same numbers.
 */
export class NumberedFrames {
  /** Names the session: random, never used again. */
  readonly session: string;
  readonly #host: FramesHost;
  readonly #frames: Frame[] = [];
  #confirmed = 0;
  #bytes = 0;
  #isProbed = false;
  /** A frame was refused, and none was confirmed since. */
  #isShort = false;
  #onShort: (() => void) | undefined;
  #progress: PromiseWithResolvers<void> | undefined;

  /** Begins with the number 1. */
  constructor(session: string, host: FramesHost) {
    this.session = session;
    this.#host = host;
  }

  /** The number up to which all is confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** The number of the last frame. */
  get last(): number {
    return this.#confirmed + this.#frames.length;
  }

  /**
   * Sends a frame; while there is no connection it is kept for the next one.
   *
   * @returns Whether a connection took it.
   */
  send(line: string): boolean {
    return this.#put(line, line, undefined);
  }

  /** Sends something that must not be left out, also where there is no room for it. */
  sendAnyway(line: string): void {
    this.#put(line, line, undefined, true);
  }

  /** Sends a direct message; `false` if there is no connection, or it takes no more. */
  take(message: Message): boolean {
    const { outlet } = this.#host;
    if (!outlet.isConnected) return false;
    if (message.sent?.session === this.session) return this.#takeBack(message);
    return this.#put(message, message.lineFor(outlet.key), undefined);
  }

  /** Sends a message from the mailbox; `false` if there is no connection, or it takes no more. */
  sendStored(line: string, stored: number): boolean {
    return this.#host.outlet.isConnected && this.#put(line, line, stored);
  }

  /**
   * All frames up to a number have arrived.
   *
   * @param seen At least {@linkcode NumberedFrames.confirmed} to have an effect.
   * @returns `undefined` if that is beyond what was sent: then nothing has happened.
   */
  confirm(seen: number): Confirmed | undefined {
    if (seen > this.last) return undefined;
    let [stored, wasSaved] = [0, false];
    const confirmed = this.#frames.splice(0, Math.max(0, seen - this.#confirmed));
    if (confirmed.length === 0) return { stored, wasSaved };
    for (const frame of confirmed) {
      this.#count(-frame.bytes);
      if (frame.stored !== undefined) stored = frame.stored;
      else if (frame.isSaved) wasSaved = true;
    }
    this.#confirmed += confirmed.length;
    this.#isProbed = this.#isShort = false;
    this.#host.outlet.setOverdue(false);
    this.moved();
    return { stored, wasSaved };
  }

  /** Sends all frames that are not confirmed to a connection that has got none of them. */
  resend(): void {
    const { outlet } = this.#host;
    const lines = this.#frames.map(({ content }, index) =>
      encodeNumbered(lineOf(content, outlet.key), this.#confirmed + 1 + index)
    );
    this.#isProbed = this.#isShort = false;
    if (lines.length > 0) outlet.sendAgain(lines.join(""));
  }

  /** Waits until a frame may be taken again; resolves with `false` if there is no connection then. */
  async roomy(): Promise<boolean> {
    const { outlet } = this.#host;
    if (!outlet.isConnected) return false; // what may be kept was kept: nobody is to send it again
    while (outlet === this.#host.outlet && this.#isShort) {
      await (this.#progress ??= Promise.withResolvers()).promise;
    }
    if (outlet === this.#host.outlet && await outlet.roomy()) return true;
    return outlet !== this.#host.outlet && this.#host.outlet.isConnected;
  }

  /**
   * Waits for work that sends frames, until it is done or has to wait for `seen`. That comes with one of the client's next
   * requests, so whoever does not serve them before all is out waits for ever. One piece of work at a time.
   *
   * @param work Never rejects.
   */
  unlessShort(work: Promise<void>): Promise<void> {
    if (this.#isShort) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onShort = resolve;
      work.then(resolve);
    });
  }

  /** There is another way to the client, or less to keep: whoever waits looks anew. */
  moved(): void {
    this.#progress?.resolve();
    this.#progress = undefined;
  }

  /** What the mailbox does not know yet. It is seen to that it will. */
  takeUnsaved(): Unsaved {
    const unsaved: Unsaved = { messages: [], marks: [] };
    for (const [index, frame] of this.#frames.entries()) {
      const { content, stored, isSaved } = frame;
      if (isSaved || (typeof content === "string" && stored === undefined)) continue;
      frame.isSaved = true;
      const n = this.#confirmed + 1 + index;
      if (stored !== undefined) unsaved.marks.push({ stored, n });
      if (typeof content === "string") continue;
      content.sent = { session: this.session, n };
      unsaved.messages.push(content);
    }
    return unsaved;
  }

  /** What another node needs to go on. Direct messages that are to outlast that one are in the mailbox before. */
  handOver(): HandedFrames {
    const lines = this.#frames.map(({ content, stored, isSaved }) => ({
      line: lineOf(content, "event"),
      ...(stored !== undefined && { stored }),
      ...(isSaved && { isSaved }),
    }));
    return { confirmed: this.#confirmed, lines };
  }

  /** Goes on with the frames of another node, before anything is sent here. Nothing of them is sent yet. */
  takeUp({ confirmed, lines }: HandedFrames): void {
    this.#confirmed = confirmed;
    for (const { line, stored, isSaved = false } of lines) {
      const bytes = Buffer.byteLength(encodeNumbered(line, this.last + 1));
      this.#frames.push({ content: line, bytes, stored, isSaved });
      this.#count(bytes);
    }
  }

  /** A message of this very session could not be put into the mailbox: it is among the frames already, or confirmed. */
  #takeBack({ sent }: Message): true {
    const frame = this.#frames[sent!.n - this.#confirmed - 1];
    if (frame !== undefined) frame.isSaved = false;
    return true;
  }

  #put(
    content: Message | string,
    line: string,
    stored: number | undefined,
    isForced = false,
  ): boolean {
    const { outlet } = this.#host;
    const numbered = encodeNumbered(line, this.last + 1);
    const bytes = Buffer.byteLength(numbered);
    if (!isForced && this.#frames.length > 0 && this.#bytes + bytes > outlet.capacity) {
      this.#isShort = true;
      this.#onShort?.();
      outlet.setOverdue(true);
      return false;
    }
    if (outlet.isConnected && !outlet.send(numbered)) {
      if (!isForced) return false;
      outlet.sendAgain(numbered);
    }
    // What is kept must not keep the larger text alive that it is a part of.
    if (typeof content !== "string") content.detach();
    const kept = typeof content === "string" ? detached(content) : content;
    this.#frames.push({ content: kept, bytes, stored, isSaved: false });
    this.#count(bytes);
    if (!this.#isProbed && this.#bytes > outlet.capacity / 2) {
      this.#isProbed = true;
      outlet.probe();
    }
    return outlet.isConnected;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#host.hold(bytes);
  }
}

function lineOf(content: Message | string, key: EventKey): string {
  return typeof content === "string" ? inDialect(content, key) : content.lineFor(key);
}
