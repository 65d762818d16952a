// Who may be paid, where their money goes, and the PIN that both need.

import { t } from "./words.js";
import { call, Refusal } from "./live.js";
import { el, said, icon, button, avatar, heading, fill, notice, sure, busy, later, searchField, complain } from "./parts.js";

/** A field for digits that nobody sees and no browser keeps. */
export const pinField = (id, label, fault) => el("label", { for: id, class: "field" }, el("span", {}, label),
  el("input", { id, type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, pattern: "[0-9]*", "aria-describedby": fault }));

/** Why a PIN, an account or a payment was not taken, in full. */
export function told(refusal) {
  const { error, left, retry_after_s: seconds } = refusal.answer;
  if (error === "wrong_pin") return `${refusal.message} ${t("tries_left", { left })}`;
  if (error === "locked") return `${refusal.message} ${t("locked_for", { minutes: Math.ceil(seconds / 60) })}`;
  return refusal.message || t("failed");
}

/** A form whose refusals are told in it; the PIN never stays in its field. */
function form(id, fields, action, send) {
  const fault = el("p", { class: "fault", id: `${id}-fault`, role: "alert" });
  const go = el("button", { class: "primary", id: `${id}-go` }, action);
  const node = el("form", { class: "fields", id, novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    busy(go, async () => {
      fault.textContent = "";
      try {
        await send();
      } catch (refusal) {
        if (!(refusal instanceof Refusal) || ![403, 409, 422, 429].includes(refusal.status)) throw refusal;
        fault.textContent = told(refusal);
      } finally {
        for (const field of node.querySelectorAll("[type=password]")) field.value = "";
      }
    });
  } }, fields, fault, el("div", { class: "row end" }, go));
  return node;
}

export function payees() {
  const old = pinField("pin-old", t("pin_old"), "pin-form-fault");
  const next = pinField("pin-new", t("pin_new"), "pin-form-fault");
  const state = el("p", { class: "soft", id: "pin-state" });
  const pin = form("pin-form", [old, next], t("pin_save"), async () => {
    const entered = old.hidden ? {} : { old: old.lastChild.value };
    await call("POST", "money/pin", { ...entered, new: next.lastChild.value });
    notice(t("pin_saved"));
    await load();
  });

  const list = el("ul", { class: "plainlist ledger", id: "payees" });
  const row = (each) => el("li", { class: "tag wide", "data-contact": each.contact }, avatar(each),
    el("span", { class: "main" }, said(each.name, { class: "name" }),
      each.iban && el("span", { class: "soft small" }, said(each.holder), " · ", said(each.iban.replace(/(.{4})(?=.)/g, "$1 "), { dir: "ltr", class: "digits" })),
      each.wallet && el("span", { class: "soft small" }, said(each.wallet, { dir: "ltr" })),
      !each.iban && !each.wallet && el("span", { class: "soft small" }, t("tab_only"))),
    button(t("distrust"), { id: `distrust-${each.contact}`, "aria-label": t("distrust_of", each), onclick: async () => {
      if (!await sure({ id: "sure", title: t("distrust_title", each), text: t("distrust_text"), action: t("distrust") })) return;
      await call("DELETE", `money/payees/${each.contact}`);
      await load();
      document.getElementById("payees-title").focus();
    } }));

  let contact = null;
  const found = el("div", { "aria-live": "polite" });
  const field = searchField("payee-find", t("find_person"), "", (event) => look(event.target.value));
  const look = later((text) => search(text).catch(complain), 200);

  async function search(text) {
    if (text.trim() === "") return found.replaceChildren();
    const people = (await call("GET", `contacts?q=${encodeURIComponent(text)}`)).filter(({ group }) => !group);
    if (text !== field.querySelector("input").value) return;
    found.replaceChildren(people.length === 0 ? el("p", { class: "soft" }, t("nobody"))
      : el("ul", { class: "choices" }, people.slice(0, 5).map((person) => el("li", {},
        el("button", { type: "button", class: "choice", "data-contact": person.id, onclick: () => choose(person) }, avatar(person), said(person.name))))));
  }

  function choose(person) {
    contact = person;
    const chosen = person && el("p", { class: "recipient", id: "payee-chosen" }, avatar(person), said(person.name));
    found.replaceChildren(...[chosen].filter(Boolean));
    field.querySelector("input").value = "";
    if (person) input("payee-holder").focus();
  }

  const typed = (id, label, more = {}) => el("label", { for: id, class: "field" }, el("span", {}, label),
    el("input", { id, autocomplete: "off", spellcheck: "false", "aria-describedby": "payee-form-fault", ...more }));
  const input = (id) => trusting.querySelector(`#${id}`);
  const code = pinField("payee-pin", t("pin"), "payee-form-fault");
  const trusting = form("payee-form", [
    el("div", { class: "finder" }, field, found),
    typed("payee-holder", t("holder"), { maxlength: 70, dir: "auto" }),
    typed("payee-iban", t("iban"), { maxlength: 60, dir: "ltr", autocapitalize: "characters" }),
    typed("payee-wallet", t("wallet"), { maxlength: 500, dir: "ltr", inputmode: "url", placeholder: "$wallet.example/name" }),
    code], t("trust"), async () => {
    if (!contact) return field.querySelector("input").focus();
    const [holder, iban, wallet] = ["payee-holder", "payee-iban", "payee-wallet"].map((id) => input(id).value);
    await call("POST", "money/payees", { contact: contact.id, holder, iban, wallet, pin: code.lastChild.value });
    for (const id of ["payee-holder", "payee-iban", "payee-wallet"]) input(id).value = "";
    choose(null);
    notice(t("trusted"));
    await load();
  });
  const needsPin = el("p", { class: "soft", id: "needs-pin" }, t("needs_pin"));

  async function load() {
    const [{ has_pin: has }, people] = await Promise.all([call("GET", "money"), call("GET", "money/payees")]);
    old.hidden = !has;
    state.textContent = t(has ? "pin_set" : "no_pin");
    trusting.hidden = !has;
    needsPin.hidden = has;
    fill(list, people, row);
    if (people.length === 0) list.replaceChildren(el("li", { class: "soft" }, t("no_payees")));
  }

  const section = (id, title, ...rows) => el("section", { class: "card", "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title`, tabindex: -1 }, title), rows);
  const node = el("div", { class: "page", "data-view": "payees" },
    el("header", { class: "bar" }, el("a", { href: "#/money", class: "button plain round", id: "back", "aria-label": t("back") }, icon("back")), heading(t("payees"))),
    el("p", { class: "soft lead" }, t("payees_lead")),
    el("div", { class: "sections" },
      section("payees", t("payees_now"), list),
      section("trust", t("trust_title"), el("p", { class: "soft" }, t("trust_lead")), needsPin, trusting),
      section("pin", t("pin"), state, pin)));
  return { node, title: t("payees"), update() {}, refresh: load };
}
