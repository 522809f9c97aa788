/**
 * Passwords: only their hashes are kept, and computing one never holds up the event loop.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

import { LIMITS } from "../../common/limits.ts";
import { FairQueue, type QueueClass } from "../fair_queue.ts";

/** How costly a hash is (RFC 7914). Memory is `128 × 2^logN × r` bytes a hash, time grows with all three. */
export interface ScryptCost {
  /** Binary logarithm of N; 1–20. */
  readonly logN: number;
  /** Block size; 1–32. */
  readonly r: number;
  /** Passes one after the other; 1–16. */
  readonly p: number;
}

/** N = 2^15, r = 8, p = 3: 32 MiB a hash; one of the settings that OWASP's Password Storage page calls equivalent. */
export const DEFAULT_COST: ScryptCost = { logN: 15, r: 8, p: 3 };

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const FORMAT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** How {@linkcode Passwords} works. */
export interface PasswordsOptions {
  /**
   * The cost of new hashes.
   *
   * @default {{ logN: 15, r: 8, p: 3 }}
   */
  cost?: ScryptCost;
  /**
   * Hashes computed at once, each on a thread of its own.
   *
   * @default {Math.max(1, navigator.hardwareConcurrency - 1)} So that the event loop keeps a core for itself.
   */
  concurrency?: number;
  /**
   * Computes a hash.
   *
   * @default {scrypt} Of `node:crypto`.
   */
  compute?: typeof scrypt;
  /**
   * Hashes for registrations that may wait.
   *
   * @default {100} Half a minute's work of one core.
   */
  maxRegistrations?: number;
}

/** What a hash is for, the most urgent first. */
export type PasswordPriority =
  /** The login of somebody who is where they have logged in before. */
  | "trusted"
  /** A login from a network that has sent no wrong one lately. Served from both ends: guessers are here only once. */
  | "newcomer"
  /** Any other login. */
  | "login"
  /** A new account. */
  | "registration";

const PRIORITIES: readonly PasswordPriority[] = ["trusted", "newcomer", "login", "registration"];

/** Whose turn it is to compute a hash, and when that is given up. */
export interface PasswordTurn {
  /** Whose turn it is: callers with different keys take turns. An address, for instance. */
  readonly key: string;
  /**
   * What the hash is for.
   *
   * @default {"login"}
   */
  readonly priority?: PasswordPriority;
  /** Gives up the place in the queue. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the waiting is over and computing the hash begins. */
  readonly onBegin?: () => void;
}

/**
 * Hashes and checks passwords with scrypt.
 *
 * A hash is one string that carries its parameters and salt in the format of PHC strings,
 * `$scrypt$ln=15,r=8,p=3$SALT$KEY` (Base64 without padding), so the cost may be raised at any time: hashes made
 * before stay valid, and `needsRehash` tells which to replace. Passwords are compared in Unicode's NFC form
 * (RFC 8265, OpaqueString), so that it does not matter which keyboard typed an `é`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * const passwords = new Passwords({ cost: { logN: 4, r: 8, p: 1 } });
 * const hash = await passwords.hash("correct horse");
 * assert(await passwords.verify("correct horse", hash));
 * ```
 */
export class Passwords {
  readonly #cost: ScryptCost;
  readonly #compute: typeof scrypt;
  readonly #queue: FairQueue;
  /** Belongs to no password: stands in for the hash of an unknown name. */
  readonly #decoy: string;

  /**
   * Makes a hasher.
   *
   * @throws {RangeError} If a cost is out of its range.
   */
  constructor(options: PasswordsOptions = {}) {
    const {
      cost = DEFAULT_COST,
      concurrency = Math.max(1, navigator.hardwareConcurrency - 1),
      compute = scrypt,
      maxRegistrations = LIMITS.maxWaitingRegistrations,
    } = options;
    checkCost(cost);
    this.#cost = cost;
    this.#compute = compute;
    const classes: Record<PasswordPriority, QueueClass> = {
      trusted: {},
      newcomer: { fromBothEnds: true },
      login: {},
      registration: { maxWaiting: maxRegistrations },
    };
    this.#queue = new FairQueue(concurrency, PRIORITIES.map((priority) => classes[priority]));
    this.#decoy = encode({ cost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) });
  }

  /** How many hashes wait for their turn. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * Hashes a password with a new salt.
   *
   * @throws {DOMException} "AbortError" if the turn's signal is aborted while waiting.
   * @throws {QueueFullError} If too many registrations wait.
   */
  async hash(password: string, turn: PasswordTurn = { key: "" }): Promise<string> {
    const cost = this.#cost;
    const salt = randomBytes(SALT_BYTES);
    return encode({ cost, salt, key: await this.#derive(password, salt, cost, turn) });
  }

  /**
   * Whether a password is the one that a hash was made from.
   *
   * @param hash As made by `hash`; `undefined` for a name without account: takes the same time, is never right.
   * @throws {TypeError} If the hash is not of this format.
   * @throws {DOMException} "AbortError" if the turn's signal is aborted while waiting.
   */
  async verify(
    password: string,
    hash: string | undefined,
    turn: PasswordTurn = { key: "" },
  ): Promise<boolean> {
    const { cost, salt, key } = decode(hash ?? this.#decoy);
    const derived = await this.#derive(password, salt, cost, turn);
    return timingSafeEqual(derived, key) && hash !== undefined;
  }

  /** Whether a hash was made at a lower cost than new ones are. */
  needsRehash(hash: string): boolean {
    const { cost } = decode(hash);
    const { logN, r, p } = this.#cost;
    return cost.logN < logN || cost.r < r || cost.p < p;
  }

  #derive(password: string, salt: Buffer, cost: ScryptCost, turn: PasswordTurn): Promise<Buffer> {
    const N = 2 ** cost.logN;
    const { r, p } = cost;
    const options = { N, r, p, maxmem: 128 * r * (N + p + 2) };
    const text = password.normalize("NFC");
    const job = (): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        turn.onBegin?.();
        this.#compute(text, salt, KEY_BYTES, options, (error, key) => {
          if (error === null) resolve(key);
          else reject(error);
        });
      });
    const { key, priority = "login", signal } = turn;
    return this.#queue.run({ key, rank: PRIORITIES.indexOf(priority), signal }, job);
  }
}

interface ParsedHash {
  cost: ScryptCost;
  salt: Buffer;
  key: Buffer;
}

function encode({ cost: { logN, r, p }, salt, key }: ParsedHash): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${toBase64(salt)}$${toBase64(key)}`;
}

function decode(hash: string): ParsedHash {
  const match = FORMAT.exec(hash);
  if (match === null) throw new TypeError("Cannot read password hash: it is not of the format");
  const [logN, r, p] = match.slice(1, 4).map(Number) as [number, number, number];
  const cost = { logN, r, p };
  checkCost(cost);
  return { cost, salt: Buffer.from(match[4]!, "base64"), key: Buffer.from(match[5]!, "base64") };
}

function toBase64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

function checkCost({ logN, r, p }: ScryptCost): void {
  const isIn = (value: number, max: number): boolean =>
    Number.isSafeInteger(value) && value >= 1 && value <= max;
  if (!isIn(logN, 20) || !isIn(r, 32) || !isIn(p, 16)) {
    throw new RangeError(
      `Cannot hash passwords: cost must be logN 1–20, r 1–32, p 1–16, received ${logN}, ${r}, ${p}`,
    );
  }
}
