-- Begins a life of the log, unless there is one above a position. What is still there stays.
-- ARGV: 1 that position, 2 the horizon, 3 the key of the digests, 4 for how many milliseconds others tell what they know, 5 the epoch,
-- 6 the channel of the hints.
local above = tonumber(ARGV[1])
if not lost and tonumber(log.begun) > above then return {'done'} end

-- A clock gone mad leaves half of the range for entries, as `Position::of_new_log` does.
local time = redis.call('TIME')
local begun = math.min(tonumber(time[1]) * 1048576, (LAST - 1) / 2)
begun = math.max(begun, above + 1, tonumber(log.head or '0') + 1)
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
if newest then begun = math.max(begun, tonumber(string.match(newest[1], '^%d+')) + 1) end
if not log.head then
    -- Only the entries know which positions were given. It takes a second for a million of them, and happens once.
    local scan = '0'
    repeat
        local page = redis.call('HSCAN', KEYS[3], scan, 'COUNT', 1000)
        scan = page[1]
        for i = 2, #page[2], 2 do begun = math.max(begun, tonumber(string.match(page[2][i], '^%d+')) + 1) end
    until scan == '0'
end
if begun >= LAST then return {'full'} end

local horizon = ARGV[2]
if tonumber(log.horizon or '0') > tonumber(horizon) then horizon = log.horizon end
local until_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[4])
begun = digits(begun)
redis.call('HSET', KEYS[1], 'layout', '1', 'server', server, 'epoch', ARGV[5], 'begun', begun, 'head', begun, 'horizon', horizon,
    'digests', log.digests or ARGV[3], 'recovering_until', digits(until_ms), 'count', redis.call('HLEN', KEYS[3]))
-- Readers go on in the tail from a position that it holds: from the mark, if they know everything from before.
local done = pcall(function()
    redis.call('UNLINK', KEYS[2])
    redis.call('XADD', KEYS[2], begun .. '-0', 'begun', ARGV[5])
end)
redis.pcall('PUBLISH', ARGV[6], '')
return {done and 'done' or 'half'}
