// @ts-check

const BARS = ['#f2f0ea', '#e8c547', '#45b8c9', '#58a55c', '#b9559b', '#d4503e', '#3f5fb0'];
const TURN_S = 8;

/**
 * Colour bars, a turning disc, a ball that crosses the picture and a clock: colour, detail, motion and delay are
 * all visible in it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} seconds
 */
export function drawTestCard(context, seconds) {
  const { width, height } = context.canvas;
  const bar = width / BARS.length;
  BARS.forEach((colour, index) => {
    context.fillStyle = colour;
    context.fillRect(Math.floor(index * bar), 0, Math.ceil(bar), height);
  });
  context.fillStyle = '#17161b';
  context.fillRect(0, height * 0.76, width, height * 0.24);

  context.save();
  context.translate(width / 2, height * 0.4);
  context.beginPath();
  context.arc(0, 0, width * 0.26, 0, 2 * Math.PI);
  context.fill();
  context.rotate((seconds / TURN_S) * 2 * Math.PI);
  context.strokeStyle = '#ffb45e';
  context.lineWidth = width * 0.03;
  context.lineCap = 'round';
  for (let slot = 0; slot < 12; slot++) {
    context.globalAlpha = 0.25 + (0.75 * slot) / 11;
    context.rotate(Math.PI / 6);
    context.beginPath();
    context.moveTo(0, -width * 0.13);
    context.lineTo(0, -width * 0.21);
    context.stroke();
  }
  context.restore();

  const along = 0.5 - 0.5 * Math.cos(seconds * 1.4);
  context.fillStyle = '#f0644b';
  context.beginPath();
  context.arc(width * (0.08 + 0.84 * along), height * (0.9 - 0.07 * Math.abs(Math.sin(seconds * 5))), width * 0.035, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = '#f2f0ea';
  context.font = `600 ${Math.round(width * 0.055)}px ui-monospace, monospace`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(clock(seconds), width / 2, height * 0.4);
}

/** @param {number} seconds */
export function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${String(minutes).padStart(2, '0')}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}
