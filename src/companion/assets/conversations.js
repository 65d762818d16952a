// Conversations, one of them, and the search in all messages.

import { t, brief, clock, counted, day } from "./words.js";
import { call, touch } from "./live.js";
import { el, said, icon, button, avatar, heading, empty, fill, later, busy, notice, searchField, complain } from "./parts.js";

const PAGE = 50;
// Longer messages are folded; nobody scrolls past ten thousand characters to reach the next.
const FOLD = 900;

// What was typed and not yet said stays while the page is open.
const unsaid = new Map();
export const forgetDrafts = () => unsaid.clear();

const address = (id, at) => `#/conversations/${encodeURIComponent(id)}${at ? `?at=${encodeURIComponent(at)}` : ""}`;

export function conversations({ id, query, replace }) {
  const list = el("ul", { class: "list", id: "conversations" });
  const results = el("div", { id: "results", hidden: true });
  const count = el("p", { class: "soft small", role: "status", id: "result-count" });
  const found = el("ul", { class: "list", id: "found" });
  results.append(count, found);
  const none = empty("conversations", t("no_conversations"));
  none.hidden = true;
  let text = query.get("q") ?? "";
  const field = searchField("search", t("search"), text, (event) => {
    text = event.target.value;
    replace(text === "" ? "#/conversations" : `#/conversations?q=${encodeURIComponent(text)}`);
    look();
  });
  const look = later(() => search().catch(complain), 180);

  const row = (each) => el("li", {},
    el("a", { href: address(each.id), class: each.unread > 0 ? "item unread" : "item", id: `conversation-${each.id}`, "aria-current": each.id === id ? "page" : null },
      avatar(each),
      el("span", { class: "main" },
        el("span", { class: "top" }, said(each.name, { class: "name" }), each.last && el("time", { datetime: each.last.at, class: "soft small" }, brief(each.last.at))),
        el("span", { class: "top" },
          el("span", { class: "preview" }, each.last?.mine && t("mine"), each.last && said(each.last.body.slice(0, 200))),
          each.unread > 0 && el("span", { class: "badge" }, el("span", { "aria-hidden": "true" }, String(each.unread)), el("span", { class: "unseen" }, counted("unread", each.unread)))))));

  const hit = (each) => el("li", {},
    el("a", { href: address(each.conversation, each.id), class: "item", id: `hit-${each.id}` }, avatar({ name: each.name }),
      el("span", { class: "main" },
        el("span", { class: "top" }, said(each.name, { class: "name" }), el("time", { datetime: each.at, class: "soft small" }, brief(each.at))),
        el("span", { class: "preview" }, each.mine && t("mine"), marked(each.body, text)))));

  async function load() {
    const rows = await call("GET", "conversations");
    fill(list, rows, row);
    none.hidden = rows.length > 0;
  }

  async function search() {
    const wanted = text.trim();
    results.hidden = wanted === "";
    list.hidden = wanted !== "";
    if (wanted === "") return;
    none.hidden = true;
    const rows = await call("GET", `search?q=${encodeURIComponent(wanted)}&limit=${PAGE}`);
    if (wanted !== text.trim()) return;
    fill(found, rows, hit);
    count.textContent = rows.length === 0 ? t("no_results", { text: wanted }) : rows.length === PAGE ? t("results_many", { count: PAGE }) : counted("results", rows.length);
  }

  const open = id === undefined ? null : conversation({ id, at: query.get("at") });
  // Beside an open conversation the list has a smaller title: a view has one first heading.
  const title = open ? el("h2", { class: "title" }, t("conversations")) : heading(t("conversations"));
  const node = el("div", { class: open ? "split open" : "split", "data-view": open ? "conversation" : "conversations" },
    el("section", { class: "side", "aria-label": t("conversations") }, el("header", {}, title, field), none, list, results),
    open ? open.node : el("div", { class: "beside" }, empty("conversations", t("choose_conversation"))));
  const refresh = () => load().then(() => text && search());
  return { node, title: t("conversations"), update() {}, refresh: () => Promise.all([refresh(), open?.refresh()]) };
}

/** Where the search hit. */
function marked(body, text) {
  const flat = (words) => words.toLocaleLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const at = flat(body).indexOf(flat(text.trim()));
  // Folding away accents moves what comes after; then the place is only near, and nothing is marked.
  if (at < 0 || flat(body.slice(0, at)).length !== at) return said(body.slice(0, 200));
  const end = at + text.trim().length;
  const from = at < 30 ? 0 : body.lastIndexOf(" ", at - 20) + 1;
  return said([from > 0 ? "…" : "", body.slice(from, at), el("mark", {}, body.slice(at, end)), body.slice(end, end + 160)]);
}

