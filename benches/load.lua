-- Sends one request over and over: `wrk -s load.lua URL -- METHOD BODY NAME VALUE NAME VALUE …`, where names and values are
-- headers. Its last line is for a program to read. With a file of Authorization headers in AUTHORIZATIONS, one a line, each request
-- has the next of them.

local authorizations = {}
local sent = 0

local function next_request()
  sent = sent + 1
  wrk.headers["authorization"] = authorizations[sent % #authorizations + 1]
  return wrk.format()
end

function init(arguments)
  wrk.method = arguments[1]
  if arguments[2] ~= "" then
    wrk.body = arguments[2]
  end
  for i = 3, #arguments, 2 do
    wrk.headers[arguments[i]] = arguments[i + 1]
  end
  local path = os.getenv("AUTHORIZATIONS")
  if path then
    for line in io.lines(path) do
      authorizations[#authorizations + 1] = line
    end
    request = next_request
  end
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("%d %d %d\n", summary.requests, summary.duration, failed))
end
