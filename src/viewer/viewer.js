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
    showNavigator: true,
    crossOriginPolicy: 'Anonymous',
    // Plain pixels: what is seen is what was sent.
    drawer: 'canvas',
    imageSmoothingEnabled: true,
    maxZoomPixelRatio: 4,
  });
  window.viewer = viewer;

  const encodePath = (name) => name.split('/').map(encodeURIComponent).join('/');

  /** IIIF identifiers take slashes encoded. */
  const sources = {
    iiif: async (name) => (await fetch(`/?IIIF=${encodeURIComponent(name)}/info.json`)).json(),
    deepzoom: async (name) => `/?DeepZoom=${encodePath(name)}.dzi`,
    zoomify: async (name) => {
      const text = await (await fetch(`/?Zoomify=${encodePath(name)}/ImageProperties.xml`)).text();
      const read = (attribute) => Number(new RegExp(`${attribute}="(\\d+)"`).exec(text)?.[1]);
      return {
        type: 'zoomifytileservice',
        width: read('WIDTH'),
        height: read('HEIGHT'),
        tileSize: read('TILESIZE'),
        tilesUrl: `/?Zoomify=${encodePath(name)}/`,
      };
    },
    iip: async (name) => {
      const url = `/?FIF=${encodePath(name)}`;
      const text = await (
        await fetch(`${url}&OBJ=IIP,1.0&OBJ=Max-size&OBJ=Tile-size&OBJ=Resolutions`)
      ).text();
      const numbers = (key) => new RegExp(`${key}:([\\d ,]+)`).exec(text)[1].trim();
      const [width, height] = numbers('Max-size').split(' ').map(Number);
      const [tileWidth, tileHeight] = numbers('Tile-size').split(' ').map(Number);
      const sizes = numbers('Resolutions')
        .split(',')
        .map((size) => size.split(' ').map(Number));
      return {
        width,
        height,
        tileWidth,
        tileHeight,
        minLevel: 0,
        maxLevel: sizes.length - 1,
        getLevelScale: (level) => 1 / 2 ** (sizes.length - 1 - level),
        getNumTiles: (level) =>
          new OpenSeadragon.Point(
            Math.ceil(sizes[level][0] / tileWidth),
            Math.ceil(sizes[level][1] / tileHeight),
          ),
        getTileUrl: (level, x, y) => `${url}&JTL=${level},${y * Math.ceil(sizes[level][0] / tileWidth) + x}`,
      };
    },
  };

  async function open(name, protocol) {
    nameField.value = name;
    protocolField.value = protocol;
    history.replaceState(null, '', `#${new URLSearchParams({ image: name, protocol })}`);
    for (const button of gallery.children)
      button.setAttribute('aria-current', String(button.dataset.name === name));
    facts.textContent = 'Opening …';
    try {
      viewer.open(await sources[protocol](name));
    } catch {
      facts.textContent = `${name} could not be opened.`;
    }
  }

  viewer.addHandler('open', () => {
    const { x, y } = viewer.world.getItemAt(0).getContentSize();
    facts.textContent = `${x} × ${y} pixels`;
  });
  viewer.addHandler('open-failed', () => {
    facts.textContent = `${nameField.value} could not be opened.`;
  });
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
    picture.addEventListener('error', () => picture.remove());
    button.append(picture, name);
    button.addEventListener('click', () => void open(name, protocolField.value));
    gallery.append(button);
  }

  async function start() {
    const listed = await fetch('/viewer/gallery.json');
    const names = listed.ok ? await listed.json() : [];
    gallery.hidden = names.length === 0;
    names.forEach(addToGallery);
    const asked = new URLSearchParams(location.hash.slice(1));
    const name = asked.get('image') ?? names[0];
    if (name !== undefined && name !== null) await open(name, asked.get('protocol') ?? 'iiif');
    else facts.textContent = 'Name an image to open it.';
  }

  void start();
})();