function conversation({ id, at }) {
  const older = button(t("older"), { id: "older", class: "plain", onclick: more });
  const log = el("ol", { class: "log", id: "messages" });
  const newest = el("a", { href: address(id), class: "newest", id: "newest", hidden: true }, t("newest"));
  const scroller = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("conversations") }, older, log);
  const name = heading("");
  const head = el("header", { class: "bar" },
    el("a", { href: "#/conversations", class: "button plain round back", id: "back", "aria-label": t("back") }, icon("back")), name);
  const foot = el("div", { class: "foot" }, newest);
  const node = el("section", { class: "talk", "aria-label": t("conversations") }, head, scroller, foot);
  let messages = [];
  let around = at;
  let read = null;

  async function who() {
    const found = (await call("GET", "conversations")).find((each) => each.id === id);
    if (!found || head.shown === found.name) return;
    head.shown = found.name;
    name.replaceChildren(said(found.name));
    document.title = `${found.name} · Herald`;
    node.setAttribute("aria-label", found.name);
    scroller.setAttribute("aria-label", found.name);
    name.before(avatar(found));
    if (found.contact !== null && found.contact !== undefined) foot.append(composer(found));
  }

  const fetched = (more = "") => call("GET", `messages?conversation=${encodeURIComponent(id)}&limit=${PAGE}${more}`);

  async function load() {
    const first = messages.length === 0;
    if (around) {
      if (!first) return;
      messages = await fetched(`&around=${encodeURIComponent(around)}`);
      newest.hidden = false;
    } else {
      const rows = await fetched();
      const known = messages.findIndex((each) => each.id === rows[0]?.id);
      messages = known < 0 ? rows : [...messages.slice(0, known), ...rows];
      if (first || known < 0) older.hidden = rows.length < PAGE;
    }
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
    draw();
    if (around) {
      const target = document.getElementById(`message-${around}`);
      target?.classList.add("aimed");
      target?.scrollIntoView({ block: "center" });
    } else if (first || below) scroller.scrollTop = scroller.scrollHeight;
    seen();
  }

  async function more() {
    if (messages.length === 0) return;
    const rows = await fetched(`&before=${encodeURIComponent(messages[0].id)}`);
    older.hidden = rows.length < PAGE;
    messages = [...rows, ...messages];
    const bottom = scroller.scrollHeight - scroller.scrollTop;
    draw();
    scroller.scrollTop = scroller.scrollHeight - bottom;
  }

  /** What was on the screen is read. */
  function seen() {
    const last = messages.findLast((each) => !each.mine);
    if (document.hidden || !last || last.status !== "received" || last.id === read) return;
    read = last.id;
    call("POST", `conversations/${encodeURIComponent(id)}/read`, { upto: last.id }).catch(() => { read = null; });
  }

  function draw() {
    const rows = messages.flatMap((each, nth) => {
      const date = day(each.at);
      return nth === 0 || day(messages[nth - 1].at) !== date ? [{ date }, each] : [each];
    });
    fill(log, rows, (row) => row.date ? el("li", { class: "day" }, el("span", {}, row.date)) : bubble(row));
    if (messages.length === 0) log.replaceChildren(el("li", { class: "soft day" }, t("no_messages")));
  }

  return { node, refresh: () => Promise.all([who(), load()]) };
}

const MARKS = { queued: "clock", sending: "clock", sent: "check", delivered: "twice", read: "twice" };

function bubble({ id, from, mine, body, kind, status, at }) {
  const special = ["text", "send", "reply", "react", "visit"].includes(kind) ? null : kind;
  const alone = /^(\p{Extended_Pictographic}|\u200d|\ufe0f|\p{Emoji_Modifier}){1,8}$/u.test(body);
  const words = el("p", { dir: "auto", class: alone ? "words emoji" : "words" }, body.length > FOLD ? `${cut(body)}…` : body);
  const fold = body.length > FOLD && button(t("more"), { class: "plain small", "aria-expanded": "false", onclick: () => {
    const open = fold.getAttribute("aria-expanded") === "true";
    fold.setAttribute("aria-expanded", String(!open));
    fold.lastChild.textContent = t(open ? "more" : "less");
    words.textContent = open ? `${cut(body)}…` : body;
  } });
  const failed = mine && ["wedged", "expired", "unverified", "undone"].includes(status);
  return el("li", { id: `message-${id}`, class: mine ? "message mine" : "message", "data-status": status },
    el("div", { class: "bubble" },
      el("span", { class: "unseen" }, mine ? t("you") : said(from)),
      special && el("p", { class: "kind soft small" }, icon(special), t(`message_${special}`) ),
      body !== "" && words, fold,
      el("p", { class: "meta small" }, el("time", { datetime: at }, clock(at)),
        mine && el("span", { class: failed ? "failed" : null }, failed ? [icon("warning"), t(`status_${status}`)] : [icon(MARKS[status] ?? "clock"), el("span", { class: "unseen" }, t(`status_${status}`))]))));
}

/** Not through the middle of what is drawn as one. */
const cut = (body) => body.slice(0, FOLD).replace(/\S*$/u, (rest) => (rest.length < 80 ? "" : rest));

function composer({ id, contact, name }) {
  const text = el("textarea", { id: "write", rows: 1, dir: "auto", maxlength: 10_000, "aria-label": t("write_to", { name }), "aria-describedby": "write-hint",
    placeholder: t("write_short"), value: unsaid.get(id) ?? "", oninput: () => { unsaid.set(id, text.value); } });
  const form = el("form", { class: "composer", onsubmit: (event) => {
    event.preventDefault();
    busy(go, async () => {
      const body = text.value.trim();
      if (body === "") return text.focus();
      if (!await touch("write", { contact, body })) return notice(t("decided"));
      text.value = "";
      unsaid.delete(id);
    });
  } });
  const go = el("button", { class: "primary round", id: "write-go", "aria-label": t("write"), title: t("write_hint") }, icon("send"));
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.append(text, go, el("p", { class: "unseen", id: "write-hint" }, t("write_hint")));
  return form;
}
