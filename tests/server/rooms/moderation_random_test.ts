/**
 * Several people run a room at random: what they are told, and who is in, is what a model says that knows nothing of
 * policies, stores and turns.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import type { ResponseExtras } from "../../../common/wire/protocol.ts";
import type { Answer } from "../../../server/answer.ts";
import { join, leave } from "../../../server/events/join.ts";
import { ban, grant, invite, kick, mute } from "../../../server/events/moderation.ts";
import { msg } from "../../../server/events/msg.ts";
import { room } from "../../../server/events/room.ts";
import { withAccount } from "../../support/account_user.ts";
import { FakeUser } from "../../support/fake_user.ts";
import { answerOf, type House, withHouse } from "../../support/house.ts";
import { seededRandom } from "../../support/random.ts";

const ACCOUNTS = ["eve", "mod", "ann"];
/** Guests, and where they are. */
const GUESTS: Readonly<Record<string, string>> = {
  bob: "10.0.0.1",
  guy: "10.0.0.1",
  flo: "10.0.0.2",
};
const NAMES = [...ACCOUNTS, ...Object.keys(GUESTS)];
const RANKS = ["member", "moderator", "owner"];

interface Term {
  readonly until: number;
  /** Where a guest was last seen. */
  readonly network?: string | undefined;
}

/** What has to come of something: the code, why not, and who hears what. */
interface Outcome {
  code: unknown;
  heard?: Record<string, string>;
}

/** The room as it has to be. */
class Model {
  now = 0;
  isPrivate = false;
  isModerated = false;
  readonly roles = new Map<string, string>([["eve", "owner"]]);
  readonly invited = new Set<string>();
  readonly bans = new Map<string, Term>();
  readonly mutes = new Map<string, Term>();
  readonly members = new Set<string>();
  /** Guests who were ever in. */
  readonly seen = new Set<string>();

