-- load.lua PATH DELAY RUN [TOKEN]: for wrk; each request is of a number that
-- nobody has had yet.  With TOKEN each is of a task.  The last line is JSON.
local head, before, after
local count = 0

function init(args)
	local path, delay, run, token = args[1], args[2], args[3], args[4]
	local kind = "application/x-www-form-urlencoded"
	-- +999 and twelve digits: the country code 999 is nobody's.
	local digits = delay .. run

	before = (token and "task=WT00000000000000000000" or "to=%2B999") .. digits
	after = token and "" or "&channel=sms"
	head = "POST " .. path .. " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " .. kind .. "\r\n"
		.. (token and "Authorization: Bearer " .. token .. "\r\n" or "")
		.. "Content-Length: " .. #before + 8 + #after .. "\r\n\r\n"
end

function request()
	count = count + 1
	return head .. before .. string.format("%08d", count) .. after
end

function done(summary, latency, requests)
	local e = summary.errors
	io.write(string.format('\n{"requests":%d,"seconds":%.6f,"failed":%d,"p50":%.3f,"p99":%.3f}\n',
		summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.timeout + e.status,
		latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
