-- flex-verify in lighttpd, what its configuration has no words for: an id for each
-- request, and lighttpd's own refusals in the form of the programs' refusals, so
-- that a client reads one format.  mod_magnet runs it when a request's address is
-- known, and again when an answer begins.

local r = lighty.r

local refusals = {
	[400] = { "malformed_request", "The request could not be read. Reload the page; if it happens again, tell your supervisor." },
	[401] = { "agent_not_signed_in", "Sign in to verify callers." },
	[403] = { "not_allowed", "That is not open to you." },
	[404] = { "not_found", "There is nothing at this address." },
	[405] = { "method_not_allowed", "That is not done with this address." },
	[413] = { "body_too_large", "The request is larger than 16 KiB." },
	[431] = { "headers_too_large", "The headers of the request are too large. A sign-in token may have 8 KiB." },
	[500] = { "internal_error", "Something went wrong on the server. Try again; if it happens again, tell your supervisor." },
	[501] = { "malformed_request", "The request could not be read. Reload the page; if it happens again, tell your supervisor." },
	[502] = { "service_down", "The verification service is not running. Tell your supervisor." },
	[503] = { "service_unavailable", "The verification service cannot answer now. Try again in a few seconds." },
	[504] = { "service_timed_out", "The verification service did not answer in time. Ask if a code arrived before you send again." },
}

-- 32 hex digits, of which no two requests have the same.
local function new_id()
	local parts = {}
	for i = 1, 4 do
		parts[i] = string.format("%08x", lighty.c.rand() & 0xffffffff)
	end
	return table.concat(parts)
end

local function refuse(status)
	local refusal = refusals[status] or { "refused", "The web server refused the request." }
	local reason = string.format('"code":"%s","message":"%s"', refusal[1], refusal[2])
	local id = r.req_env["REQUEST_ID"] or new_id()
	r.resp_header["Content-Type"] = "application/json; charset=utf-8"
	r.resp_header["Cache-Control"] = "no-store"
	r.resp_header["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
	r.resp_header["Referrer-Policy"] = "no-referrer"
	r.resp_header["Strict-Transport-Security"] = "max-age=31536000"
	r.resp_header["X-Content-Type-Options"] = "nosniff"
	local body = string.format(
		'{"success":false,%s,"error":{%s,"moreInfo":"https://www.twilio.com/docs/verify/api"},"now":"%s","request_id":"%s"}',
		reason, reason, os.date("!%Y-%m-%dT%H:%M:%SZ"), id)
	r.resp_body.set(body)
end

local status = r.req_item.http_status
if status == 0 then
	r.req_env["REQUEST_ID"] = new_id()
	local path = string.gsub(r.req_attr["uri.path"], "%+%d.*", "(number)")
	r.req_env["FLEX_VERIFY_PATH"] = (string.gsub(path, "[%s%c]", "_")) -- so that it is one field of the log's line
	if string.find(r.req_attr["uri.path"], "/%.") then
		return 404
	end
elseif status >= 400 and not string.find(r.resp_header["Content-Type"] or "", "^application/json") then
	refuse(status)
	return status -- without it the answer has no end
end
