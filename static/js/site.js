// Comfort only: every page does its work without this file.
(function () {
  "use strict";

  // <div data-shown-when="identification=cpr|both"> is hidden while no chosen field says so. Its fields are still
  // sent; the server looks at the choice itself.
  function showChosen(form) {
    const data = new FormData(form);
    form.querySelectorAll("[data-shown-when]").forEach(function (part) {
      const [name, values] = part.dataset.shownWhen.split("=");
      part.hidden = !data.getAll(name).some((value) => values.split("|").includes(value));
    });
  }

  function prepare(scope) {
    scope.querySelectorAll("form").forEach(function (form) {
      if (form.querySelector("[data-shown-when]")) showChosen(form);
    });
    scope.querySelectorAll("[data-search]").forEach((part) => (part.hidden = false));
  }

  document.addEventListener("change", function (event) {
    const form = event.target.form;
    if (form && form.querySelector("[data-shown-when]")) showChosen(form);
  });

  // Of many check boxes those that hold all the words typed above them, and those that are checked.
  function search(part) {
    const frame = document.getElementById(part.dataset.search);
    const words = part.querySelector("input").value.toLowerCase().split(/\s+/);
    const told = part.querySelector("[role=status]");
    let shown = 0;
    for (const choice of frame.children) {
      const text = choice.textContent.toLowerCase();
      choice.hidden = !words.every((word) => text.includes(word)) && !choice.querySelector("input").checked;
      shown += choice.hidden ? 0 : 1;
    }
    told.textContent = told.dataset.found.replace("%s", shown).replace("%t", frame.children.length);
  }

  document.addEventListener("input", function (event) {
    const part = event.target.closest("[data-search]");
    if (part) search(part);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.closest("[data-search]")) event.preventDefault(); // or it sends the form
  });

  // A second press on a button must not send a form twice, unless the form or the button says so (a download leaves the
  // page as it is).
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if ("again" in form.dataset) {
      // the page stays while the file comes: the password must not stay in it, for who sits down here next
      setTimeout(() => form.querySelectorAll("input[type=password]").forEach((field) => (field.value = "")));
      return;
    }
    if ("again" in (event.submitter?.dataset ?? {})) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    prepare(document);
  });

  document.addEventListener("htmx:load", (event) => prepare(event.target.closest("form")?.parentElement || event.target));
  document.addEventListener("htmx:sendError", () => document.body.classList.add("is-offline"));
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.successful) document.body.classList.remove("is-offline");
  });

  // Warns before the session ends, and leaves the page when it has: names must not stay in sight. All tabs share it.
  function watch(part) {
    const tabs = new BroadcastChannel("session");
    const age = Date.now() + part.dataset.age * 1000;
    const wait = part.dataset.idle * 1000;
    let idle = 0;
    function look() {
      const now = Date.now();
      const end = Math.min(idle, age);
      if (now >= end) return window.location.replace(window.location.href);
      part.querySelectorAll("[data-when]").forEach((each) => (each.hidden = each.dataset.when !== (age <= idle ? "age" : "idle")));
      part.hidden = end - now > Math.min(300000, wait / 5);
    }
    function used() {
      idle = Date.now() + wait;
      look();
    }
    function here() {
      used();
      tabs.postMessage("used");
    }
    tabs.onmessage = used;
    part.querySelector("button").addEventListener("click", () => fetch(part.dataset.stay).then(here));
    document.addEventListener("submit", here);
    document.addEventListener("htmx:afterRequest", here);
    document.addEventListener("visibilitychange", look);
    setInterval(look, 10000);
    here();
  }

  // The device was handed to a participant in another tab (screen.js): what stands here goes; the site answers with their page.
  if (!("handedOver" in document.body.dataset)) {
    new BroadcastChannel("handed-over").onmessage = () => window.location.replace("/");
  }

  document.addEventListener("DOMContentLoaded", function () {
    window.DKFDS.init();
    prepare(document);
    document.querySelectorAll("[data-session]").forEach(watch);
  });
})();
