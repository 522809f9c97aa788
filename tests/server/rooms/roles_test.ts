import { assertEquals } from "@std/assert";

import type { RoomRefusalName, RoomRole } from "../../../common/wire/protocol.ts";
import {
  holds,
  outranks,
  refusalOf,
  type RoomAction,
  type RoomRules,
  type Standing,
  type Term,
} from "../../../server/rooms/roles.ts";

const NOW = 1_000;
const ROLES: readonly RoomRole[] = ["member", "moderator", "owner"];

/** Bans and mutes by what is to be said of them. */
const TERMS: Readonly<Record<string, Term | undefined>> = {
  none: undefined,
  over: { until: NOW, reason: "" },
  short: { until: NOW + 0.5, reason: "noise" },
  forGood: { until: undefined, reason: "" },
};

/** Seconds of slow mode, and since when somebody has said nothing. */
const PACES: readonly { slow: number; spokeAt: number | undefined; isTooFast: boolean }[] = [
  { slow: 0, spokeAt: NOW, isTooFast: false },
  { slow: 30, spokeAt: undefined, isTooFast: false },
  { slow: 30, spokeAt: NOW, isTooFast: true },
  { slow: 30, spokeAt: NOW - 29.9, isTooFast: true },
  { slow: 30, spokeAt: NOW - 30, isTooFast: false },
  { slow: 30, spokeAt: NOW + 100, isTooFast: false }, // the clock was set back
];

/**
 * Who may run a room, written down once more: for each action, who may do it; `>` is: only to those who are less.
 *
 *                       member  moderator  owner
 */
const MAY: Readonly<Record<string, readonly string[]>> = {
  topic: /*         */ ["-", "yes", "yes"],
  moderated: /*     */ ["-", "yes", "yes"],
  slow: /*          */ ["-", "yes", "yes"],
  private: /*       */ ["-", "-", "yes"],
  remove: /*        */ ["-", "-", "yes"],
  inspect: /*       */ ["-", "yes", "yes"],
  delete: /*        */ ["-", "yes", "yes"],
  invite: /*        */ ["-", "yes", "yes"],
  kick: /*          */ ["-", ">", ">"],
  ban: /*           */ ["-", ">", ">"],
  mute: /*          */ ["-", ">", ">"],
  grant: /*         */ ["-", "-", "yes"],
};

/** Whom a moderator or an owner is above. */
const BELOW: Readonly<Record<RoomRole, readonly RoomRole[]>> = {
  member: [],
  moderator: ["member"],
  owner: ["member", "moderator"],
};

interface State {
  readonly rules: RoomRules;
  readonly standing: Standing;
  readonly ban: string;
  readonly mute: string;
  readonly isTooFast: boolean;
}

/** Everything that may be true of somebody and a room at once. */
function* states(): Generator<State> {
  const flags = [false, true];
  for (const role of ROLES) {
    for (const isLasting of flags) {
      for (const isPrivate of isLasting ? flags : [false]) {
        for (const isModerated of isLasting ? flags : [false]) {
          for (const { slow, spokeAt, isTooFast } of isLasting ? PACES : PACES.slice(0, 1)) {
            for (const isMember of flags) {
              for (const isInvited of flags) {
                for (const ban of Object.keys(TERMS)) {
                  for (const mute of Object.keys(TERMS)) {
                    yield {
                      rules: { isLasting, isPrivate, isModerated, slow },
                      standing: {
                        ...{ role, isMember, isInvited, spokeAt },
                        ...{ ban: TERMS[ban], mute: TERMS[mute] },
                      },
                      ...{ ban, mute, isTooFast },
                    };
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

/** The contract, rule by rule: the first one that speaks against it. */
function expected(
  action: string,
  { rules, standing, ban, mute, isTooFast }: State,
  target: RoomRole,
): RoomRefusalName | undefined {
  const isBanned = ban === "short" || ban === "forGood";
  const isMuted = mute === "short" || mute === "forGood";
  const isPlain = standing.role === "member";
  if (action === "enter" || action === "see") {
    if (standing.isMember) return undefined;
    if (isBanned) return "banned";
    return rules.isPrivate && isPlain && !standing.isInvited ? "private" : undefined;
  }
  if (action === "read" || action === "speak") {
    if (!standing.isMember) return "not-member";
    if (action === "read") return undefined;
    if (isMuted) return "muted";
    if (rules.isModerated && isPlain) return "moderated";
    return isPlain && isTooFast ? "slow" : undefined;
  }
  if (!rules.isLasting) return "passing";
  if (isBanned) return "banned";
  const may = MAY[action]![ROLES.indexOf(standing.role)];
  if (may === "-") return "role";
  return may === ">" && !BELOW[standing.role].includes(target) ? "role" : undefined;
}

Deno.test("refusalOf: every role, action and state as the contract has it, at each moment", () => {
  const actions = ["enter", "see", "read", "speak", ...Object.keys(MAY)] as RoomAction[];
  let count = 0;
  for (const state of states()) {
    const { rules, standing } = state;
    for (const action of actions) {
      for (const target of ROLES) {
        const refusal = refusalOf(action, rules, standing, NOW, target);
        const why = expected(action, state, target);
        if (refusal?.why !== why) {
          assertEquals(refusal?.why, why, JSON.stringify({ action, target, ...state }));
        }
        count++;
      }
    }
  }
  assertEquals(count, 3 * (2 ** 2 * 6 + 1) * 4 * 16 * 16 * 3);
});

Deno.test("refusalOf: until when it holds and why, as far as that is known", () => {
  const rules = { isLasting: true, isPrivate: true, isModerated: true, slow: 30 };
  const standing: Standing = {
    ...{ role: "member", isMember: false, isInvited: false },
    ...{ ban: TERMS.short, mute: TERMS.forGood, spokeAt: 990 },
  };
  assertEquals(refusalOf("enter", rules, standing, NOW), {
    ...{ why: "banned", until: 1_000.5, reason: "noise" },
  });
  const inside: Standing = { ...standing, isMember: true, ban: undefined };
  assertEquals(refusalOf("speak", rules, inside, NOW), { why: "muted", until: undefined });
  const slow = { ...rules, isModerated: false };
  const quick = { ...inside, mute: undefined };
  assertEquals(refusalOf("speak", slow, quick, NOW), { why: "slow", until: 1_020 });
});

Deno.test("refusalOf: without a target, it is done to a member", () => {
  const rules = { isLasting: true, isPrivate: false, isModerated: false, slow: 0 };
  const standing: Standing = {
    ...{ role: "moderator", isMember: true, isInvited: false },
    ...{ ban: undefined, mute: undefined, spokeAt: undefined },
  };
  assertEquals(refusalOf("kick", rules, standing, NOW), undefined);
  assertEquals(refusalOf("kick", rules, standing, NOW, "moderator"), { why: "role" });
  assertEquals(refusalOf("grant", rules, standing, NOW), { why: "role", needs: "owner" });
});

Deno.test("outranks, holds: an owner is above a moderator above a member; a term ends at its end", () => {
  for (const one of ROLES) {
    for (const other of ROLES) {
      assertEquals(outranks(one, other), BELOW[one].includes(other), `${one} ${other}`);
    }
  }
  const held = Object.keys(TERMS).filter((name) => holds(TERMS[name], NOW));
  assertEquals(held, ["short", "forGood"]);
  assertEquals(holds(TERMS.short, NOW + 0.5), false);
});
