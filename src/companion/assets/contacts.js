// The contact book: whom Herald knows, by which names, and what it learned from corrections.

import { t } from "./words.js";
import { call } from "./live.js";
import { el, said, icon, button, avatar, heading, empty, fill, later, busy, notice, searchField, complain } from "./parts.js";
import { point } from "./point.js";

export function contacts({ id, query, replace }) {
  return id === undefined ? everybody({ query, replace }) : somebody(id);
}

function everybody({ query, replace }) {
  const list = el("ul", { class: "list", id: "contacts" });
  const none = empty("contacts", t("no_contacts"));
  none.hidden = true;
  let text = query.get("q") ?? "";
  const look = later(() => load().catch(complain), 180);
  const field = searchField("search", t("search_contacts"), text, (event) => {
    text = event.target.value;
    replace(text === "" ? "#/contacts" : `#/contacts?q=${encodeURIComponent(text)}`);
    look();
  });

  async function load() {
    const wanted = text;
    const rows = await call("GET", `contacts?q=${encodeURIComponent(wanted)}`);
    if (wanted !== text) return;
    fill(list, rows, row);
    none.hidden = rows.length > 0;
  }

  const row = (person) => el("li", { class: "pair" },
    el("button", { type: "button", class: "item", id: `point-${person.id}`, "data-contact": person.id, onclick: () => point(person.id, person.name).catch(complain) },
      avatar(person),
      el("span", { class: "main" }, said(person.name, { class: "name" }),
        person.nicknames.length > 0 && el("span", { class: "preview" }, said(person.nicknames.join(" · "))))),
    el("a", { class: "button plain round", href: `#/contacts/${person.id}`, id: `details-${person.id}`, "aria-label": t("details", person) }, icon("next")));

  const node = el("div", { class: "page", "data-view": "contacts" },
    el("header", {}, heading(t("contacts")), el("p", { class: "soft", id: "point-lead" }, t("point_lead")), field), none, list);
  return { node, title: t("contacts"), update() {}, refresh: load };
}

function somebody(id) {
  const node = el("div", { class: "page", "data-view": "contact" });
  const name = heading("");
  const nicknames = el("ul", { class: "tags", id: "nicknames" });
  const learned = el("ul", { class: "tags", id: "learned" });
  const fault = el("p", { class: "fault", id: "nickname-fault", role: "alert" });
  const field = el("input", { id: "nickname", maxlength: 100, dir: "auto", autocomplete: "off", "aria-describedby": "nickname-fault" });
  const add = el("button", { class: "primary", id: "add-nickname" }, t("add"));
  const links = el("div", { class: "row" });
  let person = null;

  const path = `contacts/${encodeURIComponent(id)}`;

  async function change(body) {
    fault.textContent = "";
    try {
      await call("POST", `${path}/nicknames`, body);
    } catch (refusal) {
      if (refusal.status !== 409) throw refusal;
      fault.textContent = t("taken");
      return;
    }
    if (body.add) field.value = "";
    await load();
    field.focus();
  }

  const nickname = (text, nth) => el("li", { class: "tag" }, said(text),
    button(t("remove", { text }), { id: `remove-${nth}`, icon: "close", hidden_label: true, class: "plain round", onclick: () => change({ remove: text }) }));

  const heard = (text, nth) => el("li", { class: "tag wide" }, el("span", { class: "heard" }, icon("voice"), said(text)),
    button(t("not_this"), { id: `forget-${nth}`, "aria-label": t("not_this_of", { text }), onclick: async () => {
      await call("POST", `${path}/forget`, { heard: text });
      notice(t("forgotten"));
      await load();
      (document.getElementById(`forget-${nth}`) ?? document.getElementById("learned-title")).focus();
    } }));

  const rows = (list, texts, draw, none) => {
    fill(list, texts, draw);
    if (texts.length === 0) list.replaceChildren(el("li", { class: "soft" }, none));
  };

  async function load() {
    person = (await call("GET", `contacts?id=${encodeURIComponent(id)}`)).find((each) => String(each.id) === id);
    if (!person) {
      name.textContent = t("contacts");
      node.querySelector(".sections").replaceChildren(empty("contacts", t("no_contact")));
      return;
    }
    if (name.shown !== person.name) {
      name.shown = person.name;
      name.replaceChildren(said(person.name));
      name.before(avatar(person));
      document.title = `${person.name} · Herald`;
      const conversation = (await call("GET", "conversations")).find((each) => String(each.contact) === id);
      links.replaceChildren(...[
        button(t("talk_to"), { id: "point", class: "primary", icon: "mic", onclick: () => point(person.id, person.name) }),
        conversation && el("a", { class: "button", id: "open-conversation", href: `#/conversations/${encodeURIComponent(conversation.id)}` }, icon("conversations"), el("span", {}, t("open_conversation"))),
      ].filter(Boolean));
    }
    rows(nicknames, person.nicknames, nickname, t("no_nicknames"));
    rows(learned, person.learned, heard, t("no_learned"));
  }

  node.append(
    el("header", { class: "bar" }, el("a", { href: "#/contacts", class: "button plain round", id: "back", "aria-label": t("back") }, icon("back")), name),
    el("div", { class: "sections" }, links,
      el("section", { class: "card", "aria-labelledby": "nicknames-title" }, el("h2", { id: "nicknames-title" }, t("nicknames")), nicknames,
        el("form", { class: "row", onsubmit: (event) => {
          event.preventDefault();
          const text = field.value.trim();
          if (text === "") return field.focus();
          busy(add, () => change({ add: text }));
        } }, el("label", { class: "unseen", for: "nickname" }, t("add_nickname")), field, add),
        fault),
      el("section", { class: "card", "aria-labelledby": "learned-title" }, el("h2", { id: "learned-title", tabindex: -1 }, t("learned")), el("p", { class: "soft" }, t("learned_lead")), learned)));
  field.placeholder = t("add_nickname");
  return { node, title: t("contacts"), update() {}, refresh: load };
}
