// Loaded into Azurite before anything else: its clock stands where the test puts it, and moves only when told.
// `GET /MILLISECONDS` on the loopback port named in MOVED_CLOCK_PORT sets it; the answer comes once it is set.
"use strict";
const http = require("http");

let milliseconds = Number(process.env.MOVED_CLOCK_START);

globalThis.Date = new Proxy(Date, {
  apply: (target) => new target(milliseconds).toString(),
  construct: (target, parts, made) => Reflect.construct(target, parts.length ? parts : [milliseconds], made),
  get: (target, property) => (property === "now" ? () => milliseconds : Reflect.get(target, property)),
});

http
  .createServer((request, response) => {
    milliseconds = Number(request.url.slice(1));
    response.end();
  })
  .listen(Number(process.env.MOVED_CLOCK_PORT), "127.0.0.1")
  .unref();
