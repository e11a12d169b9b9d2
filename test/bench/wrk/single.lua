-- One request over and over. BENCH_SHOTS names a file that returns { { method, path, headers, body } }.
local shot = dofile(os.getenv("BENCH_SHOTS"))[1]
wrk.method, wrk.path, wrk.body = shot.method, shot.path, shot.body
for name, value in pairs(shot.headers) do wrk.headers[name] = value end

function done(summary, latency)
  local errors = summary.errors
  local bad = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format('{"good":%d,"bad":%d,"seconds":%f,"p50":%f,"p99":%f}', summary.requests - errors.status, bad,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
