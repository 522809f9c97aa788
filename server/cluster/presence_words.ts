/**
 * What nodes tell each other of their people.
 *
 * @module
 */

import { hasNameShape } from "../../common/names.ts";
import { MESSAGE_KINDS, type MessageKind, type RequestId } from "../../common/wire/protocol.ts";
import type { RemotePerson } from "../people/remote_user.ts";
import { type Fields, isCount, isFlag, isListOf, isObject, isText } from "./shapes.ts";

/** A room that somebody is in. */
export interface RoomThere {
  /** The name as shown. */
  readonly name: string;
  /** Whether it lasts, as far as that node knows. */
  readonly lasts: boolean;
}

/** Somebody, and where they are. */
export interface PersonThere {
  /** Who. */
  readonly person: RemotePerson;
  /** The rooms that they are in. */
  readonly rooms: readonly RoomThere[];
}

/** What is told of somebody; `who` is the folded name. */
export type PresenceWord =
  | {
    readonly is: "came";
    readonly who: string;
    readonly person: RemotePerson;
    /** Of a session that was on another node: all rooms that it is in, or is about to be. */
    readonly rooms?: readonly RoomThere[] | undefined;
  }
  | { readonly is: "went"; readonly who: string }
  /** Their session was given to another node, which takes it, or does not. */
  | { readonly is: "moved"; readonly who: string; readonly to: string }
  | {
    readonly is: "changed";
    readonly who: string;
    readonly status: string;
    readonly away?: string | undefined;
    readonly isAccount: boolean;
    readonly network: string;
  }
  | { readonly is: "entered"; readonly who: string; readonly room: RoomThere }
  | {
    readonly is: "left";
    readonly who: string;
    /** Folded. */
    readonly room: string;
    /** See `Nodes.left`. */
    readonly isByDeed: boolean;
  }
  | {
    readonly is: "said";
    readonly who: string;
    /** Folded. */
    readonly room: string;
    /** Unix seconds. */
    readonly time: number;
    /** The text as JSON. */
    readonly textJson: string;
    readonly id?: RequestId | undefined;
    /** How it is meant, if it is not just said. */
    readonly kind?: MessageKind | undefined;
  };

/** A word with its number: each of a node's words has the next one. */
export interface NumberedWord {
  /** Its number, from 1 on. */
  readonly n: number;
  /** `undefined` if this node does not know such words. */
  readonly word: PresenceWord | undefined;
}

/** A part of all people of a node, as of one of its words. */
export interface PeoplePage {
  /** The number of the last word that it knows of. */
  readonly n: number;
  /** Those whose folded names come next, in code unit order. */
  readonly people: readonly PersonThere[];
  /** The folded name up to which it goes; `undefined` if it is the last part. */
  readonly upTo?: string | undefined;
}

/** Asks a node for the people whose folded names come behind one. */
export interface PeopleQuestion {
  /** What is asked for. */
  readonly ask: "people";
  /** The folded name; empty for the first ones. */
  readonly behind: string;
}

/** Reads what a node has told; `undefined` if it is no word at all. */
export function readWord(value: unknown): NumberedWord | undefined {
  if (!isObject(value) || !isCount(value.n)) return undefined;
  return { n: value.n, word: isWord(value.word) ? value.word : undefined };
}

/**
 * Reads what a node has answered to a {@linkcode PeopleQuestion}.
 *
 * @throws {TypeError} If that is no page.
 */
export function readPage(value: unknown): PeoplePage {
  if (isObject(value) && isPage(value as Fields)) return value as unknown as PeoplePage;
  throw new TypeError("the answer is not a list of people");
}

/** Whether a node asks for its people. */
export function isPeopleQuestion(value: unknown): value is PeopleQuestion {
  return isObject(value) && value.ask === "people" && isText(value.behind);
}

function isPage({ n, people, upTo }: Fields): boolean {
  return isCount(n) && (upTo === undefined || isText(upTo)) &&
    isListOf(people, (it) => isObject(it) && isPerson(it.person) && isListOf(it.rooms, isRoom));
}

function isWord(word: unknown): word is PresenceWord {
  if (!isObject(word) || !isText(word.who)) return false;
  switch (word.is) {
    case "came":
      return isPerson(word.person) &&
        (word.rooms === undefined || isListOf(word.rooms, isRoom));
    case "went":
      return true;
    case "moved":
      return isText(word.to);
    case "changed":
      return isText(word.status) && isAway(word.away) && isFlag(word.isAccount) &&
        isText(word.network);
    case "entered":
      return isRoom(word.room);
    case "left":
      return isText(word.room) && isFlag(word.isByDeed);
    case "said":
      return isText(word.room) && isCount(word.time) && isTextJson(word.textJson) &&
        (word.id === undefined || isText(word.id) || typeof word.id === "number") &&
        (word.kind === undefined || MESSAGE_KINDS.some((kind) => kind === word.kind));
    default:
      return false;
  }
}

/** Whether a value says who somebody is. */
export function isPerson(value: unknown): value is RemotePerson {
  return isObject(value) && isText(value.name) && hasNameShape(value.name) &&
    isFlag(value.isAccount) && isText(value.session) && isText(value.network) &&
    isText(value.status) && isAway(value.away) && isCount(value.moves) &&
    (value.since === undefined || isCount(value.since));
}

function isAway(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}

function isRoom(value: unknown): value is RoomThere {
  return isObject(value) && isText(value.name) && isFlag(value.lasts);
}

/** It is put into frames as it is: so it has to be what JSON.stringify writes, without a line end around it. */
function isTextJson(value: unknown): value is string {
  try {
    if (!isText(value)) return false;
    const text: unknown = JSON.parse(value);
    return isText(text) && JSON.stringify(text) === value;
  } catch {
    return false;
  }
}
