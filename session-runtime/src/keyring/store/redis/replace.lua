-- Replaces one ring if its version is still the expected one. Redis runs a script whole and alone, so nobody comes between.
-- KEYS[1]: the ring. ARGV: expected version (empty: there is no such ring), layout, new version, body.
-- Versions are compared as text: Lua's numbers are floating point.
local expected = ARGV[1]
if redis.call('EXISTS', KEYS[1]) == 0 then
    if expected ~= '' then return 0 end
else
    if expected == '' then return 0 end
    local stored = redis.call('HMGET', KEYS[1], 'layout', 'version')
    if stored[1] ~= ARGV[2] or stored[2] ~= expected then return 0 end
end
redis.call('HSET', KEYS[1], 'layout', ARGV[2], 'version', ARGV[3], 'body', ARGV[4])
-- A ring never expires, whatever somebody set on its key.
redis.call('PERSIST', KEYS[1])
return 1
