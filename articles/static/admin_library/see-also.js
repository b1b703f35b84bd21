/* The ordered see-also list. Shows the rows that the server sent beside the text area, lets them be moved by
   keyboard and by pointer, and keeps them in the text area as JSON. Without this script the text area does the job.

   A row is {topic: 12}, {article: 5}, {url: "https://…"} or {text: "a title yet to be found", choices: […]},
   with title, kind and note to show, and a label where the link says something else than the title. */
"use strict";
{
    const make = (tag, properties = {}, ...children) => {
        const element = Object.assign(document.createElement(tag), properties);
        element.append(...children);
        return element;
    };
    const button = (text, act) => make("button", {type: "button", textContent: text, className: `see-also-${act}`});
    const targetOf = (row) => ["topic", "article", "url", "text"].map((name) => row[name] ?? "").join("|");
    const titleOf = (row) => row.label || row.title;
    const count = (items) => items.reduce((counts, item) => counts.set(item, (counts.get(item) ?? 0) + 1), new Map());

    class SeeAlsoList {
        constructor(box, rows) {
            this.textarea = box.querySelector("textarea");
            this.list = make("ol", {className: "see-also-rows"});
            this.list.setAttribute("aria-label", "Related links in their order");
            this.total = make("p", {className: "see-also-total"});
            this.undo = button("Undo the removal", "undo");
            this.status = make("p", {className: "see-also-status"});
            this.status.setAttribute("role", "status");
            const head = make("div", {className: "see-also-head"}, this.total, this.undo);
            this.tool = make("div", {className: "see-also-tool"}, head, this.list, this.status);
            box.append(this.tool);
            box.querySelector(".see-also-plain").hidden = true;
            this.list.append(...rows.map((row) => this.element(row)));
            this.undo.hidden = true;
            this.undo.addEventListener("click", () => this.putBack());
            this.list.addEventListener("click", (event) => this.clicked(event));
            this.list.addEventListener("change", (event) => this.typed(event));
            this.list.addEventListener("keydown", (event) => this.pressed(event));
            box.addEventListener("see-also:move", ({detail}) => this.move(detail.item, detail.to));
            box.addEventListener("see-also:add", (event) => this.add(event.detail.rows, event.detail.position));
            this.refresh();
        }

        element(row) {
            const item = make("li");
            item.row = row;
            item.position = make("input", {type: "number", min: 1, className: "see-also-position"});
            item.name = make("span", {className: "see-also-title", textContent: titleOf(row)});
            item.marks = make("span", {className: "see-also-marks"});
            const grip = make("span", {className: "see-also-grip", textContent: "⠿"});
            grip.setAttribute("aria-hidden", "true");
            const about = row.label && row.title !== row.label ? `${row.kind}: ${row.title}` : row.kind ?? row.url ?? "";
            const words = make("div", {className: "see-also-words"}, item.name, " ");
            words.append(make("span", {className: "see-also-kind", textContent: row.url ?? about}), " ", item.marks);
            if (row.text) {
                words.append(this.choices(row));
            }
            item.buttons = ["up", "down", "edit", "remove"].map((act) => button(act[0].toUpperCase() + act.slice(1), act));
            item.buttons[2].hidden = Boolean(row.text);
            item.append(grip, item.position, words, make("div", {className: "see-also-buttons"}, ...item.buttons));
            return item;
        }

        choices(row) {
            const buttons = (row.choices ?? []).map((choice) => {
                const choose = button(`${choice.title} (${choice.kind})`, "choose");
                choose.choice = choice;
                return choose;
            });
            return make("div", {className: "see-also-choices"}, ...buttons);
        }

        get items() {
            return [...this.list.children];
        }

        /** Numbers, names, marks and the JSON follow from the order of the rows, and from nothing else. */
        refresh() {
            const items = this.items;
            const targets = count(items.map((item) => targetOf(item.row)));
            const titles = count(items.map((item) => titleOf(item.row)));
            items.forEach((item, index) => {
                const {row} = item;
                const title = titleOf(row);
                item.spoken = titles.get(title) > 1 && row.kind ? `${title} (${row.kind})` : title;
                item.position.value = index + 1;
                item.position.max = items.length;
                item.position.setAttribute("aria-label", `Position of ${item.spoken}`);
                const [up, down, edit, remove] = item.buttons;
                up.setAttribute("aria-label", `Move ${item.spoken} up`);
                down.setAttribute("aria-label", `Move ${item.spoken} down`);
                edit.setAttribute("aria-label", `Edit ${item.spoken}`);
                remove.setAttribute("aria-label", `Remove ${item.spoken}`);
                up.setAttribute("aria-disabled", index === 0);
                down.setAttribute("aria-disabled", index === items.length - 1);
                const marks = [row.note, targets.get(targetOf(row)) > 1 && "listed twice"];
                if (row.text) {
                    marks.push(row.choices?.length ? "several pages have this title; choose one:" : "not found in the library");
                }
                item.marks.replaceChildren(...marks.filter(Boolean).map((mark) => make("span", {textContent: mark})));
            });
            this.total.textContent = items.length === 1 ? "1 link" : `${items.length} links`;
            this.textarea.value = JSON.stringify(items.map(({row}) =>
                Object.fromEntries(["topic", "article", "url", "text", "label"].filter((key) => row[key]).map((key) => [key, row[key]]))));
        }

        say(words) {
            this.status.textContent = words;
        }

        move(item, to) {
            const items = this.items;
            const from = items.indexOf(item);
            to = Math.max(0, Math.min(items.length - 1, to));
            if (from === to) {
                this.refresh();
                this.say(`${item.spoken} stays at position ${to + 1} of ${items.length}`);
                return;
            }
            const focused = item.contains(document.activeElement) ? document.activeElement : null;
            this.list.insertBefore(item, to < from ? items[to] : items[to].nextSibling);
            this.refresh();
            focused?.focus();
            item.scrollIntoView({block: "nearest"});
            this.say(`${item.spoken} moved to position ${to + 1} of ${items.length}`);
        }

        add(rows, position) {
            const added = rows.map((row) => this.element(row));
            const before = position ? this.items[position - 1] : null;
            for (const item of added) {
                this.list.insertBefore(item, before ?? null);
            }
            this.refresh();
            added[0]?.scrollIntoView({block: "nearest"});
            const at = this.items.indexOf(added[0]) + 1;
            this.say(added.length === 1
                ? `${added[0].spoken} added at position ${at} of ${this.items.length}`
                : `${added.length} links added from position ${at}`);
        }

        remove(item) {
            this.removed = {item, next: item.nextSibling};
            const neighbour = item.nextSibling ?? item.previousSibling;
            item.remove();
            this.undo.hidden = false;
            this.refresh();
            (neighbour ? neighbour.buttons[3] : this.undo).focus();
            this.say(`${item.spoken} removed. ${this.total.textContent} left.`);
        }

        putBack() {
            const {item, next} = this.removed;
            this.list.insertBefore(item, next?.parentNode === this.list ? next : null);
            this.undo.hidden = true;
            this.refresh();
            item.buttons[3].focus();
            this.say(`${item.spoken} is back at position ${this.items.indexOf(item) + 1}`);
        }

        replace(item, row, focus) {
            const fresh = this.element(row);
            item.replaceWith(fresh);
            this.refresh();
            focus(fresh).focus();
            this.say(`${fresh.spoken} at position ${this.items.indexOf(fresh) + 1}`);
        }

        /** What the link says and, for an outside address, where it leads, can be changed in the row itself. */
        edit(item) {
            const {row} = item;
            const says = make("input", {type: "text", value: row.label ?? "", maxLength: 200});
            const leads = make("input", {type: "text", value: row.url ?? "", maxLength: 500, inputMode: "url"});
            const form = make("div", {className: "see-also-edit-form"});
            form.append(make("label", {}, row.url ? "The link says " : `The link says (empty: ${row.title}) `, says));
            if (row.url) {
                form.append(make("label", {}, "Web address ", leads));
            }
            const done = button("Done", "done");
            const finish = () => {
                const label = says.value.trim();
                const changed = row.url
                    ? {...row, label, title: label, url: leads.value.trim() || row.url}
                    : {...row, label: label === row.title ? "" : label};
                this.replace(item, changed, (fresh) => fresh.buttons[2]);
            };
            done.addEventListener("click", finish);
            form.addEventListener("keydown", (event) => {
                if (event.key === "Enter") {
                    event.preventDefault();
                    finish();
                }
            });
            form.append(done);
            item.append(form);
            item.buttons[2].hidden = true;
            says.focus();
        }

        clicked({target}) {
            const item = target.closest("li");
            const index = this.items.indexOf(item);
            if (target.matches(".see-also-up")) {
                this.move(item, index - 1);
            } else if (target.matches(".see-also-down")) {
                this.move(item, index + 1);
            } else if (target.matches(".see-also-edit")) {
                this.edit(item);
            } else if (target.matches(".see-also-remove")) {
                this.remove(item);
            } else if (target.matches(".see-also-choose")) {
                this.replace(item, target.choice, (fresh) => fresh.position);
            }
        }

        typed({target}) {
            if (target.matches(".see-also-position")) {
                const item = target.closest("li");
                this.move(item, target.value === "" ? this.items.indexOf(item) : Number(target.value) - 1);
            }
        }

        pressed(event) {
            if (event.key === "Enter" && event.target.matches(".see-also-position")) {
                event.preventDefault(); // Enter moves the row; it doesn't save the article
                this.typed(event);
            }
        }
    }

    for (const box of document.querySelectorAll("[data-see-also]")) {
        const rows = box.querySelector("script[type='application/json']");
        if (rows) {
            new SeeAlsoList(box, JSON.parse(rows.textContent));
        }
    }
}
