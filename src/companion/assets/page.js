// The page: which view is shown, around it what is always there, and the daemon's state for both.

import { t, lang, speak, counted } from "./words.js";
import { line, follow, hangUp, keep, paired, current, connected, ask, call } from "./live.js";
import { el, icon, button, clearNotice, notice, mention, alert, complain, later, heading } from "./parts.js";
import { unpoint } from "./point.js";
import { proposal } from "./proposal.js";
import { home } from "./home.js";
import { conversations, forgetDrafts } from "./conversations.js";
import { contacts } from "./contacts.js";
import { outbox } from "./outbox.js";
import { settings, why } from "./settings.js";
import { links, figures } from "./kept.js";
import { money } from "./money.js";
import { returned } from "./wallet.js";
import { pair } from "./pair.js";
import { car } from "./car.js";

const app = document.getElementById("app");
const VIEWS = { home, conversations, outbox, contacts, settings, why, links, figures, money };
const TABS = ["home", "conversations", "outbox", "contacts", "settings"];

let shell = null;
let view = null;
let frame = "";
let proposed = proposal();

/** `#/conversations/ID?q=…` */
function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, id] = path.split("/");
  return { name: Object.hasOwn(VIEWS, name) ? name : "home", id: id ? decoded(id) : undefined, query: new URLSearchParams(query) };
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

const replace = (hash) => history.replaceState(null, "", hash);

// A car counts as moving when nobody can say that it stands.
const driving = (state) => state.moving || (state.profile === "car" && !connected());

/** Puts another frame on the page: pairing, waiting, the car, or the house with its views. */
function enter(name, made) {
  frame = name;
  view = made;
  shell = null;
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  clearNotice();
  document.body.dataset.frame = name;
  document.title = made.title;
  app.replaceChildren(made.node);
}

function pairing(lost = false, code = null) {
  proposed.clear();
  forgetDrafts();
  alert("");
  enter("pair", pair({ lost, code, done: begin }));
  view.begin();
}

function waiting() {
  const text = el("p", { role: "status", id: "waiting" }, t("connecting"));
  enter("waiting", { title: "Herald", node: el("main", { class: "welcome", "data-view": "waiting" }, el("img", { src: "/icon.svg", alt: "", width: 88, height: 88 }), el("h1", { tabindex: -1 }, "Herald"), text),
    offline() { text.textContent = t("offline"); } });
}

function house() {
  const tab = (name) => el("li", {}, el("a", { href: name === "home" ? "#/" : `#/${name}`, id: `tab-${name}`, "data-tab": name }, icon(name), el("span", {}, t(name)), el("span", { class: "badge", hidden: true })));
  const main = el("main", { id: "main", tabindex: -1 });
  const banner = el("p", { id: "offline", class: "banner", role: "status" });
  const dock = el("aside", { id: "dock", "aria-label": t("proposed") });
  const skip = (id, label, target) => button(label, { id, class: "skip", onclick: () => document.querySelector(target)?.focus() });
  const toProposed = skip("skip-proposed", t("skip_proposed"), "#proposed-title");
  const tabs = el("ul", {}, TABS.map(tab));
  const node = el("div", { class: "house" }, el("div", { class: "skips" }, skip("skip", t("skip"), "#main h1"), toProposed), banner, main, el("section", { id: "hint", "aria-label": t("talk_to") }), dock,
    el("nav", { "aria-label": t("menu") }, el("img", { src: "/icon.svg", alt: "", width: 44, height: 44 }), tabs));
  enter("house", { title: "Herald", node });
  shell = { main, banner, dock, tabs, toProposed };
  show();
}

/** Shows the view of the address. */
function show(moved = false) {
  const { name, id, query } = route();
  view = VIEWS[name]({ id, query, replace, forget: () => { hangUp(); keep(null); pairing(); } });
  document.title = name === "home" ? "Herald" : `${view.title} · Herald`;
  document.body.dataset.route = name;
  for (const link of shell.tabs.querySelectorAll("a")) {
    const here = link.dataset.tab === name || (!TABS.includes(name) && link.dataset.tab === "settings");
    if (here) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  shell.main.replaceChildren(view.node);
  shell.main.scrollTop = 0;
  (view.slot ?? shell.dock).append(proposed.node);
  update(current(), null);
  view.refresh?.().catch(complain);
  if (moved) shell.main.querySelector("h1")?.focus({ preventScroll: true });
}

const refresh = later(() => view?.refresh?.().catch(() => {}), 150);

function update(state, before) {
  if (frame === "car") return view.update(state, before, connected());
  if (!shell) return;
  proposed.update(state);
  view.update(state, before);
  shell.dock.hidden = proposed.node.hidden || proposed.node.parentElement !== shell.dock;
  shell.toProposed.hidden = proposed.node.hidden;
  count("conversations", "unread", state.unread);
  count("outbox", "unsent", state.unsent);
  if (state.proposed) unpoint();
}

function count(tab, key, number) {
  const badge = document.querySelector(`#tab-${tab} .badge`);
  badge.hidden = number === 0;
  badge.replaceChildren(el("span", { "aria-hidden": "true" }, number > 99 ? "99+" : String(number)), el("span", { class: "unseen" }, ` ${counted(key, number)}`));
}

/** Everything whose change may have changed a list on the screen. */
const changes = ({ news, unread, unsent, undo, proposed: open }) => JSON.stringify([news, unread, unsent, undo, open === null]);

line.addEventListener("state", ({ detail: { state, before } }) => {
  const other = speak(state.lang);
  ask(lang());
  if (driving(state)) {
    if (frame !== "car" || other) leaveHouse();
  } else if (frame !== "house" || other) return house();
  update(state, before);
  if (before && before.microphone !== state.microphone && frame === "house") mention(t(`mic_${state.microphone}`));
  if (before && changes(before) !== changes(state)) refresh();
});

function leaveHouse() {
  proposed.clear();
  for (const region of ["polite", "assertive"]) document.getElementById(region).textContent = "";
  enter("car", car());
  view.node.querySelector("h1").focus();
}

line.addEventListener("level", ({ detail }) => view?.level?.(detail));

line.addEventListener("online", () => {
  document.body.classList.remove("offline");
  if (shell && shell.banner.textContent !== "") {
    shell.banner.textContent = "";
    notice(t("online"));
    view.refresh?.().catch(complain);
  }
});

line.addEventListener("offline", () => {
  document.body.classList.add("offline");
  view?.offline?.();
  const state = current();
  if (state === null) return;
  if (driving(state)) {
    if (frame !== "car") leaveHouse();
    return update(state, state);
  }
  if (shell) shell.banner.replaceChildren(icon("offline"), t("offline"));
});

line.addEventListener("unpaired", () => pairing(true));

function begin() {
  waiting();
  follow();
}

addEventListener("hashchange", () => {
  const code = invited();
  if (code && !paired()) return pairing(false, code);
  if (shell) show(true);
});

/** A link may carry the six digits; they do not stay in the address. */
function invited() {
  const code = /^#(\d{6})$/.exec(location.hash)?.[1] ?? null;
  if (code) replace("#/");
  return code;
}

speak(lang());
ask(lang());
const code = invited();
if (paired()) { returned(); begin(); } else pairing(false, code);
