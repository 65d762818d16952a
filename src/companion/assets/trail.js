// The audit trail of money: every row with the hash of the row before; all of it as CSV.

import { t, known, moment, amount } from "./words.js";
import { call, download } from "./live.js";
import { el, said, icon, button, heading, empty, fill } from "./parts.js";

export function trail() {
  const list = el("ul", { class: "list", id: "trail" });
  const none = empty("clock", t("no_history"));
  const state = el("p", { id: "chain", class: "status" });
  none.hidden = true;

  const row = ({ seq, at, event, name, amount: sum, currency, before, hash }) => el("li", { class: "item", "data-event": event },
    el("span", { class: "main" },
      el("span", { class: "top" }, el("span", { class: "name" }, t(known(`event_${event}`) ? `event_${event}` : "why_other")), el("time", { class: "soft small", datetime: at }, moment(at))),
      name !== "" && el("span", {}, said(name), sum !== "" && " · ", sum !== "" && amount({ amount: sum, currency })),
      el("span", { class: "soft small hash" }, `${seq} · `, el("span", { class: "digits", dir: "ltr" }, `${before === "" ? "–" : before} → ${hash}`))));

  const save = button(t("csv"), { id: "csv", icon: "file", onclick: async () => {
    const link = el("a", { href: URL.createObjectURL(await download("money/trail.csv")), download: "herald-money.csv" });
    link.click();
    // The browser has taken it by then.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } });

  async function load() {
    const { broken, count, rows } = await call("GET", "money/trail");
    fill(list, rows, row);
    none.hidden = rows.length > 0;
    save.hidden = rows.length === 0;
    state.hidden = rows.length === 0 && broken === null;
    state.classList.toggle("failed", broken !== null);
    state.replaceChildren(icon(broken === null ? "check" : "warning"), el("span", {}, broken === null ? t("chain_whole", { count }) : t("chain_broken", { row: broken })));
  }

  const node = el("div", { class: "page", "data-view": "trail" },
    el("header", { class: "bar" }, el("a", { href: "#/money", class: "button plain round", id: "back", "aria-label": t("back") }, icon("back")), heading(t("trail"))),
    el("p", { class: "soft lead" }, t("trail_lead")), el("div", { class: "row between" }, state, save), none, list);
  return { node, title: t("trail"), update() {}, refresh: load };
}
