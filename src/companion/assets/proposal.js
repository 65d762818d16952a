// What Herald proposes, with the answers to it. One for the whole page: at home it is large, elsewhere it stays in reach.

import { t, names } from "./words.js";
import { call, touch, current } from "./live.js";
import { el, said, icon, button, avatar, alert, notice, searchField, later, busy, complain } from "./parts.js";
import { pinField, told } from "./payees.js";

// What has just appeared under a finger is not yet what the finger meant.
const SETTLE_MS = 400;

// Its words are the message; of the others they are a description.
const WORDED = new Set(["send", "reply"]);
// It may go to somebody else. An answer and a reaction belong to their conversation; for somebody else a payment is ordered anew.
const REDIRECTED = new Set(["send", "voice", "share_location"]);
const PAID = new Set(["pay", "request_payment"]);

/** What is asked, and the word for yes. */
function asked({ kind, asks }) {
  const other = { whom: "ask_whom", which: "ask_which", what: "ask_what", change: "ask_change", amount: "ask_amount", again: "ask_again", pin: "ask_pin" }[asks];
  if (other) return { question: t(other), yes: t("yes_again") };
  const what = { pay: "_pay", request_payment: "_request" }[kind] ?? "";
  return { question: t(`confirm${what}`), yes: t(`yes${what}`) };
}

