// Loaded before the local DynamoDB server, which throws errors of a request where nothing catches them:
// a client that dies while it sends a request would otherwise take the server down.
"use strict";

const DISCONNECT_CODES = new Set(["ECONNRESET", "EPIPE"]);

process.on("uncaughtException", (error) => {
  if (DISCONNECT_CODES.has(error.code)) return;
  console.error(error);
  process.exit(1);
});
