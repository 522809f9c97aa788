import { StartError, UsageError } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import { printable, printableJson } from "../../common/printable.ts";
import { alignTable } from "../../common/table.ts";
import { newInvite } from "../accounts/invites.ts";
import type { Invite } from "../store/sqlite/invites.ts";
import type { AdminCommand, AdminOptions, ChangeContext, ReadContext } from "./commands.ts";
import { readLine } from "./read_line.ts";

/** `invite`: makes a code, or shows or revokes those that there are. A code is shown once, when it is made. */
export const INVITE: AdminCommand = {
  help: "print a code with which a guest makes an account, for a server with --invite-only",
  creates: true,
  options: ["uses", "days", "note", "list", "json", "revoke"],
  readsWith: "list",
  read: list,
  async change(context) {
    const { options, change, say } = context;
    if (options.json) throw new UsageError("--json needs --list");
    if (options.revoke !== undefined) return await revoke(context, options.revoke);
    const { uses = LIMITS.inviteUses, days = LIMITS.inviteDays } = options;
    const note = readLine("--note", options.note ?? "");
    const { code, hash } = newInvite();
    await change("invite", { hash, uses, days, note });
    say(code);
  },
};

function list({ options, users, say }: ReadContext): void {
  allowOnly(options, "list", ["list", "json"]);
  const invites = users.listInvites();
  if (!options.json) {
    for (const line of alignTable(rows(invites), [0, 1])) say(line);
    return;
  }
  for (const { id, usesLeft, expires, made, note } of invites) {
    say(printableJson({ id, uses_left: usesLeft, expires, made, note }));
  }
}

async function revoke({ options, change, say }: ChangeContext, text: string): Promise<void> {
  allowOnly(options, "revoke", ["revoke"]);
  const id = /^[1-9]\d*$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(id)) {
    throw new UsageError(
      `--revoke must be an ID as invite --list shows it, received '${printable(text)}'`,
    );
  }
  if (!await change("revokeInvite", id)) {
    throw new StartError(`Cannot revoke: no code with the ID ${id} is good; see invite --list`);
  }
  say(`Revoked the code with the ID ${id}`);
}

function allowOnly(
  options: AdminOptions,
  what: keyof AdminOptions,
  allowed: readonly (keyof AdminOptions)[],
): void {
  const other = INVITE.options!.find((name) =>
    options[name] !== undefined && !allowed.includes(name)
  );
  if (other === undefined) return;
  throw new UsageError(`--${what} and --${other} exclude each other, received both`);
}

function rows(invites: readonly Invite[]): string[][] {
  return [
    ["ID", "USES LEFT", "MADE", "EXPIRES (UTC)", "NOTE"],
    ...invites.map(({ id, usesLeft, made, expires, note }) => [
      ...[String(id), String(usesLeft), minute(made).slice(0, 10), minute(expires), note],
    ]),
  ];
}

/** Day and minute (UTC) of a time in Unix seconds. */
function minute(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}
