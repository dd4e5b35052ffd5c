// get-balance in Node.js with undici: verifies the gateway's own token, asks the HRIS once over a kept
// connection, and maps its answer.
//
//	node balance.mjs FOLDER_WITH_NODE_MODULES PORT HRIS_PORT SECRET_FILE
//
// Serves until it is killed.
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, port, hrisPort, secret] = process.argv.slice(2);
const { Pool } = createRequire(join(resolve(folder), "x.js"))("undici");
const hris = new Pool(`http://127.0.0.1:${hrisPort}`, { connections: 1024 });
const hmac = (key, data) => createHmac("sha256", key).update(data).digest();
const key = readFileSync(secret, "utf8").trimEnd();
const basic = "Basic " + Buffer.from("hris-key:x").toString("base64");

function isKnown(header) {
	const found = /^Bearer ([\w-]+)\.([\w-]+)$/.exec(header ?? "");

	if (!found)
		return false;
	const mac = Buffer.from(found[2], "base64url");
	if (mac.length !== 32 || !timingSafeEqual(mac, hmac(key, `token-v1\0${found[1]}`)))
		return false;
	const claims = /^1 r0 genesys (\d+) (\d+)$/.exec(Buffer.from(found[1], "base64url"));
	const now = Date.now() / 1000;
	return claims !== null && Number(claims[1]) <= now + 60 && now < Number(claims[2]);
}

async function balance(asked) {
	const wanted = new Set(asked.inputTimeOffTypeIds.split(","));
	const out = { statusCode: 200, status: "Complete", errorMsg: "", errorCode: "", requestId: randomUUID(),
		dates: [], timeOffTypeIds: [], timeOffTypeId2s: [], balanceMinutesPerDay: [] };

	for (const date of asked.inputDates.split(",")) {
		const answer = await hris.request({ method: "GET",
			path: `/api/v1/employees/${encodeURIComponent(asked.agentId)}/time_off/calculator`,
			query: { end: date, precision: 4 },
			headers: { authorization: basic, accept: "application/json" } });
		for (const row of await answer.body.json()) {
			if (!wanted.has(row.timeOffType))
				continue;
			out.dates.push(date);
			out.timeOffTypeIds.push(row.timeOffType);
			out.balanceMinutesPerDay.push(
				Math.floor(Number(row.balance) * (row.units === "hours" ? 60 : 480)));
		}
	}
	return out;
}

function answer(response, status, value) {
	const body = JSON.stringify(value);

	response.writeHead(status, { "Content-Type": "application/json",
		"Content-Length": Buffer.byteLength(body) });
	response.end(body);
}

const server = createServer((request, response) => {
	const parts = [];

	if (!isKnown(request.headers.authorization))
		return answer(response, 401, { error: "not authorized" });
	request.on("data", (part) => parts.push(part));
	request.on("end", () => balance(JSON.parse(Buffer.concat(parts)))
		.then((out) => answer(response, 200, out), (e) => answer(response, 502, { error: String(e) })));
});
server.keepAliveTimeout = 300000;
server.listen(Number(port), "127.0.0.1", 4096);
