/* Adding to the see-also list: search as you type, a list of titles at once, or a web address.
   It finds rows and hands them to see-also.js with the event "see-also:add". */
"use strict";
{
    const make = (tag, properties = {}, ...children) => {
        const element = Object.assign(document.createElement(tag), properties);
        element.append(...children);
        return element;
    };
    const WAIT = 200; // milliseconds after the last key
    const NO_ANSWER = "The library doesn’t answer. If you were signed out, sign in again in another tab, then try again.";

    async function answerOf(request) {
        const response = await request;
        if (!response.ok || response.redirected) {
            throw new Error(NO_ANSWER);
        }
        return response.json();
    }

    class Adding {
        constructor(box, id) {
            this.box = box;
            this.input = make("input", {type: "text", id: `${id}_search`, autocomplete: "off", className: "vTextField"});
            this.results = make("ul", {id: `${id}_results`, hidden: true, className: "see-also-results"});
            this.position = make("input", {type: "number", min: 1, id: `${id}_place`});
            this.status = make("p", {className: "see-also-status"});
            this.status.setAttribute("role", "status");
            this.input.setAttribute("role", "combobox");
            this.input.setAttribute("aria-autocomplete", "list");
            this.input.setAttribute("aria-controls", this.results.id);
            this.input.setAttribute("aria-expanded", "false");
            this.results.setAttribute("role", "listbox");
            this.results.setAttribute("aria-label", "Pages found");
            const hint = make("p", {className: "help", id: `${id}_hint`, textContent: "Type part of a title, or paste a list of titles."});
            this.input.setAttribute("aria-describedby", hint.id);
            const search = make("div", {className: "see-also-search"},
                make("label", {htmlFor: this.input.id, textContent: "Add a topic or article"}), this.input, this.results, hint);
            const place = make("div", {className: "see-also-place"},
                make("label", {htmlFor: this.position.id, textContent: "At position (empty: at the end)"}), this.position);
            box.querySelector(".see-also-tool").prepend(
                make("div", {className: "see-also-add"}, search, place), this.status, this.manyAtOnce(id), this.address(id));
            this.input.addEventListener("input", () => this.later());
            this.input.addEventListener("keydown", (event) => this.pressed(event));
            this.input.addEventListener("blur", () => this.show([]));
            this.input.addEventListener("paste", (event) => this.pasted(event));
            this.position.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
            this.results.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the box
            this.results.addEventListener("click", ({target}) => this.choose(target.closest("[role=option]")));
            const label = document.querySelector(`label[for="${id}"]`);
            if (label) {
                label.htmlFor = this.input.id;
            }
        }

        add(rows) {
            const detail = {rows, position: Number(this.position.value) || null};
            this.box.dispatchEvent(new CustomEvent("see-also:add", {detail}));
            if (detail.position) {
                this.position.value = detail.position + rows.length; // the next one comes after it
            }
        }

        later() {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.find(), WAIT);
        }

        async find() {
            this.asking?.abort();
            this.asking = new AbortController();
            const term = this.input.value.trim();
            if (!term) {
                this.show([]);
                return;
            }
            try {
                const address = `${this.box.dataset.lookup}?${new URLSearchParams({q: term.slice(0, 200)})}`;
                const {results} = await answerOf(fetch(address, {signal: this.asking.signal}));
                this.show(results);
                this.status.textContent = results.length ? `${results.length} found` : `Nothing found for “${term}”`;
            } catch (error) {
                if (error.name !== "AbortError") {
                    this.status.textContent = NO_ANSWER;
                }
            }
        }

        show(pages) {
            this.results.replaceChildren(...pages.map((page, index) => {
                const notes = [page.kind, page.other_name && `also called ${page.other_name}`, page.note].filter(Boolean);
                const option = make("li", {id: `${this.results.id}_${index}`, page},
                    make("span", {className: "see-also-title", textContent: page.title}), " ",
                    make("span", {className: "see-also-kind", textContent: notes.join(" · ")}));
                option.setAttribute("role", "option");
                return option;
            }));
            this.results.hidden = !pages.length;
            this.input.setAttribute("aria-expanded", String(pages.length > 0));
            this.point(null);
        }

        point(option) {
            for (const other of this.results.children) {
                other.setAttribute("aria-selected", String(other === option));
            }
            if (option) {
                this.input.setAttribute("aria-activedescendant", option.id);
                option.scrollIntoView({block: "nearest"});
            } else {
                this.input.removeAttribute("aria-activedescendant");
            }
            this.pointed = option;
        }

        pressed(event) {
            const options = [...this.results.children];
            const at = options.indexOf(this.pointed);
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                event.preventDefault();
                const step = event.key === "ArrowDown" ? 1 : -1;
                this.point(options[(at + step + options.length + (at < 0 && step < 0)) % options.length] ?? null);
            } else if (event.key === "Enter") {
                event.preventDefault(); // it doesn't save the article
                this.choose(this.pointed ?? (options.length === 1 ? options[0] : null));
            } else if (event.key === "Escape") {
                this.show([]);
            }
        }

        choose(option) {
            if (option) {
                this.input.value = "";
                this.show([]);
                this.status.textContent = "";
                this.add([option.page]);
            }
        }

        pasted(event) {
            const text = event.clipboardData.getData("text/plain");
            if (text.trim().includes("\n")) {
                event.preventDefault();
                this.many.open = true;
                this.titles.value = text;
                this.addTitles();
            }
        }

        manyAtOnce(id) {
            this.titles = make("textarea", {id: `${id}_titles`, rows: 6, className: "vLargeTextField"});
            const act = make("button", {type: "button", textContent: "Add these titles"});
            act.addEventListener("click", () => this.addTitles());
            this.many = make("details", {className: "see-also-more"}, make("summary", {textContent: "Add a list of titles"}),
                make("label", {htmlFor: this.titles.id, textContent: "One title on each line"}), this.titles, act);
            return this.many;
        }

        async addTitles() {
            const body = new URLSearchParams({titles: this.titles.value});
            const token = this.box.closest("form").querySelector("[name=csrfmiddlewaretoken]").value;
            try {
                const {rows} = await answerOf(fetch(this.box.dataset.titles, {method: "POST", body, headers: {"X-CSRFToken": token}}));
                if (!rows.length) {
                    this.status.textContent = "There is no title to add.";
                    return;
                }
                this.add(rows.map(({text, choices}) => (choices.length === 1 ? choices[0] : {text, title: text, choices})));
                const missing = rows.filter(({choices}) => !choices.length).map(({text}) => `“${text}”`);
                const unclear = rows.filter(({choices}) => choices.length > 1).map(({text}) => `“${text}”`);
                this.status.textContent = [
                    `${rows.length} titles added in their order.`,
                    unclear.length ? `Choose in the list which page you mean: ${unclear.join(", ")}.` : "",
                    missing.length ? `Not found in the library, so remove or replace: ${missing.join(", ")}.` : "",
                ].join(" ").trim();
                this.titles.value = "";
            } catch {
                this.status.textContent = NO_ANSWER;
            }
        }

        address(id) {
            const says = make("input", {type: "text", id: `${id}_says`, maxLength: 200, className: "vTextField"});
            const leads = make("input", {type: "text", id: `${id}_leads`, maxLength: 500, inputMode: "url", className: "vTextField"});
            const act = make("button", {type: "button", textContent: "Add this address"});
            const add = () => {
                const [label, url] = [says.value.trim(), leads.value.trim()];
                if (!label || !/^(https?:\/\/|\/(?!\/))\S+$/.test(url)) {
                    this.status.textContent = "Write what the link says, and an address that starts with https:// or http://.";
                    (label ? leads : says).focus();
                    return;
                }
                this.add([{url, label, title: label}]);
                says.value = leads.value = "";
                says.focus();
            };
            act.addEventListener("click", add);
            const form = make("details", {className: "see-also-more"}, make("summary", {textContent: "Add a web address"}),
                make("label", {htmlFor: says.id, textContent: "The link says"}), says,
                make("label", {htmlFor: leads.id, textContent: "Web address"}), leads, act);
            form.addEventListener("keydown", (event) => {
                if (event.key === "Enter" && event.target.matches("input")) {
                    event.preventDefault();
                    add();
                }
            });
            return form;
        }
    }

    for (const box of document.querySelectorAll("[data-see-also]")) {
        if (box.querySelector(".see-also-tool")) {
            new Adding(box, box.querySelector("textarea").id);
        }
    }
}
