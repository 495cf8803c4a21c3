/** Which version and media type of info.json a client gets (RFC 9110, 12.5.1; IIIF Image API 3.0, 5.1). */
import { CONTEXTS, type IiifVersion } from './info-json.ts';

export interface Negotiated {
  readonly version: IiifVersion;
  readonly contentType: string;
  /** The Accept header chose another version than the server's own. */
  readonly isChosen: boolean;
}

interface MediaRange {
  readonly type: string;
  readonly profile: string;
  readonly weight: number;
}

/** The version named by the profile with the highest weight, else the server's own. */
export function negotiate(accept: string, ownVersion: IiifVersion): Negotiated {
  const ranges = parseAccept(accept).filter((range) => range.weight > 0);
  const profiled = ranges.find((range) => versionOf(range.profile) !== undefined);
  const version = (profiled === undefined ? undefined : versionOf(profiled.profile)) ?? ownVersion;
  const wantsPlain = ranges.some((range) => range.type === 'application/json');
  const takesLinked = ranges.some((range) =>
    ['application/ld+json', 'application/*', '*/*'].includes(range.type),
  );
  const contentType =
    wantsPlain && !takesLinked ? 'application/json' : `application/ld+json;profile="${CONTEXTS[version]}"`;
  return { version, contentType, isChosen: version !== ownVersion };
}

/** The ranges of an Accept header, heaviest first; of equal ones the first. At most 32 are looked at. */
function parseAccept(accept: string): readonly MediaRange[] {
  const ranges = accept.slice(0, 4096).split(',', 32).map(parseRange);
  return ranges.sort((a, b) => b.weight - a.weight);
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';');
  let profile = '';
  let weight = 1;
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    const name = parameter.slice(0, equals).trim().toLowerCase();
    const value = parameter.slice(equals + 1).trim();
    if (name === 'profile') profile = value.replace(/^"|"$/g, '');
    if (name === 'q') weight = Number.isFinite(Number(value)) ? Number(value) : 0;
  }
  return { type: type.trim().toLowerCase(), profile, weight };
}

function versionOf(profile: string): IiifVersion | undefined {
  for (const version of [3, 2, 1] as const) if (profile === CONTEXTS[version]) return version;
  return undefined;
}
