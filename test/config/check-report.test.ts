import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkReport, describeListening } from '../../src/config/check-report.ts';
import { describeSettings } from '../../src/config/describe-settings.ts';
import { readConfig } from '../../src/config/read-config.ts';

const FACTS = { cpus: 2 };
const LISTENING = { bind: { kind: 'tcp', port: 9000 }, backlog: 16 } as const;

describe('--check', () => {
  it('is content with an empty environment', () => {
    assert.deepEqual(checkReport(readConfig({}, FACTS), LISTENING, FACTS), {
      text: 'FastCGI on :9000, backlog 16\nevery setting has its default\nthe server would start',
      exitStatus: 0,
    });
  });

  it('prints warnings and settings, and is content', () => {
    const env = { MAX_CVT: '20000px', JPEG_QUALITY: '120', URI_MAP: '/iiif/=>iiif' };
    assert.deepEqual(checkReport(readConfig(env, FACTS), LISTENING, FACTS), {
      text: [
        'warning: JPEG_QUALITY="120" is more than 100; using 100',
        'warning: MAX_CVT="20000px" is not a whole number; using 5000',
        'FastCGI on :9000, backlog 16',
        'settings that are not the default:',
        '  JPEG_QUALITY=100',
        '  URI_MAP=iiif=>IIIF',
        'the server would start',
      ].join('\n'),
      exitStatus: 0,
    });
  });

  it('fails for what is refused', () => {
    const { text, exitStatus } = checkReport(readConfig({ IIIF_EXTRA_INFO: '{' }, FACTS), LISTENING, FACTS);
    assert.match(text, /^error: IIIF_EXTRA_INFO="\{" is not JSON[^]*would not start$/);
    assert.equal(exitStatus, 1);
  });
});

describe('describeListening', () => {
  const http = { kind: 'tcp', host: '::1', port: 80 } as const;
  for (const [listening, lines] of [
    [{ backlog: 1 }, ['FastCGI on the socket inherited as descriptor 0']],
    [{ backlog: 1, bind: { kind: 'unix', path: '/run/a' } }, ['FastCGI on /run/a, backlog 1']],
    [{ backlog: 1, http }, ['HTTP on [::1]:80, backlog 1']],
    [{ ...LISTENING, http }, ['FastCGI on :9000, backlog 16', 'HTTP on [::1]:80, backlog 16']],
  ] as const) {
    it(lines.join(' and '), () => assert.deepEqual(describeListening(listening), lines));
  }
});

describe('describeSettings', () => {
  it('names what differs from the defaults of this machine, in the syntax of the variables', () => {
    const env = {
      VERBOSITY: '1',
      LOGFILE: 'syslog',
      MAX_CVT: '-1',
      MAX_LAYERS: '-1',
      WEBP_QUALITY: '-1',
      MAX_IMAGE_CACHE_SIZE: '0.5',
      MAX_METADATA_CACHE_SIZE: '-1',
      OMP_NUM_THREADS: '2',
      MEMCACHED_SERVERS: 'a,[::1]:5',
      IIIF_EXTRA_INFO: '"a":[1],"b":null',
      CODEC_PASSTHROUGH: '0',
    };
    const { config } = readConfig(env, FACTS);
    assert.deepEqual(Object.fromEntries(describeSettings(config, FACTS)), {
      LOGFILE: 'syslog',
      MAX_CVT: '-1',
      MAX_LAYERS: '-1',
      WEBP_QUALITY: '-1',
      MAX_IMAGE_CACHE_SIZE: '0.5',
      MAX_IMAGE_METADATA_CACHE_SIZE: '-1',
      MEMCACHED_SERVERS: 'a:11211,[::1]:5',
      IIIF_EXTRA_INFO: '"a": [1], "b": null',
      CODEC_PASSTHROUGH: '0',
    });
    const elsewhere = Object.fromEntries(describeSettings(config, { cpus: 8 }));
    assert.equal(elsewhere['OMP_NUM_THREADS'], '2');
  });
});
