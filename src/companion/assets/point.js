// Pointing and speaking: a tap on somebody, and "tell her …" within three seconds, in either order.

import { t } from "./words.js";
import { touch } from "./live.js";
import { el, avatar, mention } from "./parts.js";

const HINT_MS = 3_000;
let ends;

export async function point(contact, name) {
  await touch("point", { contact });
  const place = document.getElementById("hint");
  if (!place) return;
  clearTimeout(ends);
  place.replaceChildren(el("p", { class: "hint", "data-contact": contact }, avatar({ name }),
    el("span", {}, el("bdi", { dir: "auto", class: "strong" }, name), el("br"), t("hint")), el("span", { class: "runs-out" })));
  mention(`${name}. ${t("hint")}`);
  ends = setTimeout(unpoint, HINT_MS);
}

export function unpoint() {
  clearTimeout(ends);
  document.getElementById("hint")?.replaceChildren();
}
