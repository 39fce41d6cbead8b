// Search and filters of the history. The value of this widget is what was asked for, and only this script writes it;
// `filters` and `nothing` come from the server.
const PAUSE = 300; // milliseconds without a letter, until the words are looked for
const row = document.createElement("div");
row.className = "fields";
row.setAttribute("role", "search");
const box = document.createElement("input");
box.type = "search";
box.maxLength = 200;
box.style.order = -1;
box.placeholder = props.says.search;
box.setAttribute("aria-label", props.says.search);
row.append(box);

const answer = document.createElement("p");
answer.setAttribute("role", "status");
const clear = document.createElement("button");
clear.type = "button";
clear.textContent = props.says.clear;
element.append(row, answer);

const fields = new Map();
let timer = 0;

function ask(change) {
  clearTimeout(timer);
  props.value = { ...(props.value || {}), words: box.value, ...change };
  trigger("input");
  draw();
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter") ask();
});
clear.addEventListener("click", () => {
  box.value = "";
  ask(Object.fromEntries([...fields.keys()].map((name) => [name, ""])));
  box.focus();
});

function choice(filter) {
  const field = document.createElement("select");
  field.addEventListener("change", () => ask({ [filter.name]: field.value }));
  return field;
}

// A filter that is only on or off.
function toggle(filter) {
  const field = document.createElement("button");
  field.type = "button";
  field.textContent = filter.options[0].label;
  field.addEventListener("click", () => ask({ [filter.name]: field.value ? "" : filter.options[0].value }));
  return field;
}

function fill(field, filter) {
  const known = JSON.stringify(filter.options);
  if (field.dataset.known === known) return;
  const chosen = field.value;
  field.dataset.known = known;
  field.setAttribute("aria-label", filter.options[0].label);
  // The last edit of what was chosen may be gone; as long as it is asked for, it is shown.
  const gone = chosen && !filter.options.some((option) => option.value === chosen);
  const options = gone ? [...filter.options, { value: chosen, label: chosen }] : filter.options;
  field.replaceChildren(...options.map(({ value, label }) => new Option(label, value)));
  field.value = chosen;
}

function draw() {
  const filters = props.filters || [];
  const asked = props.value || {};
  for (const filter of filters) {
    const single = filter.options.length === 1;
    if (!fields.has(filter.name)) fields.set(filter.name, single ? toggle(filter) : choice(filter));
    const field = fields.get(filter.name);
    if (single) field.setAttribute("aria-pressed", Boolean(asked[filter.name]));
    else fill(field, filter);
    field.value = asked[filter.name] || "";
    field.toggleAttribute("data-on", field.value !== "");
    // Only what is not there yet is added, and the style puts it in its place: to move it would take its focus away.
    field.style.order = filters.indexOf(filter);
    if (!field.isConnected) row.append(field);
  }
  const names = filters.map((filter) => filter.name);
  for (const [name, field] of fields) if (!names.includes(name)) field.remove();
  const says = props.nothing ? `${props.says.nothing} ` : "";
  // Setting the same words again would make screen readers repeat them.
  if (Boolean(says) !== answer.hasChildNodes()) answer.replaceChildren(...(says ? [says, clear] : []));
}

watch(["filters", "nothing"], draw);
draw();
