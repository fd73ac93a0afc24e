import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createStills } from '../stills.js';

/** As much of an element as is used. */
class Box extends EventTarget {
  hidden = true;
  complete = true;
  src = '';
  alt = '';
  value = '1';
  max = '1';
  textContent = '';
  removeAttribute() {
    this.src = '';
  }
  does(type) {
    this.dispatchEvent(new Event(type));
  }
}

function stills(onPicture = () => undefined) {
  const ui = { box: new Box(), picture: new Box(), bar: new Box(), play: new Box(), place: new Box(), about: new Box() };
  return { ui, made: createStills(/** @type {any} */ (ui), onPicture) };
}

const FILES = ['a', 'b', 'c'].map((name) => ({ url: `/${name}.png`, name: `${name}.png` }));

test('shows previews until there are files', () => {
  let seen = 0;
  const { ui, made } = stills(() => seen++);
  made.preview('data:1');
  ui.picture.does('load');
  assert.equal(ui.picture.src, 'data:1');
  assert.equal(ui.box.hidden, false);
  assert.equal(seen, 1);
  made.finish(FILES, 16);
  made.preview('data:2');
  assert.equal(ui.picture.src, '/a.png');
  assert.equal(ui.bar.hidden, false);
  assert.equal(ui.about.textContent, '1 of 3');
  made.stop();
  assert.equal(ui.box.hidden, true);
});

test('turns the pages as a flip-book, from the last to the first, until it is paused', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const { ui, made } = stills();
  made.finish(FILES, 10);
  ui.play.does('click');
  mock.timers.tick(200);
  assert.equal(ui.picture.src, '/c.png');
  mock.timers.tick(100);
  assert.equal(ui.picture.src, '/a.png');
  ui.picture.complete = false;
  mock.timers.tick(500);
  assert.equal(ui.picture.src, '/a.png', 'waits for what loads');
  ui.play.does('click');
  ui.picture.complete = true;
  mock.timers.tick(500);
  assert.equal(ui.picture.src, '/a.png');
  assert.equal(ui.play.textContent, 'Play');
  mock.timers.reset();
});

test('the same files again leave the place alone; one file needs no bar', () => {
  const { ui, made } = stills();
  made.finish(FILES, 16);
  ui.place.value = '2';
  ui.place.does('input');
  made.finish([...FILES], 16);
  assert.equal(ui.picture.src, '/b.png');
  made.finish(FILES.slice(0, 1), 16);
  assert.equal(ui.bar.hidden, true);
});
