// Money: what waits for the owner's bank, who owes whom, what was asked for, what was done.

import { t, known, moment, amount, lang } from "./words.js";
import { call, download } from "./live.js";
import { el, said, icon, button, avatar, heading, fill, notice, sure } from "./parts.js";
import { payees } from "./payees.js";
import { trail } from "./trail.js";
import { wallet } from "./wallet.js";

export function money(shown) {
  if (shown.id === "payees") return payees();
  if (shown.id === "wallet") return wallet();
  return shown.id === "trail" ? trail() : overview();
}

const section = (id, title, ...rows) => el("section", { class: "card", "aria-labelledby": `${id}-title`, id: `${id}-section` },
  el("h2", { id: `${id}-title`, tabindex: -1 }, title), rows);

function overview() {
  const lead = el("p", { class: "soft lead", id: "method" });
  const [waiting, debts, requests, history] = ["waiting", "debts", "requests", "history"].map((id) => el("ul", { class: "plainlist ledger", id }));
  let open = null;

  const act = (id, what) => async () => {
    await call("POST", `money/${encodeURIComponent(id)}/${what}`);
    notice(t(`money_${what}`));
    await load();
    document.querySelector("h1").focus();
  };

  /** The same for an app that reads codes, for one that opens links, and for somebody who types. */
  function handover(payment) {
    const picture = el("img", { class: "code", alt: t("qr_alt"), width: 264, height: 264 });
    const rows = el("dl", { class: "account" });
    const link = el("a", { class: "button", id: `payto-${payment.id}`, hidden: true }, icon("pay"), el("span", {}, t("payto")));
    const row = (name, text, attributes = {}) => text && el("div", {}, el("dt", { class: "soft small" }, t(name)), el("dd", {}, said(text, attributes)));
    const path = `money/${encodeURIComponent(payment.id)}`;
    (async () => {
      const [account, code] = await Promise.all([call("GET", `${path}/handoff`), download(`${path}/qr.svg`)]);
      picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
      picture.src = URL.createObjectURL(code);
      link.href = account.payto;
      link.hidden = false;
      rows.replaceChildren(...[row("holder", account.holder), row("iban", account.iban.replace(/(.{4})(?=.)/g, "$1 "), { dir: "ltr", class: "digits" }),
        row("amount", amount(account)), row("reason", account.reason)].filter(Boolean));
    })().catch(() => notice(t("failed")));
    return el("li", { class: "handover", "data-payment": payment.id },
      el("p", { class: "sum" }, amount(payment)),
      el("p", {}, t("to"), " ", said(payment.name, { class: "name" }), " · ", el("time", { class: "soft small", datetime: payment.at }, moment(payment.at))),
      el("div", { class: "bank" }, picture, el("div", {}, rows, link)),
      el("div", { class: "answers" },
        button(t("bank_done"), { class: "primary", icon: "check", id: `done-${payment.id}`, onclick: act(payment.id, "done") }),
        button(t("bank_not_done"), { icon: "close", id: `not-${payment.id}`, onclick: act(payment.id, "not_done") })));
  }

  const line = (head, { name, reason, at }, ...more) => el("li", { class: "tag wide" },
    name === undefined ? null : avatar({ name }),
    el("span", { class: "main" }, head, el("span", { class: "soft small" }, reason && said(reason), reason && at && " · ", at && el("time", { datetime: at }, moment(at)))), more);

  const debt = (each) => line(el("span", {}, t(`debt_${each.debtor}`, { name: each.name }), " ", el("strong", {}, amount(each))), { name: each.name },
    button(t("even"), { id: `even-${each.contact}-${each.currency}`, "aria-label": t("even_with", each), onclick: async () => {
      if (!await sure({ id: "sure", title: t("even_title", each), text: t("even_text"), action: t("even") })) return;
      await call("POST", "money/even", { contact: each.contact, currency: each.currency });
      await load();
      document.getElementById("debts-title").focus();
    } }));

  const request = (each) => line(el("span", {}, said(each.name, { class: "name" }), " ", el("strong", {}, amount(each))), each,
    el("span", { class: "row end" },
      button(t("settled"), { id: `settled-${each.id}`, "aria-label": t("settled_by", each), onclick: act(each.id, "settled") }),
      button(t("withdraw"), { id: `withdrawn-${each.id}`, class: "quiet", "aria-label": t("withdraw_from", each), onclick: act(each.id, "withdrawn") })));

  /** Where it stands, in words that hold for the way it went. */
  function standing({ kind, method, standing: where, refusal, closed }) {
    if (kind === "request") return t(closed ? `money_${closed}` : "stands_asked");
    if (where === "pending") return t(method === "bank" ? "stands_waiting" : "stands_pending");
    if (where === "voided") return t(known(`refusal_${refusal}`) ? `refusal_${refusal}` : "stands_voided");
    return t(method === "tab" ? "stands_noted" : "stands_paid");
  }

  const done = (each) => line(el("span", {}, said(each.name, { class: "name" }), " ", el("strong", {}, amount(each))), each,
    el("span", { class: "small soft end" }, standing(each)));

  const none = (list, key) => { if (list.childElementCount === 0) list.replaceChildren(el("li", { class: "soft" }, t(key))); };

  async function load() {
    const now = JSON.stringify([lang(), await call("GET", "money")]);
    if (now === open) return;
    open = now;
    const [, told] = JSON.parse(now);
    lead.textContent = t(`method_${told.method}`);
    connect.hidden = told.method !== "wallet" || !told.can_connect;
    fill(waiting, told.waiting, handover);
    fill(debts, told.debts, debt);
    fill(requests, told.requests, request);
    fill(history, told.history, done);
    none(debts, "no_debts");
    none(history, "no_history");
    waiting.parentElement.hidden = told.waiting.length === 0;
    requests.parentElement.hidden = told.requests.length === 0;
    none(requests, "no_requests");
  }

  const tile = (view, shape, text) => el("a", { class: "tile", href: `#/money/${view}`, id: `${view}-link` }, icon(shape), el("span", {}, t(text)), icon("next"));
  const connect = tile("wallet", "pay", "own_wallet");
  connect.hidden = true;
  const node = el("div", { class: "page", "data-view": "money" },
    el("header", { class: "bar" }, el("a", { href: "#/settings", class: "button plain round", id: "back", "aria-label": t("back") }, icon("back")), heading(t("money"))),
    lead,
    el("div", { class: "sections" },
      section("waiting", t("waiting_bank"), waiting),
      section("debts", t("debts"), el("p", { class: "soft" }, t("tab_note")), debts),
      section("requests", t("requests"), requests),
      el("div", { class: "tiles" }, tile("payees", "contacts", "payees"), tile("trail", "clock", "trail"), connect),
      section("history", t("history"), history)));
  for (const list of [waiting, requests]) list.parentElement.hidden = true;
  return { node, title: t("money"), update() {}, refresh: load };
}
