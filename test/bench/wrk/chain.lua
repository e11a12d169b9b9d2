-- Permission request, then the token request with its ticket. One connection a thread, so a thread's requests are in order.
-- BENCH_SHOTS names a file that returns the two requests; the ticket is appended to the second one's body.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long nanoseconds; } moment; int clock_gettime(int clock, moment *now);")
local now = ffi.new("moment")
-- Microseconds of CLOCK_MONOTONIC.
local function time()
  ffi.C.clock_gettime(1, now)
  return tonumber(now.seconds) * 1e6 + tonumber(now.nanoseconds) / 1e3
end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function init()
  shots = dofile(os.getenv("BENCH_SHOTS"))
  local first = shots[1]
  permission = wrk.format(first.method, first.path, with_host(first.headers), first.body)
  token_headers = with_host(shots[2].headers)
  good, bad, latencies = 0, 0, {}
end

function with_host(headers)
  headers.Host = wrk.headers.Host
  return headers
end

function request()
  if ticket then
    return wrk.format(shots[2].method, shots[2].path, token_headers, shots[2].body .. ticket)
  end
  started = time()
  return permission
end

function response(status, _headers, body)
  if ticket then
    ticket = nil
    if status == 200 and body:find('"access_token"', 1, true) then
      good = good + 1
      latencies[good] = time() - started
    else
      bad = bad + 1
    end
  else
    ticket = body:match('"ticket":"([%w._-]+)"')
    if not ticket then bad = bad + 1 end
  end
end

function done(summary)
  local errors, good, all = summary.errors, 0, {}
  local bad = errors.connect + errors.read + errors.write + errors.timeout
  for _, thread in ipairs(threads) do
    good, bad = good + thread:get("good"), bad + thread:get("bad")
    for _, latency in ipairs(thread:get("latencies")) do all[#all + 1] = latency end
  end
  table.sort(all)
  local function percentile(share) return (all[math.max(1, math.ceil(#all * share))] or 0) / 1e3 end
  print(string.format('{"good":%d,"bad":%d,"seconds":%f,"p50":%f,"p99":%f}', good, bad, summary.duration / 1e6,
    percentile(0.5), percentile(0.99)))
end
