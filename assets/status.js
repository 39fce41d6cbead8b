// The status line. Only the words are a live region: a clock read out twice a second would drown everything else.
const says = document.createElement("span");
says.setAttribute("role", "status");
says.className = "says";
const clock = document.createElement("span");
clock.setAttribute("aria-hidden", "true");
clock.className = "clock";
element.append(says, clock);

let began = null;

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
  element.dataset.state = now.state || "idle";
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
watch("value", draw);
draw();
