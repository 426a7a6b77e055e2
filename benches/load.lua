-- Sends one request over and over: `wrk -s load.lua URL -- METHOD BODY NAME VALUE NAME VALUE …`, where names and values are
-- headers. Its last line is for a program to read.

function init(arguments)
  wrk.method = arguments[1]
  if arguments[2] ~= "" then
    wrk.body = arguments[2]
  end
  for i = 3, #arguments, 2 do
    wrk.headers[arguments[i]] = arguments[i + 1]
  end
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("%d %d %d\n", summary.requests, summary.duration, failed))
end
