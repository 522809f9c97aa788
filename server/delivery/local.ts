/**
 * Delivery to the people of this process.
 *
 * @module
 */

import { type Clock, unixSeconds } from "../../common/clock.ts";
import { messageOf, stackOf } from "../../common/errors.ts";
import type { Log } from "../../common/log.ts";
import { foldName } from "../../common/names.ts";
import { encodeFrame } from "../../common/wire/encode.ts";
import type { MsgRequest, Notice } from "../../common/wire/protocol.ts";
import type { Registry } from "../people/registry.ts";
import type { User } from "../people/user.ts";
import type { Room } from "../rooms/room.ts";
import type { Letter, Store, StoreOutcome } from "../store/store.ts";
import type { Delivery, DirectOutcome } from "./delivery.ts";
import { Lanes } from "./lanes.ts";
import { MailboxReader } from "./mailbox.ts";
import { Envelope, Message } from "./message.ts";
import { Route } from "./route.ts";

/** What a {@linkcode LocalDelivery} is made of. */
export interface LocalDeliveryOptions {
  /** Who is online. */
  readonly registry: Registry<User>;
  /** Mailboxes and known names. */
  readonly store: Store;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Unix seconds of messages that are handed on at once; may be as of the turn's beginning. */
  readonly now: () => number;
  /** Where to say what happens. */
  readonly log: Log;
}

/** {@linkcode Delivery} to users whose sessions are in this process. */
export class LocalDelivery implements Delivery {
  readonly #registry: Registry<User>;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #log: Log;
  /** Rescues under way, by the addressee's folded name. */
  readonly #rescues = new Map<string, Promise<void>>();

  /** See {@linkcode LocalDeliveryOptions}. */
  constructor(options: LocalDeliveryOptions) {
    this.#registry = options.registry;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#now = options.now;
    this.#log = options.log;
  }

  toUser(from: User, request: MsgRequest): DirectOutcome | Promise<DirectOutcome> {
    if (this.#rescues.size > 0) this.#waitForRescue(from, request.to);
    const state = from.lanes === undefined ? "free" : from.lanes.stateOf(request.to);
    if (state === "free" || (state === "letters" && this.#isLetter(request))) {
      return this.#send(from, request);
    }
    return from.lanes!.behind(request.to, () => this.#send(from, request));
  }

  toRoom(from: User, room: Room, request: MsgRequest): number {
    const message = new Message(new Envelope(from, room, this.#now()), textOf(request), request.id);
    let event: string | undefined;
    let action: string | undefined;
    let delivered = 0;
    for (const member of room.members.values()) {
      if (member === from) continue;
      const line = member.key === "event"
        ? event ??= message.lineFor("event")
        : action ??= message.lineFor("action");
      if (member.send(line)) delivered++;
    }
    return delivered;
  }

  notify(room: Room, notice: Notice, except?: User): void {
    const line = encodeFrame(notice);
    for (const member of room.members.values()) {
      if (member !== except) member.send(line);
    }
  }

  openMailbox(user: User): MailboxReader {
    return new MailboxReader(this.#store, user);
  }

  async deliverMail(user: User): Promise<void> {
    try {
      await user.mailbox?.run();
    } catch (error) {
      this.#log.error("mailbox not delivered", { to: user.name, stack: stackOf(error) });
    }
  }

  async rescue(user: User): Promise<void> {
    const unconfirmed = user.end();
    if (unconfirmed.length === 0) return;
    const rescuing = this.#rescueAll(user, unconfirmed);
    this.#rescues.set(user.folded, rescuing);
    await rescuing;
    if (this.#rescues.get(user.folded) === rescuing) this.#rescues.delete(user.folded);
  }

  async #rescueAll(user: User, messages: readonly Message[]): Promise<void> {
    await Promise.all(
      messages.map(async (message) => {
        try {
          const outcome = await this.#post(message.toLetter(user.folded), true);
          if (outcome === "stored") this.#log.info("letter rescued", { to: user.name });
          else this.#log.error("letter lost", { to: user.name, reason: outcome });
        } catch (error) {
          this.#log.error("letter lost", { to: user.name, reason: messageOf(error) });
        }
      }),
    );
  }

  /** What is being rescued for an addressee comes before what is sent now. */
  #waitForRescue(from: User, to: string): void {
    const rescuing = this.#rescues.get(foldName(to));
    if (rescuing === undefined) return;
    from.lanes ??= new Lanes();
    from.lanes.beside(to, rescuing);
  }

  #send(from: User, request: MsgRequest): DirectOutcome | Promise<DirectOutcome> {
    const to = from.route?.find(request.to) ?? this.#find(from, request.to);
    if (to === undefined) {
      return request.store
        ? this.#toMailbox(from, request, "stored")
        : this.#whyNot(foldName(request.to));
    }
    if (to.isCatchingUp) {
      return request.store ? this.#toMailbox(from, request, "behind") : "catching-up";
    }
    const envelope = from.route!.envelopeAt(this.#now());
    return to.take(new Message(envelope, textOf(request), request.id)) ? "delivered" : "full";
  }

  /** Whether a message would go to a mailbox now. */
  #isLetter({ to, store }: MsgRequest): boolean {
    return store === true && (this.#registry.find(foldName(to))?.isCatchingUp ?? true);
  }

  #find(from: User, name: string): User | undefined {
    const to = this.#registry.find(foldName(name));
    if (to !== undefined) from.route = new Route(from, to, this.#now());
    return to;
  }

  #toMailbox(
    from: User,
    request: MsgRequest,
    stored: "stored" | "behind",
  ): Promise<DirectOutcome> {
    from.lanes ??= new Lanes();
    return from.lanes.beside(request.to, this.#storeLetter(from, request, stored));
  }

  async #whyNot(folded: string): Promise<DirectOutcome> {
    return await this.#store.nameStatus(folded) === "unknown" ? "unknown" : "offline";
  }

  async #storeLetter(
    from: User,
    { to, message, id }: MsgRequest,
    stored: "stored" | "behind",
  ): Promise<DirectOutcome> {
    const folded = foldName(to);
    const account = await this.#store.findAccount(folded);
    if (account === undefined) {
      return await this.#whyNot(folded) === "unknown" ? "unknown" : "guest";
    }
    const time = unixSeconds(this.#clock);
    const letter = { folded, to: account.name, from: from.name, message, time, id };
    switch (await this.#post(letter, false)) {
      case "stored":
        return stored;
      case "no-account": // removed this very moment
        return "guest";
      case "full":
        return "mailbox-full";
    }
  }

  /**
   * Puts a letter into its mailbox. An addressee who has come online meanwhile gets it at once instead of at the
   * next login.
   *
   * @param isRescue Whether the letter was accepted before: then it may go beyond the mailbox's limits.
   */
  async #post(letter: Letter, isRescue: boolean): Promise<StoreOutcome> {
    const outcome = await this.#store.storeLetter(letter, { isRescue });
    const addressee = this.#registry.find(letter.folded);
    if (outcome === "stored" && addressee !== undefined) this.deliverMail(addressee);
    return outcome;
  }
}

/** A request's text as JSON. */
function textOf({ message, messageJson }: MsgRequest): string {
  return messageJson ?? JSON.stringify(message);
}
