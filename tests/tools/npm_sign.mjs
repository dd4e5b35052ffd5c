// Signs requests with other people's programs: the npm packages standardwebhooks, svix and
// http-message-signatures. Reads a JSON list of jobs, writes the list of each one's headers.
//
//	node npm_sign.mjs FOLDER_WITH_NODE_MODULES < jobs.json
//
// A job: {package, key, body} and, for http-message-signatures, {keyId, method, url, fields, params,
// paramValues, digest, headers}. key is the text of a key file.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(resolve(process.argv[2]), "x.js"));

function keyBytes(text) {
	for (const [prefix, encoding] of [["base64:", "base64"], ["whsec_", "base64"], ["hex:", "hex"]])
		if (text.startsWith(prefix))
			return Buffer.from(text.slice(prefix.length), encoding);
	return Buffer.from(text);
}

function webhook(job, family) {
	const { Webhook } = require(job.package);
	const now = new Date();
	const id = "msg_" + createHash("sha256").update(String(process.hrtime.bigint())).digest("hex");

	return {
		[family + "-id"]: id,
		[family + "-timestamp"]: String(Math.floor(now.getTime() / 1000)),
		[family + "-signature"]: new Webhook(job.key).sign(id, now, job.body),
	};
}

async function messageSignature(job) {
	const { createSigner, httpbis } = require(job.package);
	const digest = job.digest ?? "sha-256";
	const hash = createHash(digest.replace("-", "")).update(job.body).digest("base64");
	const signed = await httpbis.signMessage({
		key: createSigner(keyBytes(job.key), "hmac-sha256", job.keyId),
		fields: job.fields,
		params: job.params,
		paramValues: job.paramValues ?? {},
		name: job.name,
	}, {
		method: job.method,
		url: job.url,
		headers: { "Content-Digest": `${digest}=:${hash}:`, ...job.headers },
	});

	return signed.headers;
}

const signers = {
	"standardwebhooks": (job) => webhook(job, "webhook"),
	"svix": (job) => webhook(job, "svix"),
	"http-message-signatures": messageSignature,
};
const out = [];

for (const job of JSON.parse(readFileSync(0, "utf8")))
	out.push(await signers[job.package](job));
process.stdout.write(JSON.stringify(out));
