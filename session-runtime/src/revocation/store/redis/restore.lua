-- Writes entries as somebody knows them. ARGV from 3 on: target, until when, below which position it covers; again and again.
if head + (#ARGV - 2) / 3 > LAST then return {'full'} end
return writing(function()
    for i = 3, #ARGV, 3 do
        local not_after, covers_below = ARGV[i + 1], ARGV[i + 2]
        local stored, news = redis.call('HGET', KEYS[3], ARGV[i]), true
        if stored then
            local position, known, below = string.match(stored, '^(%d+) (%-?%d+) ?(%d*)$')
            if below == '' then below = position end
            local longer, wider = tonumber(not_after) > tonumber(known), tonumber(covers_below) > tonumber(below)
            if not longer then not_after = known end
            if not wider then covers_below = below end
            -- What every node tells is written once.
            news = longer or wider
        end
        if news then put(ARGV[i], not_after, covers_below) end
    end
    return {'done'}
end)
