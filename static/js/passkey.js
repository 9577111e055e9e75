// Passkeys: asks the browser and sends its answer with the form around the button. Uses allauth's webauthn-json.js.
//   <button data-passkey="get|create" data-options="id of the JSON"> or, at sign-in, data-ask="address of the JSON".
// What needs a passkey is hidden until here is known that the browser can do it.
(function () {
  "use strict";

  function show(scope) {
    if (!window.PublicKeyCredential) return;
    scope.querySelectorAll("[data-passkey-form]").forEach((part) => (part.hidden = false));
    scope.querySelectorAll("[data-no-passkey]").forEach((part) => (part.hidden = true));
  }

  async function optionsOf(button) {
    if (button.dataset.options) return JSON.parse(document.getElementById(button.dataset.options).textContent);
    const answer = await fetch(button.dataset.ask, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return (await answer.json()).request_options;
  }

  // The user chose on the page whether the key shall be enough by itself; the key must be told.
  function chosen(options, form) {
    const alone = form.elements.passwordless;
    if (alone && alone.checked) {
      const wanted = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
      Object.assign(options.publicKey.authenticatorSelection, wanted);
    }
    return options;
  }

  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-passkey]");
    if (!button) return;
    event.preventDefault();
    const form = button.form;
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    button.disabled = true;
    try {
      const options = chosen(await optionsOf(button), form);
      form.elements.credential.value = JSON.stringify(await window.webauthnJSON[button.dataset.passkey](options));
      form.submit();
    } catch {
      failed.hidden = false; // given up, too late, or of another site: the browser has said more
      button.disabled = false;
    }
  });

  document.addEventListener("htmx:load", (event) => show(event.target));
  show(document);
})();
