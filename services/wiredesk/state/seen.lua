-- The memory of dedupe: reads, and settles what was judged, in one call; see seen.py for what is kept.
-- KEYS[1] prefix with hash tag, so that a cluster keeps all keys together. ARGV: "candidates" or "settle", the constants, the
-- number of asks, the asks; and to settle a version each, the number of writes, the writes; all one after the other, lists
-- after their length, hashes strung together. (Not MessagePack: this side does not know its binary strings.)
local prefix = KEYS[1]
local call, sub, floor = redis.call, string.sub, math.floor

local cursor = 0
local function text() cursor = cursor + 1; return ARGV[cursor] end
local function number() return tonumber(text()) end
local function many(read)
  local list = {}
  for index = 1, number() do list[index] = read() end
  return list
end

local mode = text()
local MAX_POSTINGS, MAX_NEAR, MIN_NEAR, REF, HASH = number(), number(), number(), number(), number()
local GENERATION, GENERATIONS = number(), number()
local PART = floor(64 / REF) * REF

local function hashes()
  local packed, list = text(), {}
  for at = 1, #packed, HASH do list[#list + 1] = sub(packed, at, at + HASH - 1) end
  return list
end

local function read_ask()
  local at, names = number(), many(text)
  return {at = at, names = names, hashes = hashes()}
end

local function read_write()
  local at, values, ref, record = number(), many(text), text(), text()
  local hashed, story, told = hashes(), text(), text()
  return {at = at, values = values, ref = ref, record = record, hashes = hashed, story = story, told = told}
end

-- Many small hashes stay in the compact form (at most 512 fields of at most 64 bytes each, with default settings), a key per
-- field would cost six times the memory. 65,536 of them hold 1.8 million articles a generation so.
local function bucket(kind, generation, name)
  return prefix .. kind .. generation .. ':' .. sub(name, -2)
end

local function value_of(name, generation)
  for g = generation, generation - GENERATIONS + 1, -1 do
    local value = call('HGET', bucket('v', g, name), name)
    if value then return value end
  end
end

-- Strings are compared as hexadecimal digits: Lua compares by the server's locale, which nobody controls.
local DIGITS = {}
for byte = 0, 255 do DIGITS[string.char(byte)] = string.format('%02x', byte) end
local function hex(name) return (string.gsub(name, '.', DIGITS)) end

local function sorted_keys(map)
  local names, shown = {}, {}
  for name in pairs(map) do names[#names + 1] = name; shown[name] = hex(name) end
  table.sort(names, function(a, b) return shown[a] < shown[b] end)
  return names
end

-- A posting list that outgrows the compact form goes on in a second field.
local function postings(generation, hashed)
  local key = bucket('h', generation, hashed)
  local refs = call('HGET', key, hashed)
  if refs and #refs >= PART then refs = refs .. (call('HGET', key, hashed .. '+') or '') end
  return refs
end

local function likest(hashes, generation)
  local counts = {}
  for _, hashed in ipairs(hashes) do
    for g = generation, generation - GENERATIONS + 1, -1 do
      local refs = postings(g, hashed)
      if refs then
        for at = 1, #refs, REF do
          local ref = sub(refs, at, at + REF - 1)
          counts[ref] = (counts[ref] or 0) + 1
        end
      end
    end
  end
  local ranked = {}
  for ref, count in pairs(counts) do if count >= MIN_NEAR then ranked[#ranked + 1] = {ref, count, hex(ref)} end end
  table.sort(ranked, function(a, b) if a[2] ~= b[2] then return a[2] > b[2] end return a[3] < b[3] end)
  local near = {}
  for at = 1, math.min(MAX_NEAR, #ranked) do near[at] = ranked[at] end
  return near
end

-- An answer as four lists, in an order that is the same whenever the content is.
local function answer(ask)
  local generation = floor(ask.at / GENERATION)
  local values, refs = {}, {}
  local names = {}
  for _, name in ipairs(ask.names) do
    local value = value_of(name, generation)
    if value then values[name] = value; refs[sub(value, 1, REF)] = true end
  end
  local near = likest(ask.hashes, generation)
  for _, pair in ipairs(near) do refs[pair[1]] = true end
  local flat = {}
  for _, name in ipairs(sorted_keys(values)) do flat[#flat + 1] = name; flat[#flat + 1] = values[name] end
  local records, stories = {}, {}
  for _, ref in ipairs(sorted_keys(refs)) do
    local record = call('GET', prefix .. 'r:' .. ref)
    if record then
      records[#records + 1] = ref; records[#records + 1] = record
      stories[sub(record, 1, REF)] = true
    end
  end
  local told = {}
  for _, story in ipairs(sorted_keys(stories)) do
    local value = call('GET', prefix .. 's:' .. story)
    if value then told[#told + 1] = story; told[#told + 1] = value end
  end
  local likely = {}
  for _, pair in ipairs(near) do likely[#likely + 1] = pair[1]; likely[#likely + 1] = string.format('%d', pair[2]) end
  return {flat, likely, records, told}
end

local function version(lists)
  local texts = {}
  for at, list in ipairs(lists) do
    local parts = {}
    for index, part in ipairs(list) do parts[index] = #part .. ':' .. part end
    texts[at] = table.concat(parts)
  end
  return redis.sha1hex(table.concat(texts, '|'))
end

local function put(key, name, value, seconds)
  call('HSET', key, name, value)
  if call('HLEN', key) == 1 then call('EXPIRE', key, seconds) end
end

local function post(generation, hashed, ref, seconds)
  local key, refs = bucket('h', generation, hashed), postings(generation, hashed) or ''
  if #refs < PART then
    put(key, hashed, refs .. ref, seconds)
  elseif #refs < MAX_POSTINGS * REF then
    put(key, hashed .. '+', sub(refs, PART + 1) .. ref, seconds)
  end
end

local function write(item)
  local values, ref = item.values, item.ref
  local generation = floor(item.at / GENERATION)
  -- By the item's own clock: a replay of old items must not find them expired at once.
  local seconds = (generation + GENERATIONS) * GENERATION - item.at
  for index = 1, #values, 2 do
    local name = values[index]
    put(bucket('v', generation, name), name, values[index + 1], seconds)
  end
  if item.record ~= '' then call('SET', prefix .. 'r:' .. ref, item.record, 'EX', seconds) end
  if item.story ~= '' then call('SET', prefix .. 's:' .. item.story, item.told, 'EX', seconds) end
  for _, hashed in ipairs(item.hashes) do post(generation, hashed, ref, seconds) end
end

local asks = many(read_ask)
if mode == 'candidates' then
  local answers = {}
  for index, ask in ipairs(asks) do answers[index] = answer(ask) end
  return answers
end
for _, ask in ipairs(asks) do
  if version(answer(ask)) ~= text() then return 0 end
end
for _, item in ipairs(many(read_write)) do write(item) end
return 1
