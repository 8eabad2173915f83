-- Reads what stands after a position, or everything when the tail does not reach back to it.
-- ARGV: 1 the position, 2 how many entries. In the middle of everything also: 3 the epoch, 4 the head when it began, 5 where HSCAN was.
local time = redis.call('TIME')
local facts = {log.epoch, log.begun, log.head, log.horizon, log.digests, log.recovering_until, time[1], time[2]}
local most = tonumber(ARGV[2])
local head, began, scan = tonumber(log.head), log.head, '0'

if not ARGV[3] then
    local from = tonumber(ARGV[1])
    if from >= head then return {'tail', facts, {}} end
    -- The entry at the position itself is asked for as well: if the tail has it, nothing was cut off after it. A life begins with a mark
    -- in the tail, so that this holds for a log without entries, too.
    local tail = redis.call('XRANGE', KEYS[2], ARGV[1] .. '-0', '+', 'COUNT', most + 1)
    if #tail > 1 then
        local first, last = tonumber(string.match(tail[1][1], '^%d+')), tonumber(string.match(tail[#tail][1], '^%d+'))
        -- Positions have no gaps, so that a count shows whether an entry was taken out of the middle or off the end.
        if first == from and last - first == #tail - 1 and (last == head or #tail > most) then
            table.remove(tail, 1)
            return {'tail', facts, tail}
        end
    end
elseif ARGV[3] == log.epoch then
    began, scan = ARGV[4], ARGV[5]
end

-- HSCAN returns every field that is there throughout. What is written meanwhile stands in the tail after the head of the beginning.
local page = redis.call('HSCAN', KEYS[3], scan, 'COUNT', most)
return {'page', facts, began, page[1], page[2]}
