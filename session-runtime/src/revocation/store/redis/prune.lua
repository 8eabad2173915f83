-- Removes some of the entries that end before a moment. ARGV: 1 the moment, 2 where HSCAN was, 3 how many are looked at.
local now = tonumber(ARGV[1])
local page = redis.call('HSCAN', KEYS[3], ARGV[2], 'COUNT', ARGV[3])
local over = {}
for i = 1, #page[2], 2 do
    if tonumber(string.match(page[2][i + 1], '^%d+ (%-?%d+)')) < now then table.insert(over, page[2][i]) end
end
if #over == 0 then return {'done', page[1], '0'} end
-- The number first: it fails where nothing may be written, and then nothing is changed.
redis.call('HINCRBY', KEYS[1], 'count', -#over)
local done = pcall(function()
    for i = 1, #over, 1000 do redis.call('HDEL', KEYS[3], unpack(over, i, math.min(i + 999, #over))) end
end)
return {done and 'done' or 'half', page[1], tostring(#over)}