  join(name: string): Outcome {
    if (this.members.has(name)) return { code: 200 };
    if (this.#isBanned(name)) return { code: "banned" };
    const mayEnter = !this.isPrivate || this.roles.has(name) || this.invited.has(name);
    if (!mayEnter) return { code: "private" };
    const heard = this.#tell("joined", name);
    this.members.add(name);
    if (name in GUESTS) this.seen.add(name);
    return { code: 200, heard };
  }

  leave(name: string): Outcome {
    if (!this.members.delete(name)) return { code: 404 };
    return { code: 200, heard: this.#tell("left", name) };
  }

  say(name: string): Outcome {
    if (!this.members.has(name)) return { code: "not-member" };
    if (this.#holds(this.mutes.get(name))) return { code: "muted" };
    if (this.isModerated && !this.roles.has(name)) return { code: "moderated" };
    const heard = this.#tell("said", name);
    delete heard[name];
    return { code: 200, heard };
  }

  kick(by: string, name: string): Outcome {
    const refusal = this.#refusal(by, 1, name);
    if (refusal !== undefined) return refusal;
    if (!this.members.has(name)) return { code: 404 };
    return { code: 200, heard: this.#out("kicked", name) };
  }

  ban(by: string, name: string, seconds: number | undefined): Outcome {
    const refusal = this.#refusal(by, 1, name);
    if (refusal !== undefined) return refusal;
    this.#sanction(this.bans, name, seconds);
    const isIn = seconds !== 0 && this.members.has(name);
    return { code: 200, ...(isIn && { heard: this.#out("banned", name) }) };
  }

  mute(by: string, name: string, seconds: number | undefined): Outcome {
    const refusal = this.#refusal(by, 1, name);
    if (refusal !== undefined) return refusal;
    this.#sanction(this.mutes, name, seconds);
    return { code: 200, heard: this.#tell(seconds === 0 ? "unmuted" : "muted", name) };
  }

  grant(by: string, name: string, role: string): Outcome {
    const refusal = this.#refusal(by, 2);
    if (refusal !== undefined) return refusal;
    if (name in GUESTS) return { code: 404 };
    const owners = [...this.roles].filter(([other, it]) => it === "owner" && other !== name);
    if (role !== "owner" && owners.length === 0) return { code: 403 };
    if (role === "member") this.roles.delete(name);
    else this.roles.set(name, role);
    return { code: 200, heard: this.#tell(role, name) };
  }

  invite(by: string, name: string, on: boolean): Outcome {
    const refusal = this.#refusal(by, 1);
    if (refusal !== undefined) return refusal;
    if (name in GUESTS) return { code: 404 };
    const isNew = on && !this.invited.has(name);
    if (on) this.invited.add(name);
    else this.invited.delete(name);
    return { code: 200, ...(isNew && { heard: { [name]: `invited ${name}` } }) };
  }

  set(by: string, what: "private" | "moderated", to: boolean): Outcome {
    const refusal = this.#refusal(by, what === "private" ? 2 : 1);
    if (refusal !== undefined) return refusal;
    if (what === "private") this.isPrivate = to;
    else this.isModerated = to;
    return { code: 200, heard: this.#tell(what, String(to)) };
  }

  #rank(name: string): number {
    return RANKS.indexOf(this.roles.get(name) ?? "member");
  }

  #refusal(by: string, rank: number, against?: string): Outcome | undefined {
    if (this.#isBanned(by)) return { code: "banned" };
    if (this.#rank(by) < rank) return { code: "role" };
    if (against !== undefined && this.#rank(against) >= this.#rank(by)) return { code: "role" };
    return undefined;
  }

  #holds(term: Term | undefined): boolean {
    return term !== undefined && this.now < term.until;
  }

  #isBanned(name: string): boolean {
    if (this.#holds(this.bans.get(name))) return true;
    const network = GUESTS[name];
    return network !== undefined &&
      [...this.bans.values()].some((term) => term.network === network && this.#holds(term));
  }

  #sanction(terms: Map<string, Term>, name: string, seconds: number | undefined): void {
    if (seconds === 0) {
      terms.delete(name);
      return;
    }
    const network = this.seen.has(name) ? GUESTS[name] : undefined;
    terms.set(name, { until: this.now + (seconds ?? Infinity), network });
  }

  #out(what: string, name: string): Record<string, string> {
    const heard = this.#tell(what, name);
    this.members.delete(name);
    return heard;
  }

  #tell(what: string, name: string): Record<string, string> {
    return Object.fromEntries([...this.members].map((member) => [member, `${what} ${name}`]));
  }
}

/** A frame in a word and a name. */
function wordsOf(frame: Record<string, unknown>): string {
  const { event, from, joined, left, kicked, banned, invited, user, muted, role } = frame;
  if (event === "msg") return `said ${from}`;
  if (joined !== undefined) return `joined ${joined}`;
  if (left !== undefined) return `${banned ? "banned" : kicked ? "kicked" : "left"} ${left}`;
  if (invited !== undefined) return `invited ${invited}`;
  if (muted !== undefined) return `${muted ? "muted" : "unmuted"} ${user}`;
  if (role !== undefined) return `${role} ${user}`;
  return frame.private === undefined ? `moderated ${frame.moderated}` : `private ${frame.private}`;
}

/** One step: what is asked for, and what has to come of it. */
type Step = (model: Model) => [what: string, ask: () => Promise<Answer>, expected: Outcome];

function stepsFor(
  { context }: House,
  people: ReadonlyMap<string, FakeUser>,
  of: <T>(choices: readonly T[]) => T,
): readonly Step[] {
  const to = "#dev";
  const seconds = (): number | undefined => of([undefined, 0, 0, 1.5, 3, 60]);
  const moderates = (
    event: "kick" | "ban" | "mute" | "grant" | "invite",
    more: object,
    by: string,
    user: string,
  ): () => Promise<Answer> =>
  () => {
    const request = { event, room: to, user, ...more } as never;
    return answerOf({ kick, ban, mute, grant, invite }[event].handle(
      ...[context, people.get(by)!, request] as const,
    ));
  };
  return [
    (model) => {
      const name = of(NAMES);
      const ask = () =>
        answerOf(join.handle(context, people.get(name)!, { event: "join", room: to }));
      return [`${name} joins`, ask, model.join(name)];
    },
    (model) => {
      const name = of(NAMES);
      const request = { event: "leave", room: to } as const;
      const ask = () => answerOf(leave.handle(context, people.get(name)!, request));
      return [`${name} leaves`, ask, model.leave(name)];
    },
    (model) => {
      const name = of(NAMES);
      const request = { event: "msg", to, message: "hi" } as const;
      const ask = () => answerOf(msg.handle(context, people.get(name)!, request));
      return [`${name} says`, ask, model.say(name)];
    },
    (model) => {
      const [by, name] = [of(NAMES), of(NAMES)];
      return [`${by} kicks ${name}`, moderates("kick", {}, by, name), model.kick(by, name)];
    },
    (model) => {
      const [by, name, time] = [of(ACCOUNTS), of(NAMES), seconds()];
      const more = time === undefined ? {} : { seconds: time };
      const ask = moderates("ban", more, by, name);
      return [`${by} bans ${name} ${time}`, ask, model.ban(by, name, time)];
    },
    (model) => {
      const [by, name, time] = [of(ACCOUNTS), of(NAMES), seconds()];
      const more = time === undefined ? {} : { seconds: time };
      const ask = moderates("mute", more, by, name);
      return [`${by} mutes ${name} ${time}`, ask, model.mute(by, name, time)];
    },
    (model) => {
      const [by, name, role] = [of(ACCOUNTS), of(NAMES), of(RANKS)];
      const ask = moderates("grant", { role }, by, name);
      return [`${by} makes ${name} ${role}`, ask, model.grant(by, name, role)];
    },
    (model) => {
      const [by, name, on] = [of(ACCOUNTS), of(NAMES), of([true, false])];
      const ask = moderates("invite", { on }, by, name);
      return [`${by} invites ${name} ${on}`, ask, model.invite(by, name, on)];
    },
    (model) => {
      const [by, what, set] = [
        of(ACCOUNTS),
        of(["private", "moderated"] as const),
        of([true, false]),
      ];
      const request = { event: "room", room: to, [what]: set } as const;
      const ask = () => answerOf(room.handle(context, people.get(by)!, request));
      return [`${by} sets ${what} ${set}`, ask, model.set(by, what, set)];
    },
  ];
}

for (const seed of [1, 2, 3, 4, 5]) {
  Deno.test(`moderation by random people, seed ${seed}: all hear and may what the model says`, () =>
    withHouse({}, async (house) => {
      const random = seededRandom(seed);
      const of = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
      const people = new Map<string, FakeUser>();
      for (const name of ACCOUNTS) people.set(name, await withAccount(house, name));
      for (const [name, network] of Object.entries(GUESTS)) {
        const guest = house.come(name);
        guest.outlet.network = network;
        await house.store.rememberName(name, name);
        people.set(name, guest);
      }
      const model = new Model();
      const made = { event: "join", room: "#dev" } as const;
      await answerOf(join.handle(house.context, people.get("eve")!, made));
      model.members.add("eve");
      const steps = stepsFor(house, people, of);
      const course: string[] = [];
      for (let count = 0; count < 600; count++) {
        if (random() < 0.2) {
          const seconds = of([0.5, 1, 5]);
          model.now += seconds;
          house.clock.advance(seconds * 1_000);
        }
        const [what, ask, expected] = of(steps)(model);
        course.push(what);
        const { code, extras } = await ask();
        const { refused } = (extras ?? {}) as ResponseExtras;
        const heard = Object.fromEntries(
          [...people].map(([name, { frames }]) => [name, frames.splice(0).map(wordsOf).join()])
            .filter(([, words]) => words !== ""),
        );
        const why = `step ${count}: ${course.slice(-12).join("; ")}`;
        const isNew = code === 201 ? 200 : code; // nobody was in, or the room was made
        assertEquals({ code: refused ?? isNew, heard }, { heard: {}, ...expected }, why);
        const inside = house.context.rooms.find("#dev")?.members.sorted() ?? [];
        assertEquals(inside.map(({ folded }) => folded), [...model.members].sort(), why);
        for (const [name, { rooms }] of people) {
          assertEquals(rooms.size === 1, model.members.has(name));
        }
      }
    }));
}
