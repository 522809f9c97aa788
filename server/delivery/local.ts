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
import type { DeleteRequest, EditRequest, MsgRequest, Notice } from "../../common/wire/protocol.ts";
import type { Nodes } from "../cluster/nodes.ts";
import type { Later } from "../later.ts";
import type { Registry } from "../people/registry.ts";
import type { Unsaved } from "../people/numbered_frames.ts";
import { RemoteUser } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import type { Movement } from "../rooms/gathering.ts";
import type { Room } from "../rooms/room.ts";
import type { RoomAccess } from "../rooms/room_access.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Earlier, Place } from "../store/messages.ts";
import {
  type Letter,
  type SentAs,
  type Store,
  StoreFullError,
  type StoreLetterOptions,
  type StoreOutcome,
} from "../store/store.ts";
import { Changes } from "./changes.ts";
import type {
  ChangeElsewhere,
  ChangeOutcome,
  ChangePlace,
  Delivery,
  DirectOutcome,
  Kept,
  KeptInRoom,
  RoomRefusal,
  SaidElsewhere,
} from "./delivery.ts";
import type { Keeper } from "./keeper.ts";
import { type Kind, Lanes } from "./lanes.ts";
import { type HandedMailbox, MailboxReader } from "./mailbox.ts";
import { type Message, messageIn } from "./message.ts";
import { Repeats } from "./repeats.ts";
import { Rescues } from "./rescues.ts";
import { RoomDelivery } from "./room_delivery.ts";
import { Route } from "./route.ts";

/** What a {@linkcode LocalDelivery} is made of. */
export interface LocalDeliveryOptions {
  /** Who is online. */
  readonly registry: Registry<User>;
  /** Mailboxes and known names. */
  readonly store: Store;
  /** Numbers and keeps messages. */
  readonly keeper: Keeper;
  /** The other nodes. */
  readonly nodes: Nodes;
  /** The rooms that somebody is in; asked when something is put out later than it was accepted. */
  readonly rooms: Pick<Rooms, "findLasting">;
  /** Says who may speak in rooms. */
  readonly access: RoomAccess;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Unix seconds of messages that are handed on at once; may be as of the turn's beginning. */
  readonly now: () => number;
  /** Where to say what happens. */
  readonly log: Log;
}

/** Anything that can become of a direct message. */
type Outcome = DirectOutcome | Kept;

/** What has become of a message that a late keeper has handed over. */
interface Handed {
  readonly outcome: Kept["outcome"];
  /** Settles when it is in the mailbox, if it goes there. Never rejects. */
  readonly settled?: Promise<void>;
}

/** Accounts that a session remembers to have written to: a store is asked about each other one. */
const MAX_NOTED = 100;

/** {@linkcode Delivery} to users whose sessions are in this process. */
export class LocalDelivery implements Delivery {
  readonly #registry: Registry<User>;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #log: Log;
  readonly #keeper: Keeper;
  readonly #nodes: Nodes;
  readonly #rooms: RoomDelivery;
  readonly #rescues: Rescues;
  readonly #repeats = new Repeats<Outcome>();
  readonly #changes: Changes;
  /** Of letters that have arrived. None rejects. */
  readonly #deletions = new Set<Promise<void>>();

