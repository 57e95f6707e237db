/** Items to the door: their numbers, then what it costs, then the order. */
import { useRef, useState } from "preact/hooks";
import { itemPattern } from "../../shared/messages.ts";
import { formatMoney } from "../ui/format.ts";
import type { Language } from "../ui/language.ts";
import type { Order } from "./state.ts";
import type { PageProps } from "./view.ts";
import { words } from "./words.ts";
import { orderDue, orderFailed, orderRefusals, orderSent, orderUnsure, orderWords, tooMany } from "./words-order.ts";

export const OrderPage = ({ state, view, actions }: PageProps) => {
  const { order, now } = state;
  const { language } = view;
  const typed = useRef<HTMLInputElement>(null);
  const [items, setItems] = useState<readonly string[]>([]);
  const [isMistyped, setMistyped] = useState(false);
  const isBusy = order?.kind === "asking";
  const isOrdered = order?.kind === "ordered";

  const change = (next: readonly string[]): void => {
    setItems(next);
    actions.dropOrder();
  };
  const add = (event: Event): void => {
    event.preventDefault();
    const item = typed.current?.value.trim() ?? "";
    const isItem = itemPattern.test(item);
    setMistyped(!isItem);
    if (!isItem) return;
    if (!items.includes(item)) change([...items, item]);
    if (typed.current !== null) typed.current.value = "";
    typed.current?.focus();
  };

  return (
    <>
      <h1>{orderWords.title[language]}</h1>
      <p class="soft">{orderWords.text[language]}</p>
      {isOrdered ? null : (
        <form class="choices" onSubmit={add}>
          <label class="field">
            {orderWords.label[language]}
            <input
              ref={typed}
              type="text"
              maxLength={32}
              autoComplete="off"
              spellcheck={false}
              disabled={isBusy}
              aria-invalid={isMistyped}
              aria-describedby="order-typed"
            />
          </label>
          <p id="order-typed" role="status" class={isMistyped ? "notice" : "unseen"}>
            {isMistyped ? orderWords.mistyped[language] : ""}
          </p>
          <button type="submit" disabled={isBusy}>
            {orderWords.add[language]}
          </button>
        </form>
      )}
      <ul class="items">
        {items.map((item) => (
          <li key={item}>
            <span>{item}</span>
            {isOrdered ? null : (
              <button
                type="button"
                class="quiet"
                disabled={isBusy}
                aria-label={`${orderWords.remove[language]} ${item}`}
                onClick={() => change(items.filter((each) => each !== item))}
              >
                {orderWords.remove[language]}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p role="status" class={order === null ? "unseen" : "notice"} data-order={order?.kind}>
        {sayOf(order, now, language)}
      </p>
      <div class="choices">
        {order?.kind === "due" ? (
          <button type="button" class="main" onClick={() => actions.order(items, order.fee)}>
            {orderWords.confirm[language]}
          </button>
        ) : null}
        {order?.kind === "unsure" && now < order.until ? (
          <button type="button" class="main" onClick={actions.orderAgain}>
            {words.again[language]}
          </button>
        ) : null}
        {order === null || order.kind === "refused" || order.kind === "failed" ? (
          <button type="button" class="main" disabled={items.length === 0} onClick={() => actions.order(items, null)}>
            {orderWords.ask[language]}
          </button>
        ) : null}
      </div>
    </>
  );
};

const sayOf = (order: Order | null, now: number, language: Language): string => {
  switch (order?.kind) {
    case undefined:
      return "";
    case "asking":
      return orderWords.asking[language];
    case "due":
      return orderDue[language](order.items.length, formatMoney(order.fee, order.currency, language));
    case "ordered":
      return orderSent[language](order.items.length, formatMoney(order.fee, order.currency, language));
    case "refused":
      if (order.itemsMax !== undefined) return tooMany[language](order.itemsMax);
      return (orderRefusals[order.reason] ?? orderWords.refused)[language];
    case "unsure":
      return now < order.until ? orderUnsure[language](order) : orderWords.askLibrary[language];
    case "failed":
      return orderFailed[language](order);
  }
};
