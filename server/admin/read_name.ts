import { UsageError } from "../../common/errors.ts";
import {
  ACCOUNT_NAME_RULE,
  foldName,
  hasNameShape,
  hasRoomShape,
  ROOM_NAME_RULE,
} from "../../common/names.ts";
import { printable } from "../../common/printable.ts";

/**
 * The name of an account, or of a guest, folded.
 *
 * @param label How to call it in the error.
 * @throws {UsageError} If it is none; says what is.
 */
export function readName(name: string, label = "NAME"): string {
  if (hasNameShape(name)) return foldName(name);
  throw new UsageError(`${label} must be ${ACCOUNT_NAME_RULE}, received '${printable(name)}'`);
}

/**
 * The name of a room, folded.
 *
 * @param label How to call it in the error.
 * @throws {UsageError} If it is none; says what is.
 */
export function readRoom(name: string, label = "ROOM"): string {
  if (hasRoomShape(name)) return foldName(name);
  throw new UsageError(`${label} must be ${ROOM_NAME_RULE}, received '${printable(name)}'`);
}
