// @ts-check
import { drawTestCard } from './testcard.js';

/** Frames per second taken from canvases and asked of cameras. */
const RATE = 30;

/** Longer side of a canvas source; servers scale down further by themselves. */
const LONGEST_SIDE = 768;

/**
 * @typedef {'testcard' | 'camera' | 'screen' | 'file'} SourceKind
 * @typedef {{stream: MediaStream, close: () => void}} Source
 */

/**
 * Opens a source of pictures.
 *
 * @param {SourceKind} kind
 * @param {File | null} file
 * @returns {Promise<Source>}
 */
export async function openSource(kind, file) {
  switch (kind) {
    case 'camera':
      return ofDevice(
        await devices().getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: RATE } } }),
      );
    case 'screen':
      return ofDevice(await devices().getDisplayMedia({ video: { frameRate: { max: RATE } } }));
    case 'file':
      return ofFile(/** @type {File} */ (file));
    default:
      return ofDrawing(512, 512, drawTestCard);
  }
}

/**
 * Whether there is a camera, and whether the person has allowed it before; asks nobody.
 *
 * @returns {Promise<'none' | 'askable' | 'granted'>}
 */
export async function cameraAccess() {
  try {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
    if (cameras.length === 0) {
      return 'none';
    }
    const { state } = await navigator.permissions.query({ name: /** @type {PermissionName} */ ('camera') });
    return state === 'denied' ? 'none' : state === 'granted' ? 'granted' : 'askable';
  } catch {
    return navigator.mediaDevices ? 'askable' : 'none';
  }
}

/**
 * Why a source did not open, and what to do.
 *
 * @param {unknown} error
 * @param {boolean} secure whether the page may use devices at all
 */
export function explain(error, secure) {
  if (!secure) {
    return 'Browsers give cameras and screens only to secure pages. Open this page over https or on localhost.';
  }
  switch (error instanceof DOMException || error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
      return 'The browser was not allowed to use it. Permit it in the address bar, then choose it again.';
    case 'NotFoundError':
      return 'No camera was found. Plug one in, or use another source.';
    case 'NotReadableError':
      return 'Another program is using it. Close that program, then choose it again.';
    default:
      return error instanceof Error ? error.message : 'The source cannot be used.';
  }
}

function devices() {
  if (!navigator.mediaDevices) {
    throw new Error('This browser gives no access to cameras.');
  }
  return navigator.mediaDevices;
}

/** @param {MediaStream} stream @returns {Source} */
function ofDevice(stream) {
  return { stream, close: () => stream.getTracks().forEach((track) => track.stop()) };
}

/**
 * @param {number} width
 * @param {number} height
 * @param {(context: CanvasRenderingContext2D, seconds: number) => void} draw
 * @returns {Source}
 */
function ofDrawing(width, height, draw) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  const begun = performance.now();
  const paint = () => draw(context, (performance.now() - begun) / 1000);
  paint();
  // A timer rather than animation frames: those stop while the page is hidden, and the stream must not.
  const timer = setInterval(paint, 1000 / RATE);
  const stream = canvas.captureStream(RATE);
  return {
    stream,
    close() {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
    },
  };
}

/** @param {File} file @returns {Promise<Source>} */
async function ofFile(file) {
  const address = URL.createObjectURL(file);
  try {
    const picture = file.type.startsWith('image/') ? await loadImage(address) : await loadVideo(address);
    const [width, height] =
      picture instanceof HTMLImageElement
        ? [picture.naturalWidth, picture.naturalHeight]
        : [picture.videoWidth, picture.videoHeight];
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    const even = (/** @type {number} */ size) => Math.max(2, 2 * Math.round((size * scale) / 2));
    const source = ofDrawing(even(width), even(height), (context) =>
      context.drawImage(picture, 0, 0, context.canvas.width, context.canvas.height),
    );
    return {
      stream: source.stream,
      close() {
        source.close();
        if (picture instanceof HTMLVideoElement) {
          picture.pause();
        }
        URL.revokeObjectURL(address);
      },
    };
  } catch {
    URL.revokeObjectURL(address);
    throw new Error('This file cannot be shown by the browser. Try an MP4, WebM, PNG or JPEG file.');
  }
}

/** @param {string} address */
async function loadImage(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}

/** @param {string} address */
async function loadVideo(address) {
  const video = document.createElement('video');
  video.muted = true;
  video.loop = true;
  video.playsInline = true;
  video.src = address;
  await video.play();
  return video;
}
