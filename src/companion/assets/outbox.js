// The outbox: what was confirmed and has not arrived.

import { t, known, moment, names } from "./words.js";
import { call } from "./live.js";
import { el, said, icon, button, heading, empty, fill, notice, sure } from "./parts.js";

// What moves by itself is not pushed; what may be out already is not taken back here.
const STUCK = new Set(["wedged", "expired", "unverified"]);

export function outbox() {
  const list = el("ul", { class: "cards", id: "outbox" });
  const none = empty("check", t("no_outbox"));
  none.hidden = true;
  const title = heading(t("outbox"));

  async function load() {
    const rows = await call("GET", "outbox");
    fill(list, rows, row);
    none.hidden = rows.length > 0;
  }

  const push = (id, what, done) => async () => {
    try {
      await call("POST", `outbox/${encodeURIComponent(id)}/${what}`);
      notice(t(done));
    } catch (refusal) {
      if (refusal.status !== 409) throw refusal;
      notice(t("too_late"));
    }
    await load();
    if (!list.contains(document.activeElement)) title.focus();
  };

  const row = ({ id, to, body, status, reason, at }) => el("li", { class: "card", id: `outbox-${id}`, "data-status": status },
    el("p", { class: "top" }, el("strong", {}, said(names(to.map((name) => ({ name }))))), el("time", { datetime: at, class: "soft small" }, moment(at))),
    el("p", { class: "clamp", dir: "auto" }, body),
    el("p", { class: STUCK.has(status) ? "status failed" : "status soft" }, icon(STUCK.has(status) ? "warning" : "clock"),
      el("span", {}, t(`status_${status}`), reason && ` · ${t(known(`reason_${reason}`) ? `reason_${reason}` : "reason_refused")}`)),
    el("div", { class: "row" },
      STUCK.has(status) && button(t("retry"), { id: `retry-${id}`, icon: "undo", class: "primary", onclick: push(id, "retry", "retrying") }),
      status !== "sending" && button(t("drop"), { id: `drop-${id}`, icon: "trash", onclick: async () => {
        if (await sure({ id: "sure", title: t("drop_title"), text: t("drop_text"), action: t("drop") })) await push(id, "drop", "dropped")();
      } })));

  const node = el("div", { class: "page", "data-view": "outbox" },
    el("header", {}, title, el("p", { class: "soft" }, t("outbox_lead"))), none, list);
  return { node, title: t("outbox"), update() {}, refresh: load };
}
