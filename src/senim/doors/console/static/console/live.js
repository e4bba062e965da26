/* A page that renews itself says when it could not: what it shows may not be true any more. */
"use strict";
(() => {
  document.getElementById("live-hint").hidden = false; // each is said only where it is true
  document.getElementById("live-not").hidden = true;
  const stale = (hidden) => () => { document.getElementById("live-stale").hidden = hidden; };
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, stale(false));
  }
  document.addEventListener("htmx:beforeOnLoad", (event) => stale(event.detail.xhr.status < 400)());
})();
