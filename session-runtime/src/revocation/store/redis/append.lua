-- Writes an entry. ARGV: 3 the target, 4 until when, 5 whether that is before the horizon is added.
if head >= LAST then return {'full'} end
local target, not_after = ARGV[3], ARGV[4]
if ARGV[5] == 'horizon' then
    local sum = tonumber(not_after) + tonumber(log.horizon)
    -- The greatest second that there is stands for ever.
    not_after = sum > LAST and '9223372036854775807' or digits(sum)
end
-- An entry of the same target moves to the new position and never ends earlier.
local stored = redis.call('HGET', KEYS[3], target)
if stored then
    local known = string.match(stored, '^%d+ (%-?%d+)')
    if tonumber(known) > tonumber(not_after) then not_after = known end
end
return writing(function() return {'done', put(target, not_after), not_after} end)
