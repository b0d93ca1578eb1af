/*
 * One event stream for all tabs of this browser.
 *
 *   const stream = connectStream({url, onEvent, onSync, onState, onClock});
 *   stream.close();
 *
 *   onEvent(name, data)   something changed: fetch the part of the page that shows it
 *   onSync()              anything may have changed: fetch everything that the page shows
 *   onState(state)        "live", "reconnecting" or "crowded" (too many pages), for the badge
 *   onClock(epochMs)      the server's time, about every 15 s (optional)
 *
 * <meta name="event-cursor"> says up to which event the page has everything. If the stream begins
 * there, the page need not be fetched again once it is live.
 *
 * One tab leads: it holds a Web Lock and the EventSource, and forwards events through a
 * BroadcastChannel. Browsers open at most six connections to a host, and a seventh EventSource would
 * wait forever without an error. Without Web Locks (plain HTTP on another machine), each tab leads
 * itself.
 */
(() => {
  "use strict";

  const NAMES = ["interview", "operation", "log", "review", "submission", "checks", "challenge", "batch", "webhook", "workspaces"];
  // The server sends a heartbeat every 15 s. After three missed ones the connection is dead.
  const SILENT_MS = 45_000;
  const MISSED_BEAT_MS = 20_000;
  const CHECK_MS = 10_000;
  // A shorter interruption should not make the badge flicker.
  const GRACE_MS = 1_500;
  const FIRST_RETRY_MS = 1_000;
  const LONGEST_RETRY_MS = 30_000;

  const pageCursor = document.querySelector("meta[name=event-cursor]")?.content ?? "";

  window.connectStream = ({ url, onEvent, onSync, onState, onClock = () => {} }) => {
    const name = `stream:${new URL(url, location.href).href}`;
    const shared = Boolean(navigator.locks && window.BroadcastChannel);
    let channel = null;
    let candidacy = null; // aborts our request for the lock
    let abdicate = null; // releases the lock; set while this tab leads
    let source = null;
    let retry = null;
    let grace = null;
    let attempts = 0;
    let cursor = pageCursor;
    // This tab has heard, or will hear, of all that changed since the page was rendered.
    let covered = pageCursor !== "";
    let state = "";
    let stale = true; // this page may be out of date
    let askedPage = false; // once per outage: the page's own request may redirect to the sign-in
    let asked = false; // the leader was asked for a sign of life
    let heard = Date.now();
    let open = false;

    // -- every tab, for messages from the server or from the leader -------------------------------

    const show = (next) => {
      clearTimeout(grace);
      grace = null;
      if (next !== state) {
        state = next;
        onState(next);
      }
      if (state === "live" && stale) {
        stale = false;
        if (!covered) onSync();
        covered = false;
      }
    };

    const hear = (message) => {
      heard = Date.now();
      asked = false;
      // A tab that follows misses what its leader heard before.
      if (!abdicate && (message.cursor || message.kind === "state") && message.cursor !== pageCursor) covered = false;
      if (message.cursor) cursor = message.cursor;
      if (message.kind === "state") show(message.state);
      if (message.kind === "doubt") {
        doubt();
        // Timers of a hidden tab may be a minute late, so the visible tab takes over.
        if (message.hidden && !abdicate && !document.hidden) stand(true);
      }
      if (message.kind === "event") onEvent(message.name, message.data);
      if (message.kind === "clock") onClock(message.now);
      if (message.kind === "sync") {
        stale = false;
        covered = false;
        setTimeout(onSync, Math.random() * message.spreadMs);
      }
    };

    // Report a lost connection only if it stays lost.
    const doubt = () => {
      stale = true;
      if (state === "crowded") return;
      grace ??= setTimeout(() => show("reconnecting"), GRACE_MS);
    };

    // -- the leader -------------------------------------------------------------------------------

    const tell = (message) => {
      channel?.postMessage(message);
      hear(message);
    };

    const read = (event, handle) => {
      attempts = 0;
      askedPage = false;
      handle(JSON.parse(event.data), event.lastEventId);
    };

    const connect = () => {
      disconnect();
      const address = new URL(url, location.href);
      if (cursor) address.searchParams.set("after", cursor);
      heard = Date.now();
      const mine = new EventSource(address);
      source = mine;
      mine.onerror = () => {
        if (source === mine) lost(mine.readyState === EventSource.CLOSED);
      };
      const on = (event, handle) =>
        mine.addEventListener(event, (e) => {
          if (source === mine) read(e, handle);
        });
      for (const each of NAMES) {
        on(each, (data, id) => tell({ kind: "event", name: each, data, cursor: id }));
      }
      on("sync", ({ spreadMs }, id) => tell({ kind: "sync", spreadMs, cursor: id }));
      on("beat", ({ now }, id) => {
        tell({ kind: "clock", now, cursor: id });
        tell({ kind: "state", state: "live" });
      });
      on("down", ({ now }) => {
        tell({ kind: "clock", now });
        tell({ kind: "state", state: "reconnecting" });
      });
    };

    const disconnect = () => {
      clearTimeout(retry);
      retry = null;
      source?.close();
      source = null;
    };

    // The native retry comes from all pages at the same time, and never after a 503.
    const lost = (refused) => {
      covered = false;
      disconnect();
      tell({ kind: "doubt", hidden: document.hidden });
      if (refused && !askedPage) {
        askedPage = true;
        tell({ kind: "sync", spreadMs: 0 });
        stale = true;
      }
      const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
      attempts += 1;
      retry = setTimeout(connect, longest * (attempts > 1 ? 0.5 + Math.random() / 2 : Math.random()));
      if (refused) waitIfCrowded(retry);
    };

    // An EventSource tells neither why it was refused nor when to come back, so ask for both.
    const waitIfCrowded = async (mine) => {
      const stop = new AbortController();
      try {
        const response = await fetch(url, { signal: stop.signal });
        if (response.status !== 429 || retry !== mine) return;
        const { error } = await response.json();
        const seconds = Number(response.headers.get("Retry-After")) || LONGEST_RETRY_MS / 1000;
        if (retry !== mine) return;
        clearTimeout(mine);
        retry = setTimeout(connect, seconds * 1000 * (1 + Math.random() / 2));
        if (error.code !== "too_many_streams") return;
        tell({ kind: "state", state: "crowded" });
        tell({ kind: "sync", spreadMs: 0 });
      } catch {
        // The next attempt is under way already.
      } finally {
        stop.abort();
      }
    };

    const lead = () => {
      connect();
      return new Promise((resolve) => {
        abdicate = resolve;
      });
    };

    const stepDown = () => {
      disconnect();
      abdicate?.();
      abdicate = null;
    };

    const stand = (steal = false) => {
      candidacy?.abort();
      const mine = new AbortController();
      candidacy = mine;
      // Stealing does not wait, and must not have a signal.
      const options = steal ? { steal } : { signal: mine.signal };
      navigator.locks
        .request(name, options, () => (open && candidacy === mine ? lead() : undefined))
        .catch(() => {
          // We stopped waiting, or another tab stole the lock because we did not answer.
          if (!open || candidacy !== mine) return;
          stepDown();
          stand();
        });
    };

    // -- joining, leaving, sleeping and waking ----------------------------------------------------

    const begin = () => {
      if (open) return;
      open = true;
      stale = true;
      heard = Date.now();
      doubt();
      if (!shared) {
        abdicate = () => {};
        connect();
        return;
      }
      channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }) => {
        if (data.kind !== "hello") hear(data);
        else if (abdicate) channel.postMessage(grace ? { kind: "doubt" } : { kind: "state", state, cursor });
      };
      channel.postMessage({ kind: "hello" });
      stand();
    };

    const end = () => {
      if (!open) return;
      open = false;
      candidacy?.abort();
      candidacy = null;
      stepDown();
      channel?.close();
      channel = null;
      clearTimeout(grace);
      grace = null;
    };

    const check = () => {
      if (!open) return;
      const silent = Date.now() - heard;
      if (abdicate) {
        if (source && silent > SILENT_MS) lost(false);
      } else if (silent > SILENT_MS && !asked) {
        asked = true;
        channel.postMessage({ kind: "hello" });
      } else if (silent > SILENT_MS) {
        // The leader does not answer: its tab was frozen while it holds the lock.
        asked = false;
        heard = Date.now();
        stand(true);
      }
    };

    const wake = () => {
      if (!open || document.visibilityState === "hidden") return;
      const missed = Date.now() - heard > MISSED_BEAT_MS;
      if (missed) doubt();
      if (abdicate && (retry !== null || missed)) connect();
      else if (missed) channel.postMessage({ kind: "hello" });
    };

    const sleeping = () => end();
    const waking = () => begin();
    const shown = (event) => {
      if (event.persisted) begin();
    };
    const offline = () => {
      if (abdicate && source) lost(false);
    };

    const timer = setInterval(check, CHECK_MS + Math.random() * 5_000);
    const listeners = [
      [window, "pagehide", sleeping],
      [window, "pageshow", shown],
      [window, "online", wake],
      [window, "offline", offline],
      [document, "visibilitychange", wake],
      [document, "freeze", sleeping],
      [document, "resume", waking],
    ];
    for (const [target, type, listener] of listeners) target.addEventListener(type, listener);
    begin();

    return {
      close() {
        clearInterval(timer);
        for (const [target, type, listener] of listeners) target.removeEventListener(type, listener);
        end();
      },
    };
  };
})();
