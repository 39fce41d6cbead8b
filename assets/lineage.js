// How an edit came about: small pictures in a grid, joined by lines. Built from data, never from HTML.
const title = document.createElement("h2");
const list = document.createElement("ol");
const note = document.createElement("p");
note.className = "quiet";
element.append(title, list, note);

function inside(node) {
  if (node.href) {
    const link = document.createElement("a");
    link.href = node.href;
    link.target = "_blank";
    link.rel = "noopener";
    return link;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.title = node.prompt;
  button.dataset.state = node.state;
  button.setAttribute("aria-label", `${node.label}, ${node.says}: ${node.prompt}`);
  if (node.shown) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => trigger("click", { id: node.id }));
  return button;
}

function cell(node) {
  const item = document.createElement("li");
  item.style.gridRow = node.line + 1;
  item.style.gridColumn = node.column + 1;
  item.style.setProperty("--above", node.above);
  item.dataset.join = node.column === 0 ? "none" : node.above ? "branch" : "next";
  const target = inside(node);
  const image = document.createElement("img");
  if (node.thumb) image.src = node.thumb;
  image.alt = "";
  image.loading = "lazy";
  const label = document.createElement("span");
  label.textContent = node.label;
  target.append(image, label);
  item.append(target);
  return item;
}

function draw() {
  const now = props.value || {};
  const nodes = now.nodes || [];
  title.textContent = now.title || "";
  note.textContent = now.note || "";
  list.replaceChildren(...nodes.map(cell));
  element.dataset.empty = nodes.length === 0;
  // The line may be longer than it is wide: what is shown is in view, and the page stays where it is.
  const current = list.querySelector("[aria-current]")?.parentElement;
  if (current) list.scrollTo(current.offsetLeft - list.clientWidth / 2, current.offsetTop - list.clientHeight / 2);
}

watch("value", draw);
draw();
