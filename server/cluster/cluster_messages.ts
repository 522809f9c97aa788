import { foldName } from "../../common/names.ts";
import type {
  ChangedMessage,
  ChangeRefusal,
  ConversationsOptions,
  ConversationSummary,
  Earlier,
  Found,
  MessageDeletion,
  MessageEdit,
  MessageSearch,
  MessageStore,
  NewMessage,
  Page,
  PageOptions,
  Place,
} from "../store/messages.ts";
import type { ReplicaStore } from "../store/replica_store.ts";
import { StoreError, StoreFullError } from "../store/store.ts";
import type { Replication } from "./replication.ts";

/** {@linkcode MessageStore} of all nodes. Messages are kept by `LogKeeper`. */
export class ClusterMessages implements MessageStore {
  readonly #replication: Replication;
  readonly #copy: ReplicaStore;

  /** Reads from the copy, and writes to the log. */
  constructor(replication: Replication) {
    this.#replication = replication;
    this.#copy = replication.copy;
  }

  /** See {@linkcode MessageStore.historyDays}. */
  get historyDays(): number {
    return this.#copy.historyDays;
  }

  /** See {@linkcode MessageStore.openDirect}. */
  async openDirect(folded: string, other: string): Promise<number | undefined> {
    if (this.historyDays === 0) return undefined;
    const known = this.#copy.knows.conversationOf({ accounts: [folded, other] });
    if (known !== undefined) return known;
    this.#copy.checkRoom(0);
    const args = [folded, other];
    return await this.#replication
      .perform({ do: "call", method: "openDirect", args }) as number | undefined;
  }

  /** See {@linkcode MessageStore.openRoom}. */
  async openRoom(room: number): Promise<number | undefined> {
    if (this.historyDays === 0) return undefined;
    const known = this.#copy.knows.conversationOf({ room });
    if (known !== undefined) return known;
    this.#copy.checkRoom(0);
    return await this.#replication
      .perform({ do: "call", method: "openRoom", args: [room] }) as number | undefined;
  }

  /** None is at hand before the message is in the log: see `LogKeeper`. */
  nextSeq(): undefined {
    return undefined;
  }

  /** See {@linkcode MessageStore.checkRoom}: of this node's copy. */
  checkRoom(bytes: number): void {
    this.#copy.checkRoom(bytes);
  }

  /**
   * Numbers are the log's: messages are kept by `LogKeeper`.
   *
   * @throws {StoreError} Always.
   */
  keepMessage(_message: NewMessage): Promise<boolean> {
    return Promise.reject(new StoreError("Messages of several nodes are numbered by their log"));
  }

  /** See {@linkcode MessageStore.hasMessage}: as far as this node has applied the log. */
  hasMessage(conversation: number, seq: number): boolean {
    return this.#copy.hasMessage(conversation, seq);
  }

  /** See {@linkcode MessageStore.editMessage}. What is refused goes out of the log again. */
  async editMessage(edit: MessageEdit): Promise<ChangedMessage | ChangeRefusal> {
    const { conversation, ...logged } = edit;
    const { knows } = this.#copy;
    const name = knows.nameOf(conversation);
    if (name === undefined) return "unknown";
    await this.#checkLonger(edit);
    if (knows.fills(edit)) return "mailbox-full";
    const { outcome } = await this.#replication.perform(
      { do: "edit", in: name, edit: logged, name: knows.shownName(edit.asker) },
      (result, seq) => {
        if (typeof result.outcome === "string") this.#replication.withdraw(seq);
      },
    );
    return outcome;
  }

  /**
   * See {@linkcode MessageStore.deleteMessage}. When it resolves the text is out of the log, too.
   *
   * @throws {UnavailableError} If that is not known: whoever asks again has it taken out again.
   */
  async deleteMessage(deletion: MessageDeletion): Promise<ChangedMessage | ChangeRefusal> {
    const { conversation, ...logged } = deletion;
    const { knows } = this.#copy;
    await this.#replication.fresh();
    const name = knows.nameOf(conversation);
    if (name === undefined) return "unknown";
    const remains = knows.remainsOf({ conversation, seq: deletion.seq });
    const { outcome, place } = await this.#replication.perform({
      ...{ do: "delete", in: name, deletion: logged, name: knows.shownName(deletion.asker) },
      ...(remains && { remains }),
    });
    if (place !== undefined && (typeof outcome === "object" || this.#isDeleted(place))) {
      await this.#copy.erase();
      await this.#replication.erasures.finish(knows.entriesOf(place));
    }
    return outcome;
  }

  /** See {@linkcode MessageStore.erase}: of this node's files. */
  erase(): Promise<boolean> {
    return this.#copy.erase();
  }

  /** See {@linkcode MessageStore.findEarlier}: as far as this node has applied the log. */
  findEarlier(conversation: number, fingerprint: string, since: number): Earlier | undefined {
    return this.#copy.findEarlier(conversation, fingerprint, since);
  }

  /** See {@linkcode MessageStore.findDirect}. */
  async findDirect(folded: string, other: string): Promise<number | undefined> {
    await this.#replication.fresh();
    return await this.#copy.findDirect(folded, other);
  }

  /** See {@linkcode MessageStore.listMessages}. */
  async listMessages(conversation: number, page: PageOptions): Promise<Page> {
    await this.#replication.fresh();
    return await this.#copy.listMessages(conversation, page);
  }

  /** See {@linkcode MessageStore.markRead}. */
  async markRead(folded: string, conversation: number, seq: number): Promise<void> {
    await this.#replication.fresh();
    const { knows } = this.#copy;
    const name = knows.nameOf(conversation);
    if (name === undefined) return;
    const upTo = Math.min(seq, knows.lastOf(conversation));
    await this.#replication.perform({ do: "read", folded, in: name, seq: upTo });
  }

  /** See {@linkcode MessageStore.listConversations}. */
  async listConversations(
    folded: string,
    limit: number,
    options?: ConversationsOptions,
  ): Promise<ConversationSummary[]> {
    await this.#replication.fresh();
    return await this.#copy.listConversations(folded, limit, options);
  }

  /** See {@linkcode MessageStore.search}. */
  async search(search: MessageSearch): Promise<Found | undefined> {
    await this.#replication.fresh();
    return await this.#copy.search(search);
  }

  /** What became of a letter that came before, if it was kept: also of one that was changed since. */
  findEarlierLetter(
    { from, folded }: { readonly from: string; readonly folded: string },
    { fingerprint, since }: { readonly fingerprint: string; readonly since: number },
  ): Earlier | undefined {
    if (this.historyDays === 0) return undefined;
    const accounts = [foldName(from), folded] as const;
    const conversation = this.#copy.knows.conversationOf({ accounts });
    return conversation === undefined
      ? undefined
      : this.#copy.findEarlier(conversation, fingerprint, since);
  }

  /** A text that is not there any more, though its number is. */
  #isDeleted({ conversation, seq }: Place): boolean {
    return !this.#copy.hasMessage(conversation, seq) &&
      this.#copy.knows.remainsOf({ conversation, seq }) !== undefined;
  }

  /** @throws {StoreFullError} If the database may not grow, and the text is longer. */
  async #checkLonger({ conversation, seq, message }: MessageEdit): Promise<void> {
    try {
      this.#copy.checkRoom(message.length);
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error;
      const { messages } = await this.#copy
        .listMessages(conversation, { after: seq - 1, before: seq + 1, limit: 1 });
      if (message.length > (messages[0]?.message?.length ?? Infinity)) throw error;
    }
  }
}
