/* Names for the controls that the stock admin leaves without one (WCAG 4.1.2). */
"use strict";
{
    const labelOf = (element) => element.closest(".form-row, .fieldBox")?.querySelector("label, legend")?.textContent.replace(/:\s*$/, "").trim();

    const giveNames = () => {
        for (const select of document.querySelectorAll("select.admin-autocomplete")) {
            for (const part of select.nextElementSibling?.querySelectorAll(".select2-search__field, .select2-selection, [role=textbox]") ?? []) {
                part.setAttribute("aria-label", labelOf(select));
            }
        }
        for (const input of document.querySelectorAll(".datetime input")) {
            input.setAttribute("aria-label", `${labelOf(input)}, ${input.matches(".vDateField") ? "date" : "time"}`);
        }
        for (const hint of document.querySelectorAll(".help-tooltip[aria-label]")) {
            hint.setAttribute("role", "img");
        }
    };

    // Some of the admin's controls are made when jQuery is ready, others when the page has loaded.
    window.django?.jQuery(giveNames);
    addEventListener("load", giveNames);
}
