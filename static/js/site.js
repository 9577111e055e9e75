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
  }

  document.addEventListener("change", function (event) {
    const form = event.target.form;
    if (form && form.querySelector("[data-shown-when]")) showChosen(form);
  });

  // A second press on a button must not send a form twice, unless the form says so (a download leaves the page as it is).
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if ("again" in form.dataset) {
      // the page stays while the file comes: the password must not stay in it, for who sits down here next
      setTimeout(() => form.querySelectorAll("input[type=password]").forEach((field) => (field.value = "")));
      return;
    }
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

  // The device was handed to a participant in another tab (screen.js): what stands here goes; the site answers with their page.
  if (!("handedOver" in document.body.dataset)) {
    new BroadcastChannel("handed-over").onmessage = () => window.location.replace("/");
  }

  document.addEventListener("DOMContentLoaded", function () {
    window.DKFDS.init();
    prepare(document);
  });
})();
