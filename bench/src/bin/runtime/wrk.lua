-- The body and the id within it that is to be another in every request come by the environment.

local body, id = os.getenv("BODY"), os.getenv("ID")
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = body

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

if id ~= "" then
  local from, to = body:find(id, 1, true)
  local before, after = body:sub(1, from - 1), body:sub(to + 1)
  local random = math.random

  function init()
    math.randomseed(os.time() * 1000 + number)
  end

  function request()
    local unique = string.format("%08x-%04x-4%03x-8%03x-%06x%06x", random(0, 0x7fffffff), random(0, 0xffff),
      random(0, 0xfff), random(0, 0xfff), random(0, 0xffffff), random(0, 0xffffff))
    return wrk.format(nil, nil, nil, before .. unique .. after)
  end
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"requests":%d,"failed":%d,"seconds":%.6f}\n', summary.requests, failed,
    summary.duration / 1e6))
end
