/** `order list`: what is to be brought to whose door. */
import { type Command, refuse, tableOf } from "../command.ts";
import { isDeskId } from "../order-log.ts";
import { listOrders } from "../orders.ts";

export const listOrdersCommand: Command = {
  name: "order list",
  usage: "[--since T] [--json]",
  about: `Lists the orders from home, oldest first: when, for which programme, for whose pseudonym, and which items. Only that
programme can say who it is (settle answer). --since keeps those at or after a time in Unix seconds.`,
  options: ["since"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async ({ option }, edges) => {
    const since = option("since") ?? "0";
    if (!/^\d{1,12}$/.test(since)) return refuse(`--since is "${since}": it must be a time in Unix seconds`);
    const snapshot = await (await (await edges.open()).ledger()).snapshot();
    try {
      const chains = (await snapshot.chains()).filter(({ terminal }) => isDeskId(terminal));
      const found = await Promise.all(chains.map((chain) => listOrders(snapshot.entries(chain))));
      const orders = found
        .flat()
        .filter(({ at }) => at >= Number(since))
        .sort((a, b) => a.at - b.at);
      const rows = orders.map(({ at, programme, pseudonym, items }) => [
        new Date(at * 1000).toISOString(),
        ...[programme, pseudonym ?? "erased", items.join(" ")],
      ]);
      return { kind: "answered", json: orders, text: rows.length === 0 ? "No orders from home." : tableOf(rows) };
    } finally {
      await snapshot.close();
    }
  },
};
