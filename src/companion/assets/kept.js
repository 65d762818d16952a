// What was kept: links that somebody sent, and figures for the owner.

import { t, moment, number } from "./words.js";
import { call } from "./live.js";
import { el, said, icon, button, heading, empty, fill, notice } from "./parts.js";

const top = (title) => el("header", { class: "bar" },
  el("a", { href: "#/settings", class: "button plain round", id: "back", "aria-label": t("back") }, icon("back")), heading(title));

export function links() {
  const list = el("ul", { class: "list", id: "links" });
  const none = empty("save_link", t("no_links"));
  none.hidden = true;
  // A message may call anything a link; only what leads to a page is one.
  const leads = (link) => /^https?:\/\//i.test(link);
  const row = ({ link, from, at }) => el("li", { class: "item" },
    el("span", { class: "main" },
      leads(link) ? el("a", { href: link, target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, link) : said(link),
      el("span", { class: "soft small" }, said(from), " · ", el("time", { datetime: at }, moment(at)))),
    button(t("forget"), { class: "plain", "aria-label": t("forget_link", { link }), onclick: async () => {
      await call("DELETE", `links?link=${encodeURIComponent(link)}`);
      notice(t("forgotten"));
      await load();
    } }));
  async function load() {
    const rows = await call("GET", "links");
    fill(list, rows, row);
    none.hidden = rows.length > 0;
  }
  const node = el("div", { class: "page", "data-view": "links" }, top(t("links")), none, list);
  return { node, title: t("links"), update() {}, refresh: load };
}

const SHOWN = ["conversations", "received", "sent", "response_s", "by_voice", "by_touch", "by_typing",
  "suggestions_shown", "suggestions_taken", "suggestions_dismissed"];

export function figures() {
  const lead = el("p", { class: "soft lead" });
  const head = el("tr");
  const body = el("tbody");
  const table = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("figures"), hidden: true },
    el("table", { id: "figures" }, el("thead", {}, head), body));
  async function load() {
    const told = await call("GET", "figures");
    lead.textContent = told.kept ? t("figures_lead", { few: told.few }) : t("figures_off");
    table.hidden = !told.kept;
    if (!told.kept) return;
    const columns = [told.together, ...told.days];
    head.replaceChildren(el("th", { scope: "col" }, t("figure")), ...columns.map((each, at) => el("th", { scope: "col" }, at === 0 ? t("last_days") : each.day.slice(5))));
    body.replaceChildren(...SHOWN.map((name) => el("tr", {}, el("th", { scope: "row" }, t(`figure_${name}`)),
      columns.map((each) => el("td", {}, each[name] === null ? (name === "response_s" ? "–" : `<${told.few}`) : number(each[name]))))));
  }
  const node = el("div", { class: "page", "data-view": "figures" }, top(t("figures")), lead, table);
  return { node, title: t("figures"), update() {}, refresh: load };
}
