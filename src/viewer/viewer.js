/* The page that `--http` serves: opens images of this server in OpenSeadragon over any of its protocols. */
'use strict';
(() => {
  const form = document.getElementById('open');
  const nameField = document.getElementById('name');
  const protocolField = document.getElementById('protocol');
  const gallery = document.getElementById('gallery');
  const facts = document.getElementById('facts');

  const viewer = OpenSeadragon({
    id: 'viewer',
    prefixUrl: '/viewer/images/',
    // On a small screen it would cover the picture.
    showNavigator: window.innerWidth > 640,
    crossOriginPolicy: 'Anonymous',
    // Plain pixels: what is seen is what was sent.
    drawer: 'canvas',
    imageSmoothingEnabled: true,
    maxZoomPixelRatio: 4,
  });
  window.viewer = viewer;

  /** @throws Error with what the server says. */
  async function ask(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error((await response.text()).trim().split('\n').at(-1));
    return response;
  }

  const encodePath = (name) => name.split('/').map(encodeURIComponent).join('/');

  /** What OpenSeadragon takes; each asks the server first, so that a refusal can be told in its own words. */
  const sources = {
    // IIIF identifiers take slashes encoded.
    iiif: async (name) => (await ask(`/?IIIF=${encodeURIComponent(name)}/info.json`)).json(),
    deepzoom: async (name) => {
      const url = `/?DeepZoom=${encodePath(name)}.dzi`;
      await ask(url);
      return url;
    },
    zoomify: async (name) => {
      const properties = await (await ask(`/?Zoomify=${encodePath(name)}/ImageProperties.xml`)).text();
      const read = (attribute) => Number(new RegExp(`${attribute}="(\\d+)"`).exec(properties)?.[1]);
      return {
        type: 'zoomifytileservice',
        width: read('WIDTH'),
        height: read('HEIGHT'),
        tileSize: read('TILESIZE'),
        tilesUrl: `/?Zoomify=${encodePath(name)}/`,
      };
    },
    iip: async (name) => {
      await ask(`/?FIF=${encodePath(name)}&OBJ=IIP,1.0&OBJ=Max-size`);
      return { iipsrv: '/', image: encodePath(name) };
    },
  };

  function tell(text, isFailure = false) {
    facts.textContent = text;
    facts.classList.toggle('failure', isFailure);
  }

  async function open(name, protocol) {
    nameField.value = name;
    protocolField.value = protocol;
    document.title = `${name} · iipsrv`;
    history.replaceState(null, '', `#${new URLSearchParams({ image: name, protocol })}`);
    markInGallery(name);
    tell('Opening …');
    try {
      viewer.open(await sources[protocol](name));
    } catch (reason) {
      viewer.close();
      tell(`${name}: ${reason.message}`, true);
    }
  }

  viewer.addHandler('open', () => {
    const { x, y } = viewer.world.getItemAt(0).getContentSize();
    tell(`${x} × ${y} pixels`);
  });
  viewer.addHandler('open-failed', ({ message }) => tell(`${nameField.value}: ${message}`, true));

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (nameField.value.trim() !== '') void open(nameField.value.trim(), protocolField.value);
  });
  protocolField.addEventListener('change', () => form.requestSubmit());

  function addToGallery(name) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.name = name;
    const picture = document.createElement('img');
    picture.alt = '';
    picture.loading = 'lazy';
    picture.src = `/?IIIF=${encodeURIComponent(name)}/full/!150,96/0/default.jpg`;
    // It keeps its place, so that nothing moves under the pointer.
    picture.addEventListener('error', () => {
      picture.classList.add('unread');
      button.classList.add('unread');
    });
    const label = document.createElement('span');
    label.textContent = name;
    button.append(picture, label);
    button.addEventListener('click', () => void open(name, protocolField.value));
    gallery.append(button);
  }

  function markInGallery(name) {
    for (const button of gallery.children) {
      const isOpen = button.dataset.name === name;
      button.setAttribute('aria-current', String(isOpen));
      if (isOpen) button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  }

  async function start() {
    const listed = await fetch('/viewer/gallery.json');
    const names = listed.ok ? await listed.json() : [];
    gallery.hidden = names.length === 0;
    names.forEach(addToGallery);
    const asked = new URLSearchParams(location.hash.slice(1));
    const name = asked.get('image') ?? names[0];
    const protocol = asked.get('protocol') ?? 'iiif';
    if (name === undefined) tell('Name an image to open it.');
    else await open(name, Object.hasOwn(sources, protocol) ? protocol : 'iiif');
  }

  void start();
})();
