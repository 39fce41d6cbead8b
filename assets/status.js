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
const LONGEST_TO_SHOW = 15_000;
let heard = performance.now();

function waitsInVain() {
  const quiet = performance.now() - heard;
  if (element.dataset.state === "running") return quiet > LONGEST_SILENCE;
  // A click is owed a picture, or the reason why there is none.
  return window.editOwed && !document.querySelector("#failure .failure") && quiet > LONGEST_TO_SHOW;
}

async function loadAnew() {
  if (!waitsInVain()) return;
  // Without a connection, loading would leave nothing at all.
  const there = await fetch("", { method: "HEAD", cache: "no-store" }).then((answer) => answer.ok, () => false);
  if (there && waitsInVain()) location.reload();
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
  if (element.dataset.state === "running") window.editOwed = true;
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
