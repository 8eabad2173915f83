-- What the scripts that write entries share. ARGV: 1 how long the tail is kept, 2 the channel of the hints.
local head, wrote = tonumber(log.head), false

-- Gives the next position to an entry, and returns it.
local function put(target, not_after, covers_below)
    local position = digits(head + 1)
    -- The first write says what forbids writing, for want of memory or of a right, before anything is changed. It is the head's, so that
    -- what stops after it leaves a hole in the tail, which readers notice, and no position that can never be given.
    redis.call('HSET', KEYS[1], 'head', position)
    head, wrote = head + 1, true
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], position .. '-0',
        'target', target, 'not_after', not_after, 'covers_below', covers_below or position)
    local entry = position .. ' ' .. not_after
    if covers_below then entry = entry .. ' ' .. covers_below end
    if redis.call('HSET', KEYS[3], target, entry) == 1 then redis.call('HINCRBY', KEYS[1], 'count', 1) end
    return position
end

-- Tells an error before the first write, after which nothing is changed, from one in the middle, which a missing right makes.
local function writing(steps)
    local done, answer = pcall(steps)
    if not done and wrote then return {'half'} end
    -- Returned and not raised again, which would take its code away. Before version 7 it is a text.
    if not done then return type(answer) == 'table' and answer or redis.error_reply(answer) end
    -- A hint, for which nobody needs a right.
    if wrote then redis.pcall('PUBLISH', ARGV[2], '') end
    return answer
end
