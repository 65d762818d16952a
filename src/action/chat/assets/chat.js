// The chat window of a shop's page: <script src="https://HERALD/chat.js" async></script>, data-lang="fr" where the page's
// language is not the browser's. No cookie, no style of the page, no markup made of text: it works under a content policy of
// script-src and connect-src for the server alone.
(() => {
  "use strict";
  const script = document.currentScript;
  const SERVER = new URL(script.src).origin;
  const LANG = (script.dataset.lang || navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en";
  const STORE = "herald-chat";
  const LONGEST = 2000;
  const FIRST_PAUSE = 1000;
  const LONGEST_PAUSE = 15000;
  // The server writes a line every 15 s; twice that without one and it is gone.
  const SILENCE = 33000;
  const PATIENCE = 12000;

  const WORDS = {
    en: {
      chat: "Chat", open: "Open the chat", close: "Close the chat", write: "Your message", send: "Send",
      there: "We are here", away: "Nobody is here at the moment. Leave a message: the answer will be shown here.",
      offline: "No connection. What you write is sent later.", sending: "Sending", sent: "Sent", failed: "Not sent",
      again: "Try again", you: "You", shop: "Shop", bot: "Automatic answer", older: "Earlier messages", choices: "Choices",
      unread: (count) => `${count} new`, left: (count) => `${count} characters left`,
    },
    fr: {
      chat: "Discussion", open: "Ouvrir la discussion", close: "Fermer la discussion", write: "Votre message", send: "Envoyer",
      there: "Nous sommes là", away: "Personne n'est là pour le moment. Laissez un message : la réponse s'affichera ici.",
      offline: "Pas de connexion. Ce que vous écrivez partira plus tard.", sending: "Envoi", sent: "Envoyé", failed: "Pas envoyé",
      again: "Réessayer", you: "Vous", shop: "Boutique", bot: "Réponse automatique", older: "Messages précédents", choices: "Choix",
      unread: (count) => (count > 1 ? `${count} nouveaux` : `${count} nouveau`), left: (count) => `encore ${count} caractères`,
    },
  };
  const t = WORDS[LANG];

  const STYLE = `
    :host { all: initial; position: fixed; inset: auto 0 0 auto; z-index: 2147483000; color-scheme: light dark;
      --paper: #ffffff; --ink: #1c2430; --soft: #566273; --line: #d5dbe3; --mine: #1f5fae; --on-mine: #ffffff;
      --theirs: #eef1f5; --good: #17693a; --bad: #a8261b;
      font: 16px/1.4 system-ui, sans-serif; color: var(--ink); }
    @media (prefers-color-scheme: dark) { :host { --paper: #171c24; --ink: #eef2f7; --soft: #a9b4c2; --line: #38424f;
      --mine: #2c66b0; --on-mine: #ffffff; --theirs: #262e39; --good: #7fd6a0; --bad: #ff9d92; } }
    * { box-sizing: border-box; font: inherit; }
    [hidden] { display: none !important; }
    button { cursor: pointer; border: 0; background: none; color: inherit; border-radius: 8px; padding: 8px 12px; min-height: 44px; }
    :focus-visible { outline: 3px solid var(--mine); outline-offset: 2px; }
    .launch { position: fixed; right: 16px; bottom: 16px; width: 60px; height: 60px; border-radius: 30px; padding: 0;
      background: var(--mine); color: var(--on-mine); box-shadow: 0 4px 14px rgb(0 0 0 / .3); }
    .launch svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
    .badge { position: absolute; top: -6px; right: -6px; min-width: 24px; padding: 2px 6px; border-radius: 12px; font-size: 13px;
      background: #a8261b; color: #fff; }
    .window { position: fixed; right: 16px; bottom: 16px; width: 370px; height: min(560px, calc(100vh - 32px)); display: flex;
      flex-direction: column; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; overflow: hidden;
      box-shadow: 0 8px 34px rgb(0 0 0 / .3); }
    @media (max-width: 480px) { .window { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } }
    header { display: flex; align-items: center; gap: 8px; padding: 8px 8px 8px 16px; border-bottom: 1px solid var(--line); }
    h2 { margin: 0; font-weight: 650; flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .close { font-size: 22px; line-height: 1; width: 44px; padding: 0; }
    .state { margin: 0; padding: 8px 16px; font-size: 14px; color: var(--soft); border-bottom: 1px solid var(--line); }
    .state.there::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 7px; border-radius: 5px;
      background: var(--good); }
    .scroll { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 12px 16px; display: flex; flex-direction: column; }
    .log { list-style: none; margin: auto 0 0; padding: 0; display: flex; flex-direction: column; gap: 8px; }
    li { max-width: 85%; align-self: flex-start; }
    li.visitor { align-self: flex-end; }
    .words a { color: inherit; }
    .words { margin: 0; padding: 8px 12px; border-radius: 14px 14px 14px 4px; background: var(--theirs); white-space: pre-wrap;
      overflow-wrap: anywhere; }
    .visitor .words { border-radius: 14px 14px 4px 14px; background: var(--mine); color: var(--on-mine); }
    .meta { margin: 2px 4px 0; font-size: 12.5px; color: var(--soft); }
    .visitor .meta { text-align: right; }
    .meta .bad { color: var(--bad); }
    .meta button { min-height: 24px; padding: 0 4px; text-decoration: underline; }
    .menu { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 8px 16px 0; }
    .menu button { border: 1px solid var(--mine); font-size: 15px; }
    form { display: flex; gap: 8px; align-items: flex-end; padding: 10px; }
    textarea { flex: 1; resize: none; min-height: 46px; max-height: 130px; padding: 10px 12px; border: 1px solid var(--soft);
      border-radius: 12px; background: var(--paper); color: var(--ink); }
    .send { background: var(--mine); color: var(--on-mine); font-weight: 600; min-height: 46px; }
    .left { margin: 0; padding: 0 14px; font-size: 13px; color: var(--soft); }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  `;

  // ── what is kept in the page's own storage; a browser that keeps nothing begins anew with each page ──

  let kept = { token: null, unsent: [], open: false, seen: 0 };
  try { kept = { ...kept, ...JSON.parse(localStorage.getItem(STORE)) }; } catch { /* nothing is kept */ }
  const keep = (change) => {
    kept = { ...kept, ...change };
    try { localStorage.setItem(STORE, JSON.stringify(kept)); } catch { /* see above */ }
  };

  // ── the window ──

  const el = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  };

  const bubble = () => {
    const SVG = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M4 5h16v11H11l-5 4v-4H4z");
    svg.append(path);
    return svg;
  };

  const host = el("div", { id: "herald-chat", lang: LANG });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const badge = el("span", { class: "badge", hidden: true });
  const launch = el("button", { class: "launch", type: "button", "aria-label": t.open, "aria-expanded": "false", onclick: () => show(true) },
    bubble(), badge);
  const title = el("h2", { id: "title" }, t.chat);
  const state = el("p", { class: "state", role: "status", hidden: true });
  const log = el("ol", { class: "log" });
  const older = el("button", { type: "button", class: "older", hidden: true, onclick: () => earlier() }, t.older);
  const scroller = el("div", { class: "scroll", tabindex: "0", role: "log", "aria-labelledby": "title" }, older, log);
  const menu = el("div", { class: "menu", role: "group", "aria-label": t.choices, hidden: true });
  const left = el("p", { class: "left", role: "status", hidden: true });
  const text = el("textarea", { rows: "1", dir: "auto", maxlength: LONGEST, "aria-label": t.write, placeholder: t.write,
    oninput: () => measure(), onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    } });
  const form = el("form", { onsubmit: (event) => {
    event.preventDefault();
    const body = text.value.trim();
    if (body !== "") say(body);
    text.value = "";
    measure();
    text.focus();
  } }, text, el("button", { class: "send" }, t.send));
  const panel = el("section", { class: "window", role: "dialog", "aria-labelledby": "title", hidden: true,
    onkeydown: (event) => { if (event.key === "Escape") show(false); } },
    el("header", {}, title, el("button", { class: "close", type: "button", "aria-label": t.close, onclick: () => show(false) }, "×")),
    state, scroller, menu, left, form);
  root.append(launch, panel);

  const measure = () => {
    const rest = LONGEST - text.value.length;
    left.hidden = rest > 200;
    left.textContent = t.left(rest);
  };

  let unread = 0;
  const count = (more) => {
    unread = panel.hidden ? unread + more : 0;
    if (!panel.hidden) keep({ seen: last });
    badge.hidden = unread === 0;
    badge.textContent = t.unread(unread);
    launch.setAttribute("aria-label", unread === 0 ? t.open : `${t.open}, ${t.unread(unread)}`);
  };

  const show = (open, focus = true) => {
    panel.hidden = !open;
    launch.hidden = open;
    launch.setAttribute("aria-expanded", String(open));
    keep({ open });
    count(0);
    if (open) {
      begin();
      scroller.scrollTop = scroller.scrollHeight;
      if (focus) text.focus();
    } else launch.focus();
  };

  // ── the messages ──

  /** By id of the server and, of the visitor's own, by nonce. */
  const rows = new Map();
  let first = Infinity;
  let last = 0;

  const clock = (at) => new Date(at).toLocaleString(LANG, { dateStyle: "short", timeStyle: "short" });

  const row = (by, body) => {
    const words = el("p", { class: "words", dir: "auto" });
    // A link to a page, or to the visitor's bank.
    for (const part of body.split(/((?:https?:\/\/|payto:\/\/)[^\s<>"]+)/)) {
      words.append(by !== "visitor" && /^(https?|payto):\/\//.test(part)
        ? el("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
    }
    return el("li", { class: by }, el("span", { class: "unseen" }, `${t[by === "visitor" ? "you" : by]}: `), words, el("p", { class: "meta" }));
  };
  const mark = (item, ...parts) => item.querySelector(".meta").replaceChildren(...parts);

  const near = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 90;

  /** Puts a line of the server into its place; one that is there is settled. */
  const put = (line, at_top = false) => {
    first = Math.min(first, line.seq);
    last = Math.max(last, line.seq);
    if (line.gone) {
      rows.get(line.gone)?.remove();
      return;
    }
    const follow = near();
    let item = rows.get(line.id) ?? (line.nonce && rows.get(line.nonce));
    const is_there = item !== undefined;
    item ??= row(line.by, line.body);
    rows.set(line.id, item);
    if (line.nonce) {
      rows.set(line.nonce, item);
      keep({ unsent: kept.unsent.filter(({ nonce }) => nonce !== line.nonce) });
    }
    delete item.dataset.waits;
    const said = line.by === "visitor" ? `${t.sent} · ` : line.by === "bot" ? `${t.bot} · ` : "";
    mark(item, said, el("time", { datetime: line.at }, clock(line.at)));
    if (is_there) return;
    const waiting = [...log.children].find((each) => each.dataset.waits);
    if (at_top) log.prepend(item); else log.insertBefore(item, waiting ?? null);
    if (follow && !at_top) scroller.scrollTop = scroller.scrollHeight;
    if (line.by === "shop" && line.seq > kept.seen) count(1);
  };

  const say = (body) => {
    const nonce = crypto.getRandomValues(new Uint32Array(4)).join("-");
    keep({ unsent: [...kept.unsent, { nonce, body }] });
    waits({ nonce, body });
    scroller.scrollTop = scroller.scrollHeight;
    begin();
    deliver();
  };

  const waits = ({ nonce, body }) => {
    const item = row("visitor", body);
    item.dataset.waits = "true";
    mark(item, `${t.sending}…`);
    rows.set(nonce, item);
    log.append(item);
  };

  let delivering = false;
  /** Sends what was written, one after the other and each once: what the server has, it knows by its nonce. */
  const deliver = async () => {
    if (delivering || kept.token === null) return;
    delivering = true;
    let pause = FIRST_PAUSE;
    while (kept.unsent.length > 0) {
      const [message] = kept.unsent;
      const item = rows.get(message.nonce);
      try {
        const answer = await call("messages", message);
        put(answer.message);
        if (!answer.bot) menu.hidden = true;
        pause = FIRST_PAUSE;
      } catch (refusal) {
        if (refusal.status === 401) break;
        if (refusal.status === 400 || refusal.status === 413) {
          keep({ unsent: kept.unsent.slice(1) });
          mark(item, el("span", { class: "bad" }, refusal.message || t.failed));
          continue;
        }
        mark(item, `${refusal.message || t.sending}… `);
        await new Promise((resume) => setTimeout(resume, Math.max(pause, (refusal.retry ?? 0) * 1000)));
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
    delivering = false;
  };

  // ── the line to the server ──

  const headers = () => ({ "Accept-Language": LANG, ...(kept.token === null ? {} : { Authorization: `Bearer ${kept.token}` }) });

  const ask = (path, more) => fetch(`${SERVER}/chat/${path}`, {
    ...more, headers: { ...headers(), ...more?.headers }, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
  });

  const call = async (path, body) => {
    const post = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    let response, answer;
    try {
      response = await ask(path, { ...post, signal: AbortSignal.timeout(PATIENCE) });
      answer = await response.json();
    } catch {
      throw Object.assign(new Error(""), { status: response && !response.ok ? response.status : 0 });
    }
    if (response.ok) return answer;
    if (response.status === 401) over();
    throw Object.assign(new Error(answer.message), { status: response.status, retry: answer.retry_after_s });
  };

  /** The visit was deleted: the next message begins a new one, with what was not sent yet. */
  const over = () => {
    line_to?.abort();
    keep({ token: null, seen: 0 });
    last = 0;
    first = Infinity;
    setTimeout(begin, FIRST_PAUSE);
  };

  let beginning = false;
  let line_to = null;

  /** Begins a visit, or takes up the one that this browser has, and follows it from then on. */
  const begin = async () => {
    if (beginning || line_to !== null) return;
    beginning = true;
    let pause = FIRST_PAUSE;
    while (line_to === null) {
      try {
        if (kept.token === null) keep({ token: (await call("visits", {})).token });
        const lines = await call("history");
        lines.forEach((line) => put(line));
        older.hidden = lines.length < 50;
        kept.unsent.filter(({ nonce }) => !rows.has(nonce)).forEach(waits);
        scroller.scrollTop = scroller.scrollHeight;
        follow();
      } catch (refusal) {
        tell(refusal.status === 0 || !refusal.message ? t.offline : refusal.message, false);
        await new Promise((resume) => setTimeout(resume, Math.max(pause, (refusal.retry ?? 0) * 1000)));
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
    beginning = false;
    deliver();
  };

  const earlier = async () => {
    const height = scroller.scrollHeight;
    const lines = await call(`history?before=${first}`).catch(() => []);
    lines.reverse().forEach((line) => put(line, true));
    older.hidden = lines.length < 50;
    scroller.scrollTop += scroller.scrollHeight - height;
  };

  const tell = (words, there) => {
    state.textContent = words;
    state.classList.toggle("there", there);
    state.hidden = false;
  };

  const follow = async () => {
    const mine = new AbortController();
    line_to = mine;
    let pause = FIRST_PAUSE;
    while (!mine.signal.aborted) {
      if (await listen(mine.signal)) pause = FIRST_PAUSE;
      if (mine.signal.aborted) break;
      tell(t.offline, false);
      await new Promise((resume) => setTimeout(resume, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    line_to = null;
  };

  /** One connection, to its end. True when anything came. */
  const listen = async (ended) => {
    const silent = new AbortController();
    let heard = performance.now();
    const watch = setInterval(() => { if (performance.now() - heard > SILENCE) silent.abort(); }, 2000);
    let answered = false;
    try {
      const response = await ask(`live?after=${last}`, {
        headers: { Accept: "text/event-stream" }, signal: AbortSignal.any([ended, silent.signal]),
      });
      if (response.status === 401) over();
      if (!response.ok) return false;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return answered;
        heard = performance.now();
        answered = true;
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        blocks.forEach(event);
      }
    } catch {
      return answered;
    } finally {
      clearInterval(watch);
      silent.abort();
    }
  };

  const event = (block) => {
    const field = (name) => block.split("\n").find((each) => each.startsWith(`${name}:`))?.slice(name.length + 1).trim();
    if (field("event") === "line") put(JSON.parse(field("data")));
    if (field("event") !== "state") return;
    const { there, away, name, menu: labels } = JSON.parse(field("data"));
    title.textContent = name || t.chat;
    tell(there ? t.there : away || t.away, there);
    if (!menu.hasChildNodes()) {
      menu.replaceChildren(...labels.map((label, nth) => el("button", { type: "button", onclick: () => say(label) }, `${nth + 1}. ${label}`)));
      menu.hidden = labels.length === 0;
    }
  };

  const start = () => {
    document.body.append(host);
    // On a phone it would cover the page.
    if (kept.open && matchMedia("(min-width: 481px)").matches) show(true, false);
    else if (kept.token !== null) begin();
  };
  if (document.body) start(); else addEventListener("DOMContentLoaded", start);
})();
