-- Raises the horizon, and returns it. ARGV: 1 the seconds that are asked for.
if tonumber(ARGV[1]) > tonumber(log.horizon) then
    redis.call('HSET', KEYS[1], 'horizon', ARGV[1])
    return {'done', ARGV[1]}
end
return {'done', log.horizon}
