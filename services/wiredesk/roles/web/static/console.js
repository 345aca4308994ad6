// Keeps the first page live: the stream says that something is new, the server renders the rows.
"use strict";

(() => {
  const MOST_ROWS = 200;
  const APART_MS = 150; // between fetches, so that a burst comes as few batches
  const RETRY_MS = 10_000;
  const FEEDS_MS = 30_000;
  const HEALTH_MS = 5_000;
  const PAGE = 50; // rows in a full answer

  const sieve = document.getElementById("sieve");
  const wide = matchMedia("(min-width: 60rem)");
  const fit = () => { if (sieve) sieve.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();

  const list = document.getElementById("items");
  if (!list || list.dataset.head === undefined) return;
  const live = document.getElementById("live");
  const button = document.getElementById("pause");
  const empty = document.getElementById("empty");
  const older = document.getElementById("older");
  const filters = new URLSearchParams(location.search);
  let head = Number(list.dataset.head); // what is shown reaches here
  let newest = head; // what the stream has told of
  let stream = null;
  let isPaused = false;
  let away = ""; // what the server waits for
  let isFetching = false;
  const waiting = new Set();

  const say = (words, state) => {
    if (live.textContent !== words) live.textContent = words;
    live.parentElement.dataset.state = state;
  };

  const tell = () => {
    if (away) say(`The ${away} is away; what comes meanwhile is shown when it is back`, "away");
    else if (isPaused) say("Paused", "paused");
    else say("Live", "live");
  };

  const asked = (path) => {
    const query = new URLSearchParams(filters);
    query.set("since_id", String(head));
    return `${path}?${query}`;
  };

  const fragment = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html; // ours: every text in it is escaped by the server
    return template.content;
  };

  const leaveOut = (rows) => {
    if (!rows.length) return;
    for (const row of rows) row.remove();
    // The link leads beyond what was there at first, so past the rows left out: begin anew instead.
    older.textContent = "Load again for older ones";
    older.href = location.href;
    older.parentElement.hidden = false;
  };

  const put = (rows) => {
    // A gap would be hidden if a full answer were put on top of what is older.
    if (rows.length >= PAGE) leaveOut([...list.children]);
    const old = new Map([...list.children].map((row) => [row.dataset.id, row]));
    for (const row of rows) {
      const known = old.get(row.dataset.id);
      if (known) known.remove();
      row.classList.add("fresh");
    }
    list.prepend(...rows);
    leaveOut([...list.children].slice(MOST_ROWS));
    empty.hidden = list.children.length > 0;
  };

  const refresh = async () => {
    if (isFetching || isPaused || newest <= head) return;
    isFetching = true;
    try {
      const upTo = newest;
      const answer = await fetch(asked("/rows"), { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const rows = [...fragment(await answer.text()).children];
      head = Math.max(upTo, ...rows.map((row) => Number(row.dataset.seq)));
      if (rows.length) put(rows);
      waiting.clear();
      away = "";
      tell();
    } catch {
      say("The server does not answer; trying again", "away");
    } finally {
      setTimeout(() => { isFetching = false; refresh(); }, APART_MS);
    }
  };

  const refused = async () => {
    const answer = await fetch(asked("/rows"), { credentials: "same-origin" }).catch(() => null);
    if (answer && answer.status === 401) say("Signed out: load the page again", "away");
    else setTimeout(reconnect, RETRY_MS);
  };

  const connect = () => {
    stream = new EventSource(asked("/api/stream"));
    stream.onopen = tell;
    stream.onmessage = (event) => {
      newest = Math.max(newest, Number(event.lastEventId));
      if (isPaused) {
        waiting.add(JSON.parse(event.data).id);
        button.textContent = `Show ${waiting.size} new`;
      }
      refresh();
    };
    stream.onerror = () => {
      say("Connection lost; trying again", "away");
      // The browser comes back by itself unless it was refused: token gone, too many streams, another database.
      if (stream.readyState === EventSource.CLOSED) refused();
    };
  };

  const disconnect = () => { if (stream) stream.close(); stream = null; };
  const reconnect = () => { if (!document.hidden) { disconnect(); connect(); } };

  const pause = (wanted) => {
    isPaused = wanted;
    button.textContent = wanted ? "Go on" : "Pause";
    tell();
    refresh();
  };

  const age = (seconds) => {
    for (const [size, unit] of [[86_400, "d"], [3_600, "h"], [60, "min"]])
      if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
    return seconds > 0 ? `${seconds} s ago` : "now";
  };
  const grow = () => {
    for (const time of document.querySelectorAll("time[data-age]"))
      time.textContent = age(Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000));
  };

  const feeds = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/", { credentials: "same-origin" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("feeds");
      const shown = document.getElementById("feeds");
      if (fresh && shown && !shown.contains(document.activeElement)) shown.replaceWith(fresh);
    } catch {
      // The stream tells already that the server is away.
    }
  };

  // A stream stays open while the database is away, and is as quiet as where there is no news.
  const health = async () => {
    if (document.hidden) return;
    const answer = await fetch("/readyz").catch(() => null);
    const told = answer && (await answer.json().catch(() => null));
    if (!told || !told.down) return;
    const [waitsFor = ""] = Object.keys(told.down.web || {});
    if (waitsFor === away) return;
    away = waitsFor;
    tell();
  };

  button.hidden = false;
  button.addEventListener("click", () => pause(!isPaused));
  // Browsers allow six connections to a server over HTTP/1.1: tabs that nobody looks at must not hold them.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) disconnect();
    else { reconnect(); health(); }
  });
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", (event) => { if (event.persisted) reconnect(); });
  setInterval(grow, 10_000);
  setInterval(feeds, FEEDS_MS);
  setInterval(health, HEALTH_MS);
  connect();
})();
