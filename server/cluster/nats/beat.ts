/**
 * What a node says twice a second.
 *
 * @module
 */

import { isCount } from "../shapes.ts";
import { isIncarnation } from "./node_table.ts";
import type { Pulse } from "./liveness.ts";

/** A beat, as it is sent: JSON on `<prefix>.beat`. */
export interface Beat extends Pulse {
  /** How many pieces it has told to all: see `Talk.told`. */
  readonly told: number;
  /** The number of the entry of the log up to which it has applied all. */
  readonly position: number;
  /** How many users are online there. */
  readonly users: number;
  /** Where they connect. */
  readonly address: string;
}

/** Reads what somebody has sent. @returns `undefined` if it is no beat. */
export function readBeat(text: string): Beat | undefined {
  let fields: Partial<Record<keyof Beat, unknown>>;
  try {
    fields = JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
  const { node, number, heard, told, position, users, address } = fields;
  const isBeat = isIncarnation(node) && isCount(number) && isCount(told) && isCount(position) &&
    isCount(users) && typeof address === "string" && isHeard(heard);
  if (!isBeat) return undefined;
  return { node, number, heard, told, position, users, address: address.slice(0, 100) };
}

function isHeard(value: unknown): value is Record<string, number> {
  return typeof value === "object" && value !== null &&
    Object.entries(value).every(([node, number]) => isIncarnation(node) && isCount(number));
}
