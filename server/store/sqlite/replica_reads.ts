import type { ConversationName, MessageRemains, ReplicaReads } from "../replica_store.ts";
import type { MessageEdit, Place } from "../messages.ts";
import type { OpenedRoom } from "../room_store.ts";
import type { Moment, RoomTable } from "../room_table.ts";
import type { Letter, MailboxRefusal } from "../store.ts";
import type { SqliteCorrespondents } from "./correspondents.ts";
import type { SqliteMailboxes } from "./mailboxes.ts";
import type { SqliteNames } from "./names.ts";
import type { SqliteReplicaTable } from "./replica_table.ts";
import type { SqliteTokens } from "./tokens.ts";
import type { SqliteTrustedNetworks } from "./trusted_networks.ts";

/** What {@linkcode SqliteReplicaReads} read. */
export interface ReadTables {
  /** How far the copy is; `undefined` if it is none: then nothing of it may be asked. */
  readonly replica: SqliteReplicaTable | undefined;
  /** Names. */
  readonly names: SqliteNames;
  /** Networks. */
  readonly networks: SqliteTrustedNetworks;
  /** Who has written to whom. */
  readonly correspondents: SqliteCorrespondents;
  /** Rooms. */
  readonly rooms: RoomTable;
  /** Tokens. */
  readonly tokens: SqliteTokens;
  /** Letters. */
  readonly mailboxes: SqliteMailboxes;
  /** See {@linkcode ReplicaReads.fills}. */
  fills(edit: MessageEdit): boolean;
  /** See {@linkcode ReplicaReads.lastOf}. */
  lastOf(conversation: number): number;
  /** What time it is. */
  now(): Moment;
  /** See {@linkcode ReplicaReads.tokensSince}. */
  tokensSince(): number;
  /** Reads at once. */
  query<T>(query: () => T): T;
}

/** {@linkcode ReplicaReads} of the embedded database. */
export class SqliteReplicaReads implements ReplicaReads {
  readonly #tables: ReadTables;

  /** Reads these tables. */
  constructor(tables: ReadTables) {
    this.#tables = tables;
  }

  /** See {@linkcode ReplicaReads.isNameOfToday}. */
  isNameOfToday(folded: string, name: string): boolean {
    const { names, query, now } = this.#tables;
    return query(() => names.lastDay(folded, name)) === now().day;
  }

  /** See {@linkcode ReplicaReads.shownName}. */
  shownName(folded: string | undefined): string {
    const { names, query } = this.#tables;
    return folded === undefined ? "" : query(() => names.shown(folded)) ?? folded;
  }

  /** See {@linkcode ReplicaReads.isNetworkOfToday}. */
  isNetworkOfToday(folded: string, network: string): boolean {
    const { networks, query, now } = this.#tables;
    return query(() => networks.lastDay(folded, network)) === now().day;
  }

  /** See {@linkcode ReplicaReads.isCorrespondent}. */
  isCorrespondent(folded: string, other: string): boolean {
    const { correspondents, query } = this.#tables;
    return query(() => correspondents.has(folded, other));
  }

  /** See {@linkcode ReplicaReads.isMember}. */
  isMember(room: number, folded: string): boolean {
    const { rooms, query } = this.#tables;
    return query(() => rooms.isRemembered(room, folded));
  }

  /** See {@linkcode ReplicaReads.hasToken}. */
  hasToken(folded: string, hash?: string): boolean {
    const { tokens, query, tokensSince } = this.#tables;
    return query(() =>
      hash === undefined
        ? tokens.hasAny(folded)
        : tokens.find(folded, hash, tokensSince()) !== undefined
    );
  }

  /** See {@linkcode ReplicaReads.openedToday}. */
  openedToday(folded: string): OpenedRoom | undefined {
    const { rooms, query, now } = this.#tables;
    return query(() => rooms.openedToday(folded, now()));
  }

  /** See {@linkcode ReplicaReads.conversationOf}. */
  conversationOf(name: ConversationName): number | undefined {
    return this.#tables.query(() => this.#tables.replica!.conversationOf(name));
  }

  /** See {@linkcode ReplicaReads.nameOf}. */
  nameOf(conversation: number): ConversationName | undefined {
    return this.#tables.query(() => this.#tables.replica!.nameOf(conversation));
  }

  /** See {@linkcode ReplicaReads.refusalOf}. */
  refusalOf(
    letter: Omit<Letter, "place">,
    underWay: Iterable<Omit<Letter, "place">>,
  ): MailboxRefusal | "no-message" | undefined {
    const { mailboxes, query } = this.#tables;
    return query(() => mailboxes.refusal(letter, underWay));
  }

  /** See {@linkcode ReplicaReads.fills}. */
  fills(edit: MessageEdit): boolean {
    return this.#tables.query(() => this.#tables.fills(edit));
  }

  /** See {@linkcode ReplicaReads.lastOf}. */
  lastOf(conversation: number): number {
    return this.#tables.query(() => this.#tables.lastOf(conversation));
  }

  /** See {@linkcode ReplicaReads.remainsOf}. */
  remainsOf(place: Place): MessageRemains | undefined {
    return this.#tables.query(() => this.#tables.replica!.remainsOf(place));
  }

  /** See {@linkcode ReplicaReads.entriesOf}. */
  entriesOf(place: Place): number[] {
    return this.#tables.query(() => this.#tables.replica!.entriesOf(place));
  }

  /** See {@linkcode ReplicaReads.tokensSince}. */
  tokensSince(): number {
    return this.#tables.tokensSince();
  }
}
