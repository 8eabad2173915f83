//! The promises of every log, for a server that was emptied, whose tail was cut, and in which somebody wrote.

use super::*;

session_runtime::revocation_store_conformance! {
    fresh: {
        let redis = require!(Redis::start());
        (connect(&redis).await, redis)
    },
    loses: async |redis: &Redis| drop(redis.ask("FLUSHALL").unwrap()),
    trims: async |redis: &Redis| drop(redis.ask("XTRIM {session:revocations:main}:tail MAXLEN 3").unwrap()),
    breaks: async |redis: &Redis| {
        let entries = "{session:revocations:main}:entries";
        let fields = redis.ask(&format!("HKEYS {entries}")).unwrap();
        let field = fields.lines().find(|line| line.contains("token")).unwrap();
        redis.ask(&format!("HSET {entries} '{field}' broken")).unwrap();
        redis.ask("DEL {session:revocations:main}:tail").unwrap();
    },
}
