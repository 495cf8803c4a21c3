import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchUri, uriMap } from '../../src/config/uri-map.ts';

const CONTEXT = { cpus: 1, chosen: {} };

function parse(text: string): { readonly shown: string; readonly why: string | undefined } {
  const outcome = uriMap.parse(text, CONTEXT);
  assert.ok('value' in outcome);
  return { shown: uriMap.show(outcome.value), why: outcome.kind === 'adjusted' ? outcome.why : undefined };
}

describe('URI_MAP', () => {
  for (const [text, shown] of [
    ['iiif=>IIIF', 'iiif=>IIIF'],
    ['/iiif/=>IIIF', 'iiif=>IIIF'],
    ['//iiif//=>IIIF', 'iiif=>IIIF'],
    [' iiif => iiif ', 'iiif=>IIIF'],
    ['=>IIIF', '=>IIIF'],
    ['/=>IIIF', '=>IIIF'],
    ['dz=>deepzoom', 'dz=>DeepZoom'],
    ['zoom=>ZOOMIFY', 'zoom=>Zoomify'],
    ['img=>Iip', 'img=>IIP'],
    ['fcgi-bin/iipsrv.fcgi=>IIP', 'fcgi-bin/iipsrv.fcgi=>IIP'],
    ['a=>b=>IIP', 'a=>b=>IIP'],
    ['iiif=>IIIF, dz=>DeepZoom,', 'iiif=>IIIF,dz=>DeepZoom'],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parse(text), { shown, why: undefined }));
  }

  for (const [text, shown, why] of [
    ['iiif', '', 'has no => in iiif'],
    ['iiif=IIIF', '', 'has no => in iiif=IIIF'],
    ['iiif=>', '', 'names no protocol (IIP, IIIF, DeepZoom, Zoomify) in iiif=>'],
    ['iiif=>IIIF3', '', 'names no protocol (IIP, IIIF, DeepZoom, Zoomify) in iiif=>IIIF3'],
    ['a?b=>IIP', '', 'has a prefix that is no path in a?b=>IIP'],
    ['a b=>IIP', '', 'has a prefix that is no path in a b=>IIP'],
    ['a=>IIP,/a/=>IIIF', 'a=>IIP', 'maps /a/=>IIIF a second time'],
    [
      'x,dz=>DeepZoom,y=>Y',
      'dz=>DeepZoom',
      'has no => in x and names no protocol (IIP, IIIF, DeepZoom, Zoomify) in y=>Y',
    ],
  ] as const) {
    it(`leaves out what is malformed in ${JSON.stringify(text)}`, () =>
      assert.deepEqual(parse(text), { shown, why }));
  }
});

describe('matchUri', () => {
  for (const [map, uri, expected] of [
    ['iiif=>IIIF', '/iiif/rgb-jpeg.tif/info.json', ['IIIF', 'rgb-jpeg.tif/info.json', 'iiif']],
    ['iiif=>IIIF', '/iiif/a.tif/info.json?x=/iiif/y', ['IIIF', 'a.tif/info.json', 'iiif']],
    ['iiif=>IIIF', '/iiif', ['IIIF', '', 'iiif']],
    ['iiif=>IIIF', '/iiif/', ['IIIF', '', 'iiif']],
    ['iiif=>IIIF', '/iiif?a', ['IIIF', '', 'iiif']],
    ['iiif=>IIIF', '/iiif//a%2Fb', ['IIIF', '/a%2Fb', 'iiif']],
    ['iiif=>IIIF', 'iiif/a', ['IIIF', 'a', 'iiif']],
    ['iiif=>IIIF', '/iiif2/x', undefined],
    ['iiif=>IIIF', '/IIIF/x', undefined],
    ['iiif=>IIIF', '//iiif/x', undefined],
    ['iiif=>IIIF', '/x/iiif/a', undefined],
    ['iiif=>IIIF', '/?iiif/a', undefined],
    ['iiif=>IIIF', '', undefined],
    ['=>IIIF', '/a/b.tif/info.json', ['IIIF', 'a/b.tif/info.json', '']],
    ['=>IIIF', '/?FIF=a', ['IIIF', '', '']],
    ['=>IIP', '', ['IIP', '', '']],
    ['=>IIP,iiif=>IIIF,iiif/dz=>DeepZoom', '/iiif/dz/a.dzi', ['DeepZoom', 'a.dzi', 'iiif/dz']],
    ['iiif/dz=>DeepZoom,iiif=>IIIF,=>IIP', '/iiif/dz/a.dzi', ['DeepZoom', 'a.dzi', 'iiif/dz']],
    ['=>IIP,iiif=>IIIF,iiif/dz=>DeepZoom', '/iiif/dzi', ['IIIF', 'dzi', 'iiif']],
    ['=>IIP,iiif=>IIIF,iiif/dz=>DeepZoom', '/other', ['IIP', 'other', '']],
    ['', '/iiif/a', undefined],
  ] as const) {
    it(`${map || 'no map'} with ${uri || 'an empty address'}`, () => {
      const outcome = uriMap.parse(map, CONTEXT);
      assert.ok(outcome.kind === 'good');
      const [protocol, argument, prefix] = expected ?? [];
      assert.deepEqual(
        matchUri(outcome.value, uri),
        expected === undefined ? undefined : { protocol, argument, prefix },
      );
    });
  }
});
