// One stream of answers that ends only once every event of the page has been answered.
//
// Gradio's server (6.31) ends a page's stream when nothing of that page is under way, and the page opens another with the
// next event, unless it believes that one is open. What comes by two connections may overtake each other, above all on a
// phone, and then it believes the wrong thing: it waits on a stream that is over, or opens one on which nothing will ever
// come. So it is told of the end only when no event is joining and none is waited for; until then the next stream takes
// the place of the one that is over. A stream that breaks is an error only to events that were waited for.
(() => {
  const ask = window.fetch.bind(window);
  const END = JSON.stringify({ msg: "close_stream" });
  const TO_BE_LISTENING = 100;
  const joining = new Set();
  const waitedFor = new Set();
  // Events that were over before their number was known.
  const over = new Set();

  function join(request) {
    const answering = request.then(async (answer) => {
      const { event_id: event } = await answer.clone().json().catch(() => ({}));
      if (event && !over.delete(event)) waitedFor.add(event);
      return answer;
    });
    joining.add(answering);
    return answering.finally(() => joining.delete(answering));
  }

  async function untilOneIsWaitedForOrNoneIsJoining() {
    while (joining.size && !waitedFor.size) await Promise.race(joining).catch(() => {});
    if (!joining.size) over.clear();
  }

  async function readToTheEnd(reader) {
    // The server takes a stream that is broken off for the page's going, and drops what the page has asked since.
    while (!(await reader.read()).done);
  }

  async function* messagesOf(request) {
    const answer = await ask(request.clone());
    if (!answer.ok) throw new Error(`The stream of answers could not be opened: ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("The stream of answers broke off.");
      const messages = (rest + value).split("\n\n");
      rest = messages.pop();
      for (const message of messages.map((each) => each.replace(/^data: /, ""))) {
        if (JSON.parse(message).msg === "close_stream") {
          readToTheEnd(reader).catch(() => {});
          return;
        }
        yield message;
      }
    }
  }

  async function* untilAllIsAnswered(request) {
    while (waitedFor.size) {
      try {
        for await (const message of messagesOf(request)) {
          const { msg, event_id: event } = JSON.parse(message);
          if (msg === "process_completed" && !waitedFor.delete(event)) over.add(event);
          yield message;
        }
      } catch (error) {
        if (request.signal.aborted) throw error;
        if (waitedFor.size) {
          // Whoever was told its event's number just now is to hear of this too.
          await new Promise((resolve) => setTimeout(resolve, TO_BE_LISTENING));
          waitedFor.clear();
          throw error;
        }
      }
      await untilOneIsWaitedForOrNoneIsJoining();
      if (request.signal.aborted) return;
    }
    yield END;
  }

  function listen(request) {
    const messages = untilAllIsAnswered(request);
    const encoder = new TextEncoder();
    const body = new ReadableStream({
      async pull(controller) {
        const { value, done } = await messages.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`data: ${value}\n\n`));
      },
    });
    return Promise.resolve(new Response(body));
  }

  window.fetch = (resource, options) => {
    const [address] = String(resource?.url ?? resource).split("?");
    if (address.endsWith("/queue/join")) return join(ask(resource, options));
    if (address.endsWith("/queue/data")) return listen(new Request(resource, options));
    return ask(resource, options);
  };
})();
