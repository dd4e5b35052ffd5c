/*
 * A Genesys Cloud Function that signs a request by HTTP Message Signatures (RFC 9421, hmac-sha256)
 * and forwards it to the HRIS Gateway. Node.js 18 or later, nothing but Node's own modules.
 *
 *   headers of the data action   gateway-url, key-id, key   (see README.md)
 *   body of the data action      {"action": "get-balance", "input": {...}}
 *   result                       the gateway's answer
 *
 * Genesys takes a function for failed only when it throws, so whatever is not HTTP 200 throws. It
 * never sends twice: the gateway knows what may be repeated.
 */
'use strict';

const crypto = require('node:crypto');
const http = require('node:http');
const https = require('node:https');

const TIMEOUT_MS = 14000;               // Genesys ends a function after 15 s
const ANSWER_MAX = 6 * 1024 * 1024;     // bytes; a function's result has no more room
const ACTIONS = ['get-agents', 'get-timeoff-types', 'get-balance', 'insert-timeoff',
  'update-timeoff'];

// A key is spelled as in a key file of the gateway.
function decodeKey(text) {
  const spellings = [['base64:', 'base64'], ['whsec_', 'base64'], ['hex:', 'hex']];
  for (const [prefix, encoding] of spellings) {
    if (text.startsWith(prefix)) {
      return Buffer.from(text.slice(prefix.length), encoding);
    }
  }
  return Buffer.from(text, 'utf8');
}

// What proves a request. now (seconds) and nonce are given by tests only.
function sign(method, url, body, keyId, key, now, nonce) {
  const created = now === undefined ? Math.floor(Date.now() / 1000) : now;
  const once = nonce === undefined ? crypto.randomBytes(16).toString('base64url') : nonce;
  const digest = 'sha-256=:' + crypto.createHash('sha256').update(body).digest('base64') + ':';
  const covered = [
    ['@method', method],
    ['@authority', url.host],             // without the scheme's own port
    ['@path', url.pathname],
    ['content-digest', digest],
  ];
  const params = '(' + covered.map(([name]) => `"${name}"`).join(' ') + ')' +
    `;created=${created};nonce="${once}";keyid="${keyId}";alg="hmac-sha256"`;
  const base = covered.map(([name, value]) => `"${name}": ${value}\n`).join('') +
    `"@signature-params": ${params}`;
  const mac = crypto.createHmac('sha256', key).update(base).digest('base64');
  return {
    'Content-Digest': digest,
    'Signature-Input': `sig1=${params}`,
    'Signature': `sig1=:${mac}:`,
  };
}

// The data action's headers, whatever the case of their names.
function settings(context) {
  const found = {};
  for (const [name, value] of Object.entries((context && context.clientContext) || {})) {
    found[name.toLowerCase()] = value;
  }
  for (const name of ['gateway-url', 'key-id', 'key']) {
    if (typeof found[name] !== 'string' || found[name] === '') {
      throw new Error(`the data action lacks the header ${name}`);
    }
  }
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(found['key-id'])) {
    throw new Error('key-id is 1 to 64 of A-Z a-z 0-9 . _ -');
  }
  return found;
}

function address(base, action) {
  const url = new URL(base.replace(/\/+$/, '') + '/' + action);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(local && url.protocol === 'http:')) {
    throw new Error('gateway-url must be https://');
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new Error('gateway-url is scheme, host and path alone');
  }
  return url;
}

function send(url, headers, body) {
  const client = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.request(url, { method: 'POST', headers, agent: false }, (answer) => {
      const parts = [];
      let length = 0;
      answer.on('data', (part) => {
        length += part.length;
        if (length > ANSWER_MAX) {
          request.destroy(new Error('the answer is too long'));
          return;
        }
        parts.push(part);
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(parts) }));
    });
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), TIMEOUT_MS);
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    request.end(body);
  });
}

async function handler(event, context) {
  const { 'gateway-url': base, 'key-id': keyId, key } = settings(context);
  if (!event || !ACTIONS.includes(event.action)) {
    throw new Error('the body must be {"action": "...", "input": {...}} with a known action');
  }
  const body = Buffer.from(JSON.stringify(event.input === undefined ? {} : event.input), 'utf8');
  const url = address(base, event.action);
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    ...sign('POST', url, body, keyId, decodeKey(key)),
  };
  const answer = await send(url, headers, body);
  if (answer.status !== 200) {
    throw new Error(`the gateway answered HTTP ${answer.status}`);
  }
  return JSON.parse(answer.text.toString('utf8'));
}

module.exports = { handler, sign, decodeKey };
