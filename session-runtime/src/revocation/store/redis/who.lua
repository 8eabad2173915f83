-- How every script begins: which server answers, and how the log stands there. Redis runs a script whole and alone.
-- KEYS of every script: 1 the log (a hash), 2 its tail (a stream), 3 its entries (a hash).
local replication = redis.call('INFO', 'replication')
-- A copy may be behind.
if string.match(replication, 'role:(%a+)') ~= 'master' then return {'copy'} end
-- A server that shall write only with replicas at its side, and has none, takes no writes. Another one may take them in its place by now,
-- so it cannot say that there is nothing new.
if string.find(replication, 'min_slaves_good_slaves:0\r', 1, true) then return {'alone'} end
-- The first name is new after every start. The second is new when a copy becomes the primary, also when it had been that before: what it
-- got from its successor in between may lack what it had acknowledged itself.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local history = string.match(replication, 'master_replid:(%x+)')
if not run or not history then return {'nameless'} end
local server = run .. ':' .. history

local fields = redis.call('HGETALL', KEYS[1])
local log = {}
for i = 1, #fields, 2 do log[fields[i]] = fields[i + 1] end
if #fields > 0 and log.layout ~= '1' then return {'layout', log.layout or ''} end
local lost = log.server ~= server
for _, field in ipairs({'epoch', 'begun', 'head', 'horizon', 'digests', 'recovering_until', 'count'}) do
    lost = lost or not log[field]
end
-- Entries that were removed by somebody else: by an eviction, or by hand.
lost = lost or tonumber(log.count) ~= redis.call('HLEN', KEYS[3])

-- The last number that is exact in a JSON number, and so the last position.
local LAST = 9007199254740991
-- Not `tostring`, which knows 14 digits.
local function digits(number) return string.format('%.0f', number) end
