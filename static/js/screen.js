// The pages in a participant's hands: a signature with finger, pen or mouse; and other tabs go away from what they show.
(function () {
  "use strict";

  new BroadcastChannel("handed-over").postMessage("now"); // site.js listens

  const form = document.querySelector("[data-signature]");
  if (!form) return;
  const [width, height, mostPoints] = form.dataset.signature.split(" ").map(Number);
  const canvas = form.querySelector("canvas");
  const buttons = form.querySelectorAll("button");
  let strokes = []; // lists of [x, y] in the box that the server knows, whatever the size of the canvas
  let points = 0;
  let pointer = null; // the one that draws; a palm or a second finger doesn't

  function place(event) {
    const frame = canvas.getBoundingClientRect();
    const within = (share, size) => Math.round(Math.min(Math.max(share, 0), 1) * size);
    return [
      within((event.clientX - frame.left) / frame.width, width),
      within((event.clientY - frame.top) / frame.height, height),
    ];
  }

  function draw() {
    const scale = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * scale;
    canvas.height = canvas.clientHeight * scale;
    const context = canvas.getContext("2d");
    context.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    context.lineWidth = 6;
    context.lineCap = context.lineJoin = "round";
    strokes.forEach(function (stroke) {
      context.beginPath();
      context.moveTo(stroke[0][0] - 0.1, stroke[0][1]); // or a dot would have no length, and not be drawn
      stroke.forEach((point) => context.lineTo(...point));
      context.stroke();
    });
    buttons.forEach((button) => (button.disabled = !strokes.length));
  }

  function add(point) {
    const stroke = strokes[strokes.length - 1];
    const last = stroke[stroke.length - 1];
    if (points >= mostPoints || (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < 3)) return;
    stroke.push(point);
    points += 1;
  }

  canvas.addEventListener("pointerdown", function (event) {
    if (pointer !== null || event.button !== 0 || points >= mostPoints) return;
    event.preventDefault();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    strokes.push([]);
    add(place(event));
    draw();
  });
  canvas.addEventListener("pointermove", function (event) {
    if (event.pointerId !== pointer) return;
    const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    (moves.length ? moves : [event]).forEach((move) => add(place(move)));
    draw();
  });
  ["pointerup", "pointercancel"].forEach((name) =>
    canvas.addEventListener(name, function (event) {
      if (event.pointerId === pointer) pointer = null;
    })
  );

  form.addEventListener("reset", function () {
    strokes = [];
    points = 0;
    draw();
  });
  form.addEventListener("submit", function () {
    form.elements.strokes.value = JSON.stringify(strokes);
  });
  window.addEventListener("resize", draw);
  draw();
})();
