/**
 * Delivery to the rooms of this process.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { type Clock, unixSeconds } from "../../common/clock.ts";
import { foldName } from "../../common/names.ts";
import { encodeChange, encodeFrame } from "../../common/wire/encode.ts";
import type { Deleted, Edited, EventKey, MsgRequest, Notice } from "../../common/wire/protocol.ts";
import type { Nodes } from "../cluster/nodes.ts";
import type { User } from "../people/user.ts";
import { Gathering, type Movement } from "../rooms/gathering.ts";
import { joinedNotice, leftNotice } from "../rooms/notices.ts";
import type { Lasting, Room } from "../rooms/room.ts";
import type { RoomAccess } from "../rooms/room_access.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Place } from "../store/messages.ts";
import type { Store } from "../store/store.ts";
import type { KeptInRoom, RoomRefusal, SaidElsewhere } from "./delivery.ts";
import type { Delivered, Keeper } from "./keeper.ts";
import { Lanes } from "./lanes.ts";
import { addressOf, Envelope, Message, messageIn } from "./message.ts";
import { Repeats } from "./repeats.ts";

/** What a {@linkcode RoomDelivery} is made of. */
export interface RoomDeliveryOptions {
  /** Where messages are kept. */
  readonly store: Store;
  /** Says who may speak. */
  readonly access: RoomAccess;
  /** Numbers and keeps them. */
  readonly keeper: Keeper;
  /** Are told what is not kept. */
  readonly nodes: Pick<Nodes, "said">;
  /** Knows the rooms that somebody is in when a message is put out later than it was accepted. */
  readonly rooms: Pick<Rooms, "findLasting">;
  /** Says when lists of who came and went are due. */
  readonly clock: Clock;
  /** Unix seconds of messages; may be as of the turn's beginning. */
  readonly now: () => number;
}

/** Members, by how they are told who came and went. */
type Audience = "all" | "one by one" | "as lists";
const NOT_A_MEMBER: RoomRefusal = { why: "not-member" };

/** What can be made a line for each dialect. */
interface Lines {
  /** Whether who comes in knows it by the answer to `join`. */
  readonly isNotice?: boolean;
  lineFor(key: EventKey): string;
}

/**
 * Puts out what is said in rooms and told of them. See `Delivery` for what is guaranteed.
 *
 * A message is numbered and put out in one turn, so members get the numbers of a room in rising order, whoever of the
 * senders has to wait for further ones.
 */
export class RoomDelivery {
  readonly #store: Store;
  readonly #access: RoomAccess;
  readonly #keeper: Keeper;
  readonly #nodes: Pick<Nodes, "said">;
  readonly #rooms: Pick<Rooms, "findLasting">;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #repeats = new Repeats<KeptInRoom | RoomRefusal>();

  /** See {@linkcode RoomDeliveryOptions}. */
  constructor({ store, access, keeper, nodes, rooms, clock, now }: RoomDeliveryOptions) {
    this.#store = store;
    this.#access = access;
    this.#keeper = keeper;
    this.#nodes = nodes;
    this.#rooms = rooms;
    this.#clock = clock;
    this.#now = now;
  }

