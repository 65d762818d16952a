// The small things all views are made of. Text goes in as text nodes only.

import { t } from "./words.js";
import { Refusal } from "./live.js";

/** An element: attributes, `on…` listeners, children. What is null, false or undefined is left out. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value") node.value = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Words of a person: their direction is their own. */
export const said = (text, attributes = {}) => el("bdi", { dir: "auto", ...attributes }, text);

const SHAPES = {
  home: "M4 11.5 12 4.5l8 7M6.5 9.5V19h11V9.5M10 19v-5h4v5",
  conversations: "M4.5 5h15v11H11l-4.5 3.5V16h-2zM8.5 9h7M8.5 12h4.5",
  outbox: "M4 12 20 4.5 15.5 20l-4-6.5zM11.5 13.5 20 4.5",
  contacts: "M12 12a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5zM4.5 20c.6-3.4 3.6-5 7.5-5s6.9 1.6 7.5 5",
  settings: "M4 7.500h9M19 7.500h1M4 16.500h1M11 16.500h9M16 5.200a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.600zM8 14.200a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.600z",
  mic: "M12 3.500a3 3 0 0 0-3 3V11a3 3 0 0 0 6 0V6.500a3 3 0 0 0-3-3zM5.5 10.500a6.5 6.5 0 0 0 13 0M12 17v3.500M9 20.500h6",
  mic_off: "M9 9.500V11a3 3 0 0 0 4.6 2.500M15 11V6.500a3 3 0 0 0-5.7-1.300M5.5 10.500a6.5 6.5 0 0 0 10 5.500M18.2 12.500q.3-1 .3-2M12 17v3.500M9 20.500h6M4 3.500l16 17",
  search: "M10.5 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5",
  back: "M14.5 5 7.5 12l7 7", next: "M9.5 5l7 7-7 7", close: "M6 6l12 12M18 6 6 18", plus: "M12 5v14M5 12h14",
  check: "M5 12.500l4.5 4.500L19 7", twice: "M2.5 12.5 7 17l8.5-9M11.5 16l1 1L21.5 8",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 2", warning: "M12 4.5 21 19.500H3zM12 10v4.500M12 17v.2",
  edit: "M5 19l1-4L16.5 4.500l3 3L9 18zM14 7l3 3", undo: "M8.5 5 4.5 9l4 4M5 9h9a5 5 0 0 1 0 10H9",
  repeat: "M4.5 9.500v5H8l4.5 4v-13L8 9.500zM16 9q2.2 3 0 6M18.5 6.500q4.3 5.5 0 11", stop: "M7 7h10v10H7z",
  voice: "M4 10.500v3M8 7.500v9M12 4.500v15M16 8v8M20 10.500v3", picture: "M4 5.500h16v13H4zM4 16l5-5 4 4 3-2.5 4 4M15.5 9v.2",
  file: "M6.5 3.500H14l3.5 4v13h-11zM13.5 4v4h4", share_location: "M12 21q-6.5-6.5-6.5-11a6.5 6.5 0 0 1 13 0q0 4.5-6.5 11zM12 7.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  group: "M9 11.500a3.250 3.250 0 1 0 0-6.5 3.250 3.250 0 0 0 0 6.500zM3 19c.5-3 2.8-4.5 6-4.500s5.5 1.5 6 4.500M15.5 5.300a3.250 3.250 0 0 1 0 6M17 14.700c2.3.5 3.7 1.9 4 4.3",
  why: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM9.8 9.700c.3-2.7 4.6-2.4 4.4.2-.2 1.7-2.2 1.7-2.2 3.600M12 16.300v.2",
  device: "M7.5 3.500h9v17h-9zM11 17.500h2", moon: "M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z",
  car: "M4 16.500v-4l2-6h12l2 6v4zM4 12.500h16M6 16.500v2M18 16.500v2M7.5 14.500h.1M16.5 14.500h.1",
  trash: "M5 7h14M9.5 7V4.500h5V7M7 7l.8 12.500h8.400L17 7M10.5 10.500v5.500M13.5 10.500v5.5",
  answer: "M9.5 7 4.5 12l5 5M5 12h8q6 0 6 6", plan: "M5 6h14v13.500H5zM5 10h14M9 4v3.500M15 4v3.5", poll: "M5 19.500V11M12 19.500V5M19 19.500v-5",
  call: "M5 4.500h4l1.5 4.5-2.2 1.700a12 12 0 0 0 5 5l1.7-2.2 4.5 1.500v4q-14 1.5-14.5-14.500z",
  pay: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM14.8 9q-4.5-2.6-5.3 1.500v3q.8 4.1 5.3 1.500M8 11.200h4M8 13.200h4",
  react: "M12 19.500C2 13 4.5 5.5 9 6q2 .2 3 2.5 1-2.3 3-2.500c4.5-.5 7 7-3 13.500z", birthday: "M5 19.500v-7h14v7zM5 15q2.3 2 4.6 0t4.7 0 4.7 0M12 12.500V9M12 6.500V5",
  save_link: "M10 14.500l4.5-5M9 10.5 6.5 13a3.5 3.5 0 0 0 5 5l2-2M15 13.500l2.5-2.500a3.5 3.5 0 0 0-5-5l-2 2",
  offline: "M4 4l16 16M3 9.500q2-2 4.5-3M11 5.300q6-.3 10 4.200M6 13q1.7-1.7 3.8-2.400M15 11q1.7.7 3 2M9.5 16.500q2.5-2 5 0M12 19.500v.1",
};
SHAPES.send = SHAPES.outbox;
SHAPES.reply = SHAPES.answer;
SHAPES.request_payment = SHAPES.pay;

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", SHAPES[name] ?? SHAPES.conversations);
  svg.append(path);
  return svg;
}

