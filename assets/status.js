// The status line. Only the words are a live region: a clock read out twice a second would drown everything else.
const says = document.createElement("span");
says.setAttribute("role", "status");
says.className = "says";
const clock = document.createElement("span");
clock.setAttribute("aria-hidden", "true");
clock.className = "clock";
element.append(says, clock);

let began = null;

// A connection that breaks at the wrong moment can leave a page waiting for words that went to nobody: Gradio 6.31 gives
// each to whichever stream of the page asks first, and one that is cut off may still be asking. The edit itself goes on,
// so the page loads itself anew and finds it. While an edit runs the server speaks every five seconds.
const LONGEST_SILENCE = 30_000;
const LONGEST_TO_SHOW = 60_000;
const ONCE_IN = 300_000;
let heard = performance.now();

function waitsInVain() {
  const quiet = performance.now() - Math.max(heard, window.editClicked ?? 0);
  if (element.dataset.state === "running") return quiet > LONGEST_SILENCE;
  return (window.editClicked || window.editOwed) && quiet > LONGEST_TO_SHOW;
}

async function loadAnew() {
  // Where loading does not help, it is not done again and again.
  if (!waitsInVain() || Date.now() - Number(window.tabMemory.getItem("loadedAnew")) < ONCE_IN) return;
  // Without a connection, loading would leave nothing at all; without a login, the login page.
  const asked = fetch("gradio_api/app_id", { cache: "no-store", signal: AbortSignal.timeout(4_000) });
  const there = await asked.then((answer) => answer.ok, () => false);
  if (!there || !waitsInVain()) return;
  window.tabMemory.setItem("loadedAnew", Date.now());
  if (!window.tabMemory.getItem("loadedAnew")) return;
  location.reload();
}

function duration(seconds) {
  const [second, minute, hour] = (props.value || {}).units || [];
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 59.95) return `${seconds.toFixed(1)} ${second}`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} ${minute} ${two(whole % 60)} ${second}`;
  return `${Math.floor(minutes / 60)} ${hour} ${two(minutes % 60)} ${minute}`;
}

function tick() {
  clock.textContent = began === null ? "" : duration((performance.now() - began) / 1000);
}

function draw() {
  const now = props.value || {};
  heard = performance.now();
  element.dataset.state = now.state || "idle";
  if (now.over && now.over === window.editToken) {
    window.editToken = null;
    window.tabMemory.removeItem("click");
  }
  // Until it is shown what the edit gave, or why it gave nothing.
  if (element.dataset.state !== "idle") window.editOwed = true;
  // The button becomes Stop, and the examples rest: without asking the server, which has enough to do then.
  document.documentElement.dataset.doing = element.dataset.state;
  for (const card of document.querySelectorAll("#example-cards button")) {
    card.disabled = element.dataset.state === "running";
  }
  // Setting the same words again would make screen readers repeat them.
  if (says.textContent !== (now.says || "")) says.textContent = now.says || "";
  // The server says how long it has been; between two of its words the clock runs by itself.
  const running = typeof now.seconds === "number";
  began = running ? performance.now() - now.seconds * 1000 : null;
  tick();
}

setInterval(tick, 100);
setInterval(loadAnew, 5_000);
watch("value", draw);
draw();