  /** See {@linkcode LocalDeliveryOptions}. */
  constructor(options: LocalDeliveryOptions) {
    this.#registry = options.registry;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#now = options.now;
    this.#log = options.log;
    const { store, now, clock, access, keeper, nodes, rooms } = options;
    this.#keeper = keeper;
    this.#nodes = nodes;
    this.#rooms = new RoomDelivery({ store, access, now, clock, keeper, nodes, rooms });
    this.#changes = new Changes({ ...options, rooms: this.#rooms });
    this.#rescues = new Rescues({
      post: (letter) => this.#post(letter, { isRescue: true }),
      deliver: (folded) => {
        const user = this.#reach(folded);
        return user?.isAccount ? this.deliverMail(user) : undefined;
      },
      clock: options.clock,
      log: options.log,
    });
  }

  toUser(
    from: User,
    request: MsgRequest,
  ): DirectOutcome | Promise<DirectOutcome | Kept> | Later<DirectOutcome | Kept> {
    if (!this.#rescues.isIdle) this.#waitForRescue(from, request.to);
    const state = from.lanes === undefined ? "free" : from.lanes.stateOf(request.to);
    if (state === "free" || state === this.#kindOf(request)) {
      if (!from.isAccount || this.#unopened(from, request) === undefined) {
        return this.#send(from, request);
      }
      from.lanes ??= new Lanes();
    }
    return from.lanes!.behind(request.to, () => this.#sendOpened(from, request));
  }

  toRoom(
    from: User,
    room: Room,
    request: MsgRequest,
  ): number | RoomRefusal | Promise<KeptInRoom | RoomRefusal> {
    return this.#rooms.send(from, room, request);
  }

  toMembersHere(room: Room, message: Message, from: User): void {
    this.#rooms.toMembersHere(room, message, from);
  }

  change(
    by: User,
    request: EditRequest | DeleteRequest,
    place: ChangePlace,
  ): Promise<ChangeOutcome> {
    return this.#changes.change(by, request, place);
  }

  notify(room: Room, notice: Notice, except?: User): void {
    this.#rooms.notify(room, notice, except);
  }

  moved(room: Room, user: User, movement: Movement, time: number): void {
    this.#rooms.moved(room, user, movement, time);
  }

  expel(room: Room, members: Iterable<User>, notice: Notice): void {
    this.#rooms.expel(room, members, notice);
  }

  tellGathered(room: Room): void {
    this.#rooms.tellGathered(room);
  }

  tell(by: Pick<User, "folded" | "isAccount">, to: User, notice: Notice): void {
    if (!to.hasBlocked(by)) to.send(encodeFrame(notice));
  }

  fromElsewhere(room: number, place: Place, message: SaidElsewhere): void {
    this.#rooms.fromElsewhere(room, place, message);
  }

  changedElsewhere(change: ChangeElsewhere): void {
    this.#changes.changedElsewhere(change);
  }

  openMailbox(user: User, arrived?: SentAs, handed?: HandedMailbox): MailboxReader {
    return new MailboxReader(this.#store, user, {
      stranded: {
        store: () => this.#rescues.retry(user.folded),
        handOver: () => this.#rescues.handOver(user),
        drop: (upTo) => this.#rescues.drop(user.folded, upTo),
      },
      arrived,
      handed,
      onDeletion: (deletion) => {
        this.#deletions.add(deletion);
        deletion.then(() => this.#deletions.delete(deletion));
      },
      onFault: (error) => {
        this.#log.error("arrived letters not deleted", {
          to: user.name,
          reason: messageOf(error),
        });
      },
    });
  }

  async deliverMail(user: User): Promise<void> {
    try {
      await user.mailbox?.run();
    } catch (error) {
      this.#log.error("mailbox not delivered", { to: user.name, stack: stackOf(error) });
    }
  }

  async rescue(user: User): Promise<void> {
    const { messages, marks } = user.takeUnsaved();
    const work: Promise<unknown>[] = [];
    if (messages.length > 0) work.push(this.#rescues.begin(user.folded, messages));
    if (marks.length > 0) work.push(this.#mark(user, marks));
    await Promise.all(work);
  }

  close(): Promise<void> {
    return this.#rescues.close();
  }

  async untilDeleted(): Promise<void> {
    await Promise.all(this.#deletions);
  }

  /** Letters that were sent and not confirmed say as what they were sent. */
  async #mark(user: User, marks: Unsaved["marks"]): Promise<void> {
    try {
      await this.#store.markLetters(user.folded, user.session, marks);
    } catch (error) {
      // Then those that have arrived come once more.
      this.#log.error("letters not marked", { to: user.name, reason: messageOf(error) });
    }
  }

  /** Who has that name and a connection: others are offline for direct messages. */
  #reach(folded: string): User | undefined {
    const user = this.#registry.find(folded);
    return user?.state === "attached" ? user : undefined;
  }

  /** What is being rescued for an addressee comes before what is sent now. */
  #waitForRescue(from: User, to: string): void {
    const rescuing = this.#rescues.before(foldName(to));
    if (rescuing === undefined) return;
    from.lanes ??= new Lanes();
    from.lanes.behind(to, () => rescuing);
  }

  /** Whether something that nothing new may overtake could not be rescued, and could not be handed over either. */
  #isBehindRescue(folded: string): boolean {
    return !this.#rescues.isIdle && this.#rescues.holds(folded);
  }

  readonly #deliverHere = (from: User, request: MsgRequest): Promise<Outcome> =>
    this.#sendOpened(from, request, true);

  /** Sends when the message can be numbered, if it is to be. */
  async #sendOpened(
    from: User,
    request: MsgRequest,
    isNowhereElse?: boolean,
  ): Promise<Outcome> {
    for (let to; (to = this.#unopened(from, request)) !== undefined;) {
      const route = from.route!;
      route.conversation = await this.#store.openDirect(from.folded, to.folded) ?? null;
      // A message to somebody else may have taken the user's only route meanwhile: without this, two that open their
      // conversations at once would undo each other's for ever.
      from.route = route;
    }
    return await this.#send(from, request, isNowhereElse);
  }

  /**
   * Whose conversation with the sender has to be opened before a message can be handed over under a number: it is the
   * first one there since the start, or one of very many at once. `undefined` if there is a number at hand, or none is
   * needed.
   */
  #unopened(from: User, { to: name }: MsgRequest): User | undefined {
    if (!from.isAccount || this.#store.historyDays === 0) return undefined;
    const to = from.route?.find(name) ?? this.#find(from, name);
    if (to === undefined || !to.isAccount || !this.#takesDirectly(to)) return undefined;
    const { conversation } = from.route!;
    if (conversation === null) return undefined;
    const isAtHand = conversation !== undefined && this.#keeper.isAtHand(conversation);
    return isAtHand ? undefined : to;
  }

  /** Whether a message may be handed over now, and nothing that came before it is still on its way. */
  #takesDirectly(to: User): boolean {
    return !to.isCatchingUp && !this.#isBehindRescue(to.folded);
  }

  /** @param isNowhereElse Whether the other nodes are known not to have the addressee. */
  #send(
    from: User,
    request: MsgRequest,
    isNowhereElse = false,
  ): DirectOutcome | Promise<Outcome> | Later<Outcome> {
    const to = from.route?.find(request.to) ?? this.#find(from, request.to);
    if (to === undefined) {
      const kind = this.#kindElsewhere(this.#registry.find(foldName(request.to)));
      if (kind === "elsewhere" || kind === "unseen" && !isNowhereElse) {
        return this.#toNode(from, request, kind);
      }
      return request.store
        ? this.#toMailbox(from, request, "stored")
        : this.#unlessRepeated(from, request, () => this.#whyNot(from, foldName(request.to)));
    }
    if (!this.#takesDirectly(to)) {
      if (request.store) return this.#toMailbox(from, request, "behind");
      return this.#unlessRepeated(
        from,
        request,
        () => to.hasBlocked(from) ? "blocked" : "catching-up",
      );
    }
    const route = from.route!;
    if (from.isAccount && to.isAccount) {
      return this.#sendBetweenAccounts(from, to, route, request);
    }
    if (request.reply !== undefined) return "no-message";
    const message = messageIn(route.envelopeAt(this.#now()), request);
    if (to.take(message)) return "delivered";
    return to.fits(message) ? "full" : "too-long";
  }

  #sendBetweenAccounts(
    from: User,
    to: User,
    route: Route,
    request: MsgRequest,
  ): DirectOutcome | Promise<Outcome> {
    const { conversation } = route;
    if (typeof conversation === "number") {
      const fingerprint = this.#keeper.fingerprintOf(from, request);
      return this.#repeats.once(fingerprint, () => {
        const kept = this.#sendKept(from, to, route, request, conversation, fingerprint);
        if (!this.#keeper.isLate) return kept;
        from.lanes ??= new Lanes();
        return from.lanes.beside(request.to, "kept", kept);
      });
    }
    if (request.reply !== undefined) return "no-message";
    const message = messageIn(route.envelopeAt(this.#now()), request);
    return this.#hand(from, to, route, message) ?? "delivered";
  }

  /**
   * Hands a message of an account over. Here, behind whatever it has waited for, and behind the look for repeats: what was
   * delivered before the addressee has blocked the sender is answered as it was then.
   *
   * @returns Why not.
   */
  #hand(from: User, to: User, route: Route, message: Message): "full" | "blocked" | undefined {
    if (to.hasBlocked(from)) return "blocked";
    if (!to.take(message)) return "full";
    if (!route.isNoted) this.#note(from, to, route);
    return undefined;
  }

  /**
   * Hands a message that all nodes have over. An addressee who does not take it by now finds it in the mailbox; one who has
   * blocked the sender since it was accepted gets it all the same.
   */
  #handLate(from: User, to: User, route: Route, message: Message): Handed {
    const isReached = to.state === "attached";
    const takes = isReached && !to.isCatchingUp && !this.#rescues.isAbout(to.folded);
    if (takes && to.take(message)) {
      if (!route.isNoted) this.#note(from, to, route);
      return { outcome: "delivered" };
    }
    const settled = this.#rescues.begin(to.folded, [message], { areNewest: true });
    return { outcome: isReached ? "behind" : "stored", settled };
  }

  /**
   * Hands a message over in this very turn, or when a late keeper has it, and gives the outcome when it is on disk.
   */
  async #sendKept(
    from: User,
    to: User,
    route: Route,
    request: MsgRequest,
    conversation: number,
    fingerprint: string | undefined,
  ): Promise<Outcome> {
    const { isLate } = this.#keeper;
    if (isLate && to.hasBlocked(from)) {
      const earlier = fingerprint && this.#keeper.findEarlier(conversation, fingerprint);
      return earlier ? outcomeOf(earlier, "stored") : "blocked";
    }
    const envelope = route.envelopeAt(this.#now());
    const { time } = envelope;
    let handed: Handed | undefined;
    const draft = { from, to: to.name, request, conversation, fingerprint, time };
    const outcome = await this.#keeper.keep(draft, (place) => {
      const message = messageIn(envelope, request, place);
      if (!isLate) return this.#hand(from, to, route, message) ?? 1;
      handed = this.#handLate(from, to, route, message);
      return handed.outcome === "delivered" ? 1 : 0;
    });
    if (typeof outcome === "string") return outcome;
    const { delivered, seq } = outcome;
    if (seq === undefined) return delivered > 0 ? "delivered" : this.#whyNot(from, to.folded);
    await handed?.settled;
    return outcomeOf({ delivered, seq }, handed?.outcome === "behind" ? "behind" : "stored");
  }

  /** An account has written to another: whoever writes back is no stranger. Nobody waits for it. */
  async #note(from: User, to: User, route: Route): Promise<void> {
    route.isNoted = true;
    const noted = from.noted ??= new Set();
    if (noted.has(to.folded)) return;
    if (noted.size >= MAX_NOTED) noted.delete(noted.keys().next().value!);
    noted.add(to.folded);
    try {
      await this.#store.noteCorrespondent(from.folded, to.folded);
    } catch (error) {
      // At the next login it is tried again. That the store is full is said once, by the store.
      if (error instanceof StoreFullError) return;
      this.#log.error("correspondent not noted", { name: from.name, reason: messageOf(error) });
    }
  }

  /** Hands a message to the node of its addressee, if that turns out to be another one. */
  #toNode(from: User, request: MsgRequest, kind: Kind): Later<Outcome> {
    from.lanes ??= new Lanes();
    return from.lanes.besideLater(
      request.to,
      kind,
      this.#nodes.toUser(from, request, this.#deliverHere),
    );
  }

  /** What a message is that another node may have to be asked about; `undefined` if it concerns this one alone. */
  #kindElsewhere(to: User | undefined): "elsewhere" | "unseen" | undefined {
    if (to instanceof RemoteUser) return "elsewhere";
    return to === undefined && !this.#nodes.isAlone ? "unseen" : undefined;
  }

  /** What a message would be now. */
  #kindOf({ to, store }: MsgRequest): Kind {
    const user = this.#registry.find(foldName(to));
    const isLetter = store === true && (user?.state !== "attached" || user.isCatchingUp);
    return this.#kindElsewhere(user) ?? (isLetter ? "letters" : "kept");
  }

  #find(from: User, name: string): User | undefined {
    const to = this.#reach(foldName(name));
    if (to !== undefined && !from.route?.leadsTo(to)) from.route = new Route(from, to, this.#now());
    return to;
  }

  #toMailbox(
    from: User,
    request: MsgRequest,
    stored: "stored" | "behind",
  ): Promise<Outcome> {
    const fingerprint = this.#fingerprintOf(from, request);
    return this.#repeats.once(fingerprint, () => {
      from.lanes ??= new Lanes();
      return from.lanes.beside(
        request.to,
        "letters",
        this.#storeLetter(from, request, stored, fingerprint),
      );
    });
  }

  /** What a message is recognised by when it comes again, if it would be kept. */
  #fingerprintOf(from: User, request: MsgRequest): string | undefined {
    const isKept = from.isAccount && this.#store.historyDays > 0;
    return isKept ? this.#keeper.fingerprintOf(from, request) : undefined;
  }

  /**
   * Why a message goes nowhere. One that was accepted before is answered as it was then, wherever its addressee is now:
   * whoever has lost the answer may ask again.
   */
  #unlessRepeated(
    from: User,
    request: MsgRequest,
    why: () => DirectOutcome | Promise<DirectOutcome>,
  ): DirectOutcome | Promise<Outcome> {
    const fingerprint = this.#fingerprintOf(from, request);
    if (fingerprint === undefined) return why();
    return this.#repeats.find(fingerprint) ?? this.#answerAgain(from, request, fingerprint, why);
  }

  async #answerAgain(
    from: User,
    request: MsgRequest,
    fingerprint: string,
    why: () => DirectOutcome | Promise<DirectOutcome>,
  ): Promise<Outcome> {
    const conversation = await this.#store.findDirect(from.folded, foldName(request.to));
    const earlier = conversation === undefined
      ? undefined
      : this.#keeper.findEarlier(conversation, fingerprint);
    return earlier === undefined ? await why() : outcomeOf(earlier, "stored");
  }

  /** Why a message to somebody who is not here goes nowhere. */
  async #whyNot(from: User, folded: string): Promise<DirectOutcome> {
    const status = await this.#store.nameStatus(folded);
    if (status === "unknown") return "unknown";
    const isBlocked = status === "account" && from.isAccount &&
      await this.#store.blockedUsers.has(folded, from.folded);
    return isBlocked ? "blocked" : "offline";
  }

  async #storeLetter(
    from: User,
    { to, message, id, reply, kind }: MsgRequest,
    stored: "stored" | "behind",
    fingerprint: string | undefined,
  ): Promise<Outcome> {
    const folded = foldName(to);
    const account = await this.#store.findAccount(folded);
    if (account === undefined) {
      return await this.#whyNot(from, folded) === "unknown" ? "unknown" : "guest";
    }
    if (this.#isBehindRescue(folded)) {
      throw new StoreFullError("Earlier messages to this account wait for the disk");
    }
    const time = unixSeconds(this.#clock);
    const letter = { folded, to: account.name, from: from.name, message, time, id, reply, kind };
    let kept: Earlier | undefined;
    const outcome = await this.#post(letter, {
      ...(fingerprint !== undefined &&
        { repeats: { fingerprint, since: this.#keeper.repeatsSince() } }),
      onKept: (it) => kept = it,
    });
    switch (outcome) {
      case "stored":
        return kept === undefined ? stored : outcomeOf(kept, stored);
      case "no-account": // removed this very moment
        return "guest";
      case "full":
        return "mailbox-full";
      default:
        return outcome;
    }
  }

  /**
   * Puts a letter into its mailbox. An addressee who has come online meanwhile gets it at once instead of at the
   * next login.
   */
  async #post(letter: Letter, options: StoreLetterOptions): Promise<StoreOutcome> {
    const outcome = await this.#store.storeLetter(letter, options);
    const addressee = this.#reach(letter.folded);
    if (outcome === "stored" && addressee !== undefined) this.deliverMail(addressee);
    return outcome;
  }
}

function outcomeOf({ seq, delivered }: Earlier, stored: "stored" | "behind"): Kept {
  return { outcome: delivered > 0 ? "delivered" : stored, seq };
}
