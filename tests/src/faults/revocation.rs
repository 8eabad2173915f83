//! What revocation promises while links, clocks, stores and processes fail: `cargo xtask faults revocation`.
//!
//! Not here: a ring's own rotation while a node is cut off, which is a row of `faults keys` (`cut-off-0.9P`, `cut-off-1.5P`), and races of
//! server-side sessions, of which there are none yet.

mod breaker;
mod cancelled;
mod clocks;
mod errors;
mod killed;
mod loss;
pub mod node;
mod order;
mod outage;
mod pruned;
mod scene;
mod size;
pub mod store;
mod suspended;
pub mod talk;
mod trimmed;
mod visible;

use super::{
    fault::{Try, broken, faults, folder},
    fleet::Server,
};

faults! {
    "visible-redis", "revocations on 3 nodes under load: 99 of 100 visible everywhere in 750 ms, all in 1.5 s, 0 good refused", NoPoll,
        |this| visible::visible(this, Server::durable_redis);
    "visible-postgres", "the same over PostgreSQL", NoPoll, |this| visible::visible(this, Server::postgres);
    "hints", "hints dropped, late, twice and without a cause: the same bound", OnlyHints, visible::hints;
    "redis-crash", "Redis killed and started with its data, again and again: 0 acknowledged lost, 0 accepted, 0 good refused", TellsNothing,
        |this| loss::crash(this, loss::Kind::Whole);
    "redis-cut-tail", "the end of its file is cut off before it starts: what it lost is told again, 0 accepted, all nodes agree", TellsNothing,
        |this| loss::crash(this, loss::Kind::CutTail);
    "redis-empty", "it starts empty or is emptied: 0 accepted, also by a node that is started meanwhile", TrustsAtOnce, loss::empty;
    "outage", "refused, reset, black hole, 10 s late, half open, stopped: from memory until S, then 503 only, and well a second after",
        NeverStale, outage::outage;
    "revoke-errors", "a link that breaks before, in and after a revocation: done means stored, anything else is refused here and stored by S",
        AlwaysDone, errors::errors;
    "trimmed", "a node is cut off while the log's tail is cut to 10 entries: it reads everything again, 0 lost", GoesOn, trimmed::trimmed;
    "postgres-order", "PostgreSQL, and writes that stay open for a while: 0 revocations skipped by anybody", Sequence, order::order;
    "clocks", "10 minutes ahead or behind: no signing, no verifying; an hour's steps and a suspend: 0 accepted", AnyClock, clocks::clocks;
    "cancelled", "calls dropped at any moment: later answers are the right ones, everything is stored, no task or connection is left",
        MixesAnswers, cancelled::cancelled;
    "suspended", "a node is stopped for 2 S while others revoke: its first answer is 503 or right", NeverStale, suspended::suspended;
    "pruned-early", "entries are forgotten by clocks that differ by a minute: no patient verifier accepts what they covered", ForgetsEarly,
        |this| pruned::pruned(this, pruned::Kind::Tokens);
    "pruned-again", "a subject revoked, forgotten and revoked again: no older token comes back", ForgetsEarly,
        |this| pruned::pruned(this, pruned::Kind::Subjects);
    "strict-breaker", "strict requests and a black hole: none waits for more than 60 ms, 99 of 100 for 5 ms once it is known", Patient,
        breaker::breaker;
    "sqlite-kill", "killed in the middle of revocations: every acknowledged one is there", DoneBefore,
        killed::exclusive;
    "sqlite-kill-shared", "the same with two nodes at once over one file", DoneBefore, killed::shared;
    "million", "a million entries: at most 50 MB more memory of a node", KeepsText, size::million;
}
