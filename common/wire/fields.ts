/**
 * Fields of a JSON object that a stranger sent, each checked before it is used. Errors name the field and what is
 * allowed, never the peer's text.
 *
 * @module
 */

import { FrameError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { isOverlong } from "./lines.ts";
import {
  ACCOUNT_NAME_RULE,
  accountNameFault,
  countChars,
  foldName,
  hasChars,
  hasNameShape,
  ROOM_NAME_RULE,
  roomNameFault,
} from "../names.ts";
import { isRoomAddress, type RequestId } from "./protocol.ts";

/** Own fields of a JSON object. Only names that `Object.prototype` lacks may be looked up. */
export type Fields = { readonly [name: string]: unknown };

/** Whether there is an account of that folded name. */
export type HasAccount = (folded: string) => boolean;

/**
 * The object in a line.
 *
 * @param maxLine Bytes of a line, for the error: `LineReader` has cut it.
 * @throws {FrameError} If there is none, or the line was cut.
 */
export function parseObject(line: string, maxLine: number = LIMITS.maxLine): Fields {
  if (isOverlong(line)) {
    throw new FrameError(`line must be at most ${maxLine} bytes, received more`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new FrameError("line must be one JSON object, received text that is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FrameError(`line must be one JSON object, received ${kind(value)}`);
  }
  return value as Fields;
}

/** What a value is, in words that hold none of it. */
export function kind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "boolean") return "a boolean";
  if (typeof value === "number") return Number.isFinite(value) ? "a number" : "a number too large";
  return "another text";
}

/** The field `id`, if there is one. */
export function readId(fields: Fields): RequestId | undefined {
  const id = fields.id;
  if (id === undefined || Number.isSafeInteger(id)) return id as number | undefined;
  if (typeof id === "string" && hasChars(id, 1, LIMITS.maxIdChars)) return id;
  throw new FrameError(
    `id must be a text of 1–${LIMITS.maxIdChars} characters or a safe integer, received ` +
      (typeof id === "string" ? `${countChars(id)} characters` : kind(id)),
  );
}

/** The object in the field `user`. */
export function readUser(fields: Fields): Fields {
  const user = fields.user;
  if (typeof user !== "object" || user === null || Array.isArray(user)) {
    throw new FrameError(`user must be an object with account_name, received ${kind(user)}`);
  }
  return user as Fields;
}

/**
 * A text of `min` to `max` code points.
 *
 * @param label What the field is called in the error.
 */
export function readText(
  fields: Fields,
  name: string,
  min: number,
  max: number,
  label = name,
): string {
  const text = fields[name];
  if (typeof text !== "string") {
    throw new FrameError(
      `${label} must be a text of ${min}–${max} characters, received ${kind(text)}`,
    );
  }
  if (!hasChars(text, min, max)) {
    throw new FrameError(`${label} must be ${min}–${max} characters, received ${countChars(text)}`);
  }
  return text;
}

/** A text of any length. */
export function readAnyText(fields: Fields, name: string): string {
  const text = fields[name];
  if (typeof text === "string") return text;
  throw new FrameError(`${name} must be a text, received ${kind(text)}`);
}

/** A text of any length, or nothing. */
export function readOptionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : readAnyText(fields, name);
}

/** A boolean, or nothing. */
export function readOptionalBoolean(fields: Fields, name: string): boolean | undefined {
  const flag = fields[name];
  if (flag === undefined || typeof flag === "boolean") return flag;
  throw new FrameError(`${name} must be true or false, received ${kind(flag)}`);
}

/** The field `resume`: whether one wants a token, or a token. */
export function readResume(fields: Fields): boolean | string | undefined {
  const resume = fields.resume;
  if (typeof resume !== "string") {
    if (resume === undefined || typeof resume === "boolean") return resume;
  } else if (hasChars(resume, 1, LIMITS.maxTokenChars)) {
    return resume;
  }
  throw new FrameError(
    `resume must be true or a token of 1–${LIMITS.maxTokenChars} characters, received ` +
      (typeof resume === "string" ? `${countChars(resume)} characters` : kind(resume)),
  );
}

