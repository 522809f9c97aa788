import { UsageError } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import { hasChars } from "../../common/names.ts";
import { printable } from "../../common/printable.ts";

/**
 * A short text of an administrator.
 *
 * @param flag How to call it in the error.
 * @throws {UsageError} If it is too long, or not one line that can be shown as it is.
 */
export function readLine(flag: string, text: string): string {
  if (hasChars(text, 0, LIMITS.maxReasonChars) && printable(text) === text) return text;
  throw new UsageError(
    `${flag} must be at most ${LIMITS.maxReasonChars} characters in one line, without controls`,
  );
}
