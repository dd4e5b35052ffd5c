-- get-balance in nginx itself: the least that a caller of the gateway could do with the same means. Verifies
-- the gateway's own token, asks the HRIS once over a kept connection, and maps its answer.
local cjson = require("cjson.safe")
local ffi = require("ffi")

ffi.cdef([[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *md, const void *key, int key_len, const unsigned char *data, size_t len,
    unsigned char *out, unsigned int *out_len);
]])

local M = {}
local key, sha256
local digest = ffi.new("unsigned char[32]")

local function hmac(secret, data)
	ffi.C.HMAC(sha256, secret, #secret, data, #data, digest, nil)
	return ffi.string(digest, 32)
end

function M.start(path)
	local file = assert(io.open(path))
	key = file:read("*l")
	file:close()
	sha256 = ffi.C.EVP_sha256()
end

local function decode(text)
	text = text:gsub("-", "+"):gsub("_", "/")
	return ngx.decode_base64(text .. ("="):rep(-#text % 4))
end

local function is_equal(a, b)
	local differ = 0
	if #a ~= #b then return false end
	for i = 1, #a do differ = bit.bor(differ, bit.bxor(a:byte(i), b:byte(i))) end
	return differ == 0
end

local function is_known()
	local claims, mac = (ngx.var.http_authorization or ""):match("^Bearer ([%w_-]+)%.([%w_-]+)$")
	if not claims or not is_equal(decode(mac) or "", hmac(key, "token-v1\0" .. claims)) then return false end
	local issued, expires = (decode(claims) or ""):match("^1 r0 genesys (%d+) (%d+)$")
	local now = ngx.time()
	return issued and tonumber(issued) <= now + 60 and now < tonumber(expires)
end

local function refuse(status)
	ngx.status = status
	ngx.header["Content-Length"] = 3
	ngx.print("no\n")
end

function M.answer()
	if not is_known() then return refuse(401) end
	ngx.req.read_body()
	local asked = cjson.decode(ngx.req.get_body_data() or "")
	if not asked or not asked.agentId then return refuse(400) end
	local wanted = {}
	for id in asked.inputTimeOffTypeIds:gmatch("[^,]+") do wanted[id] = true end
	local out = {statusCode = 200, status = "Complete", errorMsg = "", errorCode = "",
		requestId = ngx.var.request_id, dates = {}, timeOffTypeIds = {}, timeOffTypeId2s = {},
		balanceMinutesPerDay = {}}
	for date in asked.inputDates:gmatch("[^,]+") do
		local answer = ngx.location.capture("/api/v1/employees/" .. ngx.escape_uri(asked.agentId) ..
			"/time_off/calculator?end=" .. ngx.escape_uri(date) .. "&precision=4")
		local rows = answer.status == 200 and cjson.decode(answer.body)
		if not rows then return refuse(502) end
		for _, row in ipairs(rows) do
			if wanted[row.timeOffType] then
				local n = #out.dates + 1
				out.dates[n] = date
				out.timeOffTypeIds[n] = row.timeOffType
				out.balanceMinutesPerDay[n] = math.floor(tonumber(row.balance) *
					(row.units == "hours" and 60 or 480))
			end
		end
	end
	local body = cjson.encode(out)
	ngx.header["Content-Type"] = "application/json"
	ngx.header["Content-Length"] = #body
	ngx.print(body)
end

return M