/** The field `features`: names of what a client can deal with, known or not. */
export function readFeatures(fields: Fields): string[] | undefined {
  const features = fields.features;
  if (features === undefined) return undefined;
  const { maxFeatures, maxFeatureChars } = LIMITS;
  const isFeature = (name: unknown): name is string =>
    typeof name === "string" && hasChars(name, 0, maxFeatureChars);
  if (Array.isArray(features) && features.length <= maxFeatures && features.every(isFeature)) {
    return features;
  }
  let received = kind(features);
  if (Array.isArray(features)) {
    const wrong = features.find((name) => !isFeature(name));
    if (features.length > maxFeatures) received = `${features.length}`;
    else if (typeof wrong === "string") received = `one of ${countChars(wrong)} characters`;
    else received = `${kind(wrong)} in it`;
  }
  throw new FrameError(
    `features must be a list of at most ${maxFeatures} texts of at most ${maxFeatureChars} characters, ` +
      `received ${received}`,
  );
}

/** Makes sure that at most one of two fields is there. */
export function readOneOf(fields: Fields, one: string, other: string): void {
  if (fields[one] === undefined || fields[other] === undefined) return;
  throw new FrameError(`${one} and ${other} exclude each other: give one of them`);
}

/** A safe integer from 1. */
export function readPositiveInteger(fields: Fields, name: string): number {
  return readInteger(fields, name, 1);
}

/**
 * A whole number of a range, or `undefined`.
 *
 * @param max Included.
 */
export function readOptionalInteger(
  fields: Fields,
  name: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  return fields[name] === undefined ? undefined : readInteger(fields, name, min, max);
}

/**
 * Seconds from 0 on, fractions allowed, or `undefined`.
 *
 * @param max Included.
 */
export function readOptionalSeconds(
  fields: Fields,
  name: string,
  max: number,
): number | undefined {
  const seconds = fields[name];
  if (seconds === undefined) return undefined;
  if (typeof seconds === "number" && seconds >= 0 && seconds <= max) return seconds;
  throw new FrameError(
    `${name} must be seconds from 0 to ${max}, received ${
      typeof seconds === "number" && Number.isFinite(seconds) ? seconds : kind(seconds)
    }`,
  );
}

/** One of some words. */
export function readWord<Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
): Word {
  const word = words.find((known) => known === fields[name]);
  if (word !== undefined) return word;
  throw new FrameError(
    `${name} must be one of ${words.join(", ")}, received ${kind(fields[name])}`,
  );
}

function readInteger(
  fields: Fields,
  name: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const number = fields[name];
  if (Number.isSafeInteger(number) && (number as number) >= min && (number as number) <= max) {
    return number as number;
  }
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  throw new FrameError(
    `${name} must be a whole number ${range}, received ${
      Number.isSafeInteger(number) ? number : kind(number)
    }`,
  );
}

/**
 * A name of a user.
 *
 * @param hasAccount Whether there is an account of a name that would be refused today.
 */
export function readAccountName(
  fields: Fields,
  name: string,
  label = name,
  hasAccount: HasAccount = noAccount,
): string {
  const text = fields[name];
  if (typeof text !== "string") {
    throw new FrameError(`${label} must be ${ACCOUNT_NAME_RULE}, received ${kind(text)}`);
  }
  const fault = accountNameFault(text);
  if (fault === undefined || (hasNameShape(text) && hasAccount(foldName(text)))) return text;
  throw new FrameError(`${label} ${fault}`);
}

/** A name of a room. */
export function readRoomName(fields: Fields, name: string): string {
  const text = fields[name];
  if (typeof text !== "string") {
    throw new FrameError(`${name} must be ${ROOM_NAME_RULE}, received ${kind(text)}`);
  }
  const fault = roomNameFault(text);
  if (fault === undefined) return text;
  throw new FrameError(`${name} ${fault}`);
}

/** The field `to`: a user or a room. */
export function readAddress(fields: Fields, hasAccount?: HasAccount, name: string = "to"): string {
  const address = fields[name];
  return typeof address === "string" && isRoomAddress(address)
    ? readRoomName(fields, name)
    : readAccountName(fields, name, name, hasAccount);
}

function noAccount(): boolean {
  return false;
}
