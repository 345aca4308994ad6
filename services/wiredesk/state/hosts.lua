-- Who may be asked next when: each key holds the moment from which its host is free and the one at which that was written,
-- in microseconds of the server's clock, and is gone once the first has passed. Where the clock was set back since, no wait is
-- longer than it was meant to be.
-- KEYS: a host each. ARGV: "take" gap patience | "pause" wait | "waits"; durations in microseconds. Returns waits.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function free_at(key)
  local free, written = string.match(redis.call('GET', key) or '', '^(%d+) ?(%d*)$')
  return math.max(now, (tonumber(free) or 0) - math.max(0, (tonumber(written) or 0) - now))
end

local function keep(key, at)
  if at > now then
    redis.call('SET', key, string.format('%.0f %.0f', at, now), 'PX', math.ceil((at - now) / 1000))
  end
end

local waits = {}
for index, key in ipairs(KEYS) do
  local free = free_at(key)
  if ARGV[1] == 'take' then keep(key, free - now <= tonumber(ARGV[3]) and free + ARGV[2] or free) end
  if ARGV[1] == 'pause' then keep(key, math.max(free, now + ARGV[2])) end
  waits[index] = free - now
end
return waits
