// @ts-check

/**
 * What can be done with the output picture: save one frame, fill the screen, float above other windows.
 *
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video
 * @param {HTMLElement} parts.frame
 * @param {HTMLButtonElement} parts.snapshot
 * @param {HTMLButtonElement} parts.fullscreen
 * @param {HTMLButtonElement} parts.floating
 * @param {(text: string) => void} onMessage
 */
export function bindViewer({ video, frame, snapshot, fullscreen, floating }, onMessage) {
  snapshot.addEventListener('click', async () => {
    if (video.videoWidth === 0) {
      onMessage('There is no picture to save yet.');
      return;
    }
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      if (blob) {
        save(blob, `tachyscope-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.png`);
      }
    }, 'image/png');
  });

  fullscreen.hidden = !document.fullscreenEnabled;
  fullscreen.addEventListener('click', () =>
    (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen()).catch(() =>
      onMessage('The browser did not allow the full screen.'),
    ),
  );

  floating.hidden = !document.pictureInPictureEnabled;
  floating.addEventListener('click', () =>
    (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() =>
      onMessage('There is no picture to float yet.'),
    ),
  );
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
