import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  infoDocument,
  scaleFactors,
  sizesOf,
  type InfoContext,
} from '../../../src/protocols/iiif/info-json.ts';
import { negotiate } from '../../../src/protocols/iiif/negotiate.ts';
import { imageInfo } from '../../support/image-info.ts';

const CONTEXT: InfoContext = { id: 'http://example.org/iiif/a', maxSide: 5000, allowUpscaling: true, hasExtraQualities: false, copyright: '', extra: {} }; // prettier-ignore

describe('info.json', () => {
  const info = imageInfo({ resolution: { x: 118.11, y: 118.11, unit: 'cm' } });

  it('lists every level but the largest, and contiguous scale factors', () => {
    assert.deepEqual(
      sizesOf(info, 5000).map((size) => size.width),
      [250, 500, 1000],
    );
    assert.deepEqual(
      sizesOf(info, 600).map((size) => size.width),
      [250, 500],
    );
    assert.deepEqual(sizesOf(imageInfo({ sizes: [[53, 37]] }), 5000), [{ width: 53, height: 37 }]);
    assert.deepEqual(sizesOf(imageInfo({ sizes: [[9000, 6000]] }), 3000), [{ width: 3000, height: 2000 }]);
    assert.deepEqual(scaleFactors(info), [1, 2, 4, 8]);
    assert.deepEqual(scaleFactors(imageInfo({ sizes: [[4096, 4096], [1024, 1024], [256, 256]] })), [1, 2, 4, 8, 16]); // prettier-ignore
  });

  it('has in version 3 what the specification requires', () => {
    const document = infoDocument(info, 3, CONTEXT);
    assert.equal(Object.keys(document)[0], '@context');
    assert.deepEqual(
      {
        id: document['id'],
        type: document['type'],
        profile: document['profile'],
        maxWidth: document['maxWidth'],
      },
      { id: CONTEXT.id, type: 'ImageService3', profile: 'level2', maxWidth: 5000 },
    );
    const [service] = document['service'] as readonly Record<string, unknown>[];
    assert.deepEqual([service?.['physicalScale'], service?.['physicalUnits']], [0.00846668, 'cm']);
    assert.ok(service?.['@id'] !== undefined && service['@type'] !== undefined);
  });

  it('has the profile as a list and the id as @id in version 2', () => {
    const document = infoDocument(info, 2, { ...CONTEXT, copyright: 'http://example.org/rights' });
    assert.equal(document['@id'], CONTEXT.id);
    assert.equal((document['profile'] as unknown[])[0], 'http://iiif.io/api/image/2/level2.json');
    assert.equal(document['license'], 'http://example.org/rights');
  });

  it('has tile_width and scale_factors in version 1', () => {
    const document = infoDocument(info, 1, CONTEXT);
    assert.deepEqual([document['tile_width'], document['scale_factors']], [256, [1, 2, 4, 8]]);
  });

  it('states no limit, and then no upscaling, when there is none', () => {
    const document = infoDocument(info, 3, { ...CONTEXT, maxSide: Infinity });
    assert.ok(!('maxWidth' in document));
    assert.ok(!(document['extraFeatures'] as string[]).includes('sizeUpscaling'));
  });

  it('says color only of color, and extra qualities where they are on', () => {
    const gray = infoDocument(imageInfo({ colorSpace: 'gray', bands: 1 }), 3, {
      ...CONTEXT,
      hasExtraQualities: true,
    });
    assert.deepEqual(gray['extraQualities'], [
      'gray',
      'bitonal',
      'negative',
      'stretch',
      'equalization',
      'log',
    ]);
  });

  it('takes in the members of IIIF_EXTRA_INFO and the rights of the image itself', () => {
    const document = infoDocument(imageInfo({ metadata: { rights: 'CC0' } }), 3, { ...CONTEXT, copyright: 'x', extra: { preferredFormats: ['webp'] } }); // prettier-ignore
    assert.deepEqual([document['rights'], document['preferredFormats']], ['CC0', ['webp']]);
  });
});

describe('negotiation', () => {
  const V2 = 'http://iiif.io/api/image/2/context.json';
  const V3 = 'http://iiif.io/api/image/3/context.json';
  const table: readonly (readonly [accept: string, version: number, contentType: string])[] = [
    ['', 3, `application/ld+json;profile="${V3}"`],
    ['*/*', 3, `application/ld+json;profile="${V3}"`],
    [`application/ld+json;profile="${V2}"`, 2, `application/ld+json;profile="${V2}"`],
    [
      `application/ld+json;profile=${V2};q=0.5, application/ld+json;profile="${V3}"`,
      3,
      `application/ld+json;profile="${V3}"`,
    ],
    [`application/ld+json;profile="${V2}";q=0`, 3, `application/ld+json;profile="${V3}"`],
    ['application/json', 3, 'application/json'],
    ['application/json, application/ld+json', 3, `application/ld+json;profile="${V3}"`],
    ['text/html,;;,=,q=', 3, `application/ld+json;profile="${V3}"`],
  ];
  for (const [accept, version, contentType] of table) {
    it(accept || 'no Accept header', () => {
      const chosen = negotiate(accept, 3);
      assert.deepEqual(
        [chosen.version, chosen.contentType, chosen.isChosen],
        [version, contentType, version !== 3],
      );
    });
  }
});
