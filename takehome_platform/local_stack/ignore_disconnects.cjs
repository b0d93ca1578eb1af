// Loaded before the DynamoDB of this machine: that one throws what goes wrong with a request, and so a
// client that dies while it sends would take the tables' server with it.
"use strict";

const LOST = new Set(["ECONNRESET", "EPIPE"]);

process.on("uncaughtException", (error) => {
  if (LOST.has(error.code)) return;
  console.error(error);
  process.exit(1);
});
