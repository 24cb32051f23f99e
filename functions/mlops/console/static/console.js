// Pages work without it. With it, times are the viewer's, filters apply at once, a table's choice is counted, and
// sliders move the numbers of forms.
"use strict";
(() => {
  const format = new Intl.DateTimeFormat(undefined, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  const exact = new Intl.DateTimeFormat(undefined, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  });
  const writeTimes = (root) => {
    for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.valueOf())) continue;
      time.title = time.textContent.trim();
      time.textContent = (time.classList.contains("exact") ? exact : format).format(moment);
    }
  };
  const limitChoice = (event) => {
    if (event.target.name !== "v") return;
    const chosen = [...document.querySelectorAll("input[name=v]:checked")];
    for (const box of chosen) if (chosen.length > 2 && box !== event.target) { box.checked = false; break; }
  };
  // A slider and its number say the same, whichever of them is moved.
  const move = (event) => {
    const moved = event.target.dataset?.moves;
    const other = moved ? document.getElementById(moved) : document.querySelector(`[data-moves="${CSS.escape(event.target.id)}"]`);
    if (other && event.target.value !== "") other.value = event.target.value;
  };
  document.addEventListener("DOMContentLoaded", () => {
    writeTimes(document);
    for (const slider of document.querySelectorAll("input[data-moves]")) slider.hidden = false;
  });
  document.addEventListener("input", move);
  document.addEventListener("htmx:afterSettle", (event) => writeTimes(event.target.parentElement ?? document));
  document.addEventListener("change", limitChoice);
})();
