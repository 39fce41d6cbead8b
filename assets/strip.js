// The strip of earlier edits: one button each, newest first. Built from data, never from HTML.
const list = document.createElement("ol");
const note = document.createElement("p");
note.className = "quiet";
element.append(note, list);

function card(entry) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.title = entry.prompt;
  button.setAttribute("aria-label", `${entry.says}: ${entry.prompt}`);
  button.dataset.state = entry.state;
  if (entry.thumb) {
    const image = document.createElement("img");
    image.src = entry.thumb;
    image.alt = "";
    image.loading = "lazy";
    button.append(image);
  }
  const says = document.createElement("span");
  says.textContent = entry.state === "done" ? entry.prompt : entry.says;
  button.append(says);
  if (entry.favourite) {
    const star = document.createElement("b");
    star.textContent = "★";
    star.setAttribute("aria-hidden", "true");
    button.append(star);
  }
  button.addEventListener("click", () => trigger("click", { id: entry.id }));
  item.append(button);
  return item;
}

function draw() {
  const now = props.value || {};
  note.textContent = now.note || "";
  list.replaceChildren(...(now.entries || []).map(card));
  element.dataset.any = Boolean(now.any);
  element.dataset.empty = !now.note && !now.any;
}

watch("value", draw);
draw();
