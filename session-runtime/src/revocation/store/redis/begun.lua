-- The second part of every script but the one that begins a log: without a log that the server can speak for, nothing is done.
if lost then return {'lost'} end
