import type { EventKey } from "../../common/wire/protocol.ts";
import type { MailboxReader } from "../../server/delivery/mailbox.ts";
import type { Outlet } from "../../server/people/outlet.ts";
import { User } from "../../server/people/user.ts";

/** A way to a client that is not there. */
export class FakeOutlet implements Outlet {
  readonly address = "192.0.2.1:1";
  network = "192.0.2.1";
  readonly signal = new AbortController().signal;
  framesPut = 0;
  /** All are written at once, unless a test sets it. */
  framesWritten = 0;
  capacity = 1_048_576;
  probes = 0;
  isOverdue = false;
  /** Bytes that are held for the client. */
  heldBytes = 0;
  /** While `false`, it takes no more. */
  takes = true;
  /** Whether it stands for a connection. */
  isConnected = true;
  /** Whether the user has left it for another one. */
  isLeft = false;
  /** Called to end the session, once it is interrupted. */
  endSession: (() => void) | undefined;
  /** What it was sent. */
  readonly lines: string[] = [];
  /** The same, parsed. */
  readonly frames: Record<string, unknown>[] = [];

  constructor(readonly key: EventKey = "event") {}

  send(frame: string): boolean {
    if (!this.takes || !this.fits(frame)) return false;
    this.framesPut++;
    this.lines.push(frame);
    this.frames.push(JSON.parse(frame));
    return true;
  }

  /** Frames that are longer do not fit. */
  maxLength = Infinity;

  fits(frame: string): boolean {
    return frame.length <= this.maxLength;
  }

  /** Frames that go out in any case. */
  sendAgain(frames: string): void {
    const { takes } = this;
    this.takes = true;
    for (const line of frames.split(/(?<=\n)/)) this.send(line);
    this.takes = takes;
  }

  probe(): void {
    this.probes++;
  }

  /** The answers to `isThere`, in the order of the calls; `false` when there is none left. */
  readonly answers: Promise<boolean>[] = [];

  isThere(): Promise<boolean> {
    return this.answers.shift() ?? Promise.resolve(false);
  }

  setOverdue(isOverdue: boolean): void {
    this.isOverdue = isOverdue;
  }

  hold(bytes: number): void {
    this.heldBytes += bytes;
  }

  roomy(): Promise<boolean> {
    return Promise.resolve(this.takes);
  }

  close(): void {
    this.takes = false;
    this.endSession?.();
  }

  leave(): void {
    this.isLeft = true;
  }

  interruption(end: () => void): FakeOutlet {
    const outlet = new FakeOutlet(this.key);
    outlet.isConnected = outlet.takes = false;
    outlet.capacity = this.capacity;
    outlet.endSession = end;
    return outlet;
  }
}

/** Somebody online, without a connection. */
export class FakeUser extends User {
  readonly #fake: FakeOutlet;

  constructor(name: string, key?: EventKey) {
    const outlet = new FakeOutlet(key);
    super(name, outlet);
    this.#fake = outlet;
    this.state = "attached";
  }

  /** The outlet that it began with. */
  override get outlet(): FakeOutlet {
    return this.#fake;
  }

  /** What was sent to the client. */
  get lines(): string[] {
    return this.#fake.lines;
  }

  /** The same, parsed. */
  get frames(): Record<string, unknown>[] {
    return this.#fake.frames;
  }
}

/** Somebody online with an account. */
export function fakeAccount(name: string): FakeUser {
  const user = new FakeUser(name);
  user.becomeAccount({ isRunning: false } as MailboxReader);
  return user;
}
