() => {
  // What this tab remembers from one load to the next. Inside another site's page a browser may refuse it.
  window.tabMemory = { getItem: () => null, setItem() {}, removeItem() {} };
  try {
    sessionStorage.setItem("asked", "yes");
    sessionStorage.removeItem("asked");
    window.tabMemory = sessionStorage;
  } catch {
    // Then each load begins anew.
  }

  // The token of the last click, as long as the page does not know what became of it.
  window.editToken = window.tabMemory.getItem("click");

  // Left by `status.js`, for this load and no later one; or typed since, while the draft is on its way.
  window.typedBefore = JSON.parse(window.tabMemory.getItem("typed"));
  window.tabMemory.removeItem("typed");
  document.addEventListener("input", (event) => {
    if (window.draftIsBack || !event.target.closest("#prompt")) return;
    window.typedBefore = [window.gradio_config?.username ?? null, event.target.value];
  });

  // Gradio's text box sends on Shift+Enter only; people know Ctrl+Enter.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (!event.target.closest("#prompt")) return;
    event.preventDefault();
    document.getElementById("edit")?.click();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".receipt .copy");
    if (!button) return;
    const text = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = button.dataset.copied;
    } catch {
      // Without https there is no clipboard: what is selected can be copied by hand.
      getSelection().selectAllChildren(text);
    }
  });
}
