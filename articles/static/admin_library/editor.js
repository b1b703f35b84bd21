/* Names the rich-text editor and tells screen readers which of its buttons are pressed. */
"use strict";
document.addEventListener("prose-editor:ready", ({detail: {editor, textarea}}) => {
    const label = document.querySelector(`label[for="${textarea.id}"]`);
    const name = label?.textContent.replace(/:\s*$/, "").trim() || "Text";
    editor.setOptions({editorProps: {
        ...editor.options.editorProps,
        attributes: {role: "textbox", "aria-multiline": "true", "aria-label": name},
    }});
    label?.addEventListener("click", () => editor.commands.focus());

    editor.on("create", () => { // the toolbar is there from now on
        const toolbar = textarea.closest(".prose-editor").querySelector(".prose-menubar");
        toolbar.setAttribute("role", "toolbar");
        toolbar.setAttribute("aria-label", `Formatting of ${name}`);
        const tell = () => {
            for (const button of toolbar.querySelectorAll(".prose-menubar__group > button")) {
                button.setAttribute("aria-pressed", button.classList.contains("active"));
                button.setAttribute("aria-disabled", button.classList.contains("disabled"));
            }
        };
        editor.on("transaction", tell);
        tell();
    });
});
