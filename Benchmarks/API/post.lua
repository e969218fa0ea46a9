-- For wrk: posts 1000 contacts a request, all of them new, and counts what was answered.
-- wrk … -s post.lua URL -- TEMPLATES TOKEN RUN: each line of TEMPLATES is a body with "@" where the request's own key goes.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  bodies, sent, good, bad, worst = {}, 0, 0, 0, ""
  run = args[3]
  for line in io.lines(args[1]) do
    local parts = {}
    for part in string.gmatch(line, "[^@]+") do table.insert(parts, part) end
    table.insert(bodies, parts)
  end
  headers = { ["Authorization"] = "Bearer " .. args[2], ["X-Anyreach-Org"] = "bench", ["Content-Type"] = "application/json" }
end

function request()
  sent = sent + 1
  local key = string.format("%s-%d-%d", run, number, sent)
  return wrk.format("POST", "/campaign/campaigns/api/contacts", headers, table.concat(bodies[sent % #bodies + 1], key))
end

function response(status, _, body)
  if status == 200 then good = good + 1 else bad = bad + 1; worst = status .. " " .. string.sub(body, 1, 200) end
end

function done(summary, latency)
  local good, bad, sent, worst = 0, 0, 0, ""
  for _, thread in ipairs(threads) do
    good, bad, sent = good + thread:get("good"), bad + thread:get("bad"), sent + thread:get("sent")
    if thread:get("worst") ~= "" then worst = thread:get("worst") end
  end
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %.1f %.1f %d %s\n", good, bad, sent, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.timeout, worst))
end
