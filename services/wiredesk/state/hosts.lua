-- Who may be asked next when: each key holds the moment from which its host is free, in microseconds of the server's clock,
-- and is gone once that has passed.
-- KEYS: a host each. ARGV: "take" gap patience | "pause" wait | "waits"; durations in microseconds. Returns waits.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function free_at(key)
  return math.max(now, tonumber(redis.call('GET', key) or 0))
end

local function keep(key, at)
  if at > now then redis.call('SET', key, string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000)) end
end

local waits = {}
for index, key in ipairs(KEYS) do
  local free = free_at(key)
  if ARGV[1] == 'take' and free - now <= tonumber(ARGV[3]) then keep(key, free + ARGV[2]) end
  if ARGV[1] == 'pause' and now + ARGV[2] > free then keep(key, now + ARGV[2]) end
  waits[index] = free - now
end
return waits