export function proposal() {
  const node = el("section", { id: "proposed", "aria-labelledby": "proposed-title", hidden: true });
  let shown = "";
  let mode = "";
  let rescued = null;
  let typed = null;
  let settled = 0;

  /** Answers. All but a no wait until it has stood long enough to be seen. */
  const answer = (act, more) => async () => {
    if (act !== "no" && performance.now() < settled) return notice(t("just_changed"));
    mode = "";
    typed = null;
    if (!await touch(act, more)) notice(t("decided"));
  };

  const turn = (next) => () => { mode = next; draw(current(), true); };

  const big = (label, id, shape, kind, onclick) => button(label, { id, icon: shape, class: kind, onclick });

  function recipients(to) {
    if (to.length === 0) return null;
    return el("p", { class: "recipients", tabindex: to.length > 1 ? 0 : null }, el("span", { class: "soft" }, t("to")), " ",
      to.map((person) => el("span", { class: "recipient" }, avatar(person), said(person.name))));
  }

  function body(proposed) {
    if (!proposed.body) return null;
    if (PAID.has(proposed.kind)) return sum(proposed);
    return el("div", { class: "words", id: "proposed-body", tabindex: 0, role: "group", "aria-label": t("words") },
      el("p", { dir: "auto" }, proposed.body),
      proposed.kind === "voice" && el("p", { class: "soft small" }, t("voice_note")));
  }

  /** A payment: the amount, and what it is for. */
  function sum({ body: words, asks }) {
    const [first, ...more] = asks === "amount" ? ["", words] : words.split(", ");
    const reason = more.join(", ");
    return el("div", { class: "words", id: "proposed-body", tabindex: 0, role: "group", "aria-label": t("amount") },
      first && el("p", { class: "sum" }, first), reason && said(reason, { class: "for" }));
  }

  /** The PIN goes to the conversation, which knows what it is for. */
  function pinForm(no) {
    const fault = el("p", { class: "fault", id: "pay-fault", role: "alert" });
    const field = pinField("pay-pin", t("pin"), "pay-fault");
    const go = el("button", { class: "primary", id: "pay-go" }, icon("check"), el("span", {}, t("pay_pin")));
    return el("form", { class: "fields", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      const pin = field.lastChild.value;
      if (pin === "") return field.lastChild.focus();
      busy(go, async () => {
        fault.textContent = "";
        try {
          await call("POST", "pin", { pin });
        } catch (refusal) {
          if (![403, 429].includes(refusal.status)) throw refusal;
          // Where it is locked nothing waits for it any more.
          if (node.contains(fault)) fault.textContent = told(refusal); else notice(told(refusal));
        } finally {
          field.lastChild.value = "";
        }
      });
    } }, field, fault, el("div", { class: "answers" }, go, no));
  }

  const people = (choices) => el("ul", { class: "choices", id: "choices" },
    choices.map((person) => el("li", {},
      el("button", { type: "button", class: "choice", "data-contact": person.id, onclick: () => answer("choose", { contact: person.id })().catch(complain) },
        avatar(person), said(person.name)))));

  /** Somebody of the contact book. */
  function finder() {
    const found = el("div", { "aria-live": "polite" });
    const look = later(async (text) => {
      if (text.trim() === "") return found.replaceChildren();
      const contacts = await call("GET", `contacts?q=${encodeURIComponent(text)}`);
      if (text !== field.querySelector("input").value) return;
      found.replaceChildren(contacts.length === 0 ? el("p", { class: "soft" }, t("nobody")) : people(contacts.slice(0, 6)));
    }, 200);
    const field = searchField("find-person", t("find_person"), "", (event) => look(event.target.value));
    return el("div", { class: "finder" }, field, found);
  }

  function editor(proposed, ...answers) {
    const text = el("textarea", { id: "edit-words", dir: "auto", rows: 3, maxlength: 10_000, value: typed ?? proposed.body ?? "",
      oninput: (event) => { typed = event.target.value; } });
    return [
      el("label", { for: "edit-words", class: "soft" }, t("words")), text,
      el("div", { class: "answers" }, big(t("done"), "edit-done", "check", "primary", () => {
        if (text.value.trim() === "") return text.focus();
        return answer("edit", { body: text.value.trim() })();
      }), answers),
    ];
  }

  function parts(proposed) {
    const { kind, asks, to, choices = [] } = proposed;
    const no = big(t("no"), "no", "close", "", answer("no"));
    const back = big(t("keep"), "keep", "back", "", turn(""));
    const worded = WORDED.has(kind), redirected = REDIRECTED.has(kind);
    const another = redirected && big(t("another"), "another", "contacts", "", turn("whom"));
    if (mode === "whom") return { question: t("ask_whom"), rows: [body(proposed), finder(), el("div", { class: "answers" }, back)] };
    if (mode === "words") {
      return { question: t("ask_change"), rows: [recipients(to), ...editor(proposed, another, back)] };
    }
    switch (asks) {
      case "whom":
        return { question: t("ask_whom"), rows: [body(proposed), choices.length > 0 && people(choices), finder(), el("div", { class: "answers" }, no)] };
      case "which":
        return { question: t("ask_which"), rows: [body(proposed), people(choices), el("div", { class: "answers" }, no)] };
      case "what":
        return { question: t("ask_what"), rows: [recipients(to), ...editor(proposed, no)] };
      case "change":
        return { question: t("ask_change"),
          rows: [recipients(to), ...(worded ? editor(proposed, another, no) : [body(proposed), el("div", { class: "answers" }, another, no)])] };
      case "amount":
        return { question: t("ask_amount"), rows: [recipients(to), body(proposed), el("p", { class: "soft" }, t("say_amount")), el("div", { class: "answers" }, no)] };
      case "pin":
        return { question: t("ask_pin"), rows: [recipients(to), body(proposed), pinForm(no)] };
      default: {
        const { question, yes } = asked(proposed);
        const change = worded ? turn("words") : redirected ? turn("whom") : null;
        return { question, rows: [recipients(to), body(proposed), asks === "again" && el("p", { class: "soft" }, t("again_note")), el("div", { class: "answers" },
          big(yes, "yes", "check", "primary", answer("yes")), no,
          change && big(t("change"), "change", "edit", "", change))] };
      }
    }
  }

  /** Words that were being typed when somebody else decided. */
  function lost() {
    const { to, text } = rescued;
    const gone = (work) => async () => { await work(); rescued = null; draw(current(), true); };
    const area = el("textarea", { id: "edit-words", dir: "auto", rows: 3, maxlength: 10_000, value: text });
    return [
      el("h2", { id: "proposed-title", tabindex: -1 }, t("kept_words")), recipients([to]),
      el("label", { for: "edit-words", class: "soft" }, t("words")), area,
      el("div", { class: "answers" },
        big(t("write_anew"), "write-anew", "edit", "primary", gone(() => touch("write", { contact: to.id, body: area.value.trim() }))),
        big(t("discard"), "discard", "trash", "", gone(() => {}))),
    ];
  }

  function undo() {
    return el("div", { class: "undo" }, el("p", {}, t("undo_lead")),
      button(t("undo"), { id: "undo", icon: "undo", onclick: async () => { if (!await touch("undo")) notice(t("decided")); } }));
  }

  function draw(state, turned = false) {
    const { proposed } = state;
    const now = JSON.stringify([proposed, state.undo, state.lang]);
    if (now === shown && !turned) return;
    if (now !== shown) {
      const before = shown === "" ? null : JSON.parse(shown)[0];
      const same = JSON.stringify(before) === JSON.stringify(proposed);
      if (!same) {
        if (!proposed && typed && typed !== before?.body && before?.to.length === 1) rescued = { to: before.to[0], text: typed };
        if (proposed) rescued = null;
        mode = "";
        typed = null;
        settled = performance.now() + SETTLE_MS;
        tell(proposed);
      }
      shown = now;
    }
    const held = node.contains(document.activeElement);
    const focused = document.activeElement.id;
    if (proposed) {
      const { question, rows } = parts(proposed);
      node.replaceChildren(
        el("h2", { id: "proposed-title", tabindex: -1 }, el("span", { class: "eyebrow" }, icon(proposed.kind), t(`kind_${proposed.kind}`)), " ", el("span", {}, question)),
        ...rows.filter(Boolean));
      node.dataset.asks = mode || proposed.asks;
    } else if (rescued) node.replaceChildren(...lost());
    else node.replaceChildren();
    if (state.undo && !proposed) node.append(undo());
    node.classList.toggle("card", Boolean(proposed || rescued));
    node.hidden = node.childElementCount === 0;
    node.setAttribute("aria-labelledby", proposed || rescued ? "proposed-title" : "undo");
    guard();
    if (!held) return turned || node.scrollIntoView({ block: "nearest" });
    // The focus never lands on an answer by itself: Enter pressed twice must not confirm.
    const field = mode === "words" ? "edit-words" : mode === "whom" ? "find-person" : null;
    const wanted = turned && (field ?? (mode === "" ? "change" : null));
    const next = (wanted && document.getElementById(wanted)) || document.getElementById(focused === "undo" ? "undo" : "proposed-title") || document.querySelector("h1");
    next?.focus({ preventScroll: true });
  }

  function guard() {
    const rest = settled - performance.now();
    if (rest <= 0) return;
    node.dataset.fresh = "";
    clearTimeout(guard.timer);
    guard.timer = setTimeout(() => { delete node.dataset.fresh; }, rest);
  }

  function tell(proposed) {
    if (!proposed) return alert("");
    const { kind, to, body } = proposed;
    alert([`${t(`kind_${kind}`)}.`, to.length > 0 && `${t("to")} ${names(to)}:`, body, asked(proposed).question].filter(Boolean).join(" "));
  }

  return { node, update: draw, clear() { shown = ""; mode = ""; typed = null; rescued = null; node.replaceChildren(); node.hidden = true; } };
}