  /** See `Delivery.toRoom`. */
  send(
    from: User,
    room: Room,
    request: MsgRequest,
  ): number | RoomRefusal | Promise<KeptInRoom | RoomRefusal> {
    const { lasting } = room;
    if (lasting === undefined || this.#store.historyDays === 0) {
      const refusal = this.#access.speechRefusal(from, room);
      if (refusal !== undefined) return refusal;
      if (request.reply !== undefined) return "no-message";
      this.#access.spoke(from, room);
      const message = this.#messageOf(from, room, request, this.#now());
      if (room.elsewhere > 0) this.#nodes.said(from, room, message);
      return this.#say(room, message, from, from);
    }
    const isFree = from.lanes === undefined || from.lanes.stateOf(request.to) === "free";
    if (isFree && this.#isAtHand(lasting)) return this.#keep(from, room, lasting, request);
    from.lanes ??= new Lanes();
    return from.lanes.behind(request.to, () => this.#sendOpened(from, room, lasting, request));
  }

  /** See `Delivery.toMembersHere`. */
  toMembersHere(room: Room, message: Message, from: User): void {
    this.#say(room, message, from, undefined);
  }

  /** See `Delivery.notify`. */
  notify(room: Room, notice: Notice, except?: User): void {
    this.tellGathered(room); // it may name anybody
    this.#put(room, linesOf(notice), except);
  }

  /** See `Delivery.expel`. */
  expel(room: Room, members: Iterable<User>, notice: Notice): void {
    this.tellGathered(room);
    const line = encodeFrame(notice);
    for (const member of members) {
      room.held?.get(member)?.cutOff();
      member.sendAnyway(line);
    }
  }

  /** See `Delivery.moved`. */
  moved(room: Room, user: User, movement: Movement, time: number): void {
    room.gathering ??= new Gathering(this.#clock, () => this.tellGathered(room));
    const isGathered = room.gathering.add(user, movement, () => someWantLists(room, user));
    const notice = (movement === "joined" ? joinedNotice : leftNotice)(room, user, time);
    const lines = linesOf(notice);
    const told = this.#put(room, lines, user, isGathered ? "one by one" : "all");
    // In a room of a thousand this is ten times as much as the names in the answer to `join`.
    if (told > 0) user.owe(told * Buffer.byteLength(lines.lineFor(user.key)));
  }

  /** See `Delivery.tellGathered`. */
  tellGathered(room: Room): void {
    if (!room.gathering?.isUnderWay) return;
    for (const { notice, only } of room.gathering.take(room, unixSeconds(this.#clock))) {
      this.#put(room, linesOf(notice), only, "as lists");
    }
  }

  /** See `Delivery.fromElsewhere`. */
  fromElsewhere(id: number, place: Place, said: SaidElsewhere): void {
    const { from, to, sender, guest, message, time } = said;
    const room = this.#roomNow(id, to, place);
    const folded = foldName(from);
    if (room === undefined) return this.#access.spokeElsewhere({ folded }, id);
    const member = room.members.find(folded);
    // A guest's session may have moved here since; what it says it does not hear.
    const isOwn = sender === undefined && member?.session === guest;
    this.#access.spoke({ folded }, room);
    const envelope = new Envelope(addressOf(from), addressOf(to), time);
    const text = JSON.stringify(message);
    const frame = new Message(envelope, text, said.id, undefined, place, said);
    this.#putOut(room, place, frame, { folded }, isOwn ? member : undefined);
  }

  /**
   * Tells the members of a room what has become of a message.
   *
   * @param by Who has done it and is not told; `undefined` if they are not here.
   */
  change(room: Room, change: Edited | Deleted, by: User | undefined): void {
    this.tellGathered(room); // the author may be one who is not known to have gone
    this.#put(room, { lineFor: (key) => encodeChange(key, change) }, by);
  }

  /** The same for what another node has done in the room of that number. */
  changedElsewhere(id: number, change: Edited | Deleted): void {
    // Into one that is being opened nobody has come who could know the message as it was.
    const room = this.#rooms.findLasting({ id, name: change.to }, () => {});
    if (room !== undefined) this.change(room, change, undefined);
  }

  /** Whether there is a number for the next message. */
  #isAtHand({ conversation }: Lasting): boolean {
    return conversation !== undefined && this.#keeper.isAtHand(conversation);
  }

  /** Sends when the message can be numbered. */
  async #sendOpened(
    from: User,
    room: Room,
    lasting: Lasting,
    request: MsgRequest,
  ): Promise<KeptInRoom | RoomRefusal> {
    while (from.rooms.has(room) && !this.#isAtHand(lasting)) {
      lasting.conversation = await this.#store.openRoom(lasting.id);
      if (lasting.conversation === undefined) return NOT_A_MEMBER; // the room was removed
    }
    // The sender may have gone meanwhile, and the room with them.
    return from.rooms.has(room) ? await this.#keep(from, room, lasting, request) : NOT_A_MEMBER;
  }

  #keep(
    from: User,
    room: Room,
    lasting: Lasting,
    request: MsgRequest,
  ): RoomRefusal | Promise<KeptInRoom | RoomRefusal> {
    const refusal = this.#access.speechRefusal(from, room);
    const conversation = lasting.conversation!;
    const fingerprint = this.#keeper.fingerprintOf(from, request);
    if (refusal !== undefined) return this.#earlier(conversation, fingerprint) ?? refusal;
    const time = this.#now();
    const draft = { from, to: room.name, request, conversation, fingerprint, time };
    // Where messages are put out late, several may be accepted before the first one is.
    const { isLate } = this.#keeper;
    let takeBack: (() => void) | undefined;
    const handOver = (place: Place): number => {
      if (isLate) takeBack = undefined;
      else this.#access.spoke(from, room);
      const message = this.#messageOf(from, room, request, time, place);
      if (!room.isGone) return this.#putOut(room, place, message, from, from);
      // Everybody had gone out meanwhile; perhaps some have come back.
      const anew = this.#roomNow(lasting.id, room.name, place);
      return anew === undefined ? 0 : this.#putOut(anew, place, message, from, from);
    };
    return this.#repeats.once(fingerprint, async () => {
      if (isLate) takeBack = this.#access.spoke(from, room);
      try {
        return outcomeOf(await this.#keeper.keep(draft, handOver));
      } finally {
        takeBack?.(); // it came before, or nothing has come of it
      }
    });
  }

  /** The room of that number, as it is now; one that is being opened knows of the message when it is there. */
  #roomNow(id: number, name: string, { seq }: Place): Room | undefined {
    return this.#rooms.findLasting({ id, name }, ({ lasting }) => {
      lasting!.last = Math.max(lasting!.last, seq);
    });
  }

  /**
   * Puts out a message under its number: who comes in later finds it in the history.
   *
   * @param except Who has said it, if they are here.
   */
  #putOut(
    room: Room,
    { conversation, seq }: Place,
    message: Message,
    from: Pick<User, "folded">,
    except: User | undefined,
  ): number {
    const lasting = room.lasting!;
    lasting.last = seq;
    lasting.conversation ??= conversation;
    return this.#say(room, message, from, except);
  }

  /** What became of a message that came before: that stands, whatever speaks against saying it now. */
  #earlier(
    conversation: number,
    fingerprint: string | undefined,
  ): Promise<KeptInRoom | RoomRefusal> | undefined {
    if (fingerprint === undefined) return undefined;
    const underWay = this.#repeats.find(fingerprint);
    if (underWay !== undefined) return underWay;
    const earlier = this.#keeper.findEarlier(conversation, fingerprint);
    return earlier && Promise.resolve(outcomeOf(earlier));
  }

  #messageOf(from: User, room: Room, request: MsgRequest, time: number, place?: Place): Message {
    const envelope = new Envelope(from, room, time);
    return messageIn(envelope, request, place);
  }

  /** Puts a message out behind the news that its sender is in. */
  #say(
    room: Room,
    message: Message,
    from: Pick<User, "folded">,
    except: User | undefined,
  ): number {
    if (room.gathering?.names(from)) this.tellGathered(room);
    return this.#put(room, message, except);
  }

  /**
   * Puts something out to all members but one, and holds it for those whose frames are held. Of these, who is no member
   * yet gets no notices: by their answer to `join` they know what these say.
   *
   * @param audience Which of them get it, by how they are told who came and went.
   * @returns How many took it; for whom it is held is not counted.
   */
  #put(
    room: Room,
    frame: Lines,
    except: User | undefined,
    audience: Audience = "all",
  ): number {
    let event: string | undefined;
    let action: string | undefined;
    const { held } = room;
    let delivered = 0;
    for (const member of room.members.values()) {
      if (member === except || held?.has(member)) continue;
      if (audience !== "all" && !isAmong(audience, member)) continue;
      const line = member.key === "event"
        ? event ??= frame.lineFor("event")
        : action ??= frame.lineFor("action");
      if (member.send(line)) delivered++;
    }
    if (held === undefined) return delivered;
    for (const [user, frames] of held) {
      if (user === except || !isAmong(audience, user)) continue;
      if (!frame.isNotice || room.members.has(user)) frames.add(frame.lineFor(user.key));
    }
    return delivered;
  }
}

/** Of a notice, which is the same in each dialect; made for the first who gets it. */
function linesOf(notice: Notice): Lines {
  let line: string | undefined;
  return { isNotice: true, lineFor: () => line ??= encodeFrame(notice) };
}

function someWantLists({ members }: Room, except: User): boolean {
  for (const member of members.values()) {
    if (member.wantsGathered && member !== except) return true;
  }
  return false;
}

function isAmong(audience: Audience, { wantsGathered }: User): boolean {
  return audience === "all" || wantsGathered === (audience === "as lists");
}

function outcomeOf(outcome: Delivered | "no-message"): KeptInRoom | RoomRefusal {
  if (typeof outcome === "string") return "no-message";
  const { delivered, seq } = outcome;
  return seq === undefined ? { delivered } : { delivered, seq };
}
