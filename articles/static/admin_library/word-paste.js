/* Lists pasted from Word stay lists. Word writes each item as a paragraph with the bullet or number as text in front
   (<p class="MsoListParagraph" style="mso-list:l0 level2 lfo1">·   Pain relief</p>); this makes real, nested lists of
   them before the editor reads the clipboard.

   The page's security policy makes style attributes mean nothing, here and in the editor, and complains of each. So they
   are renamed while the clipboard is still text, and bold and italic that only a style says become elements. */
"use strict";
{
    const LIST = /mso-list:\s*l\d+\s+level(\d)/i;
    const MARKER = /^[\s\u00a0]*(?:([·•▪§o-])|\(?(\d{1,3}|[a-z]|[ivx]{1,4})[.)])[\s\u00a0]+/i;

    /** Takes the marker off the front of the paragraph; says whether it was a number, and which. */
    function takeMarker(paragraph) {
        for (const ignored of [...paragraph.querySelectorAll("[data-style*='mso-list:Ignore' i], [data-style*='mso-list: Ignore' i]")]) {
            if (ignored.parentNode) {
                ignored.replaceWith(`${ignored.textContent.trim()} `);
            }
        }
        paragraph.normalize();
        const found = MARKER.exec(paragraph.textContent);
        let left = found ? found[0].length : 0;
        const texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
        while (left > 0 && texts.nextNode()) {
            const cut = Math.min(left, texts.currentNode.length);
            texts.currentNode.deleteData(0, cut);
            left -= cut;
        }
        return found?.[2] ?? null;
    }

    function makeLists(page) {
        let open = []; // the lists that are being written, the outermost first
        let last = null;
        for (const paragraph of page.querySelectorAll("p, h1, h2, h3, h4, h5, h6")) {
            const level = Number(LIST.exec(paragraph.dataset.style ?? "")?.[1] ?? 0);
            if (!level) {
                continue;
            }
            if (!last || last.nextElementSibling !== paragraph) {
                open = [];
            }
            const number = takeMarker(paragraph);
            const tag = number ? "ol" : "ul";
            open = open.slice(0, level);
            if (open.length === level && open.at(-1).localName !== tag) {
                open.pop();
            }
            while (open.length < level) {
                const list = page.createElement(tag);
                if (Number(number) > 1 && open.length === level - 1) {
                    list.setAttribute("start", number);
                }
                const above = open.at(-1);
                if (above) {
                    (above.lastElementChild ?? above.appendChild(page.createElement("li"))).append(list);
                } else {
                    paragraph.before(list);
                }
                open.push(list);
            }
            const item = page.createElement("li");
            item.append(...paragraph.childNodes);
            open.at(-1).append(item);
            last = open[0];
            paragraph.remove();
        }
    }

    /** Google Docs wraps all it copies into a `b` that is not bold, and says bold and italic in styles. */
    function styleToElements(element) {
        const style = element.dataset.style;
        if (element.localName === "b" && /font-weight:\s*(normal|400)/i.test(style)) {
            element.replaceWith(...element.childNodes);
        } else if (element.localName === "span") {
            for (const [says, tag] of [[/font-weight:\s*(bold|[6-9]00)/i, "strong"], [/font-style:\s*italic/i, "em"]]) {
                if (says.test(style)) {
                    const marked = element.ownerDocument.createElement(tag);
                    marked.append(...element.childNodes);
                    element.append(marked);
                }
            }
        }
        delete element.dataset.style;
    }

    function withoutStyles(html) {
        const text = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
        const page = new DOMParser().parseFromString(text, "text/html");
        makeLists(page);
        page.body.querySelectorAll("[data-style]").forEach(styleToElements);
        return page.body.innerHTML;
    }

    document.addEventListener("prose-editor:ready", ({detail: {editor}}) => {
        const transformPastedHTML = (html) => (/style\s*=/i.test(html) ? withoutStyles(html) : html);
        editor.setOptions({editorProps: {...editor.options.editorProps, transformPastedHTML}});
    });
}
