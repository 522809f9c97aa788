import type { AdminActs, ChangeByAdmin } from "../store/admin_acts.ts";
import type { RoomAdmin } from "../store/room_admin.ts";
import type { UserAdmin } from "../store/user_admin.ts";

/** Changes a database: that of a server which has it for itself, and may be running. */
export function localChange(users: UserAdmin, openRooms: () => RoomAdmin): ChangeByAdmin {
  const acts: Acts = {
    add: (...args) => users.add(...args),
    setPassword: (...args) => users.setPassword(...args),
    block: (...args) => users.block(...args),
    unblock: (...args) => users.unblock(...args),
    remove: (...args) => users.remove(...args),
    invite: (...args) => users.invite(...args),
    revokeInvite: (...args) => users.revokeInvite(...args),
    removeRoom: (...args) => {
      using rooms = openRooms();
      return rooms.removeRoom(...args);
    },
    grantRoom: (...args) => {
      using rooms = openRooms();
      return rooms.grantRoom(...args);
    },
  };
  return async (act, ...args) => await acts[act](...args);
}

/** The same, where some wait. */
type Acts = {
  readonly [Act in keyof AdminActs]: (
    ...args: Parameters<AdminActs[Act]>
  ) => ReturnType<AdminActs[Act]> | Promise<ReturnType<AdminActs[Act]>>;
};
