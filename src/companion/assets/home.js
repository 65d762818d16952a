// Home: the microphone, what was said, what is proposed, suggestions, whom to point at.

import { t, counted } from "./words.js";
import { call, touch } from "./live.js";
import { el, said, icon, button, avatar, heading, fill, notice, complain } from "./parts.js";
import { point } from "./point.js";

const BUSY = new Set(["listening", "hearing", "thinking", "speaking"]);

export function home() {
  const orb = button(t("talk"), { id: "microphone", class: "orb", icon: "mic", hidden_label: true, onclick: talk });
  const status = el("p", { id: "status" });
  const stop = button(t("stop"), { id: "stop", icon: "stop", onclick: () => touch("stop") });
  const mute = button(t("mute_short"), { id: "mute", class: "quiet", onclick: () => call("POST", "settings", { muted: !state.muted }) });
  const exchange = el("section", { id: "exchange", "aria-label": t("exchange") });
  const slot = el("div", { id: "slot" });
  const chips = el("ul", { class: "chips", id: "chips" });
  const offers = el("section", { "aria-labelledby": "chips-title" }, el("h2", { id: "chips-title" }, t("chips")), chips);
  const people = el("ul", { class: "people", id: "people" });
  const pointing = el("section", { "aria-labelledby": "people-title", hidden: true }, el("h2", { id: "people-title" }, t("point_lead")), people);
  const tiles = el("section", { class: "tiles", "aria-label": t("conversations") });
  let state;
  let handed = 0;

  async function talk() {
    if (state.microphone === "muted") return call("POST", "settings", { muted: false });
    if (state.microphone !== "lost") await touch("listen");
  }

  function exchanged({ heard, saying, proposed }) {
    const now = JSON.stringify([heard, saying, proposed === null]);
    if (exchange.shown === now) return;
    exchange.shown = now;
    // What is proposed says it better than the sentence that reads it back.
    const answer = proposed ? null : saying;
    exchange.replaceChildren(...[
      heard && el("p", { id: "heard", class: "bubble mine" }, el("span", { class: "unseen" }, t("you_said")), " ", said(heard)),
      answer && el("div", { class: "said" },
        el("p", { id: "saying", class: "bubble" }, el("span", { class: "unseen" }, t("herald_says")), " ", said(answer)),
        button(t("repeat"), { id: "repeat", class: "plain round", icon: "repeat", hidden_label: true, title: t("repeat"), onclick: () => touch("repeat") })),
    ].filter(Boolean));
    exchange.hidden = exchange.childElementCount === 0;
  }

  const chip = ({ id, type, label }) => el("li", { class: "chip" },
    button(label, { id: `chip-${id}`, icon: type, class: "take", dir: "auto", onclick: async () => { if (!await touch("chip", { id })) notice(t("decided")); } }),
    button(t("dismiss", { label }), { id: `dismiss-${id}`, icon: "close", hidden_label: true, class: "away", onclick: () => touch("dismiss", { id }) }));

  const person = (row) => el("li", {},
    el("button", { type: "button", id: `person-${row.contact}`, "data-contact": row.contact, onclick: () => point(row.contact, row.name).catch(complain) },
      avatar(row), el("span", { class: "unseen" }, t("point_to", { name: row.name })), said(row.name, { "aria-hidden": "true" })));

  const tile = (shape, text, href, id) => el("a", { class: "tile", href, id }, icon(shape), el("span", {}, text), icon("next"));

  async function load() {
    const [lines, { waiting }] = await Promise.all([call("GET", "conversations"), call("GET", "money")]);
    handed = waiting.length;
    waits();
    const rows = lines.filter(({ contact }) => contact !== null && contact !== undefined);
    fill(people, rows.slice(0, 6), person);
    pointing.hidden = rows.length === 0;
  }

  /** What waits for somebody, each with the way to it. */
  function waits() {
    const { unread, unsent } = state;
    const now = `${unread} ${unsent} ${handed}`;
    if (tiles.shown === now) return;
    tiles.shown = now;
    tiles.replaceChildren(...[
      handed > 0 && tile("pay", counted("bank", handed), "#/money", "tile-money"),
      unread > 0 && tile("conversations", counted("unread", unread), "#/conversations", "tile-unread"),
      unsent > 0 && tile("outbox", counted("unsent", unsent), "#/outbox", "tile-unsent"),
      unread + unsent + handed === 0 && el("p", { class: "soft calm" }, icon("check"), t("all_quiet")),
    ].filter(Boolean));
  }

  function update(next, before) {
    state = next;
    const { microphone } = state;
    orb.dataset.microphone = microphone;
    orb.replaceChildren(icon(microphone === "muted" || microphone === "lost" ? "mic_off" : microphone === "speaking" ? "voice" : "mic"),
      el("span", { class: "unseen" }, t(microphone === "muted" ? "unmute" : "talk")));
    if (microphone === "lost") orb.setAttribute("aria-disabled", "true"); else orb.removeAttribute("aria-disabled");
    status.textContent = t(`mic_${microphone}`);
    stop.hidden = !BUSY.has(microphone);
    mute.hidden = microphone === "lost" || !stop.hidden;
    mute.replaceChildren(icon(state.muted ? "mic" : "mic_off"), el("span", {}, t(state.muted ? "unmute_short" : "mute_short")));
    exchanged(state);
    fill(chips, state.chips, chip);
    offers.hidden = state.chips.length === 0;
    waits();
  }

  const node = el("div", { class: "home", "data-view": "home" },
    heading(t("home"), { class: "unseen" }),
    el("section", { class: "stage", "aria-label": t("now") }, orb, status, el("div", { class: "row" }, stop, mute)),
    el("div", { class: "rest" }, exchange, slot, offers, pointing, tiles));
  return {
    node, slot, title: t("home"), update, refresh: load,
    level(value) { orb.style.setProperty("--level", value.toFixed(2)); },
  };
}
