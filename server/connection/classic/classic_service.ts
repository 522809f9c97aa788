/**
 * What classic clients ask for, and others do not.
 *
 * @module
 */

import { foldName } from "../../../common/names.ts";
import { CODE, type PresenceRequest, type Request } from "../../../common/wire/protocol.ts";
import type { RequestLimits } from "../../../common/wire/requests.ts";
import { type Answer, answer, type Commit } from "../../answer.ts";
import type { Peer, Reply } from "../../events/handler.ts";
import { NOT_ONLINE } from "../../events/refusals.ts";
import { Later } from "../../later.ts";
import type { Outlet } from "../../people/outlet.ts";
import type { User } from "../../people/user.ts";
import type { Service } from "../session.ts";
import type { ClassicKeys } from "./classic_keys.ts";
import { ClassicRequest, type ClassicRequests } from "./classic_requests.ts";
import type { ClassicShape } from "./classic_shape.ts";

/** What a {@linkcode ClassicService} needs. */
export interface ClassicServiceTerms {
  /** Serves everybody. */
  readonly service: Service;
  /** What all classic clients may know of each other. */
  readonly keys: ClassicKeys;
  /** Has read the request that is being served. */
  readonly requests: Pick<ClassicRequests, "publicKey">;
  /** Is told the client's name. */
  readonly shape: ClassicShape;
}

/** Contacts of one connection. */
const MAX_CONTACTS = 100;
/** Names of a list; no more fit into an answer, however short they are. */
const MAX_LISTED = 128;

const ADDED = answer(CODE.ok, "The contact is added, until you go offline");
const REMOVED = answer(CODE.ok, "The contact is removed");
const TOO_MANY_CONTACTS = answer(
  CODE.forbidden,
  `You have ${MAX_CONTACTS} contacts, the most allowed`,
);
const NO_KEY = answer(CODE.notFound, "Nobody of that name is online with a public key");

/** Serves one classic connection: its own questions, and by way of the others' service all else. */
export class ClassicService implements Service {
  /** See `Service.requestLimits`. */
  readonly requestLimits: RequestLimits;
  readonly #terms: ClassicServiceTerms;
  /** Names as they were given, by folded name. */
  readonly #contacts = new Map<string, string>();

  /** Begins without contacts; see {@linkcode ClassicServiceTerms}. */
  constructor(terms: ClassicServiceTerms) {
    this.#terms = terms;
    this.requestLimits = terms.service.requestLimits;
  }

  /** See `Service.route`. */
  route(peer: Peer, request: Request): Reply {
    if (request instanceof ClassicRequest) {
      return peer.user === undefined ? NOT_ONLINE : this.#answer(request);
    }
    const reply = this.#terms.service.route(peer, request);
    if (request.event !== "presence") return reply;
    return reply instanceof Promise || reply instanceof Later
      ? reply.then((outcome) => this.#whenOnline(peer, request, outcome))
      : this.#note(peer, request, reply);
  }

  /** See `Service.overlaps`. */
  overlaps(request: Request): boolean {
    return this.#terms.service.overlaps(request);
  }

  /** See `Service.isCostly`. */
  isCostly(request: Request): boolean {
    return this.#terms.service.isCostly(request);
  }

  /** See `Service.listOnline`. */
  listOnline(max: number): string[] {
    return this.#terms.service.listOnline(max);
  }

  /** See `Service.leave`. */
  leave(user: User, outlet: Outlet, isLost: boolean): Promise<void> {
    this.#terms.keys.delete(user);
    return this.#terms.service.leave(user, outlet, isLost);
  }

  #whenOnline(peer: Peer, request: PresenceRequest, outcome: Answer | Commit): Answer | Commit {
    return typeof outcome === "function"
      ? () => this.#note(peer, request, outcome())
      : this.#note(peer, request, outcome);
  }

  #note({ user }: Peer, { user: { account_name: name } }: PresenceRequest, reply: Answer): Answer {
    if (reply.code !== CODE.ok || user === undefined) return reply;
    const { shape, keys, requests: { publicKey } } = this.#terms;
    shape.name = name;
    if (publicKey !== undefined) keys.set(user, publicKey);
    return reply;
  }

  #answer({ question, name }: ClassicRequest): Answer {
    const folded = foldName(name);
    switch (question) {
      case "users":
        return listAnswer(this.#terms.service.listOnline(MAX_LISTED));
      case "contacts":
        return listAnswer([...this.#contacts.values()]);
      case "add":
        if (this.#contacts.size >= MAX_CONTACTS && !this.#contacts.has(folded)) {
          return TOO_MANY_CONTACTS;
        }
        this.#contacts.set(folded, name);
        return ADDED;
      case "remove":
        this.#contacts.delete(folded);
        return REMOVED;
      case "key": {
        const bin = this.#terms.keys.find(folded);
        return bin === undefined ? NO_KEY : answer(CODE.key, "The public key", { bin });
      }
    }
  }
}

function listAnswer(names: readonly string[]): Answer {
  return answer(CODE.accepted, "", { data_list: names });
}
