/* Dragging in the see-also list: by the handle, with mouse, pen or finger. Shows where the row would land, and asks
   see-also.js to move it there when it is let go; Escape leaves it where it was. */
"use strict";
{
    const EDGE = 30; // pixels from the upper or lower end of the list in which it scrolls
    const STEP = 15; // pixels

    function grabbed(event) {
        if (event.button !== 0 || !event.target.matches(".see-also-grip")) {
            return;
        }
        event.preventDefault();
        const item = event.target.closest("li");
        const list = item.parentNode;
        const dragging = new AbortController();
        let landing = null;
        let after = false;
        const unmark = () => landing?.classList.remove("see-also-before", "see-also-after");
        item.classList.add("see-also-dragged");

        const show = ({clientX, clientY}) => {
            unmark();
            const box = list.getBoundingClientRect();
            list.scrollTop += clientY < box.top + EDGE ? -STEP : clientY > box.bottom - EDGE ? STEP : 0;
            const under = document.elementFromPoint(Math.max(clientX, box.left + 10), clientY);
            landing = under?.closest(".see-also-rows > li") ?? null;
            if (landing) {
                const {top, height} = landing.getBoundingClientRect();
                after = clientY > top + height / 2;
                landing.classList.add(after ? "see-also-after" : "see-also-before");
            }
        };
        const end = (dropped) => {
            dragging.abort();
            unmark();
            item.classList.remove("see-also-dragged");
            if (dropped && landing && landing !== item) {
                const others = [...list.children].filter((other) => other !== item);
                const detail = {item, to: others.indexOf(landing) + (after ? 1 : 0)};
                list.dispatchEvent(new CustomEvent("see-also:move", {detail, bubbles: true}));
            }
        };
        const listen = (type, act) => document.addEventListener(type, act, {signal: dragging.signal});
        listen("pointermove", show);
        listen("pointerup", () => end(true));
        listen("pointercancel", () => end(false));
        listen("keydown", ({key}) => key === "Escape" && end(false));
    }

    for (const box of document.querySelectorAll("[data-see-also]")) {
        box.addEventListener("pointerdown", grabbed);
    }
}
