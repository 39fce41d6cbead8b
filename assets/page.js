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

  // Words that the server has not got: without a connection no draft goes out, and as soon as there is one again Gradio
  // (6.31) loads the page anew. Left by the load before this one with whose they are, for this load and no later one; or
  // typed since, while the draft is on its way.
  window.typedBefore = JSON.parse(window.tabMemory.getItem("typed"));
  window.tabMemory.removeItem("typed");
  let isKept = true;
  const prompt = () => document.querySelector("#prompt textarea")?.value;
  window.promptKept = (words) => (isKept ||= words === prompt());
  document.addEventListener("input", (event) => {
    if (!event.target.closest("#prompt")) return;
    isKept = false;
    if (!window.draftIsBack) window.typedBefore = [null, event.target.value];
  });
  window.addEventListener("pagehide", () => {
    const [whose, words] = window.typedBefore ?? [isKept ? null : window.draftOwner, prompt()];
    if (whose) window.tabMemory.setItem("typed", JSON.stringify([whose, words]));
  });

  // Gradio's text box sends on Shift+Enter only; people know Ctrl+Enter.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (!event.target.closest("#prompt")) return;
    event.preventDefault();
    document.getElementById("edit")?.click();
  });

  // Inside another site's page the cookie that says whose a picture is does not reach a new tab (partitioned cookies),
  // so there the picture opens in the page: a click or Escape closes it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="pictures/"][target="_blank"]');
    if (!link || window.top === window) return;
    event.preventDefault();
    const viewer = document.createElement("dialog");
    const picture = document.createElement("img");
    picture.src = link.href;
    picture.alt = link.querySelector("img")?.alt || link.textContent;
    viewer.className = "viewer";
    viewer.append(picture);
    viewer.addEventListener("click", () => viewer.close());
    viewer.addEventListener("close", () => viewer.remove());
    document.body.append(viewer);
    viewer.showModal();
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