/**
 * A button that does one thing at a time: until the answer is there it does not take another touch. It is not disabled,
 * which would throw the keyboard's focus away.
 */
export function button(label, { icon: shape, hidden_label: hidden, onclick, ...attributes } = {}) {
  const node = el("button", { type: "button", ...attributes },
    shape && icon(shape), hidden ? el("span", { class: "unseen" }, label) : el("span", {}, label));
  if (onclick) node.addEventListener("click", (event) => busy(node, () => onclick(event)));
  return node;
}

export async function busy(node, work) {
  if (node.getAttribute("aria-disabled") === "true") return;
  node.setAttribute("aria-disabled", "true");
  try {
    await work();
  } catch (fault) {
    complain(fault);
  } finally {
    node.removeAttribute("aria-disabled");
  }
}

export function complain(fault) {
  if (!(fault instanceof Refusal)) throw fault;
  if (fault.status === 401) return;
  notice(fault.status === 0 ? t("unreachable") : fault.message || t("failed"));
}

/** The first letters of a name, whatever a letter is in its script. */
function initials(name) {
  const letter = (word) => (Intl.Segmenter ? [...new Intl.Segmenter().segment(word)][0]?.segment : [...word][0]) ?? "";
  const words = name.trim().split(/\s+/u).filter((word) => /[\p{L}\p{N}\p{Emoji_Presentation}]/u.test(word));
  return (words.length > 1 ? letter(words[0]) + letter(words.at(-1)) : letter(words[0] ?? "?")).toLocaleUpperCase();
}

const COLOURS = 6;

export function avatar({ name, group = false }) {
  let sum = 0;
  for (const unit of name) sum = (sum * 31 + unit.codePointAt(0)) % 9973;
  return el("span", { class: `avatar colour-${sum % COLOURS}`, "aria-hidden": "true" }, group ? icon("group") : initials(name));
}

const NOTICE_MS = 6_000;
let noticeEnds;

/** A sentence that passes by. */
export function notice(text) {
  const place = document.getElementById("notice");
  clearTimeout(noticeEnds);
  place.replaceChildren(el("p", {}, text));
  noticeEnds = setTimeout(() => place.replaceChildren(), NOTICE_MS);
}

export function clearNotice() {
  document.getElementById("notice").replaceChildren();
}

let politeAt;

/** For a screen reader, when it has time. States that pass at once are not told. */
export function mention(text) {
  clearTimeout(politeAt);
  politeAt = setTimeout(() => { document.getElementById("polite").textContent = text; }, 350);
}

/** For a screen reader, at once. */
export function alert(text) {
  document.getElementById("assertive").textContent = text;
}

/** Asks once more before something that cannot be undone. True when it is wanted. */
export function sure({ title, text, action, id }) {
  return new Promise((decide) => {
    const close = (answer) => () => { dialog.close(answer); };
    const dialog = el("dialog", { id, "aria-labelledby": "sure-title", "aria-describedby": "sure-text" },
      el("h2", { id: "sure-title" }, title),
      el("p", { id: "sure-text" }, text),
      el("div", { class: "row end" },
        el("button", { type: "button", id: "sure-no", autofocus: true, onclick: close("no") }, t("cancel")),
        el("button", { type: "button", id: "sure-yes", class: "danger", onclick: close("yes") }, action)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      decide(dialog.returnValue === "yes");
    });
    document.getElementById("app").append(dialog);
    dialog.showModal();
  });
}

export const heading = (text, attributes = {}) => el("h1", { tabindex: -1, ...attributes }, text);

export const empty = (shape, text) => el("div", { class: "empty" }, icon(shape), el("p", {}, text));

/** Waits until typing pauses. */
export function later(work, ms) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), ms);
  };
}

/** Puts rows into a list. Nothing is touched when nothing changed, and the focus stays on its row. */
export function fill(list, rows, draw) {
  const now = JSON.stringify(rows);
  if (list.shown === now) return false;
  list.shown = now;
  const focused = list.contains(document.activeElement) && document.activeElement.id;
  list.replaceChildren(...rows.map(draw));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}

/** A search field with its label unseen. */
export const searchField = (id, label, value, oninput) =>
  el("div", { class: "search" }, icon("search"),
    el("input", { type: "search", id, value, placeholder: label, "aria-label": label, autocomplete: "off", dir: "auto", maxlength: 200, enterkeyhint: "search", oninput }));
